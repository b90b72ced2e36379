/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the configuration that do nothing on this machine: their knob is not here, cannot be set, is switched off, or offers none of the
 * values. It reads no hardware: what knobs offer is known since they were found. */

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "base/text.h"
#include "core/advice.h"
#include "core/manager-private.h"
#include "core/value.h"

/* Lines that one load writes to the log. */
#define LOGGED_MAX 20

enum hindrance { HINDRANCE_NONE, HINDRANCE_NO_KNOB, HINDRANCE_OFF, HINDRANCE_READ_ONLY, HINDRANCE_VALUE };

static bool offers(const struct manager *manager, const struct knob *knob, const char *values) {
        char value[GOVERNORD_VALUE_MAX];
        struct profile_knob view;
        const char *word;
        size_t length;

        knob_profile_view(knob, &manager->topology, &view);
        while ((length = next_word(&values, &word)) > 0)
                if ((length == 5 && memcmp(word, "leave", 5) == 0) || value_resolve(word, length, &view, value) >= 0)
                        return true;
        return false;
}

/* What keeps the line from all knobs of a group; *ret is one that lacks the value. */
static enum hindrance group_hindrance(const struct manager *manager, const struct knob_group *group,
                                      const struct profile_line *line, const struct plan_input *input, const struct knob **ret) {
        enum hindrance hindrance = HINDRANCE_READ_ONLY;

        if (!plan_allows(input, group))
                return HINDRANCE_OFF;
        for (uint32_t i = group->first; i < group->first + group->count; i++) {
                const struct knob *knob = &manager->knobs.items[i], *before = *ret;

                if (!knob_is_writable(knob))
                        continue;
                hindrance = HINDRANCE_VALUE;
                *ret = knob;
                /* thousands offer the same */
                if (before && before->row == knob->row && before->choices == knob->choices && before->min == knob->min &&
                    before->max == knob->max && !knob->cpu)
                        continue;
                if (offers(manager, knob, line->values))
                        return HINDRANCE_NONE;
        }
        return hindrance;
}

static enum hindrance machine_hindrance(struct manager *manager, const struct profile_line *line, const struct knob **ret) {
        enum hindrance hindrance = HINDRANCE_NO_KNOB;
        struct plan_input input;

        manager_fill_plan(manager, manager->active, &input);
        *ret = NULL;
        for (uint32_t i = 0; i < manager->knobs.n_groups; i++) {
                const struct knob_group *group = &manager->knobs.groups[i];
                enum hindrance r;

                if (group->count == 0 || !text_equal(group->name, line->knob) ||
                    (line->driver && !text_equal(line->driver, group->plugin->name)))
                        continue;
                r = group_hindrance(manager, group, line, &input, ret);
                if (r == HINDRANCE_NONE)
                        return r;
                hindrance = MAX(hindrance, r);
        }
        return hindrance;
}

static void format_offer(const struct profile_line *line, const struct knob *knob, char *ret) {
        char hint[SUGGEST_MAX] = "", word[GOVERNORD_VALUE_MAX];
        const char *values = line->values, *first;
        size_t length = next_word(&values, &first);

        if (TEXT_FORMAT(word, "%.*s", (int) length, first) >= 0)
                (void) suggest(hint, word, knob->choices);
        if (text_format(ret, ADVICE_MAX, "%s offers none of \"%s\" here%s%s%s", line->knob, line->values, hint,
                        hint[0] || !knob->choices[0] ? "" : ", only ", hint[0] ? "" : knob->choices) < 0)
                (void) text_format(ret, ADVICE_MAX, "%s offers none of these values here", line->knob);
}

