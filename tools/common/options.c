/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of governorctl: one table for parsing and help. Abbreviated names are rejected, since a new option could make them ambiguous
 * and break scripts. Options that the command does not accept are rejected as well. */

#include "tools/common/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"

const struct option_fact option_facts[] = {
        { 'j', '\0', "json", NULL, "print one JSON document (monitor: one object per line)" },
        { 'n', '\0', "no-color", NULL, "no colours, as with NO_COLOR in the environment" },
        { 'b', '\0', "bus-address", "ADDRESS", "D-Bus address of the system bus" },
        { 'h', 'h', "help", NULL, "show help" },
        { 'V', '\0', "version", NULL, "show the version of governorctl" },
        { 'v', 'v', "verbose", NULL, "show more details, and all columns of tables" },
        { 'a', 'a', "all", NULL, "show each domain on its own line" },
        { 'l', 'l', "level", "N", "both floor and ceiling, 0 to 1024, or 60%" },
        { 'f', 'f', "floor", "N", "lowest level, 0 to 1024, or 60%" },
        { 'c', 'c', "ceiling", "N", "highest level, 0 to 1024, or 60%" },
        { 'A', '\0', "auto", NULL, "remove the range of levels" },
        { 'd', 'd', "domain", "DOMAIN", "node, package0, policy3, cpu5 ... (default: node)" },
        { 'p', 'p', "profile", "PROFILE", "profile to hold" },
        { 't', '\0', "for", "DURATION", "end the request after this time: 30min, 90s, 1h; a bare number is seconds" },
        { 'r', 'r', "reason", "TEXT", "reason, visible to all users who list the requests" },
        { 'i', 'i', "appid", "NAME", "name of the application that makes the request" },
        { 'D', 'd', "delay", "SECONDS", "time between two updates, 0.1 to 3600 (default: 1)" },
        { 'N', 'n', "count", "N", "exit after this number of updates" },
        { 'P', '\0', "plain", NULL, "print one block for each update instead of redrawing the terminal" },
        { 'T', '\0', "target", "TIME", "latency that the percentile should not exceed: 2ms, 500us, 1s" },
        { 'Q', '\0', "percentile", "P", "percentile of the target, 50 to 99.9" },
        { 'Y', '\0', "p95", NULL, "the same as --percentile 95" },
        { 'Z', '\0', "p99", NULL, "the same as --percentile 99" },
        { 'W', '\0', "window", "TIME", "time over which the percentile is computed" },
        { 'S', '\0', "stale", "TIME", "request nothing after this time without a report" },
        { 'C', '\0', "cap", NULL, "make the level of the session a ceiling as well, which saves energy" },
        { 'O', 'o', "output", "FILE", "write the governor to this file" },
        { 'I', 'I', "include", "DIR", "folder with bpf/governor.h, such as governord's source" },
        { 'R', '\0', "root", "DIR", "also check which knobs and values the machine below DIR offers; / is this machine" },
        { 'U', '\0', "driver-dir", "DIR", "load drivers from DIR" },
        { 'B', '\0', "best", NULL, "load the best governor for this machine" },
};
#define OPTIONS_MAX    (sizeof(option_facts) / sizeof(option_facts[0]))
#define NAME_MAX_BYTES 24
const size_t n_option_facts = OPTIONS_MAX;

const struct option_fact *option_find(char letter) {
        for (size_t i = 0; i < n_option_facts; i++)
                if (option_facts[i].letter == letter)
                        return &option_facts[i];
        return NULL;
}

/* Of several options with the same short name, returns the one that is allowed. If none is, returns any of them for the error message. */
static const struct option_fact *by_brief(char brief, const char *allowed) {
        const struct option_fact *found = NULL;

        for (size_t i = 0; i < n_option_facts; i++)
                if (option_facts[i].brief == brief && (!found || strchr(allowed, option_facts[i].letter)))
                        found = &option_facts[i];
        return found;
}

