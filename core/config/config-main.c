/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of [governord]. Refused: unknown keys and numbers outside the stated limits. */

#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "base/text.h"
#include "core/config/config-sections.h"

/* A knob that was taken from us a hundred times is not ours. */
#define DRIFT_LIMIT_MAX 100
/* Each request costs about 200 bytes; 4096 is more than any desktop has windows. */
#define REQUESTS_MAX 4096
/* Longer than anything that is meant, and safe to add to any clock. */
#define IDLE_MAX_USEC (UINT64_C(366) * 24 * 3600 * 1000000)

static const char *set_drift(struct config_draft *draft, const char *value) {
        if (strcmp(value, "yield") == 0)
                draft->config->drift = DRIFT_YIELD;
        else if (strcmp(value, "reassert") == 0)
                draft->config->drift = DRIFT_REASSERT;
        else
                return "drift is \"yield\" or \"reassert\"";
        return NULL;
}

static const char *set_drift_limit(struct config_draft *draft, const char *value) {
        uint32_t limit;

        if (parse_u32(value, &limit) < 0 || limit > DRIFT_LIMIT_MAX)
                return "drift-limit is a number from 0 to 100";
        draft->config->drift_limit = limit;
        return NULL;
}

static const char *set_requests(struct config_draft *draft, const char *value) {
        uint32_t limit;

        if (parse_u32(value, &limit) < 0 || limit < 1 || limit > REQUESTS_MAX)
                return "max-requests-per-client is a number from 1 to 4096";
        draft->config->requests_per_client_max = limit;
        return NULL;
}

static const char *set_requests_per_user(struct config_draft *draft, const char *value) {
        uint32_t limit;

        if (parse_u32(value, &limit) < 0 || limit < 1 || limit > REQUESTS_MAX)
                return "requests-per-user is a number from 1 to 4096";
        draft->config->requests_per_user = limit;
        return NULL;
}

static const char *set_sessions(struct config_draft *draft, const char *value) {
        uint32_t limit;

        if (parse_u32(value, &limit) < 0 || limit < 1 || limit > CONFIG_SESSIONS_MAX)
                return "sessions-per-user is a number from 1 to 1024";
        draft->config->sessions_per_user = limit;
        return NULL;
}

static const char *set_session_idle(struct config_draft *draft, const char *value) {
        uint64_t usec;

        if (parse_duration(value, &usec) < 0 || usec > IDLE_MAX_USEC)
                return "session-idle-max is a time of at most 366 days, in seconds or with a unit (90, 10min, 2h); 0 is never";
        draft->config->session_idle_max_usec = usec;
        return NULL;
}

static const char *set_governor(struct config_draft *draft, const char *value) {
        if (value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0' || strlen(value) > 31)
                return "governor is the name of one: lower-case letters, digits, '-' (governorctl governor list)";
        draft->config->governor = draft_intern(draft, value);
        return NULL;
}

static const char *set_battery_aware(struct config_draft *draft, const char *value) {
        return parse_bool(value, &draft->config->battery_aware) < 0 ? "battery-aware is \"yes\" or \"no\"" : NULL;
}

/* Words of drivers, knobs (also DRIVER.KNOB) and actions; power-profiles-daemon's have underscores. */
static const char *set_words(struct config_draft *draft, const char *value, const char **ret) {
        if (value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-_. \t")] != '\0')
                return "names of drivers, knobs or actions, separated by blanks, are wanted";
        *ret = draft_intern(draft, value);
        return NULL;
}

static const char *set_enable(struct config_draft *draft, const char *value) {
        draft->config->enable_origin = draft_origin(draft);
        return set_words(draft, value, &draft->config->enable);
}

static const char *set_block(struct config_draft *draft, const char *value) {
        draft->config->block_origin = draft_origin(draft);
        return set_words(draft, value, &draft->config->block);
}

static const struct {
        const char *key;
        const char *(*set)(struct config_draft *draft, const char *value);
} keys[] = {
        { "drift", set_drift },
        { "drift-limit", set_drift_limit },
        { "battery-aware", set_battery_aware },
        { "enable", set_enable },
        { "block", set_block },
        { "max-requests-per-client", set_requests },
        { "requests-per-user", set_requests_per_user },
        { "sessions-per-user", set_sessions },
        { "session-idle-max", set_session_idle },
        { "governor", set_governor },
};

#define KEYS \
        "drift drift-limit battery-aware enable block max-requests-per-client requests-per-user sessions-per-user session-idle-max governor"

bool config_is_main_key(const char *key) {
        return word_in_list(KEYS, key);
}

const char *config_main_entry(struct config_draft *draft, const char *key, const char *value, char *reason) {
        char hint[SUGGEST_MAX];

        for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                if (strcmp(key, keys[i].key) == 0)
                        return keys[i].set(draft, value);
        (void) text_format(reason, REASON_MAX, "unknown key \"%.64s\" in [governord]%s", key, suggest(hint, key, KEYS));
        return reason;
}
