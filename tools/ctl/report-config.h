/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_REPORT_CONFIG_H
#define TOOLS_REPORT_CONFIG_H

#include <stddef.h>
#include <stdio.h>

/* Texts that were left out, to be removed from the rest of the report as well. */
struct left_out {
        char **items;
        size_t n;
};

/* Prints a configuration. Values in sections of drivers, whose keys governord does not know, and outside of valid sections are left
 * out and added to `left_out`. */
void report_config_print(FILE *f, const char *text, struct left_out *left_out);
void left_out_free(struct left_out *left_out);

#endif
