/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_REPORT_CONFIG_H
#define TOOLS_REPORT_CONFIG_H

#include <stddef.h>
#include <stdio.h>

/* Texts that were left out, so that they can be removed from the rest of the report, too. */
struct left_out {
        char **items;
        size_t n;
};

/* Prints a configuration without the values of sections whose keys governord does not know: those of drivers, and anything outside
 * of a valid section. These values are added to `left_out`. */
void report_config_print(FILE *f, const char *text, struct left_out *left_out);
void left_out_free(struct left_out *left_out);

#endif
