/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/ineffective.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "base/text.h"
#include "core/config/condition.h"
#include "core/config/findings.h"
#include "core/config/value.h"
#include "core/machine/advice.h"

enum hindrance { HINDRANCE_NONE, HINDRANCE_NO_KNOB, HINDRANCE_OFF, HINDRANCE_ELSEWHERE, HINDRANCE_READ_ONLY, HINDRANCE_VALUE };

static bool offers(const struct machine *machine, const struct knob *knob, const char *values) {
        char value[GOVERNORD_VALUE_MAX];
        struct profile_knob view;
        const char *word;
        size_t length;

        knob_profile_view(knob, &machine->topology, &view);
        while ((length = next_word(&values, &word)) > 0)
                if ((length == 5 && memcmp(word, "leave", 5) == 0) || value_resolve(word, length, &view, value) >= 0)
                        return true;
        return false;
}

/* Returns true if the domain of the knob overlaps every domain that the line names, as defined by topology_covers(). */
static bool in_domains(const struct machine *machine, const struct knob *knob, const struct profile_line *line) {
        struct profile_knob view;

        knob_profile_view(knob, &machine->topology, &view);
        for (uint32_t i = 0; i < line->n_conditions; i++)
                if (line->conditions[i].kind == CONDITION_DOMAIN && !condition_holds(&line->conditions[i], NULL, &view))
                        return false;
        return true;
}

/* Returns why the line has no effect on any knob of the group, or HINDRANCE_NONE. With HINDRANCE_VALUE, *ret is a knob that lacks
 * the values. */
static enum hindrance group_hindrance(const struct judging *judging, const struct knob_group *group,
                                      const struct profile_line *line, const struct knob **ret) {
        /* without root, files are mostly read-only, which does not show what the service can write */
        const bool judges_rights = geteuid() == 0;
        enum hindrance hindrance = HINDRANCE_ELSEWHERE;

        if (!plan_allows(&judging->input, group))
                return HINDRANCE_OFF;
        for (uint32_t i = group->first; i < group->first + group->count; i++) {
                const struct knob *knob = &judging->machine->knobs.items[i], *before = *ret;

                if (!in_domains(judging->machine, knob, line))
                        continue;
                hindrance = MAX(hindrance, HINDRANCE_READ_ONLY);
                if (knob_is_sensor(knob) || (judges_rights && !knob_is_writable(knob)))
                        continue;
                hindrance = HINDRANCE_VALUE;
                *ret = knob;
                /* same result as for the previous knob; there can be thousands */
                if (before && before->row == knob->row && before->choices == knob->choices && before->min == knob->min &&
                    before->max == knob->max && !knob->cpu)
                        continue;
                if (offers(judging->machine, knob, line->values))
                        return HINDRANCE_NONE;
        }
        return hindrance;
}

static enum hindrance machine_hindrance(const struct judging *judging, const struct profile_line *line, const struct knob **ret) {
        const struct knobs *knobs = &judging->machine->knobs;
        enum hindrance hindrance = HINDRANCE_NO_KNOB;

        *ret = NULL;
        for (uint32_t i = 0; i < knobs->n_groups; i++) {
                const struct knob_group *group = &knobs->groups[i];
                enum hindrance r;

                if (group->count == 0 || !text_equal(group->name, line->knob) ||
                    (line->driver && !text_equal(line->driver, group->plugin->name)))
                        continue;
                r = group_hindrance(judging, group, line, ret);
                if (r == HINDRANCE_NONE)
                        return r;
                hindrance = MAX(hindrance, r);
        }
        return hindrance;
}

/* What the knobs with one domain offer. Devices of one machine may offer different ranges, such as the CPUs of big.LITTLE. */
struct offer {
        char text[ADVICE_MAX], domain[24];
};

#define OFFERS_MAX 3

struct offers {
        struct offer items[OFFERS_MAX + 1]; /* the last one only shows that there are more */
        size_t n;
};

