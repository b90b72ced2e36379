/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The columns of rows: their keys, their headings in tables, their types, and the functions that format their values for tables.
 * Rows of org.governord.Manager1 and Device1 have them in the order of the D-Bus interface; rows of sessions are made by
 * session-list.c. */

#include "tools/common/columns.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/parse.h"

#define USEC_PER_SEC 1000000

static const char *show_bool(const char *raw, char *buffer, size_t size) {
        (void) buffer;
        (void) size;
        return strcmp(raw, "true") == 0 ? "yes" : "no";
}

const char *show_duration(const char *raw, char *buffer, size_t size) {
        int64_t usec = 0, s;

        (void) parse_i64(raw, &usec);
        s = usec / USEC_PER_SEC;
        if (usec <= 0)
                return "";
        if (s >= 3600)
                (void) snprintf(buffer, size, "%" PRId64 "h %" PRId64 "min", s / 3600, s / 60 % 60);
        else if (s >= 60)
                (void) snprintf(buffer, size, "%" PRId64 "min %" PRId64 "s", s / 60, s % 60);
        else
                (void) snprintf(buffer, size, "%.1fs", (double) usec / USEC_PER_SEC);
        return buffer;
}

static const char *show_time(const char *raw, char *buffer, size_t size) {
        int64_t usec;
        struct tm tm;
        time_t t;

        if (parse_i64(raw, &usec) < 0)
                return raw;
        t = (time_t) (usec / USEC_PER_SEC);
        return localtime_r(&t, &tm) && strftime(buffer, size, "%F %T", &tm) > 0 ? buffer : raw;
}

static const char *show_khz(const char *raw, char *buffer, size_t size) {
        int64_t khz;

        if (parse_i64(raw, &khz) < 0 || khz == 0)
                return "";
        (void) snprintf(buffer, size, "%.2f GHz", (double) khz / 1e6);
        return buffer;
}

const char *show_watt(const char *raw, char *buffer, size_t size) {
        int64_t microwatt;

        if (parse_i64(raw, &microwatt) < 0)
                return raw;
        (void) snprintf(buffer, size, "%.1f W", (double) microwatt / 1e6);
        return buffer;
}

const char *show_time_us(const char *raw, char *buffer, size_t size) {
        static const struct {
                int64_t usec;
                const char *unit;
        } units[] = { { 1000000, "s" }, { 1000, "ms" } };
        int64_t usec, whole, tenth;

        if (parse_i64(raw, &usec) < 0)
                return raw;
        for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
                if (usec < units[i].usec && usec > -units[i].usec)
                        continue;
                whole = usec / units[i].usec;
                tenth = (usec < 0 ? -usec : usec) * 10 / units[i].usec % 10;
                if (tenth > 0)
                        (void) snprintf(buffer, size, "%" PRId64 ".%" PRId64 "%s", whole, tenth, units[i].unit);
                else
                        (void) snprintf(buffer, size, "%" PRId64 "%s", whole, units[i].unit);
                return buffer;
        }
        (void) snprintf(buffer, size, "%" PRId64 "us", usec);
        return buffer;
}

const char *show_percentile(const char *raw, char *buffer, size_t size) {
        uint32_t permille;

        if (parse_u32(raw, &permille) < 0)
                return raw;
        (void) snprintf(buffer, size, permille % 10 ? "p%" PRIu32 ".%" PRIu32 : "p%" PRIu32, permille / 10, permille % 10);
        return buffer;
}

static const char *show_percent(const char *raw, char *buffer, size_t size) {
        if (raw[0] == '\0')
                return raw;
        (void) snprintf(buffer, size, "%.8s %%", raw);
        return buffer;
}

static const char *show_left_alone(const char *raw, char *buffer, size_t size) {
        (void) buffer;
        (void) size;
        return raw[0] ? raw : "(left alone)";
}

