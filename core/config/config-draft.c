/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collects the content of the files and the errors in them. */

#include "core/config/config-draft.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/config/condition.h"

#define MESSAGE_MAX 512

static struct config *config_new(void) {
        struct config *config = calloc(1, sizeof(*config));

        if (!config)
                return NULL;
        config->profiles = calloc(CONFIG_PROFILES_MAX, sizeof(*config->profiles));
        config->rules = calloc(CONFIG_RULES_MAX, sizeof(*config->rules));
        config->options = calloc(CONFIG_OPTIONS_MAX, sizeof(*config->options));
        config->overridden = calloc(CONFIG_OVERRIDDEN_MAX, sizeof(*config->overridden));
        config->drift = DRIFT_YIELD;
        config->drift_limit = 3;
        config->requests_per_client_max = 64;
        config->requests_per_user = 128;
        config->sessions_per_user = 64;
        config->governor = config->governor_origin = "";
        config->battery_aware = true;
        config->enable = config->block = config->enable_origin = config->block_origin = "";
        return config->profiles && config->rules && config->options && config->overridden ? config : config_free(config);
}

struct config_draft *draft_new(void) {
        struct config_draft *draft = calloc(1, sizeof(*draft));

        if (!draft)
                return NULL;
        draft->config = config_new();
        if (!draft->config)
                return draft_free(draft);
        draft->place = (struct config_place){ DEFAULTS_NAME, 0 };
        for (int i = 0; i < PROFILE_BASE_COUNT; i++)
                (void) draft_add_profile(draft, profile_base_names[i]);
        return draft;
}

struct config_draft *draft_free(struct config_draft *draft) {
        if (!draft)
                return NULL;
        for (size_t i = 0; i < draft->n_profiles; i++)
                free(draft->profiles[i].lines);
        config_free(draft->config);
        free(draft->findings.text);
        free(draft);
        return NULL;
}

static void __attribute__((format(printf, 3, 0)))
add_error(struct config_draft *draft, const struct config_place *place, const char *format, va_list args) {
        _cleanup_free_ char *text = NULL;
        char message[MESSAGE_MAX];
        int r;

        if (++draft->n_errors > CONFIG_ERRORS_MAX)
                return;
        if (draft->n_errors == CONFIG_ERRORS_MAX)
                (void) TEXT_FORMAT(message, "there are too many errors, so some are not shown");
        else
                (void) vsnprintf(message, sizeof(message), format, args);
        if (place->line > 0)
                r = asprintf(&text, "%s:%u: %s", place->file, place->line, message);
        else
                r = asprintf(&text, "%s: %s", place->file, message);
        if (r < 0) {
                text = NULL;
                draft->no_memory = true;
                return;
        }
        findings_add(&draft->findings, text);
}

void draft_error(struct config_draft *draft, const char *format, ...) {
        va_list args;

        va_start(args, format);
        add_error(draft, &draft->place, format, args);
        va_end(args);
}

void draft_error_at(struct config_draft *draft, const struct config_place *place, const char *format, ...) {
        va_list args;

        va_start(args, format);
        add_error(draft, place, format, args);
        va_end(args);
}

const char *draft_intern(struct config_draft *draft, const char *text) {
        const char *interned = text_intern(text);

        if (interned)
                return interned;
        draft->no_memory = true;
        return "";
}

const char *draft_origin(struct config_draft *draft) {
        char buffer[4096 + 16]; /* PATH_MAX, a colon and a number */

        (void) TEXT_FORMAT(buffer, "%s:%u", draft->place.file, draft->place.line);
        return draft_intern(draft, buffer);
}

static bool is_of_this_file(const struct config_draft *draft, const char *origin) {
        size_t length = strlen(draft->place.file);

        return strncmp(origin, draft->place.file, length) == 0 && origin[length] == ':' && !strchr(origin + length + 1, ':');
}

void draft_replace(struct config_draft *draft, const char **origin) {
        struct config *config = draft->config;
        const char *before = *origin;

        *origin = draft_origin(draft);
        if (before && is_of_this_file(draft, before) && config->n_overridden < CONFIG_OVERRIDDEN_MAX)
                config->overridden[config->n_overridden++] = (struct overridden_line){ before, draft->place.line };
}

struct profile_draft *draft_find_profile(struct config_draft *draft, const char *name) {
        for (size_t i = 0; i < draft->n_profiles; i++)
                if (strcmp(draft->profiles[i].name, name) == 0)
                        return &draft->profiles[i];
        return NULL;
}

int draft_add_profile(struct config_draft *draft, const char *name) {
        struct profile_draft *profile = draft_find_profile(draft, name);

        if (profile)
                return (int) (profile - draft->profiles);
        if (draft->n_profiles == CONFIG_PROFILES_MAX) {
                draft_error(draft, "there are more than %d profiles", CONFIG_PROFILES_MAX);
                return -ENOSPC;
        }
        profile = &draft->profiles[draft->n_profiles];
        profile->name = draft_intern(draft, name);
        profile->description = "";
        profile->place = draft->place;
        return (int) draft->n_profiles++;
}

static bool same_subject(const struct profile_line *a, const struct profile_line *b) {
        if (!text_equal(a->knob, b->knob) || !text_equal(a->driver, b->driver) || a->n_conditions != b->n_conditions)
                return false;
        for (uint32_t i = 0; i < a->n_conditions; i++)
                if (condition_compare(&a->conditions[i], &b->conditions[i]) != 0)
                        return false;
        return true;
}

static int make_room(struct profile_draft *profile) {
        size_t room = profile->room ? profile->room * 2 : 32;
        struct profile_line *lines;

        if (profile->n_lines < profile->room)
                return 0;
        lines = reallocarray(profile->lines, room, sizeof(*lines));
        if (!lines)
                return -ENOMEM;
        profile->lines = lines;
        profile->room = room;
        return 0;
}

void draft_add_line(struct config_draft *draft, struct profile_draft *profile, const struct profile_line *line) {
        for (size_t i = 0; i < profile->n_lines; i++)
                if (same_subject(&profile->lines[i], line)) {
                        draft_replace(draft, &profile->lines[i].origin);
                        profile->lines[i] = *line;
                        return;
                }
        if (profile->n_lines == CONFIG_PROFILE_LINES_MAX)
                draft_error(draft, "profile \"%s\" has more than %d lines", profile->name, CONFIG_PROFILE_LINES_MAX);
        else if (make_room(profile) < 0)
                draft->no_memory = true;
        else
                profile->lines[profile->n_lines++] = *line;
}
