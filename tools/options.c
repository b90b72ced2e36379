/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of governorctl: one table, from which parsing, help and the check of the man page come. Refuses abbreviations
 * (a new option would break scripts) and options that the command does not take. */

#include "tools/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/utf8.h"

const struct option_fact option_facts[] = {
        { 'j', false, "json", NULL, "print one JSON document (monitor: one object per line)" },
        { 'n', false, "no-color", NULL, "no colours, as with NO_COLOR in the environment" },
        { 'b', false, "bus-address", "ADDRESS", "D-Bus address of the system bus" },
        { 'h', true, "help", NULL, "show help" },
        { 'V', false, "version", NULL, "show the version of governorctl" },
        { 'a', true, "all", NULL, "do not fold equal domains into one line" },
        { 'l', true, "level", "N", "both floor and ceiling, 0 to 1024" },
        { 'f', true, "floor", "N", "lowest level, 0 to 1024" },
        { 'c', true, "ceiling", "N", "highest level, 0 to 1024" },
        { 'A', false, "auto", NULL, "take back what level has set" },
        { 'd', true, "domain", "DOMAIN", "node, package0, policy3, cpu5 ... (default: node)" },
        { 'p', true, "profile", "PROFILE", "profile to hold" },
        { 't', false, "for", "DURATION", "end by itself after 30min, 90s, 1h; a bare number is seconds" },
        { 'r', true, "reason", "TEXT", "why, shown to whoever asks" },
        { 'i', true, "appid", "NAME", "name of the application that holds" },
};
const size_t n_option_facts = sizeof(option_facts) / sizeof(option_facts[0]);

const struct option_fact *option_find(char letter) {
        for (size_t i = 0; i < n_option_facts; i++)
                if (option_facts[i].letter == letter)
                        return &option_facts[i];
        return NULL;
}

static const struct option_fact *by_name(const char *name, size_t length) {
        for (size_t i = 0; i < n_option_facts; i++)
                if (strlen(option_facts[i].name) == length && strncmp(option_facts[i].name, name, length) == 0)
                        return &option_facts[i];
        return NULL;
}

static int complain(const char *program, const char *what, const char *word) {
        (void) fprintf(stderr, "%s: %s: ", program, what);
        clean_print(stderr, word, false);
        (void) fputc('\n', stderr);
        return -EINVAL;
}

/* Splits a word into the option it names and the argument that is glued to it, if any. */
static const struct option_fact *split(const char *word, const char **ret_value) {
        const struct option_fact *fact;
        size_t length;

        *ret_value = NULL;
        if (word[1] != '-') {
                fact = option_find(word[1]);
                if (word[2])
                        *ret_value = word + 2;
                return fact && fact->is_short ? fact : NULL;
        }
        length = strcspn(word + 2, "=");
        if (word[2 + length] == '=')
                *ret_value = word + 2 + length + 1;
        return by_name(word + 2, length);
}

/* Takes the option argv[*i], and argv[*i + 1] if that is its argument. */
static int take(struct options *o, const char *program, const char *allowed, int argc, char **argv, int *i) {
        const char *word = argv[*i], *value;
        const struct option_fact *fact = split(word, &value);

        if (!fact)
                return complain(program, "unknown option", word);
        if (!strchr(allowed, fact->letter))
                return complain(program, "this command does not take the option", word);
        if (!fact->argument && value)
                return complain(program, "the option takes no argument", word);
        if (fact->argument && !value) {
                if (*i + 1 >= argc)
                        return complain(program, "the option needs an argument", word);
                value = argv[++*i];
        }
        o->values[(unsigned char) fact->letter] = value ? value : "";
        return 0;
}

int options_parse(struct options *o, const char *program, const char *allowed, bool until_word, int argc, char **argv) {
        int n = 0, i = 0;

        for (; i < argc; i++) {
                if (strcmp(argv[i], "--") == 0) {
                        i++;
                        break;
                }
                if (argv[i][0] != '-' || argv[i][1] == '\0') {
                        if (until_word)
                                break;
                        argv[n++] = argv[i];
                } else {
                        int r = take(o, program, allowed, argc, argv, &i);

                        if (r < 0)
                                return r;
                }
        }
        while (i < argc)
                argv[n++] = argv[i++];
        argv[n] = NULL; /* argv has room for it: it ends with one */
        o->words = argv;
        o->n_words = n;
        return 0;
}
