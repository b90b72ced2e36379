/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_UTF8_H
#define TOOLS_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/utf8.h"

/* True for characters that could control a terminal or deceive its user: control characters of both sets, line separators, and the
 * invisible characters that change the direction of text. */
bool utf8_is_unsafe(uint32_t c);
/* Width in terminal columns. Combining marks count 0, East Asian wide characters and emoji 2, the rest 1. */
size_t utf8_width(const char *text);

/* Length in bytes of the longest prefix that is not wider than `width`. */
size_t utf8_fit(const char *text, size_t width);

/* Prints text of other programs safely: unsafe characters appear as \x1b or \u202e, invalid bytes as \xff. With `lines`, newlines
 * and tabs are kept, for texts that may have several lines. */
void clean_print(FILE *f, const char *text, bool lines);
/* The same as a new string; never returns NULL. */
char *clean_dup(const char *text);

#endif
