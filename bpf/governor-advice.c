/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "bpf/governor-advice.h"

#include <string.h>

#include "base/text.h"
#include "bpf/policies.h"
#include "core/machine/advice.h"

struct governor_wish governor_wish(const char *name) {
        return (struct governor_wish){ .name = name, .nearest = { .word = name } };
}

int governor_wish_see(const struct governor_view *governor, void *userdata) {
        struct governor_wish *wish = userdata;

        if (governor->fits)
                suggestion_consider(&wish->nearest, governor->name, strlen(governor->name));
        if (strcmp(governor->name, wish->name) != 0)
                return 0;
        wish->known = true;
        wish->fits = wish->fits || governor->fits;
        if (!governor->fits && !wish->reason[0])
                (void) TEXT_FORMAT(wish->reason, "%s", governor->reason);
        return 0;
}

void governor_wish_see_policies(struct governor_wish *wish) {
        size_t n;
        const struct builtin_policy *policies = builtin_policies(&n);

        for (size_t i = 0; i < n; i++)
                (void) governor_wish_see(&(struct governor_view){ .name = policies[i].name, .fits = true, .reason = "" }, wish);
}

bool governor_wish_fails(const struct governor_wish *wish, char *ret) {
        char hint[SUGGEST_MAX];

        if (wish->fits)
                return false;
        if (wish->known)
                (void) text_format(ret, ADVICE_MAX, "governor \"%.32s\" cannot be used: %s", wish->name, wish->reason);
        else
                (void) text_format(ret, ADVICE_MAX, "there is no governor \"%.32s\"%s", wish->name,
                                   suggestion_format(&wish->nearest, hint));
        return true;
}
