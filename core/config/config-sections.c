/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of sections, and the entries of [profile] and [driver]. Unknown sections and names with invalid characters are errors.
 * The lines below such a heading are skipped, so that one mistake causes only one message. */

#include "core/config/config-sections.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "base/text.h"

/* Restricted so that names can be used on D-Bus, in file names and on command lines. */
#define SECTION_NAME_MAX 64
#define NAME_CHARACTERS  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

struct config_section {
        const char *word;
        bool named;
        const char *(*enter)(struct config_draft *draft, const char *name, char *reason);
        const char *(*entry)(struct config_draft *draft, const char *key, const char *value, char *reason);
};

static const char *enter_profile(struct config_draft *draft, const char *name, char *reason) {
        int r = draft_add_profile(draft, name);

        if (r < 0) {
                draft->section = NULL; /* reported by draft_add_profile() */
                return NULL;
        }
        draft->index = (size_t) r;
        (void) reason;
        return NULL;
}

static const char *profile_inherits(struct config_draft *draft, struct profile_draft *profile, const char *value) {
        if (profile < draft->profiles + PROFILE_BASE_COUNT)
                return "the three standard profiles cannot inherit; change their lines, or define another profile";
        profile->inherits = draft_intern(draft, value);
        draft_replace(draft, &profile->inherits_origin);
        profile->inherits_place = draft->place;
        return NULL;
}

static const char *profile_entry(struct config_draft *draft, const char *key, const char *value, char *reason) {
        struct profile_draft *profile = &draft->profiles[draft->index];
        struct profile_line line;

        if (strcmp(key, "description") == 0) {
                profile->description = draft_intern(draft, value);
                draft_replace(draft, &profile->description_origin);
                return NULL;
        }
        if (strcmp(key, "inherits") == 0)
                return profile_inherits(draft, profile, value);
        /* Any other word may be the name of a knob, except one that is similar to these two keys: it is taken as a misspelling. */
        if (suggest_distance(key, strlen(key), "inherits", 8) <= SUGGEST_SLIPS_MAX ||
            suggest_distance(key, strlen(key), "description", 11) <= SUGGEST_SLIPS_MAX) {
                char hint[SUGGEST_MAX];

                (void) text_format(reason, REASON_MAX, "unknown key \"%s\"%s", key, suggest(hint, key, "description inherits"));
                return reason;
        }
        if (profile_line_parse(key, value, draft_origin(draft), &line, reason, REASON_MAX) < 0)
                return reason;
        line.is_default = draft->in_defaults;
        draft_add_line(draft, profile, &line);
        return NULL;
}

static const char *enter_rule(struct config_draft *draft, const char *name, char *reason) {
        struct config *config = draft->config;

        for (size_t i = 0; i < config->n_rules; i++)
                if (strcmp(config->rules[i].name, name) == 0) {
                        (void) text_format(reason, REASON_MAX, "rule \"%s\" is already defined at %.120s", name,
                                           config->rules[i].origin);
                        return reason;
                }
        if (config->n_rules == CONFIG_RULES_MAX)
                return "there are more than 64 rules";
        draft->index = config->n_rules++;
        config->rules[draft->index].name = draft_intern(draft, name);
        config->rules[draft->index].origin = draft_origin(draft);
        draft->rule_places[draft->index] = draft->place;
        return NULL;
}

static const char *enter_driver(struct config_draft *draft, const char *name, char *reason) {
        (void) reason;
        draft->name = draft_intern(draft, name);
        return NULL;
}

static struct driver_option *find_option(struct config *config, const char *driver, const char *key) {
        for (size_t i = 0; i < config->n_options; i++)
                if (strcmp(config->options[i].driver, driver) == 0 && strcmp(config->options[i].key, key) == 0)
                        return &config->options[i];
        return NULL;
}

