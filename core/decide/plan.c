/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Computes one target for each knob from the profile and the requests. A machine can have thousands of similar knobs, so the value
 * of the profile is computed once and reused for neighbours that must have the same result. Nothing is written to hardware. */

#include "core/decide/plan.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/parse.h"
#include "base/text.h"

struct walk {
        const struct plan_input *input;
        struct knobs *knobs;
        bool any_levels;
        struct profile_target profile; /* result for `resolved` */
        const struct knob *resolved;   /* the knob of this group that was resolved last, NULL none */
        bool uniform;
};

/* Returns true if `words` contains the knob, its driver, or DRIVER.KNOB. */
static bool names_group(const char *words, const struct knob_group *group) {
        char full[128];

        return word_in_list(words, group->name) || word_in_list(words, group->plugin->name) ||
               (TEXT_FORMAT(full, "%s.%s", group->plugin->name, group->name) >= 0 && word_in_list(words, full));
}

bool plan_allows(const struct plan_input *input, const struct knob_group *group) {
        uint32_t flags = group->row->flags;

        if (flags & GOV_KNOB_SENSOR)
                return false;
        if (input->blocked[0] && names_group(input->blocked, group))
                return false;
        if ((flags & GOV_KNOB_OPT_IN) && !names_group(input->enabled, group))
                return false;
        return !(flags & GOV_KNOB_ACTION) || !input->action_enabled || input->action_enabled(group->name, input->userdata);
}

static int find_lines(struct knob_group *group, const struct profile *profile) {
        int n;

        if (group->lines_of == profile)
                return 0;
        free(group->lines);
        group->lines = NULL;
        n = profile_lines_for(profile, group->plugin->name, group->name, &group->lines);
        group->n_lines = n < 0 ? 0 : (size_t) n;
        group->lines_of = n < 0 ? NULL : profile;
        return n < 0 ? n : 0;
}

void plan_forget(struct knobs *knobs) {
        for (uint32_t i = 0; i < knobs->n_groups; i++)
                knobs->groups[i].lines_of = NULL;
}

/* Returns true if a uniform line has the same value for both knobs: compares all that this value can depend on
 * (core/config/value.h). */
static bool resolves_alike(const struct knob *a, const struct knob *b) {
        if (a->choices != b->choices || a->min != b->min || a->max != b->max || !a->cpu != !b->cpu)
                return false;
        return !a->cpu || memcmp(&a->cpu->facts.capacity, &b->cpu->facts.capacity,
                                 sizeof(a->cpu->facts) - offsetof(struct gov_cpu_facts, capacity)) == 0;
}

static void resolve_profile(struct walk *walk, const struct knob_group *group, const struct knob *knob) {
        struct profile_knob view;

        if (walk->resolved && walk->uniform && resolves_alike(walk->resolved, knob))
                return;
        knob_profile_view(knob, walk->input->topology, &view);
        profile_resolve_lines(group->lines, group->n_lines, &walk->input->context, &view, &walk->profile);
        walk->resolved = knob;
}

/* Levels act on frequency limits of CPUs, which every cpufreq driver has, and on limits of devices. They do not act on limits of a
 * package (the uncore) or of the node (percentages for all CPUs), which have other scales. */
static bool row_takes_levels(const struct gov_knob_row *row) {
        return row->scope == GOV_SCOPE_POLICY && (row->flags & (GOV_KNOB_LIMIT_MIN | GOV_KNOB_LIMIT_MAX)) &&
               row->unit == GOV_UNIT_KHZ;
}

static bool row_takes_levels_of_device(const struct gov_knob_row *row) {
        return (row->scope == GOV_SCOPE_GPU || row->scope == GOV_SCOPE_DEVICE) &&
               (row->flags & (GOV_KNOB_LIMIT_MIN | GOV_KNOB_LIMIT_MAX)) &&
               (row->unit == GOV_UNIT_KHZ || row->unit == GOV_UNIT_PERCENT || row->unit == GOV_UNIT_LEVEL);
}

