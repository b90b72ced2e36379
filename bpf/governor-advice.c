/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "bpf/governor-advice.h"

#include <string.h>

#include "base/text.h"
#include "bpf/policies.h"
#include "core/machine/advice.h"

struct governor_lookup governor_lookup(const char *name) {
        return (struct governor_lookup){ .name = name, .nearest = { .word = name } };
}

int governor_lookup_add(const struct governor_view *governor, void *userdata) {
        struct governor_lookup *lookup = userdata;

        if (governor->fits)
                suggestion_consider(&lookup->nearest, governor->name, strlen(governor->name));
        if (strcmp(governor->name, lookup->name) != 0)
                return 0;
        lookup->known = true;
        lookup->fits = lookup->fits || governor->fits;
        if (!governor->fits && !lookup->reason[0])
                (void) TEXT_FORMAT(lookup->reason, "%s", governor->reason);
        return 0;
}

void governor_lookup_add_policies(struct governor_lookup *lookup) {
        size_t n;
        const struct builtin_policy *policies = builtin_policies(&n);

        for (size_t i = 0; i < n; i++)
                (void) governor_lookup_add(&(struct governor_view){ .name = policies[i].name, .fits = true, .reason = "" }, lookup);
}

bool governor_lookup_fails(const struct governor_lookup *lookup, char *ret) {
        char hint[SUGGEST_MAX];

        if (lookup->fits)
                return false;
        if (lookup->known)
                (void) text_format(ret, ADVICE_MAX, "governor \"%.32s\" cannot be used: %s", lookup->name, lookup->reason);
        else
                (void) text_format(ret, ADVICE_MAX, "there is no governor \"%.32s\"%s", lookup->name,
                                   suggestion_format(&lookup->nearest, hint));
        return true;
}
