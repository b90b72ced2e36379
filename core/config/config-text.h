/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CONFIG_TEXT_H
#define CORE_CONFIG_TEXT_H

#include <stddef.h>

/* The syntax of configuration files: lines, headings, keys and values. */

/* Maximum length of a line in bytes, without blanks at both ends: enough for the longest path, 4095 bytes, and the text before
 * it. */
#define CONFIG_LINE_MAX 4200
/* Maximum number of lines of one file. The built-in defaults have fewer than 100. */
#define CONFIG_LINES_MAX 4096

/* The functions are called in the order of the lines. Texts are valid only during the call. */
struct config_text_sink {
        /* `name` is the text between the brackets, trimmed; may be "". NULL if the heading is invalid; fault() is then called
         * next. */
        void (*heading)(void *userdata, unsigned line, const char *name);
        void (*entry)(void *userdata, unsigned line, const char *key, const char *value); /* trimmed; either may be "" */
        void (*fault)(void *userdata, unsigned line, const char *reason);
};

/* Parses a text. After a fault, parsing continues with the next line, except after CONFIG_LINES_MAX lines. */
void config_text_parse(const char *text, size_t size, const struct config_text_sink *sink, void *userdata);

#endif