static bool row_limits_wake(const struct gov_knob_row *row) {
        return row->scope == GOV_SCOPE_CPU && (row->flags & GOV_KNOB_WAKE);
}

static bool is_governed(const struct knob *knob) {
        return (row_takes_levels(knob->row) || row_limits_wake(knob->row)) && knob->cpu;
}

/* Returns the highest choice of the knob at or below `number`, or, if `up` is true, the lowest one at or above it. If there is none
 * on that side, the closest one on the other side. Returns `number` itself if the knob has no choices or also accepts other
 * numbers, and -1 if none of the choices is a number of at least 0. */
static int64_t on_offer(const struct knob *knob, int64_t number, bool up) {
        int64_t below = -1, above = -1, choice;
        const char *p = knob->choices;
        char word[24];

        if (!p[0] || (knob->row->flags & GOV_KNOB_NAMED))
                return number;
        for (size_t length; *p; p += length + (p[length] == ' ')) {
                length = strcspn(p, " ");
                if (TEXT_FORMAT(word, "%.*s", (int) MIN(length, sizeof(word)), p) < 0 || parse_i64(word, &choice) < 0 || choice < 0)
                        continue;
                if (choice <= number)
                        below = MAX(below, choice);
                if (choice >= number)
                        above = arbiter_lower(above, choice);
        }
        return (up && above >= 0) || below < 0 ? above : below;
}

/* Converts a level to a value of the knob. Returns -1 if levels have no meaning for it, or if `level` is negative. */
static int64_t level_value(const struct knob *knob, int level, bool up) {
        int64_t min = knob->min, max = knob->max, value;

        if (knob->cpu)
                return arbiter_level_to_khz(&knob->cpu->facts, level);
        if (min > max && knob->choices[0] && !(knob->row->flags & GOV_KNOB_NAMED)) {
                min = 0;
                max = on_offer(knob, INT64_MAX, false);
        }
        value = arbiter_level_to_own(knob->row->unit, min, max, level);
        return value < 0 ? -1 : on_offer(knob, value, up);
}

bool plan_takes_levels(const struct knob *knob) {
        if (row_takes_levels(knob->row) ? !knob->cpu : !row_takes_levels_of_device(knob->row))
                return false;
        return level_value(knob, 0, false) >= 0;
}

static int64_t number_or(const char *text, int64_t otherwise) {
        int64_t number;

        return text && parse_i64(text, &number) >= 0 ? number : otherwise;
}

/* The knobs of a group are sorted by domain, mostly without gaps, so the domain is usually the index. */
static struct knob *knob_of(const struct knobs *knobs, const struct knob_group *group, uint32_t domain) {
        struct knob *items = &knobs->items[group->first];

        if (domain < group->count && items[domain].domain == domain)
                return &items[domain];
        for (uint32_t i = 0; i < group->count; i++)
                if (items[i].domain == domain)
                        return &items[i];
        return NULL;
}

/* Returns the knob that is the upper limit of the same domain, with the same driver, scope and unit; NULL none. */
static struct knob *upper_of(const struct walk *walk, const struct knob_group *group, const struct knob *knob,
                             struct knob_group **ret_group) {
        for (uint32_t i = 0; i < walk->knobs->n_groups; i++) {
                struct knob_group *other = &walk->knobs->groups[i];
                struct knob *upper;

                if (other->plugin != group->plugin || !(other->row->flags & GOV_KNOB_LIMIT_MAX) ||
                    other->row->scope != group->row->scope || other->row->unit != group->row->unit)
                        continue;
                upper = knob_of(walk->knobs, other, knob->domain);
                if (!upper)
                        continue;
                *ret_group = other;
                return upper;
        }
        return NULL;
}

