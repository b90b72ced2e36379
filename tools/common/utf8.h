/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_UTF8_H
#define TOOLS_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/utf8.h"

/* Returns true for characters that could control a terminal or mislead its user: control characters (C0 and C1), line separators, and
 * invisible characters such as those that change the direction of text. */
bool utf8_is_unsafe(uint32_t c);
/* Returns the approximate width in terminal columns. The usual combining marks count as 0, East Asian wide characters and most
 * emoji as 2, all others as 1. */
size_t utf8_width(const char *text);

/* Returns the length in bytes of the longest prefix that is not wider than `width`. */
size_t utf8_fit(const char *text, size_t width);

/* Prints text of other programs safely: unsafe characters are printed as escapes such as \x1b or \u202e, invalid bytes as \xff. With
 * `lines`, newlines and tabs are printed unchanged, for texts of several lines. */
void clean_print(FILE *f, const char *text, bool lines);
/* Returns the output of clean_print(), without `lines`, as a new string (malloc'ed), never NULL. */
char *clean_dup(const char *text);

#endif