static void add_offer(struct offers *offers, const struct machine *machine, const struct knob *knob) {
        struct offer *offer = &offers->items[offers->n];
        struct profile_knob view;

        knob_profile_view(knob, &machine->topology, &view);
        value_format_offer(&view, knob_unit_name(knob->row->unit), offer->text, sizeof(offer->text));
        if (!offer->text[0])
                return;
        for (size_t i = 0; i < offers->n; i++)
                if (text_equal(offers->items[i].text, offer->text))
                        return;
        domain_format(offer->domain, sizeof(offer->domain), knob->row->scope, knob->domain);
        offers->n++;
}

static void add_offers_of_group(struct offers *offers, const struct judging *judging, const struct knob_group *group,
                                const struct profile_line *line) {
        const bool judges_rights = geteuid() == 0; /* as in group_hindrance() */
        const struct knob *before = NULL;

        for (uint32_t i = group->first; i < group->first + group->count && offers->n <= OFFERS_MAX; i++) {
                const struct knob *knob = &judging->machine->knobs.items[i];

                if (knob_is_sensor(knob) || (judges_rights && !knob_is_writable(knob)) ||
                    !in_domains(judging->machine, knob, line) ||
                    (before && before->row == knob->row && before->choices == knob->choices && before->min == knob->min &&
                     before->max == knob->max))
                        continue;
                before = knob;
                add_offer(offers, judging->machine, knob);
        }
}

/* Finds the different offers of the knobs that the line names, with the first domain of each. */
static void find_offers(const struct judging *judging, const struct profile_line *line, struct offers *ret) {
        const struct knobs *knobs = &judging->machine->knobs;

        ret->n = 0;
        for (uint32_t i = 0; i < knobs->n_groups && ret->n <= OFFERS_MAX; i++) {
                const struct knob_group *group = &knobs->groups[i];

                if (group->count > 0 && text_equal(group->name, line->knob) &&
                    (!line->driver || text_equal(line->driver, group->plugin->name)) && plan_allows(&judging->input, group))
                        add_offers_of_group(ret, judging, group, line);
        }
}

/* Formats "only from 1 to 2 kHz", or "only from 1 to 2 kHz (policy0) or from 1 to 3 kHz (policy4)". */
static int format_offers(const struct offers *offers, char *ret) {
        size_t used = 0;
        int r = 0;

        for (size_t i = 0; i < offers->n && i < OFFERS_MAX && r >= 0; i++) {
                const char *text = offers->items[i].text;

                if (i > 0 && strncmp(text, "only ", strlen("only ")) == 0)
                        text += strlen("only ");
                r = text_format(ret + used, ADVICE_MAX - used, "%s%s (%s)", i > 0 ? " or " : "", text, offers->items[i].domain);
                used = strlen(ret);
        }
        return r >= 0 && offers->n > OFFERS_MAX ? text_format(ret + used, ADVICE_MAX - used, " or others") : r;
}

static void format_offer(const struct judging *judging, const struct profile_line *line, const struct knob *knob, char *ret) {
        char hint[SUGGEST_MAX] = "", word[GOVERNORD_VALUE_MAX], offer[ADVICE_MAX] = "";
        const char *values = line->values, *first;
        size_t length = next_word(&values, &first);
        struct offers offers;

        if (TEXT_FORMAT(word, "%.*s", (int) length, first) >= 0)
                (void) suggest(hint, word, knob->choices);
        find_offers(judging, line, &offers);
        if (offers.n == 1 || (offers.n > 1 && format_offers(&offers, offer) < 0))
                (void) TEXT_FORMAT(offer, "%s", offers.items[0].text);
        if (text_format(ret, ADVICE_MAX, "%s offers none of \"%s\" here%s%s%s", line->knob, line->values, hint,
                        hint[0] || !offer[0] ? "" : ", ", hint[0] ? "" : offer) < 0)
                (void) text_format(ret, ADVICE_MAX, "%s offers none of these values here", line->knob);
}

