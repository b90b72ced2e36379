/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_KNOB_H
#define CORE_KNOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config/profile.h"
#include "core/machine/change.h"
#include "core/machine/plugin.h"
#include "core/machine/topology.h"

/*
 * The registry: every knob that the loaded drivers described, in one array, grouped by driver and row. Values are interned texts
 * (base/text.h): thousands of knobs with the same value cost one pointer each.
 */

enum knob_state {
        KNOB_UNTOUCHED, /* never written by the service, or its original value was restored */
        KNOB_OK,        /* holds the value that the service wrote */
        KNOB_FAILED,    /* could not be set: see error and failed_at */
        KNOB_YIELDED,   /* another program changed it, and the configured rule is to leave it */
};

/* Where setting a knob failed. */
enum knob_step {
        KNOB_STEP_WRITE,
        KNOB_STEP_READ,      /* reading the value before the write: nothing was written */
        KNOB_STEP_READ_BACK, /* reading the value after the write, which had succeeded */
        KNOB_STEP_UNFIT,     /* the value before the write is not a single line of text: nothing was written */
};

/* A write that was sent to a driver in another process and has not been answered. core/write/apply.c allocates it as a part of a
 * larger structure. */
struct pending_write {
        struct knob *knob; /* NULL if the knob is gone, or was written once more since */
        const char *value; /* interned */
        bool give_back;    /* the value is the original; see core/write/apply.h */
};

struct knob {
        struct plugin *plugin;
        const struct gov_knob_row *row;
        const char *name;          /* row->name, interned */
        uint32_t row_index, index; /* for calls into the driver */
        uint32_t domain, flags;    /* flags: GOV_INSTANCE_* */
        int64_t min, max, step;
        const char *path, *choices, *label, *note, *identity; /* note: see knob_note() */
        const struct cpu *cpu;                                /* first CPU of the domain, NULL for none */

        enum knob_state state;
        int error;                     /* positive errno of the latest failure */
        enum knob_step failed_at;      /* the step at which it failed */
        uint32_t reasserted;           /* how often the service has corrected drift */
        bool shadowed;                 /* a driver with a higher priority writes the same file */
        bool bounds;                   /* the profile leaves this upper limit alone but sets the lower limit that it bounds */
        bool watched;                  /* the service is notified of changes by others, so `value` is reliable */
        const char *value;             /* last value seen; NULL when unreadable */
        uint64_t written_usec;         /* if not 0: the CLOCK_BOOTTIME at which `value` was written; it has not been read back
                                          since */
        struct pending_write *pending; /* the last write if it has not been answered, else NULL */
        bool doubtful;                 /* has to be read again, see core/manager/doubts.h */
        const char *original;          /* value before the first write of the service; NULL while untouched */
        uint32_t ledger_id;            /* 0 while untouched */
        const char *wanted;            /* target value; NULL: leave alone */
        const char *yielded;           /* in KNOB_YIELDED: the value that another program has replaced, NULL unknown */

        struct change *change;    /* the latest change, NULL if there was none */
        const char *changed_from; /* value before that change */
        uint64_t round;           /* the latest plan_demands() that visited it */
};

/* Knobs of one row, side by side in the array. */
struct knob_group {
        struct plugin *plugin;
        const struct gov_knob_row *row;
        const char *name; /* row->name, interned */
        uint32_t first, count;
        const struct profile_line **lines; /* candidates of the profile that was resolved last */
        size_t n_lines;
        const struct profile *lines_of;
};

struct knobs {
        struct knob *items;
        uint32_t n;
        struct knob_group *groups; /* in order of writing */
        uint32_t n_groups;
        uint64_t round; /* calls of plan_demands() */
};

/* Replaces the knobs of the loaded plugins that are stale with those that their drivers describe now. A knob that existed before
 * (same driver and row, and same identity, or same domain and path if it has none) keeps its original value, state and history.
 * Knobs of other plugins are kept, and no function of these plugins is called. If two drivers name the same path, it belongs to the
 * one with the higher priority; sensors may share a path. Instances with an invalid description are left out and logged. All
 * pointers to knobs and all indices change. Returns 0, or -ENOMEM: then there are no knobs. */
int knobs_update(struct knobs *knobs, struct plugin *const *plugins, size_t n_plugins, const struct topology *topology);
void knobs_done(struct knobs *knobs);

/* To be called once original values are known: extends the range of knobs with GOV_KNOB_SOFT_MAX by the value that was in force
 * before the service's first write. */
void knobs_stretch_ranges(struct knobs *knobs);

static inline bool knob_is_sensor(const struct knob *knob) {
        return (knob->row->flags & GOV_KNOB_SENSOR) != 0;
}
static inline bool knob_is_writable(const struct knob *knob) {
        return !knob_is_sensor(knob) && !(knob->flags & GOV_INSTANCE_READ_ONLY) && !knob->shadowed;
}
/* Remark for people about the knob besides its state; may be "". */
static inline const char *knob_note(const struct knob *knob) {
        return knob->shadowed ? "another driver with a higher priority writes this file" : knob->note;
}
/* The value that the knob has, or will have when a write that was sent succeeds; NULL unknown. */
static inline const char *knob_expected(const struct knob *knob) {
        return knob->pending ? knob->pending->value : knob->value;
}

/* The state of a knob that is not (or no longer) left to another program. */
static inline enum knob_state knob_managed_state(const struct knob *knob) {
        return knob->ledger_id > 0 ? KNOB_OK : KNOB_UNTOUCHED;
}

/* Reads the value into a buffer of GOVERNORD_VALUE_MAX bytes. Returns its length or a negative errno. */
int knob_read(const struct knob *knob, char *ret);
/* Records that the value changed from `from` (may be NULL). Takes a reference to `change`. */
void knob_remember_change(struct knob *knob, struct change *change, const char *from);
/* Stores a value that was read in knob->value. Returns 0 or -ENOMEM. */
int knob_set_value(struct knob *knob, const char *value);
/* Reads the value and stores it in knob->value. */
int knob_refresh(struct knob *knob);
/* Formats the name for messages: "policy3 epp", with the label if there is one. */
void knob_format_name(const struct knob *knob, char *ret, size_t size);
/* Returns true when two values that were read are the same text or the same number. */
bool knob_same(const char *a, const char *b);
/* Returns true when the value `seen` corresponds to the value `written`: the same text, the same number, a number shown by its
 * name, or a number that the hardware has rounded within its step. */
bool knob_matches(const struct knob *knob, const char *written, const char *seen);
/* Returns true for an upper limit of frequency or performance that the service has not set and that is below half of what the
 * hardware offers. Most likely a program set it that does not run any longer. */
bool knob_is_leftover_limit(const struct knob *knob);
/* Describes the knob in the form that profiles use. `topology` is needed for domain conditions and must outlive *ret. */
void knob_profile_view(const struct knob *knob, const struct topology *topology, struct profile_knob *ret);
const char *knob_unit_name(uint32_t unit);
/* Formats a value of the knob for people, a number with the knob's unit (the file may use another one). Returns `ret`. */
#define KNOB_SHOWN_MAX (GOVERNORD_VALUE_MAX + 8)
const char *knob_show(const struct knob *knob, const char *value, char ret[static KNOB_SHOWN_MAX]);

#endif