static const struct column profiles[] = {
        { "name", "PROFILE", 's', NULL },
        { "base", "BASE", 's', NULL },
        { "description", "DESCRIPTION", 's', NULL },
        { "available", "AVAILABLE", 'b', show_bool },
};
static const struct column rules[] = {
        { "name", "RULE", 's', NULL },          { "condition", "CONDITION", 's', NULL },  { "profile", "PROFILE", 's', NULL },
        { "holds", "APPLIES", 'b', show_bool }, { "decides", "DECIDES", 'b', show_bool },
};
static const struct column without_effect[] = { { "where", "WHERE", 's', NULL }, { "why", "WHY", 's', NULL } };
static const struct column requests[] = {
        { "cookie", "COOKIE", 'u', NULL },
        { "kind", "KIND", 's', NULL },
        { "domain", "DOMAIN", 's', NULL },
        { "value", "VALUE", 's', NULL },
        { "application", "APPLICATION", 's', NULL },
        { "reason", "REASON", 's', NULL },
        { "owner", NULL, 's', NULL },
        { "pid", "PID", 'u', NULL },
        { "usec_left", "ENDS IN", 't', show_duration },
        { "effective", "EFFECT", 'b', show_bool },
        { "note", "NOTE", 's', NULL },
};
/* The arguments of the signal RequestAdded. */
static const struct column added[] = {
        { "cookie", "COOKIE", 'u', NULL },
        { "kind", "KIND", 's', NULL },
        { "domain", "DOMAIN", 's', NULL },
        { "value", "VALUE", 's', NULL },
        { "application", "APPLICATION", 's', NULL },
        { "reason", "REASON", 's', NULL },
        { "owner", NULL, 's', NULL },
        { "pid", "PID", 'u', NULL },
};
static const struct column drivers[] = {
        { "name", "DRIVER", 's', NULL }, { "description", NULL, 's', NULL }, { "backend", "BACKEND", 's', NULL },
        { "mode", "MODE", 's', NULL },   { "state", "STATE", 's', NULL },    { "note", "NOTE", 's', NULL },
        { "knobs", "KNOBS", 'u', NULL },
};
static const struct column counters[] = {
        { "name", "COUNTER", 's', NULL },
        { "value", "VALUE", 't', NULL },
        { "help", "MEANING", 's', NULL },
};
static const struct column knobs[] = {
        { "domain", "DOMAIN", 's', NULL }, { "knob", "KNOB", 's', NULL },       { "now", "NOW", 's', NULL },
        { "before", "BEFORE", 's', NULL }, { "wanted", "WANTED", 's', NULL },   { "unit", "UNIT", 's', NULL },
        { "range", "RANGE", 's', NULL },   { "driver", "DRIVER", 's', NULL },   { "file", NULL, 's', NULL },
        { "state", "STATE", 's', NULL },   { "message", "MESSAGE", 's', NULL }, { "label", "PART", 's', NULL },
        { "help", NULL, 's', NULL },
};
static const struct column explain[] = {
        { "domain", "DOMAIN", 's', NULL },        { "knob", "KNOB", 's', NULL },  { "now", "NOW", 's', NULL },
        { "then", "THEN", 's', show_left_alone }, { "unit", "UNIT", 's', NULL },  { "who", "WHO DECIDES", 's', NULL },
        { "driver", "DRIVER", 's', NULL },        { "label", "PART", 's', NULL },
};
static const struct column why[] = {
        { "usec", "TIME", 't', show_time }, { "domain", "DOMAIN", 's', NULL }, { "knob", "KNOB", 's', NULL },
        { "old", "OLD", 's', NULL },        { "new", "NEW", 's', NULL },       { "cause", "CAUSE", 's', NULL },
        { "who", "WHO", 's', NULL },
};
static const struct column cpus[] = {
        { "cpu", "CPU", 'u', NULL },
        { "policy", "POLICY", 'u', NULL },
        { "package", "PACKAGE", 'u', NULL },
        { "kind", "KIND", 's', NULL },
        { "capacity", "CAPACITY", 'u', NULL },
        { "min_khz", "MIN", 't', show_khz },
        { "efficient_khz", "EFFICIENT", 't', show_khz },
        { "base_khz", "BASE", 't', show_khz },
        { "max_khz", "MAX", 't', show_khz },
        { "online", "ONLINE", 'b', show_bool },
        { "floor", "FLOOR", 'u', NULL },
        { "ceiling", "CEILING", 'u', NULL },
        { "now_khz", "NOW", 't', show_khz },
        { "idle_usec", NULL, 't', NULL },
        { "total_usec", NULL, 't', NULL },
        { "idle_percent", "IDLE", COLUMN_MADE, show_percent },
};
static const struct column changed[] = {
        { "usec", "TIME", 't', show_time }, { "knob", "KNOB", 's', NULL },   { "domains", "DOMAINS", 'u', NULL },
        { "new", "NEW", 's', NULL },        { "cause", "CAUSE", 's', NULL }, { "who", "WHO", 's', NULL },
};
static const struct column limits[] = {
        { "knob", "KNOB", 's', NULL },
        { "label", "LIMIT", 's', NULL },
        { "microwatt", "NOW", 'x', show_watt },
        { "lowest_microwatt", "LOWEST", 'x', show_watt },
        { "highest_microwatt", "HIGHEST", 'x', show_watt },
};