/* Returns the upper limit of the domain: the value of the profile, or, if the profile sets none or the knob may not be written, the
 * value that the machine or another program has set; -1 if it is unknown. In the second case *ret_others is the knob of the upper
 * limit, otherwise NULL. Neither a floor nor a line of the profile can raise the lower limit above it. */
static int64_t upper_limit(struct walk *walk, const struct knob_group *group, const struct knob *knob, struct knob **ret_others) {
        struct knob_group *upper_group = NULL;
        struct knob *upper = upper_of(walk, group, knob, &upper_group);
        struct profile_target target;
        struct profile_knob view;

        *ret_others = NULL;
        if (!upper || find_lines(upper_group, walk->input->profile) < 0)
                return -1;
        knob_profile_view(upper, walk->input->topology, &view);
        profile_resolve_lines(upper_group->lines, upper_group->n_lines, &walk->input->context, &view, &target);
        if (target.line && target.value[0] && knob_is_writable(upper) && plan_allows(walk->input, upper_group))
                return number_or(target.value, -1);
        *ret_others = upper;
        if (walk->input->refresh && !upper->watched && upper->written_usec == 0)
                (void) knob_refresh(upper); /* another program may have changed it since */
        return number_or(upper->original && upper->state != KNOB_YIELDED ? upper->original : upper->value, -1);
}

static void arbitrate(struct walk *walk, const struct knob_group *group, struct knob *knob, struct plan_target *target) {
        bool is_min = (knob->row->flags & GOV_KNOB_LIMIT_MIN) != 0;
        struct knob *others = NULL;
        int64_t floor, ceiling, limit, upper;
        bool no_levels;

        if (walk->any_levels) {
                arbiter_levels(walk->input->requests, walk->input->topology, knob->row->scope, knob->domain, &target->levels);
                demands_merge(walk->input->demands, walk->input->topology, knob->row->scope, knob->domain, &target->levels);
        }
        no_levels = target->levels.floor < 0 && target->levels.ceiling < 0;
        if (no_levels && !(is_min && target->value[0]))
                return;
        upper = is_min ? upper_limit(walk, group, knob, &others) : -1;
        floor = level_value(knob, target->levels.floor, true);
        if (target->value[0] || floor >= 0)
                target->bounded_by = others;
        if (no_levels && (upper < 0 || number_or(target->value, -1) <= upper))
                return;
        ceiling = arbiter_lower(level_value(knob, target->levels.ceiling, false), upper);
        if (is_min && ceiling >= 0)
                ceiling = on_offer(knob, ceiling, false);
        limit = arbiter_limit(is_min, number_or(target->value, -1), floor, ceiling,
                              number_or(knob->original ? knob->original : knob->value, is_min ? 0 : INT64_MAX), &target->limiter);
        if (limit < 0) {
                if (ceiling >= 0)
                        target->bounded_by = knob;
                return;
        }
        number_format(target->value, limit);
        target->satisfied = number_or(knob_expected(knob), -1) == limit;
}

/* Applies the shorter limit on the exit latency of idle states: that of the sessions, or that of the profile, or, if the profile
 * sets none, the value without the service. A value of 0 means no limit. A value that is not a number counts as the shortest limit,
 * as "n/a" allows no latency at all. */
static void arbitrate_wake(const struct walk *walk, const struct knob *knob, struct plan_target *target) {
        int64_t wanted = demands_wake(walk->input->demands, knob->domain);
        const char *base = target->value[0] ? target->value : knob->original ? knob->original : knob->value ? knob->value : "0";
        int64_t now = number_or(base, -1);

        if (wanted < 0 || now < 0 || (now > 0 && now <= wanted))
                return;
        number_format(target->value, wanted);
        target->limiter = LIMITER_SESSIONS;
        target->satisfied = number_or(knob_expected(knob), -1) == wanted;
}