static const char *driver_entry(struct config_draft *draft, const char *key, const char *value, char *reason) {
        struct config *config = draft->config;
        struct driver_option *option = find_option(config, draft->name, key);

        if (key[strspn(key, NAME_CHARACTERS)] != '\0') {
                (void) text_format(reason, REASON_MAX, "key \"%.*s\" contains invalid characters", text_cut(key, 64), key);
                return reason;
        }
        if (!option) {
                if (config->n_options == CONFIG_OPTIONS_MAX)
                        return "there are more than 256 settings of drivers";
                option = &config->options[config->n_options++];
                option->driver = draft->name;
                option->key = draft_intern(draft, key);
        }
        option->value = draft_intern(draft, value);
        draft_replace(draft, &option->origin);
        return NULL;
}

static const struct config_section sections[] = {
        { "governord", false, NULL, config_main_entry },
        { "profile", true, enter_profile, profile_entry },
        { "rule", true, enter_rule, config_rule_entry },
        { "driver", true, enter_driver, driver_entry },
};

static const char *check_name(const char *name, char *reason) {
        size_t length = strlen(name);

        if (length == 0)
                return "a name is missing after the first word of the heading, as in [profile quiet]";
        if (length > SECTION_NAME_MAX)
                return "the name in the heading is longer than 64 bytes";
        if (name[strspn(name, NAME_CHARACTERS)] == '\0' && name[0] != '.' && name[0] != '-')
                return NULL;
        (void) text_format(
                reason, REASON_MAX,
                "\"%s\" is not a valid name: use letters, digits, \"-\", \"_\" and \".\", and begin with neither \"-\" nor \".\"",
                name);
        return reason;
}

static const char *no_section(const char *word, char *reason) {
        char hint[SUGGEST_MAX];

        (void) text_format(reason, REASON_MAX, "unknown section [%.64s]%s", word,
                           suggest(hint, word, "governord profile rule driver"));
        return reason;
}

static const char *enter(struct config_draft *draft, char *word, char *name, char *reason) {
        const char *fault = NULL;

        for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
                if (strcmp(word, sections[i].word) != 0)
                        continue;
                if (!sections[i].named)
                        fault = *name ? "this section must not have a name" : NULL;
                else
                        fault = check_name(name, reason);
                draft->section = &sections[i];
                if (!fault && sections[i].enter)
                        fault = sections[i].enter(draft, name, reason);
                return fault;
        }
        return no_section(word, reason);
}

static void on_heading(void *userdata, unsigned line, const char *heading) {
        char text[CONFIG_LINE_MAX + 1], reason[REASON_MAX], *name;
        struct config_draft *draft = userdata;
        const char *fault;

        draft->place.line = line;
        draft->section = NULL;
        draft->in_section = true;
        if (!heading)
                return;
        (void) TEXT_FORMAT(text, "%s", heading);
        name = text + strcspn(text, " \t");
        if (*name)
                *name++ = '\0';
        name += strspn(name, " \t");
        fault = enter(draft, text, name, reason);
        if (!fault)
                return;
        draft_error(draft, "%s", fault);
        draft->section = NULL;
}

/* The faulty line may have been the condition or the profile of the rule, so a missing one is not reported. */
static void report_fault(struct config_draft *draft, const char *fault) {
        if (draft->section && draft->section->entry == config_rule_entry)
                draft->rule_faulty[draft->index] = true;
        draft_error(draft, "%s", fault);
}

static void on_entry(void *userdata, unsigned line, const char *key, const char *value) {
        struct config_draft *draft = userdata;
        char reason[REASON_MAX];
        const char *fault = NULL;

        draft->place.line = line;
        if (!draft->in_section)
                fault = "this setting precedes the first [section]";
        else if (!draft->section)
                return;
        else if (key[0] == '\0')
                fault = "there is no key before \"=\"";
        else
                fault = draft->section->entry(draft, key, value, reason);
        if (fault)
                report_fault(draft, fault);
}

static void on_fault(void *userdata, unsigned line, const char *reason) {
        struct config_draft *draft = userdata;

        draft->place.line = line;
        report_fault(draft, reason);
}

const struct config_text_sink config_sections_sink = { on_heading, on_entry, on_fault };
