/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_PPD_ARGS_H
#define TOOLS_PPD_ARGS_H

#include <stdbool.h>

/* The options of powerprofilesctl 0.30. The rules of Python's argparse, which the original used, apply as far as scripts may depend
 * on them: options may be abbreviated, may be anywhere before "--", and "-pX" is the same as "-p X". */

enum ppd_option { PPD_HELP, PPD_ENABLE, PPD_DISABLE, PPD_PROFILE, PPD_REASON, PPD_APPID, PPD_OPTIONS };
#define PPD_BIT(option) (1U << (option))

struct ppd_args {
        const char *values[PPD_OPTIONS]; /* NULL: not given; "" for those without argument */
        char **words;                    /* arguments of the command, up to the first option after one of them */
        int n_words;
        char **extras; /* all other arguments, and unknown options, in their original order */
        int n_extras;
};

/* Parses the words after the name of a command. `allowed` has the bits of its options; the command accepts up to `max_words`
 * arguments (-1: any number). Stops at --help. Returns NULL, or an error message (malloc'ed). ppd_args_free() frees *ret in both
 * cases. */
char *ppd_args_parse(struct ppd_args *ret, unsigned allowed, int max_words, int argc, char **argv);
void ppd_args_free(struct ppd_args *args);

#endif
