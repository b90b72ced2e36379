/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config/profile.h"

/*
 * The configuration: the built-in defaults (core/config/governord.conf, compiled in), then VENDOR_DIR/governord.conf.d/ *.conf,
 * then CONFIG_DIR/governord.conf, then CONFIG_DIR/governord.conf.d/ *.conf. Drop-ins are read in order of their names; one in
 * CONFIG_DIR replaces the one with the same name in VENDOR_DIR. A line of a profile replaces an earlier one with the same knob and
 * conditions; a line of [governord] or [driver NAME] replaces an earlier one with the same key.
 *
 *   [governord]      drift = yield|reassert (default yield), drift-limit = N (corrections of a knob, default 3), battery-aware =
 *                    yes|no (initial value of the D-Bus property BatteryAware; default yes), enable = WORDS (opt-in drivers or
 *                    knobs), block = WORDS (drivers, knobs, actions), max-requests-per-client = N (default 64),
 *                    requests-per-user = N (default 128), sessions-per-user = N (default 64), session-idle-max = TIME (in seconds
 *                    if it has no unit; default 0: sessions are not closed for this reason), governor = NAME (of sessions;
 *                    default: the one with the highest priority that suits the machine)
 *   [profile NAME]   description, inherits = NAME (default balanced), knob lines
 *   [rule NAME]      when = CONDITION (several lines: all must hold), profile = NAME. Rules are evaluated in order of the files;
 *                    the first one whose conditions hold, and whose profile is available, decides
 *   [driver NAME]    KEY = VALUE, passed to the driver
 */

#define CONFIG_SESSIONS_MAX 1024 /* maximum number of open sessions, of all users together */

enum drift_rule { DRIFT_YIELD, DRIFT_REASSERT };

enum rule_condition_kind {
        RULE_AC,            /* "ac" */
        RULE_BATTERY,       /* "battery" */
        RULE_BATTERY_BELOW, /* "battery-below N", number: percent */
        RULE_EXE,           /* "exe /usr/bin/game", an absolute path */
        RULE_UNIT,          /* "unit backup.service" */
        RULE_IDLE,          /* "idle": logind reports that the machine is idle */
};

struct rule_condition {
        enum rule_condition_kind kind;
        uint32_t number;
        const char *text; /* of RULE_EXE and RULE_UNIT, interned; otherwise NULL */
};

#define RULE_CONDITIONS_MAX 8

struct rule {
        const char *name;   /* interned */
        const char *origin; /* "file:line" */
        const char *profile;
        struct rule_condition conditions[RULE_CONDITIONS_MAX];
        uint32_t n_conditions;
};

struct driver_option {
        const char *driver, *key, *value;
        const char *origin; /* "file:line" */
};

/* A line without effect, because a later line of the same file and section sets the same key. */
struct overridden_line {
        const char *origin; /* "file:line" */
        unsigned by;        /* number of the later line in that file */
};
#define CONFIG_OVERRIDDEN_MAX 256 /* further ones are not recorded */

struct config {
        struct profile *profiles; /* power-saver, balanced, performance, then the others in order of appearance */
        size_t n_profiles;
        struct rule *rules;
        size_t n_rules;
        struct driver_option *options;
        size_t n_options;
        struct overridden_line *overridden;
        size_t n_overridden;
        enum drift_rule drift;
        uint32_t drift_limit;
        uint32_t requests_per_client_max;
        uint32_t requests_per_user;
        uint32_t sessions_per_user;
        uint64_t session_idle_max_usec; /* 0: sessions are not closed for this reason */
        const char *governor;           /* governor of sessions; "" if not set */
        const char *governor_origin;    /* "file:line"; "" if not set */
        bool battery_aware;
        const char *enable;                       /* blank-separated words; "" if not set */
        const char *block;                        /* likewise */
        const char *enable_origin, *block_origin; /* "file:line"; "" if not set */
};

struct config_dirs {
        const char *vendor;   /* need not exist; NULL: none */
        const char *admin;    /* likewise */
        bool trust_any_owner; /* do not require that files belong to root and that only root may write them (for simulated
                                 machines) */
};

/* Loads all files. Returns 0 and sets *ret; or returns -EINVAL, and sets *ret_errors to a malloc'ed text with one line for each
 * error in any file: "file:line: reason", or "file: reason" for a file as a whole. After CONFIG_ERRORS_MAX - 1 errors, a last line
 * states that there are more. A file that does not belong to root, or that its group or others may write, is an error, too. Or
 * returns -ENOMEM; *ret_errors may then be NULL or incomplete. */
int config_load(const struct config_dirs *dirs, struct config **ret, char **ret_errors);
/* Like config_load(), for callers that also examine a configuration with errors: `governord --check-config`, start and reload. If
 * `file` is not NULL, only this file, whose owner is not checked, and the built-in defaults are read. If there are errors, *ret is
 * nevertheless set, to the part that could be read, without rules; it may be examined but must not be applied. After -ENOMEM *ret
 * may be NULL or incomplete. The caller frees *ret in any case. */
int config_check(const struct config_dirs *dirs, const char *file, struct config **ret, char **ret_errors);
struct config *config_free(struct config *config);

/* These two return NULL if there is no such profile or option. */
const struct profile *config_profile(const struct config *config, const char *name);
const char *config_driver_option(const struct config *config, const char *driver, const char *key);
/* Returns true for a key of [governord]. */
bool config_is_main_key(const char *key);

/* Formats the conditions of a rule, such as "battery-below 20 and exe /usr/bin/game". RULE_TEXT_MAX bytes are enough for every
 * rule. */
#define RULE_TEXT_MAX (RULE_CONDITIONS_MAX * 4224)
int rule_format(const struct rule *rule, char *ret, size_t size);

#endif
