/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TOP_SCREEN_H
#define TOOLS_TOP_SCREEN_H

#include <stdbool.h>

#include "tools/top/top-view.h"

/* The terminal on stdout, as long as governorctl top fills it. One for each process. */

/* Takes the terminal: its other screen, no cursor, keys at once and unseen. 0 or negative errno. */
int screen_open(void);
/* Gives it back as it was; takes a terminal that was not taken. Also done at exit() and by signals that kill with a core. */
void screen_close(void);
/* 80 x 24 where the terminal does not tell. */
void screen_size(size_t *ret_width, size_t *ret_height);
/* Replaces the picture, without flicker: in one write as a rule. */
void screen_draw(const struct top_lines *lines, bool color);
/* Reads the keys that were typed: 'q' if that is one of them (or Q), else the last one; 0: none; -EPIPE when the keyboard is gone. */
int screen_key(void);

#endif
