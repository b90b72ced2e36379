/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses a command line as Python's argparse did in the original powerprofilesctl. Unknown options are stored: launch passes them to
 * the command that it runs; all other commands reject them. */

#include "tools/ppd/ppd-args.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/common/xalloc.h"

static const struct fact {
        const char *name;
        char letter; /* 0: none */
        bool argument;
        const char *shown; /* in messages */
} facts[PPD_OPTIONS] = {
        [PPD_HELP] = { "--help", 'h', false, "-h/--help" },      [PPD_ENABLE] = { "--enable", 0, false, "--enable" },
        [PPD_DISABLE] = { "--disable", 0, false, "--disable" },  [PPD_PROFILE] = { "--profile", 'p', true, "--profile/-p" },
        [PPD_REASON] = { "--reason", 'r', true, "--reason/-r" }, [PPD_APPID] = { "--appid", 'i', true, "--appid/-i" },
};

enum { WORD = -1, UNKNOWN = -2 }; /* results of kind_of() that are not an enum ppd_option: an argument; an unknown option */

static char *message(const char *option, const char *problem, const char *value) {
        const char *quote = value ? "'" : "";

        return xasprintf("argument %s: %s%s%s%s", option, problem, quote, value ? value : "", quote);
}

/* Returns true if the word names this option. *ret_value is the value that the word contains, as in "--prof=x" and "-px", or NULL. Long
 * names may be abbreviated; within a command all abbreviations are unique. */
static bool names_option(const struct fact *fact, const char *word, const char **ret_value) {
        size_t length = strcspn(word, "=");

        *ret_value = word[length] ? word + length + 1 : NULL;
        if (word[1] == '-')
                return length > 2 && strncmp(fact->name, word, length) == 0;
        if (!fact->letter || word[1] != fact->letter)
                return false;
        if (length != 2)
                *ret_value = word[2] ? word + 2 : NULL;
        return true;
}

static bool is_negative_number(const char *word) {
        size_t digits = strspn(word + 1, "0123456789");

        return digits > 0 && (word[1 + digits] == '\0' || (word[1 + digits] == '.' && isdigit((unsigned char) word[2 + digits])));
}

static int kind_of(const char *word, unsigned allowed, const char **ret_value) {
        if (word[0] != '-' || word[1] == '\0')
                return WORD;
        for (int i = 0; i < PPD_OPTIONS; i++)
                if ((allowed & PPD_BIT(i)) && names_option(&facts[i], word, ret_value))
                        return i;
        return is_negative_number(word) || strchr(word, ' ') ? WORD : UNKNOWN;
}

/* Stores option number `option` at argv[*i], with argv[*i + 1] if that is its argument; *i is then increased. Returns NULL, or an
 * error message (malloc'ed). */
static char *take_option(struct ppd_args *args, int option, const char *value, unsigned allowed, int argc, char **argv, int *i) {
        const struct fact *fact = &facts[option];
        const char *ignored;

        if (!fact->argument && value)
                return message(fact->shown, "ignored explicit argument ", value);
        if (fact->argument && !value) {
                if (*i + 1 >= argc || strcmp(argv[*i + 1], "--") == 0 || kind_of(argv[*i + 1], allowed, &ignored) != WORD)
                        return message(fact->shown, "expected one argument", NULL);
                value = argv[++*i];
        }
        args->values[option] = value ? value : "";
        return NULL;
}

/* The arguments of a command are consecutive: after `closed`, when an option has followed the first argument, further words are
 * extras. */
static void add_word(struct ppd_args *args, char *word, int max_words, bool closed) {
        if (!closed && (max_words < 0 || args->n_words < max_words))
                args->words[args->n_words++] = word;
        else
                args->extras[args->n_extras++] = word;
}

char *ppd_args_parse(struct ppd_args *ret, unsigned allowed, int max_words, int argc, char **argv) {
        bool closed = false, ended = false;
        char *error = NULL;

        *ret = (struct ppd_args){ .words = must(calloc((size_t) argc + 1, sizeof(char *))),
                                  .extras = must(calloc((size_t) argc + 1, sizeof(char *))) };
        for (int i = 0; i < argc && !error && !ret->values[PPD_HELP]; i++) {
                const char *value = NULL;
                int kind = ended ? WORD : kind_of(argv[i], allowed, &value);

                if (!ended && strcmp(argv[i], "--") == 0) {
                        ended = true;
                        if (closed || max_words == 0)
                                ret->extras[ret->n_extras++] = argv[i];
                        continue;
                }
                if (kind == WORD)
                        add_word(ret, argv[i], max_words, closed);
                else
                        closed = closed || ret->n_words > 0;
                if (kind == UNKNOWN)
                        ret->extras[ret->n_extras++] = argv[i];
                else if (kind != WORD)
                        error = take_option(ret, kind, value, allowed, argc, argv, &i);
        }
        return error;
}

void ppd_args_free(struct ppd_args *args) {
        free(args->words);
        free(args->extras);
        *args = (struct ppd_args){};
}