static const struct option_fact *by_name(const char *name, size_t length) {
        for (size_t i = 0; i < n_option_facts; i++)
                if (strlen(option_facts[i].name) == length && strncmp(option_facts[i].name, name, length) == 0)
                        return &option_facts[i];
        return NULL;
}

/* Options of the command are preferred: any other one would be rejected as well. */
static int unknown(const char *program, const char *word, const char *allowed) {
        _cleanup_free_ char *name = must(strndup(word, strcspn(word, "=")));
        char names[OPTIONS_MAX][NAME_MAX_BYTES], text[SUGGEST_MAX] = "";

        for (int all = 0; word[1] == '-' && all <= 1 && !text[0]; all++) {
                struct suggestion suggestion = { .word = name };

                for (size_t i = 0; i < n_option_facts; i++) {
                        int n = snprintf(names[i], sizeof(names[i]), "--%s", option_facts[i].name);

                        if (all || strchr(allowed, option_facts[i].letter))
                                suggestion_consider(&suggestion, names[i], (size_t) n);
                }
                (void) suggestion_format(&suggestion, text);
        }
        (void) fprintf(stderr, "%s: unknown option: ", program);
        clean_print(stderr, word, false);
        (void) fprintf(stderr, "%s\n", text);
        return -EINVAL;
}

static int complain(const char *program, const char *what, const char *word) {
        (void) fprintf(stderr, "%s: %s: ", program, what);
        clean_print(stderr, word, false);
        (void) fputc('\n', stderr);
        return -EINVAL;
}

/* Returns the option that a word names, and in *ret_value the argument attached to it, or NULL. */
static const struct option_fact *split(const char *word, const char *allowed, const char **ret_value) {
        size_t length;

        *ret_value = NULL;
        if (word[1] != '-') {
                if (word[2])
                        *ret_value = word + 2;
                return by_brief(word[1], allowed);
        }
        length = strcspn(word + 2, "=");
        if (word[2 + length] == '=')
                *ret_value = word + 2 + length + 1;
        return by_name(word + 2, length);
}

/* Stores the option argv[*i], and argv[*i + 1] if that is its argument. */
static int take(struct options *o, const char *program, const char *allowed, int argc, char **argv, int *i) {
        const char *word = argv[*i], *value;
        const struct option_fact *fact = split(word, allowed, &value);

        if (!fact)
                return unknown(program, word, allowed);
        if (!strchr(allowed, fact->letter)) {
                (void) snprintf(o->refused, sizeof(o->refused), "%.*s%s", word[1] == '-' ? 2 : 1, word,
                                word[1] == '-' ? fact->name : (char[]){ fact->brief, '\0' });
                return -EOPNOTSUPP;
        }
        if (!fact->argument && value)
                return complain(program, "the option does not accept an argument", word);
        if (fact->argument && !value) {
                if (*i + 1 >= argc)
                        return complain(program, "the option needs an argument", word);
                value = argv[++*i];
        }
        o->values[(unsigned char) fact->letter] = value ? value : "";
        return 0;
}

bool options_allow(const char *word, const char *allowed) {
        const char *value;
        const struct option_fact *fact = split(word, allowed, &value);

        return fact && strchr(allowed, fact->letter);
}

const char *options_first_word(int argc, char **argv) {
        for (int i = 0; i < argc; i++) {
                const struct option_fact *fact;
                const char *value;

                if (strcmp(argv[i], "--") == 0)
                        return i + 1 < argc ? argv[i + 1] : NULL;
                if (argv[i][0] != '-' || argv[i][1] == '\0')
                        return argv[i];
                fact = split(argv[i], "", &value);
                if (!fact)
                        return NULL; /* whether the next word is its argument is not known; parsing reports the option */
                i += fact->argument && !value;
        }
        return NULL;
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
        argv[n] = NULL; /* n <= argc, and argv has argc + 1 elements */
        o->words = argv;
        o->n_words = n;
        return 0;
}