static bool has_a_target(const struct walk *walk, const struct knob_group *group, const struct knob *knob) {
        return group->n_lines > 0 || knob->ledger_id > 0 || (walk->any_levels && (is_governed(knob) || plan_takes_levels(knob)));
}

static int visit(struct walk *walk, const struct knob_group *group, struct knob *knob,
                 int (*each)(struct knob *knob, const struct plan_target *target, void *userdata), void *userdata) {
        struct plan_target target;

        if (walk->input->refresh && !knob->watched && knob->written_usec == 0 && has_a_target(walk, group, knob))
                (void) knob_refresh(knob);
        resolve_profile(walk, group, knob);
        target.line = walk->profile.line;
        target.unavailable = walk->profile.unavailable;
        target.read_only = false;
        target.bounded_by = NULL;
        target.limiter = target.line && !target.unavailable ? LIMITER_PROFILE : LIMITER_NONE;
        target.levels = (struct level_range){ .floor = -1, .ceiling = -1 };
        memcpy(target.value, walk->profile.value, sizeof(target.value));
        if (!target.line)
                target.value[0] = '\0';
        target.satisfied = knob_expected(knob) && target.line && profile_satisfied(&walk->profile, knob_expected(knob));
        if (plan_takes_levels(knob))
                arbitrate(walk, group, knob, &target);
        else if (walk->any_levels && row_limits_wake(knob->row) && knob->cpu)
                arbitrate_wake(walk, knob, &target);
        return each(knob, &target, userdata);
}

/* Visits a knob that cannot be written and for which the profile has a line, so that Explain shows that the line is not applied. */
static int visit_read_only(struct walk *walk, const struct knob_group *group, struct knob *knob,
                           int (*each)(struct knob *knob, const struct plan_target *target, void *userdata), void *userdata) {
        struct plan_target target = { .unavailable = true, .read_only = true, .levels = { .floor = -1, .ceiling = -1 } };

        if (group->n_lines == 0)
                return 0;
        resolve_profile(walk, group, knob);
        target.line = walk->profile.line;
        return target.line ? each(knob, &target, userdata) : 0;
}

/* Visits knobs that were set before they were blocked or disabled, without a target, so that they are restored. */
static int visit_disallowed(struct knobs *knobs, const struct knob_group *group,
                            int (*each)(struct knob *knob, const struct plan_target *target, void *userdata), void *userdata) {
        const struct plan_target unwanted = { .levels = { .floor = -1, .ceiling = -1 } };
        int r = 0;

        for (uint32_t k = group->first; r >= 0 && k < group->first + group->count; k++) {
                struct knob *knob = &knobs->items[k];

                if (knob->ledger_id > 0 || knob->wanted || knob->state != KNOB_UNTOUCHED)
                        r = each(knob, &unwanted, userdata);
        }
        return r;
}

static bool any_levels(const struct plan_input *input) {
        const struct requests *requests = input->requests;

        if (input->demands && input->demands->n_active > 0)
                return true;
        for (size_t i = 0; i < requests->n; i++)
                if (requests->items[i]->kind == REQUEST_LEVEL)
                        return true;
        return false;
}

