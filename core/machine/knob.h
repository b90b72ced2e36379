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
 * All knobs that the loaded drivers have described, in one array, grouped by driver and row. Values are interned (base/text.h), so
 * that knobs with the same value share one text.
 */

enum knob_state {
        KNOB_UNTOUCHED, /* not written by the service, or its ledger entry was removed since */
        KNOB_OK,        /* has the value that the service wrote, or one that counts as equally good */
        KNOB_FAILED,    /* could not be set: see error and failed_at */
        KNOB_YIELDED,   /* another program changed it, and the service does not change it back */
};

/* The step at which setting a knob failed. */
enum knob_step {
        KNOB_STEP_WRITE,
        KNOB_STEP_READ,      /* reading the value before the write: nothing was written */
        KNOB_STEP_READ_BACK, /* reading the value after the write, which had succeeded */
        KNOB_STEP_UNFIT,     /* the value before the write is not a single line of text: nothing was written */
};

/* A write that was sent to a driver in another process and has not been answered. This structure is part of a larger structure that
 * core/write/apply.c allocates. */
struct pending_write {
        struct knob *knob; /* NULL if the knob no longer exists, is no longer managed, or was written again since */
        const char *value; /* interned */
        bool give_back;    /* the value is the original; see core/write/apply.h */
};

struct knob {
        struct plugin *plugin;
        const struct gov_knob_row *row;
        const char *name;          /* row->name, interned */
        uint32_t row_index, index; /* arguments of calls of the driver */
        uint32_t domain, flags;    /* flags: GOV_INSTANCE_* */
        int64_t min, max, step;
        const char *path, *choices, *label, *note, *identity; /* note: see knob_note() */
        const struct cpu *cpu;                                /* first CPU of the domain, NULL if it has none */

        /* Machines have thousands of knobs, so small members are next to each other. */
        enum knob_state state : 8;
        enum knob_step failed_at : 8; /* the step at which it failed */
        bool shadowed;                /* a driver with a higher priority writes the same file */
        bool bounds;                  /* the service does not set this limit, but a target depends on its value */
        bool watched;                 /* the service is notified of changes by other programs, so `value` is up to date */
        bool doubtful;                /* must be read again, see core/manager/doubts.h */
        int error;                    /* positive errno of the latest failure; 0: none */
        uint32_t reasserted;          /* how often the service has corrected drift */
        uint32_t ledger_id;           /* 0 while untouched */
        uint32_t round;               /* value of knobs.round at the latest plan_demands() that visited it */

        const char *value;             /* last value read, or written (see written_usec); NULL if it cannot be read */
        uint64_t written_usec;         /* if not 0, `value` was written at this time (CLOCK_BOOTTIME) and has not been read back */
        struct pending_write *pending; /* the last write, if it has not been answered; otherwise NULL */
        const char *original;          /* value before the first write of the service; NULL while untouched */
        const char *wanted;            /* target value; NULL if the knob is not to be changed */
        const char *yielded;           /* in KNOB_YIELDED: the value that another program replaced; NULL if unknown */

        struct change *change;    /* the latest change, NULL if there was none */
        const char *changed_from; /* value before that change */
};

/* The knobs of one row, which are contiguous in the array. */
struct knob_group {
        struct plugin *plugin;
        const struct gov_knob_row *row;
        const char *name; /* row->name, interned */
        uint32_t first, count;
        const struct profile_line **lines; /* lines of the profile `lines_of` for this row */
        size_t n_lines;
        const struct profile *lines_of;
};

struct knobs {
        struct knob *items;
        uint32_t n;
        struct knob_group *groups; /* in order of writing */
        uint32_t n_groups;
        uint32_t round; /* number of calls of plan_demands(), which may wrap: it is only compared for equality */
};

/* Replaces the knobs of the loaded plugins that are stale with those that their drivers describe now. A knob that existed before
 * (same driver, row and label, and same identity, or same domain and path if it has none) keeps its original value, state and
 * history; restore_adopt() then assigns its ledger entry again. Knobs of other loaded plugins are kept, and of these only knobs
 * whose last write was not read back are read. If two drivers name the same path, only the one with the higher priority writes it;
 * sensors may share a path. Instances with an invalid description are left out and logged. All pointers to knobs and all indices
 * become invalid. Returns 0, or -ENOMEM: the registry is then empty. */
int knobs_update(struct knobs *knobs, struct plugin *const *plugins, size_t n_plugins, const struct topology *topology);
void knobs_done(struct knobs *knobs);

/* Raises the maximum of knobs with GOV_KNOB_SOFT_MAX to the value before the service's first write, if that is higher. To be called
 * when the original values are known. */
void knobs_stretch_ranges(struct knobs *knobs);

static inline bool knob_is_sensor(const struct knob *knob) {
        return (knob->row->flags & GOV_KNOB_SENSOR) != 0;
}
static inline bool knob_is_writable(const struct knob *knob) {
        return !knob_is_sensor(knob) && !(knob->flags & GOV_INSTANCE_READ_ONLY) && !knob->shadowed;
}
/* Returns a remark to display with the knob; may be "". */
static inline const char *knob_note(const struct knob *knob) {
        return knob->shadowed ? "another driver with a higher priority writes this file" : knob->note;
}
/* Returns the value of a pending write, or, if there is none, the present value; NULL if it is unknown. */
static inline const char *knob_expected(const struct knob *knob) {
        return knob->pending ? knob->pending->value : knob->value;
}

/* Returns the state of a knob that has not failed and is not left to another program. */
static inline enum knob_state knob_managed_state(const struct knob *knob) {
        return knob->ledger_id > 0 ? KNOB_OK : KNOB_UNTOUCHED;
}

/* Reads the value into `ret`, which has GOVERNORD_VALUE_MAX bytes. Returns its length or a negative errno. */
int knob_read(const struct knob *knob, char *ret);
/* Records that the value changed from `from` (may be NULL). Takes a reference to `change`. */
void knob_remember_change(struct knob *knob, struct change *change, const char *from);
/* Stores a value that was read in knob->value. Returns 0 or -ENOMEM. */
int knob_set_value(struct knob *knob, const char *value);
/* Reads the value and stores it in knob->value. Returns 0 or a negative errno. */
int knob_refresh(struct knob *knob);
/* Formats the name for messages: "policy3 epp", with the label if there is one. */
void knob_format_name(const struct knob *knob, char *ret, size_t size);
/* Returns true when two values that were read are the same text or the same number. */
bool knob_same(const char *a, const char *b);
/* Returns true when the value `seen` corresponds to the value `written`: the same text, the same number, a number that the hardware
 * has rounded within its step, one of the choices instead of a number (GOV_KNOB_NAMED), or any text if "default", a choice of the
 * firmware, was written. */
bool knob_matches(const struct knob *knob, const char *written, const char *seen);
/* Returns true for an upper limit of frequency or performance that the service has not set and that is below half of the maximum.
 * Such a limit was probably set by a program that has exited since. */
bool knob_is_leftover_limit(const struct knob *knob);
/* Describes the knob for functions of core/config/profile.h. `topology` is used for domain conditions and must outlive *ret. */
void knob_profile_view(const struct knob *knob, const struct topology *topology, struct profile_knob *ret);
const char *knob_unit_name(uint32_t unit);
/* Formats a value for display. A number is followed by the knob's unit, which may differ from that of the file. Returns `ret`. */
#define KNOB_SHOWN_MAX (GOVERNORD_VALUE_MAX + 8)
const char *knob_show(const struct knob *knob, const char *value, char ret[static KNOB_SHOWN_MAX]);

#endif
