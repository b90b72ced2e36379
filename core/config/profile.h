/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_PROFILE_H
#define CORE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "include/governord/driver.h"

/*
 * Profiles: named sets of target values for knobs, as lines "KNOB[@CONDITION...] = VALUE... [(ACCEPTED...)]". The functions depend
 * only on their arguments: they read no hardware, clock or file.
 */

/* The three profiles of power-profiles-daemon. Every profile is based on one of them, and PPD's API shows it under that name. */
enum profile_base { PROFILE_POWER_SAVER, PROFILE_BALANCED, PROFILE_PERFORMANCE, PROFILE_BASE_COUNT };
extern const char *const profile_base_names[PROFILE_BASE_COUNT];

enum condition_kind {
        CONDITION_AC,
        CONDITION_BATTERY,
        CONDITION_BATTERY_BELOW, /* number: percent */
        CONDITION_CORE_KIND,     /* number: GOV_CPU_* */
        CONDITION_DOMAIN,        /* scope and number */
        CONDITION_MODE,          /* text: mode of the driver's backend */
};

struct condition {
        enum condition_kind kind;
        uint32_t number;
        uint32_t scope;
        const char *text; /* interned */
};

#define LINE_CONDITIONS_MAX 4

/* One line of a profile. All texts are interned (base/text.h) and are never freed. */
struct profile_line {
        const char *driver; /* NULL: any */
        const char *knob;
        struct condition conditions[LINE_CONDITIONS_MAX];
        uint32_t n_conditions;
        const char *values;   /* blank-separated, in order of preference */
        const char *accepted; /* blank-separated values that count as equally good, "" for none */
        const char *origin;   /* "file:line", for messages */
        bool is_default;      /* one of the built-in lines */
};

struct profile {
        const char *name;        /* interned */
        const char *description; /* "" if not set */
        enum profile_base base;
        struct profile_line *lines; /* the inherited lines, then its own */
        size_t n_lines, n_inherited;
};

/* The power state, for conditions. */
struct profile_context {
        bool on_battery;
        int battery_percent; /* -1: unknown; then no battery-below-N condition holds */
};

/* The knob for which a line is selected and a value determined. */
struct profile_knob {
        const char *driver; /* interned */
        const char *mode;   /* interned; "" if the driver has no modes */
        const char *name;   /* interned: the row's name */
        uint32_t scope, unit, flags;
        uint32_t domain;
        int64_t min, max;                /* min > max: unknown */
        const char *choices;             /* "": any number in range, or any text */
        const struct gov_cpu_facts *cpu; /* of the domain's first CPU; NULL if it has none */
        /* Returns true if the domain of `scope` and `number` shares a CPU with this knob. */
        bool (*covers)(const struct profile_knob *knob, uint32_t scope, uint32_t number);
        const void *userdata; /* for covers() */
};

struct profile_target {
        const struct profile_line *line; /* NULL if no line applies to this knob, or the value is "leave": the knob is left
                                            unchanged */
        char value[GOVERNORD_VALUE_MAX]; /* value to write; "" if the knob is left unchanged, or if it offers none of the values */
        bool unavailable;                /* a line applies, but the knob offers none of its values; `line` is that line */
};

/* Selects the line of `profile` that applies to `knob` (the one with the most conditions, where a driver counts as one; among
 * equals, the last) and resolves it to a value that the knob offers. Words (min, max, base, efficient), numbers and suffixes (see
 * core/config/value.h) become a number in the knob's unit. Numbers are not clamped: one that is out of range is unavailable. For
 * "leave", `line` is NULL. */
void profile_resolve(const struct profile *profile, const struct profile_context *context, const struct profile_knob *knob,
                     struct profile_target *ret);
/* Like profile_resolve(), but selects from the n lines that profile_lines_for() has found. */
void profile_resolve_lines(const struct profile_line *const *lines, size_t n, const struct profile_context *context,
                           const struct profile_knob *knob, struct profile_target *ret);
/* Finds the lines of `profile` that can apply to the row `knob` of `driver`, in order. *ret is malloc'ed (NULL if there are none).
 * Returns their number or -ENOMEM. There may be thousands of knobs, so this is called once for each row and not for each knob. */
int profile_lines_for(const struct profile *profile, const char *driver, const char *knob, const struct profile_line ***ret);
/* Returns true if `current` is the resolved value, or one of the accepted values of the line, or if the knob is left unchanged. */
bool profile_satisfied(const struct profile_target *target, const char *current);
/* Returns true if no line has a condition on the kind of core, or on a domain other than the node. All instances of a row that have
 * the same choices, range and CPU facts then have the same result. */
bool profile_lines_uniform(const struct profile_line *const *lines, size_t n);

/* Parses the key and value of a line. Returns 0, or -EINVAL or -ENOMEM with a description of the error in `reason`. Unknown names
 * of knobs are accepted, since drivers may be loaded later. */
int profile_line_parse(const char *key, const char *value, const char *origin, struct profile_line *ret, char *reason, size_t size);

/* Convert between the name of a domain ("node", "package0", "policy3", "cpu5", "gpu0", "device1") and its scope and number.
 * domain_parse() returns 0 or -EINVAL; domain_format() needs 24 bytes. */
int domain_parse(const char *text, uint32_t *ret_scope, uint32_t *ret_number);
void domain_format(char *ret, size_t size, uint32_t scope, uint32_t number);

#endif