/* The columns of sessions; top has two more, for rates. */
#define SESSION_COLUMNS                                                                                                         \
        { "session", NULL, 'u', NULL }, { "application", "APPLICATION", 's', NULL }, { "pid", "PID", 'u', NULL },               \
                { "uid", NULL, 'u', NULL }, { "target_us", "TARGET", 'u', show_time_us },                                       \
                { "permille", "PERCENTILE", 'u', show_percentile }, { "window_us", NULL, 'u', NULL },                           \
                { "stale_us", NULL, 'u', NULL }, { "cap", NULL, 'b', NULL }, { "estimate_us", "ESTIMATE", 'u', show_time_us },  \
                { "slack_us", "SLACK", 'i', show_time_us }, { "level", "LEVEL", 'u', NULL }, { "cpus", "CPUS", 's', NULL },     \
                { "samples", "SAMPLES", 't', NULL }, { "violations", "VIOLATIONS", 't', NULL }, { "invalid", NULL, 't', NULL }, \
                { "delay_us", NULL, 'u', NULL }, { "active", "ACTIVE", 'b', show_bool },

static const struct column sessions[] = { SESSION_COLUMNS };
static const struct column top_sessions[] = { SESSION_COLUMNS{ "samples_per_second", "SAMPLES/S", 't', NULL },
                                              { "violations_per_second", "LATE/S", 't', NULL } };
static const struct column governors[] = {
        { "name", "GOVERNOR", 's', NULL },     { "description", "DESCRIPTION", 's', NULL }, { "path", NULL, 's', NULL },
        { "priority", "PRIORITY", 'u', NULL }, { "fits", "FITS", 'b', show_bool },          { "loaded", "LOADED", 'b', show_bool },
        { "reason", "WHY NOT", 's', NULL },
};

const struct columns profile_columns = COLUMNS(profiles);
const struct columns without_effect_columns = COLUMNS(without_effect);
const struct columns rule_columns = COLUMNS(rules);
const struct columns request_columns = COLUMNS(requests);
const struct columns added_columns = COLUMNS(added);
const struct columns driver_columns = COLUMNS(drivers);
const struct columns counter_columns = COLUMNS(counters);
/* "wanted" may be left out on a narrow terminal: it is empty, it equals the current value, or the state explains the difference. */
const struct columns knob_columns = COLUMNS_SPARE(knobs, "message before range driver wanted unit", "label");
const struct columns explain_columns = COLUMNS_SPARE(explain, "driver unit", "label");
const struct columns why_columns = COLUMNS(why);
const struct columns cpu_columns = COLUMNS_SPARE(cpus, "efficient_khz base_khz capacity package min_khz policy kind", NULL);
const struct columns changed_columns = COLUMNS(changed);
const struct columns limit_columns = COLUMNS(limits);
const struct columns session_columns = COLUMNS(sessions);
const struct columns top_session_columns = COLUMNS(top_sessions);
const struct columns governor_columns = COLUMNS(governors);
