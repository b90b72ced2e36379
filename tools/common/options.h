/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* An option of governorctl. `letter` identifies it, and is used in the commands' lists of options. `brief` is its short name, as in -v;
 * two options may have the same one if no command accepts both. */
struct option_fact {
        char letter;
        char brief; /* NUL: none */
        const char *name;
        const char *argument; /* name of its argument in the help; NULL: no argument */
        const char *help;
};

extern const struct option_fact option_facts[];
extern const size_t n_option_facts;
/* The options that every command accepts and its help lists. Every command accepts --version as well. */
#define OPTIONS_GLOBAL "jnbh"

/* The arguments and options of one invocation. The pointers refer to argv. */
struct options {
        const char *values[128]; /* by letter: "" for an option without argument; NULL: the option was not given */
        char **words;
        int n_words;
        char refused[32]; /* the option that was rejected, as written, without its argument */
};

const struct option_fact *option_find(char letter);
/* Returns true if `word`, an option as the user wrote it, is one of the options with the letters `allowed`. */
bool options_allow(const char *word, const char *allowed);
/* Returns the first word that is neither an option nor the argument of one, or NULL; also NULL at an
 * unknown option. Options with the same short name must either all
 * have an argument or none, since the command, which determines the option, is not known yet. */
const char *options_first_word(int argc, char **argv);
/* Parses argv, whose options and words may be in any order; "--" ends the options. With `until_word`, the first word ends them.
 * `allowed` has the letters of the options that may occur. The words are moved to the beginning of argv. Returns 0; -EOPNOTSUPP, with
 * `refused` set, for an option that is not allowed; -EINVAL for all other errors, which are reported on standard error with the name
 * `program`. */
int options_parse(struct options *o, const char *program, const char *allowed, bool until_word, int argc, char **argv);

static inline const char *option_value(const struct options *o, char letter) {
        return o->values[(unsigned char) letter];
}

#endif
