/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CONFIG_TEXT_H
#define CORE_CONFIG_TEXT_H

#include <stddef.h>

/* The form of a configuration text, without any meaning: lines, headings, keys and values. */

/* Longest line in bytes, without blanks at its ends: the longest path of the kernel, 4095 bytes, and what stands before it. */
#define CONFIG_LINE_MAX 4200
/* Lines of one file. The built-in defaults have about 100. */
#define CONFIG_LINES_MAX 4096

/* Called in the order of the lines. Texts are valid during the call only. */
struct config_text_sink {
        /* What is between the brackets, trimmed; may be "". NULL: it cannot be read, a fault follows. */
        void (*heading)(void *userdata, unsigned line, const char *name);
        void (*entry)(void *userdata, unsigned line, const char *key, const char *value); /* trimmed; either may be "" */
        void (*fault)(void *userdata, unsigned line, const char *reason);
};

/* Faults of the text go to the sink and the parser goes on behind them. */
void config_text_parse(const char *text, size_t size, const struct config_text_sink *sink, void *userdata);

#endif
