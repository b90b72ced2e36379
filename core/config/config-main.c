/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of [governord]. Unknown keys and invalid values are errors. */

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "base/text.h"
#include "core/config/config-sections.h"

/* If another program has changed a knob this often, further corrections are useless. */
#define DRIFT_LIMIT_MAX 100
/* A request with its texts takes less than 1 KiB, so this limit allows less than 4 MiB. */
#define REQUESTS_MAX 4096
/* Longer than any useful setting, but short enough that adding it to a clock cannot overflow. */
#define IDLE_MAX_USEC (UINT64_C(366) * 24 * 3600 * 1000000)

static int set_drift(struct config_draft *draft, const char *value) {
        if (strcmp(value, "yield") == 0)
                draft->config->drift = DRIFT_YIELD;
        else if (strcmp(value, "reassert") == 0)
                draft->config->drift = DRIFT_REASSERT;
        else
                return -EINVAL;
        return 0;
}

static int set_number(const char *value, uint32_t least, uint32_t most, uint32_t *ret) {
        uint32_t number;

        if (parse_u32(value, &number) < 0 || number < least || number > most)
                return -EINVAL;
        *ret = number;
        return 0;
}

static int set_drift_limit(struct config_draft *draft, const char *value) {
        return set_number(value, 0, DRIFT_LIMIT_MAX, &draft->config->drift_limit);
}

static int set_requests(struct config_draft *draft, const char *value) {
        return set_number(value, 1, REQUESTS_MAX, &draft->config->requests_per_client_max);
}

static int set_requests_per_user(struct config_draft *draft, const char *value) {
        return set_number(value, 1, REQUESTS_MAX, &draft->config->requests_per_user);
}

static int set_sessions(struct config_draft *draft, const char *value) {
        return set_number(value, 1, CONFIG_SESSIONS_MAX, &draft->config->sessions_per_user);
}

static int set_session_idle(struct config_draft *draft, const char *value) {
        uint64_t usec;

        if (parse_duration(value, &usec) < 0 || usec > IDLE_MAX_USEC)
                return -EINVAL;
        draft->config->session_idle_max_usec = usec;
        return 0;
}

static int set_governor(struct config_draft *draft, const char *value) {
        if (value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0' || strlen(value) > 31)
                return -EINVAL;
        draft->config->governor = draft_intern(draft, value);
        draft->config->governor_origin = draft_origin(draft);
        return 0;
}

static int set_battery_aware(struct config_draft *draft, const char *value) {
        return parse_bool(value, &draft->config->battery_aware);
}

/* The words are names of drivers, knobs (also DRIVER.KNOB) and actions. Names of power-profiles-daemon's actions contain
 * underscores. */
static int set_words(struct config_draft *draft, const char *value, const char **ret) {
        if (value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-_. \t")] != '\0')
                return -EINVAL;
        *ret = draft_intern(draft, value);
        return 0;
}

static int set_enable(struct config_draft *draft, const char *value) {
        draft->config->enable_origin = draft_origin(draft);
        return set_words(draft, value, &draft->config->enable);
}

static int set_block(struct config_draft *draft, const char *value) {
        draft->config->block_origin = draft_origin(draft);
        return set_words(draft, value, &draft->config->block);
}

static const struct {
        const char *key;
        int (*set)(struct config_draft *draft, const char *value);
        const char *is; /* description of valid values */
} keys[CONFIG_MAIN_KEYS] = {
        { "drift", set_drift, "\"yield\" or \"reassert\"" },
        { "drift-limit", set_drift_limit, "a number from 0 to 100" },
        { "battery-aware", set_battery_aware, "\"yes\" or \"no\"" },
        { "enable", set_enable, "a list of names of drivers or knobs, separated by blanks" },
        { "block", set_block, "a list of names of drivers, knobs or actions, separated by blanks" },
        { "max-requests-per-client", set_requests, "a number from 1 to 4096" },
        { "requests-per-user", set_requests_per_user, "a number from 1 to 4096" },
        { "sessions-per-user", set_sessions, "a number from 1 to 1024" },
        { "session-idle-max", set_session_idle,
          "a time of at most 366 days, in seconds or with a unit (90, 10min, 2h), or 0 for never" },
        { "governor", set_governor,
          "the name of a governor (see governorctl governor list), of at most 31 lower-case letters, digits and \"-\"" },
};

#define KEYS \
        "drift drift-limit battery-aware enable block max-requests-per-client requests-per-user sessions-per-user session-idle-max governor"

bool config_is_main_key(const char *key) {
        return word_in_list(KEYS, key);
}

const char *config_main_entry(struct config_draft *draft, const char *key, const char *value, char *reason) {
        char hint[SUGGEST_MAX];

        for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
                if (strcmp(key, keys[i].key) != 0)
                        continue;
                if (keys[i].set(draft, value) < 0) {
                        (void) text_format(reason, REASON_MAX, "%s must be %s; \"%.*s\" is not valid", key, keys[i].is,
                                           text_cut(value, 64), value);
                        return reason;
                }
                draft_replace(draft, &draft->main_origins[i]);
                return NULL;
        }
        (void) text_format(reason, REASON_MAX, "unknown key \"%.64s\" in [governord]%s", key, suggest(hint, key, KEYS));
        return reason;
}