static void format_elsewhere(const struct profile_line *line, char *ret) {
        char parts[128] = "", domain[24];

        for (uint32_t i = 0; i < line->n_conditions; i++) {
                size_t used = strlen(parts);

                if (line->conditions[i].kind != CONDITION_DOMAIN)
                        continue;
                domain_format(domain, sizeof(domain), line->conditions[i].scope, line->conditions[i].number);
                (void) text_format(parts + used, sizeof(parts) - used, "%s%s", used > 0 ? " and " : "", domain);
        }
        (void) text_format(ret, ADVICE_MAX, "no %s of this machine belongs to %s", line->knob, parts);
}

/* Returns true if the configuration blocks a driver that has the knob of the line. */
static bool is_of_blocked_driver(const struct judging *judging, const struct profile_line *line) {
        for (size_t i = 0; i < judging->machine->n_plugins; i++) {
                const struct gov_driver *driver = judging->machine->plugins[i]->driver;

                if (!driver || !word_in_list(judging->input.blocked, driver->name) ||
                    (line->driver && !text_equal(line->driver, driver->name)))
                        continue;
                for (uint32_t j = 0; j < driver->n_rows; j++)
                        if (text_equal(line->knob, driver->rows[j].name))
                                return true;
        }
        return false;
}

/* The basis of the judgement, and the tables of all drivers, including those whose hardware is absent. */
struct judge {
        const struct judging *judging;
        struct known_drivers drivers;
};

/* Returns true if the line has no effect on any knob of this machine. `ret` then receives the reason, and *ret_shown is true if
 * Explain already shows the line with a knob. */
static bool is_ineffective(const struct judge *judge, const struct profile_line *line, char *ret, bool *ret_shown) {
        const struct knob *knob;
        enum hindrance hindrance = machine_hindrance(judge->judging, line, &knob);

        *ret_shown = hindrance >= HINDRANCE_READ_ONLY;
        if (hindrance != HINDRANCE_NONE && advice_from_tables(&judge->drivers, line, ret))
                return true;
        if (hindrance == HINDRANCE_NO_KNOB && is_of_blocked_driver(judge->judging, line))
                hindrance = HINDRANCE_OFF;
        switch (hindrance) {
        case HINDRANCE_NONE:
                return false;
        case HINDRANCE_NO_KNOB:
                if (advice_on_line(judge->judging->config, &judge->drivers, line, ret))
                        return true;
                if (!judge->judging->in_force)
                        return false; /* its driver may be one that the configuration in force blocks */
                (void) text_format(ret, ADVICE_MAX, "this machine has no %s%s%s", line->driver ? line->driver : "",
                                   line->driver ? "." : "", line->knob);
                return true;
        case HINDRANCE_OFF:
                (void) text_format(ret, ADVICE_MAX, "%s is not used: it is blocked, not enabled, or belongs to a disabled action",
                                   line->knob);
                return true;
        case HINDRANCE_ELSEWHERE:
                format_elsewhere(line, ret);
                return true;
        case HINDRANCE_READ_ONLY:
                (void) text_format(ret, ADVICE_MAX, "%s is read-only on this machine", line->knob);
                return true;
        case HINDRANCE_VALUE:
                format_offer(judge->judging, line, knob, ret);
                return true;
        }
        return false;
}

static int judge_init(struct judge *judge, const struct judging *judging) {
        *judge = (struct judge){ .judging = judging };
        return known_drivers_of(judging->machine->plugins, judging->machine->n_plugins, &judge->drivers);
}

static void judge_done(struct judge *judge) {
        free(judge->drivers.items);
}

static void each_line(const struct judge *judge, const struct profile *profile, size_t from, bool only_hidden, ineffective_fn each,
                      void *userdata) {
        for (size_t i = from; i < profile->n_lines; i++) {
                const struct profile_line *line = &profile->lines[i];
                char reason[ADVICE_MAX];
                bool shown;

                if (line->is_default || !is_ineffective(judge, line, reason, &shown) || (only_hidden && shown))
                        continue;
                each(
                        &(struct ineffective_line){
                                .origin = line->origin, .reason = reason, .knob = line->knob, .driver = line->driver },
                        userdata);
        }
}

struct forwarding {
        ineffective_fn each;
        void *userdata;
};

