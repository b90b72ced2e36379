/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_SCREEN_H
#define TOOLS_TOP_SCREEN_H

#include <stdbool.h>

#include "tools/top/top-view.h"

/* The terminal on stdout in full-screen mode. There is one per process. */

/* Switches the terminal to the alternate screen without cursor, line buffering and echo. Returns 0 or a negative errno. */
int screen_open(void);
/* Restores the terminal, if screen_open() was called. This also happens at exit() and on signals that report a crash, such as
 * SIGSEGV. */
void screen_close(void);
/* Stores the size in characters; 80 x 24 if the terminal does not report it. */
void screen_size(size_t *ret_width, size_t *ret_height);
/* Replaces the content of the screen by one write. It is not cleared first, so it does not flicker. */
void screen_draw(const struct top_lines *lines, bool color);
/* Reads the keys pressed since the last call. Returns 'q' if q or Q is among them, otherwise the last key; 0: none; -EPIPE if
 * standard input cannot be read. */
int screen_key(void);

#endif