/* True when the line has an effect on no knob of this machine; *ret_shown when Explain has a row about it anyway. */
static bool is_ineffective(struct manager *manager, const struct known_drivers *drivers, const struct profile_line *line, char *ret,
                           bool *ret_shown) {
        const struct knob *knob;
        enum hindrance hindrance = machine_hindrance(manager, line, &knob);

        *ret_shown = hindrance >= HINDRANCE_READ_ONLY;
        switch (hindrance) {
        case HINDRANCE_NONE:
                return false;
        case HINDRANCE_NO_KNOB:
                if (!advice_on_line(manager->config, drivers, line, ret))
                        (void) text_format(ret, ADVICE_MAX, "this machine has no %s%s%s", line->driver ? line->driver : "",
                                           line->driver ? "." : "", line->knob);
                return true;
        case HINDRANCE_OFF:
                (void) text_format(ret, ADVICE_MAX, "%s is switched off: it is blocked, not enabled, or its action is disabled",
                                   line->knob);
                return true;
        case HINDRANCE_READ_ONLY:
                (void) text_format(ret, ADVICE_MAX, "%s can only be read here", line->knob);
                return true;
        case HINDRANCE_VALUE:
                format_offer(line, knob, ret);
                return true;
        }
        return false;
}

static int known_drivers(const struct manager *manager, struct known_drivers *ret) {
        ret->n = 0;
        ret->items = calloc(manager->n_plugins + 1, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < manager->n_plugins; i++)
                if (manager->plugins[i]->driver)
                        ret->items[ret->n++] = manager->plugins[i]->driver;
        return 0;
}

static void each_line(struct manager *manager, const struct known_drivers *drivers, const struct profile *profile, size_t from,
                      bool only_hidden, void (*each)(const struct ineffective_line *line, void *userdata), void *userdata) {
        for (size_t i = from; i < profile->n_lines; i++) {
                const struct profile_line *line = &profile->lines[i];
                char reason[ADVICE_MAX];
                bool shown;

                if (line->is_default || !is_ineffective(manager, drivers, line, reason, &shown) || (only_hidden && shown))
                        continue;
                each(
                        &(struct ineffective_line){
                                .origin = line->origin, .reason = reason, .knob = line->knob, .driver = line->driver },
                        userdata);
        }
}

struct forwarding {
        void (*each)(const struct ineffective_line *line, void *userdata);
        void *userdata;
};

static void forward(const char *origin, const char *reason, void *userdata) {
        const struct forwarding *forwarding = userdata;

        forwarding->each(&(struct ineffective_line){ .origin = origin, .reason = reason, .knob = "" }, forwarding->userdata);
}

void manager_each_ineffective(struct manager *manager, void (*each)(const struct ineffective_line *line, void *userdata),
                              void *userdata) {
        struct forwarding forwarding = { each, userdata };
        _cleanup_free_ const struct gov_driver **items = NULL;
        struct known_drivers drivers;

        if (!manager->active || known_drivers(manager, &drivers) < 0)
                return;
        items = drivers.items;
        each_line(manager, &drivers, manager->active, 0, false, each, userdata);
        advice_on_names(manager->config, &drivers, forward, &forwarding);
}

void manager_each_hidden(struct manager *manager, const struct profile *profile,
                         void (*each)(const struct ineffective_line *line, void *userdata), void *userdata) {
        _cleanup_free_ const struct gov_driver **items = NULL;
        struct known_drivers drivers;

        if (known_drivers(manager, &drivers) < 0)
                return;
        items = drivers.items;
        each_line(manager, &drivers, profile, 0, true, each, userdata);
}

static void log_line(const struct ineffective_line *line, void *userdata) {
        unsigned *n = userdata;

        if ((*n)++ < LOGGED_MAX)
                (void) log_warning(0, "%s: no effect here: %s", line->origin, line->reason);
}

void manager_log_ineffective(struct manager *manager) {
        struct forwarding forwarding = { .each = log_line };
        _cleanup_free_ const struct gov_driver **items = NULL;
        struct known_drivers drivers;
        unsigned n = 0;

        forwarding.userdata = &n;
        if (known_drivers(manager, &drivers) < 0)
                return;
        items = drivers.items;
        for (size_t i = 0; i < manager->config->n_profiles; i++)
                each_line(manager, &drivers, &manager->config->profiles[i], manager->config->profiles[i].n_inherited, false,
                          log_line, &n);
        advice_on_names(manager->config, &drivers, forward, &forwarding);
        if (n > LOGGED_MAX)
                (void) log_warning(0, "%u more lines of the configuration have no effect here", n - LOGGED_MAX);
}
