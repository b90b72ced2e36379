/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advice for a domain that this machine does not have. Of the domains, only those with the same number and the same first letter
 * are suggested: neither gpu0 nor cpu9 is a misspelt cpu0. For commands that accept a knob as well, knobs are suggested without
 * this restriction. A list that could not be read is neither shown nor used. */

#include "tools/common/domains.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "tools/common/fold.h"
#include "tools/common/names.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"

static size_t kind_length(const char *domain, size_t length) {
        while (length > 0 && isdigit((unsigned char) domain[length - 1]))
                length--;
        return length;
}

static bool may_be_meant(const char *word, const char *known, size_t length) {
        size_t kind = kind_length(known, length);
        const char *number = word + kind_length(word, strlen(word));

        return tolower((unsigned char) word[0]) == known[0] && strlen(number) == length - kind &&
               strncmp(number, known + kind, length - kind) == 0;
}

void domain_guess(struct cli *cli, const char *word) {
        bool takes_knob = strstr(cli->command->words, "KNOB");
        _cleanup_free_ char *domains = names_quietly(cli, NAMES_DOMAINS);
        _cleanup_free_ char *knobs = takes_knob ? names_quietly(cli, NAMES_KNOBS) : NULL;
        const char *all_domains = domains, *all_knobs = knobs, *known;
        struct suggestion suggestion = { .word = word };
        char text[SUGGEST_MAX];
        size_t length;

        while ((length = next_word(&all_domains, &known)) > 0)
                if (may_be_meant(word, known, length))
                        suggestion_consider(&suggestion, known, length);
        while (all_knobs && (length = next_word(&all_knobs, &known)) > 0)
                suggestion_consider(&suggestion, known, length);
        clean_print(stderr, suggestion_format(&suggestion, text), false);
}

static void print_folded(const char *names) {
        static const struct column columns[] = { { "domain", "DOMAIN", 's', NULL } };
        static const struct columns domain_columns = COLUMNS(columns);
        _cleanup_(rows_free) struct rows rows = { .columns = &domain_columns };
        const char *name;
        size_t length;

        while ((length = next_word(&names, &name)) > 0) {
                _cleanup_free_ char *copy = must(strndup(name, length));

                rows_set(&rows, rows_add(&rows), "domain", copy);
        }
        fold_domains(&rows);
        for (size_t i = 0; i < rows.n; i++) {
                (void) fputs(i > 0 ? ", " : "This machine has the domains ", stderr);
                clean_print(stderr, rows_get(&rows, i, "domain"), false);
        }
        (void) fputs(rows.n > 0 ? ".\n" : "", stderr);
}

void domains_advise(struct cli *cli) {
        _cleanup_free_ char *names = names_quietly(cli, NAMES_DOMAINS);

        print_folded(names);
        (void) fputs("To show their settings and CPUs: governorctl knobs, governorctl cpus\n", stderr);
}
