/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_XALLOC_H
#define TOOLS_XALLOC_H

/* Memory allocation for command line tools: if it fails, the program prints a message and exits. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline void *must(void *p) {
        if (!p) {
                (void) fputs("Out of memory\n", stderr);
                _exit(EXIT_FAILURE);
        }
        return p;
}

static inline char *xstrdup(const char *text) {
        return must(strdup(text));
}

static inline char *xvasprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
static inline char *xvasprintf(const char *format, va_list args) {
        char *text;

        return must(vasprintf(&text, format, args) < 0 ? NULL : text);
}

static inline char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline char *xasprintf(const char *format, ...) {
        va_list args;
        char *text;

        va_start(args, format);
        text = xvasprintf(format, args);
        va_end(args);
        return text;
}

#endif
