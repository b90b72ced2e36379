/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>

/* Levels are those of syslog (3 error ... 7 debug). Errors are usually logged only at boundaries (main, bus methods, event
 * handlers) and not by the functions that return them. log_error() and log_warning() return -abs(error), so that `return
 * log_error(r, ...)` works. */

/* Messages above `level` are dropped. With `journal_prefix` each line starts with "<N>", which the journal interprets on the
 * standard output of a service; otherwise it starts with the program's name. Lines are written to standard output, as in
 * power-profiles-daemon. */
void log_open(const char *program, int level, bool journal_prefix);

int log_full(int level, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));
int log_fullv(int level, int error, const char *format, va_list args) __attribute__((format(printf, 3, 0)));

#define log_error(error, ...)   log_full(3, (error), __VA_ARGS__)
#define log_warning(error, ...) log_full(4, (error), __VA_ARGS__)
#define log_notice(...)         ((void) log_full(5, 0, __VA_ARGS__))
#define log_info(...)           ((void) log_full(6, 0, __VA_ARGS__))
#define log_debug(...)          ((void) log_full(7, 0, __VA_ARGS__))

#endif
