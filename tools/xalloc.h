/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_XALLOC_H
#define TOOLS_XALLOC_H

/* A command line tool has nothing better to do without memory than to say so and end. */

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

#endif