static void forward(const char *origin, const char *reason, void *userdata) {
        const struct forwarding *forwarding = userdata;

        forwarding->each(&(struct ineffective_line){ .origin = origin, .reason = reason, .knob = "" }, forwarding->userdata);
}

static void each_governor(const struct judging *judging, ineffective_fn each, void *userdata) {
        const struct governor_judge *governors = &judging->governors;
        const struct config *config = judging->config;
        char reason[ADVICE_MAX];

        if (config->governor[0] && governors->lacks && governors->lacks(config->governor, reason, governors->userdata))
                each(&(struct ineffective_line){ .origin = config->governor_origin, .reason = reason, .knob = "" }, userdata);
}

/* Calls `each` once for every line of the configuration that has no effect, and for its names that match nothing. */
static void each_of_all(const struct judging *judging, ineffective_fn each, void *userdata) {
        const struct config *config = judging->config;
        struct forwarding forwarding = { each, userdata };
        _cleanup_(judge_done) struct judge judge;

        if (judge_init(&judge, judging) < 0)
                return;
        for (size_t i = 0; i < config->n_profiles; i++)
                each_line(&judge, &config->profiles[i], config->profiles[i].n_inherited, false, each, userdata);
        advice_on_names(config, &judge.drivers, forward, &forwarding);
        advice_on_overridden(config, forward, &forwarding);
        each_governor(judging, each, userdata);
}

void ineffective_each_hidden(const struct judging *judging, const struct profile *profile, ineffective_fn each, void *userdata) {
        _cleanup_(judge_done) struct judge judge = {};

        if (judge_init(&judge, judging) >= 0)
                each_line(&judge, profile, 0, true, each, userdata);
}

static void warn_line(const struct ineffective_line *line, void *userdata) {
        char reason[ADVICE_MAX + 32];

        (void) TEXT_FORMAT(reason, "no effect here: %s", line->reason);
        findings_warn(userdata, line->origin, reason);
}

void ineffective_warn(const struct judging *judging, char **findings) {
        struct findings all = { .text = *findings };

        each_of_all(judging, warn_line, &all);
        findings_finish(&all);
        *findings = all.text;
}

void ineffective_log(const struct judging *judging, char *findings) {
        ineffective_warn(judging, &findings);
        if (findings)
                findings_log(findings);
        free(findings);
}

/* -- of the active profile -- */

void ineffective_forget(struct ineffective *ineffective) {
        for (size_t i = 0; i < ineffective->n; i++)
                free((char *) ineffective->items[i].reason);
        free(ineffective->items);
        *ineffective = (struct ineffective){};
}

/* If memory is short, the list stays incomplete, and the next call builds it again. */
static void keep_line(const struct ineffective_line *line, void *userdata) {
        struct ineffective *lines = userdata;
        struct ineffective_line *items = reallocarray(lines->items, lines->n + 1, sizeof(*items));
        char *reason = strdup(line->reason);

        if (items)
                lines->items = items;
        if (!items || !reason) {
                free(reason);
                lines->known = false;
                return;
        }
        items[lines->n] = *line;
        items[lines->n++].reason = reason;
}

static void find_lines(struct ineffective *ineffective, const struct judging *judging) {
        struct forwarding forwarding = { keep_line, ineffective };
        _cleanup_(judge_done) struct judge judge = {};

        ineffective_forget(ineffective);
        if (judge_init(&judge, judging) < 0)
                return;
        ineffective->known = true;
        each_line(&judge, judging->input.profile, 0, false, keep_line, ineffective);
        advice_on_names(judging->config, &judge.drivers, forward, &forwarding);
        advice_on_overridden(judging->config, forward, &forwarding);
}

void ineffective_each(struct ineffective *ineffective, const struct judging *judging, ineffective_fn each, void *userdata) {
        if (!ineffective->known)
                find_lines(ineffective, judging);
        for (size_t i = 0; i < ineffective->n; i++)
                each(&ineffective->items[i], userdata);
        each_governor(judging, each, userdata); /* not cached: the file of a governor may appear at any time */
}
