/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Each option has a unique letter, by which commands list the options that they take. `brief` is the letter that users write behind
 * one '-'; two options may share it if no command takes both. */
struct option_fact {
        char letter;
        char brief; /* NUL: none */
        const char *name;
        const char *argument; /* its name in the help; NULL: none */
        const char *help;
};

extern const struct option_fact option_facts[];
extern const size_t n_option_facts;
/* The options that every command takes. */
#define OPTIONS_GLOBAL "jnbh"

/* The arguments and options of one invocation. Points into argv. */
struct options {
        const char *values[128]; /* by letter; "" for an option without argument */
        char **words;
        int n_words;
        char refused[32]; /* the option that was rejected, as written, without its argument */
};

const struct option_fact *option_find(char letter);
/* Whether an option, as it is written, is one of those allowed. */
bool options_allow(const char *word, const char *allowed);
/* Finds the first word that is neither an option nor the argument of one, or NULL. Options that share a brief name must either all
 * have an argument or none: which of them is meant depends on this word. */
const char *options_first_word(int argc, char **argv);
/* Reads argv up to the first word (`until_word`; options must then come first) or to the end, where options and words may mix; "--"
 * ends the options. `allowed` names the letters that may occur. argv is reordered in place. Returns 0; -EOPNOTSUPP with `refused`
 * set, for an option that is not allowed; -EINVAL after an error message of `program` on stderr for all other errors. */
int options_parse(struct options *o, const char *program, const char *allowed, bool until_word, int argc, char **argv);

static inline const char *option_value(const struct options *o, char letter) {
        return o->values[(unsigned char) letter];
}

#endif
