/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last step of reading a configuration, which needs the content of all files. Inheritance is resolved into plain lists of
 * lines. Cycles, undefined parents and profiles, and incomplete rules are reported with their file and line. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/text.h"
#include "core/config/config-draft.h"

/* Enough for all names, each followed by a blank. */
#define NAMES_MAX (CONFIG_PROFILES_MAX * 66)

static void error_no_profile(struct config_draft *draft, const struct config_place *place, const char *name) {
        char names[NAMES_MAX] = "", hint[SUGGEST_MAX], *end = names;

        for (size_t i = 0; i < draft->n_profiles; i++)
                end = stpcpy(stpcpy(end, draft->profiles[i].name), " ");
        draft_error_at(draft, place, "there is no profile \"%.*s\"%s", text_cut(name, 64), name, suggest(hint, name, names));
}

/* Joins the lines of the parent and the profile's own lines, in this order. */
static int join_lines(struct config_draft *draft, const struct profile_draft *own, const struct profile *parent,
                      struct profile *ret) {
        size_t inherited = parent ? parent->n_lines : 0, n = inherited + own->n_lines;

        if (n > CONFIG_PROFILE_LINES_MAX) {
                draft_error_at(draft, &own->place, "profile \"%s\" has %zu lines including inherited ones; the limit is %d",
                               own->name, n, CONFIG_PROFILE_LINES_MAX);
                return -E2BIG;
        }
        ret->lines = calloc(n ? n : 1, sizeof(*ret->lines));
        if (!ret->lines) {
                draft->no_memory = true;
                return -ENOMEM;
        }
        if (inherited > 0)
                memcpy(ret->lines, parent->lines, inherited * sizeof(*ret->lines));
        if (own->n_lines > 0)
                memcpy(ret->lines + inherited, own->lines, own->n_lines * sizeof(*ret->lines));
        ret->n_lines = n;
        ret->n_inherited = inherited;
        return 0;
}

static int build_profile(struct config_draft *draft, size_t index);

/* Sets *ret to the finished parent, or to NULL for the three standard profiles. */
static int find_parent(struct config_draft *draft, const struct profile_draft *profile, const struct profile **ret) {
        const char *name = profile->inherits ? profile->inherits : profile_base_names[PROFILE_BALANCED];
        struct profile_draft *parent;
        size_t index;

        *ret = NULL;
        if (profile < draft->profiles + PROFILE_BASE_COUNT)
                return 0;
        parent = draft_find_profile(draft, name);
        if (!parent) {
                error_no_profile(draft, &profile->inherits_place, name);
                return -ENOENT;
        }
        if (parent->state == DRAFT_VISITING) {
                draft_error_at(draft, &profile->inherits_place, "profile \"%s\" inherits from itself through \"%s\"", parent->name,
                               profile->name);
                return -ELOOP;
        }
        index = (size_t) (parent - draft->profiles);
        *ret = &draft->config->profiles[index];
        return build_profile(draft, index);
}

/* The recursion depth is at most CONFIG_PROFILES_MAX. Failures are reported, and profiles that inherit from a failed one fail, too.
 * If the parent is missing or has failed, the own lines of the profile are still stored, for config_check(). */
static int build_profile(struct config_draft *draft, size_t index) {
        struct profile_draft *own = &draft->profiles[index];
        struct profile *profile = &draft->config->profiles[index];
        const struct profile *parent;
        int r, q;

        if (own->state == DRAFT_DONE)
                return 0;
        if (own->state == DRAFT_FAILED)
                return -EINVAL;
        own->state = DRAFT_VISITING;
        r = find_parent(draft, own, &parent);
        q = join_lines(draft, own, r < 0 ? NULL : parent, profile);
        r = r < 0 ? r : q;
        own->state = r < 0 ? DRAFT_FAILED : DRAFT_DONE;
        profile->name = own->name;
        profile->description = own->description;
        if (index < PROFILE_BASE_COUNT)
                profile->base = (enum profile_base) index;
        else
                profile->base = r == 0 ? parent->base : PROFILE_BALANCED;
        return r;
}

static void check_rule(struct config_draft *draft, size_t index) {
        const struct rule *rule = &draft->config->rules[index];
        const struct config_place *place = &draft->rule_places[index];

        if (rule->n_conditions == 0 && !draft->rule_faulty[index])
                draft_error_at(draft, place, "rule \"%s\" has no \"when\" line: add a condition", rule->name);
        if (!rule->profile && !draft->rule_faulty[index])
                draft_error_at(draft, place, "rule \"%s\" has no \"profile\" line", rule->name);
        if (rule->profile && !draft_find_profile(draft, rule->profile))
                error_no_profile(draft, &draft->rule_profile_places[index], rule->profile);
}

void draft_finish(struct config_draft *draft) {
        for (size_t i = 0; i < draft->n_profiles; i++)
                (void) build_profile(draft, i);
        draft->config->n_profiles = draft->n_profiles;
        for (size_t i = 0; i < draft->config->n_rules; i++)
                check_rule(draft, i);
}