int plan_each(const struct plan_input *input, struct knobs *knobs,
              int (*each)(struct knob *knob, const struct plan_target *target, void *userdata), void *userdata) {
        struct walk walk = { .input = input, .knobs = knobs, .any_levels = any_levels(input) };

        assert(input->profile);
        for (uint32_t i = 0; i < knobs->n_groups; i++) {
                struct knob_group *group = &knobs->groups[i];
                int r;

                if (!plan_allows(input, group)) {
                        r = visit_disallowed(knobs, group, each, userdata);
                        if (r < 0)
                                return r;
                        continue;
                }
                r = find_lines(group, input->profile);
                if (r < 0)
                        return r;
                walk.resolved = NULL;
                walk.uniform = profile_lines_uniform(group->lines, group->n_lines);
                for (uint32_t k = group->first; k < group->first + group->count; k++) {
                        r = (knob_is_writable(&knobs->items[k]) ? visit : visit_read_only)(&walk, group, &knobs->items[k], each,
                                                                                           userdata);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

static int visit_one(struct walk *walk, struct knob_group *group, struct knob *knob,
                     int (*each)(struct knob *knob, const struct plan_target *target, void *userdata), void *userdata) {
        int r;

        if (!knob->cpu || !knob_is_writable(knob))
                return 0;
        r = find_lines(group, walk->input->profile);
        walk->resolved = NULL;
        walk->uniform = false;
        return r < 0 ? r : visit(walk, group, knob, each, userdata);
}

/* Returns the knob of this group by which sessions control the CPU, NULL none. */
static struct knob *governed_knob(const struct knobs *knobs, const struct knob_group *group, const struct cpu *cpu) {
        if (row_takes_levels(group->row) && cpu->facts.policy != UINT32_MAX)
                return knob_of(knobs, group, cpu->facts.policy);
        return row_limits_wake(group->row) ? knob_of(knobs, group, cpu->number) : NULL;
}

int plan_demands(const struct plan_input *input, struct knobs *knobs, const struct cpu_demand *demands, size_t n,
                 int (*each)(struct knob *knob, const struct plan_target *target, void *userdata), void *userdata) {
        /* any_levels is true even without demands, because demands may just have ended */
        struct walk walk = { .input = input, .knobs = knobs, .any_levels = true };
        int r = 0;

        knobs->round++;
        for (uint32_t g = 0; g < knobs->n_groups; g++) {
                struct knob_group *group = &knobs->groups[g];

                if ((!row_takes_levels(group->row) && !row_limits_wake(group->row)) || !plan_allows(input, group))
                        continue;
                for (size_t i = 0; r >= 0 && i < n; i++) {
                        const struct cpu *cpu = topology_cpu(input->topology, demands[i].cpu);
                        struct knob *knob = cpu ? governed_knob(knobs, group, cpu) : NULL;

                        if (!knob || knob->round == knobs->round) /* several CPUs may share a policy */
                                continue;
                        knob->round = knobs->round;
                        r = visit_one(&walk, group, knob, each, userdata);
                }
        }
        return r;
}

static void format_request(const char *what, int level, const struct request *from, char *ret, size_t size) {
        const char *application = !from ? "this query" : from->application[0] ? from->application : "a client";
        const char *reason = from ? from->reason : "";

        (void) text_format(ret, size, "%s %d of %.*s%s%.*s%s", what, level, text_cut(application, 64), application,
                           reason[0] ? " (" : "", text_cut(reason, 96), reason, reason[0] ? ")" : "");
}

void plan_format_limiter(const struct plan_input *input, const struct plan_target *target, char *ret, size_t size) {
        ret[0] = '\0';
        switch (target->limiter) {
        case LIMITER_NONE:
                if (target->read_only)
                        (void) text_format(ret, size, "read-only here; the profile has \"%s\" (%s)", target->line->values,
                                           target->line->origin);
                else if (target->unavailable)
                        (void) text_format(ret, size, "none of \"%s\" is available (%s)", target->line->values,
                                           target->line->origin);
                break;
        case LIMITER_PROFILE:
                (void) text_format(ret, size, "profile %s (%s)", input->profile->name, target->line->origin);
                break;
        case LIMITER_FLOOR:
                format_request("floor", target->levels.floor, target->levels.floor_from, ret, size);
                break;
        case LIMITER_CEILING:
                if (target->levels.ceiling >= 0)
                        format_request("ceiling", target->levels.ceiling, target->levels.ceiling_from, ret, size);
                else
                        (void) text_format(ret, size, "the upper limit in force, set by profile %s or outside governord",
                                           input->profile->name);
                break;
        case LIMITER_SESSIONS:
                (void) text_format(ret, size, "latency targets of sessions");
                break;
        }
}
