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
 * (base/text.h), so that thousands of knobs with the same word cost a pointer each.
 */

enum knob_state {
        KNOB_UNTOUCHED, /* never written by us, or given back */
        KNOB_OK,        /* holds what we wrote */
        KNOB_FAILED,    /* could not be set: see error and failed_at */
        KNOB_YIELDED,   /* another program changed it, and the rule is to leave it so */
};

/* Where setting a knob failed. */
enum knob_step {
        KNOB_STEP_WRITE,
        KNOB_STEP_READ,      /* of the value before: nothing was written */
        KNOB_STEP_READ_BACK, /* the write was taken */
        KNOB_STEP_UNFIT,     /* the value before is no single line of text: nothing was written */
};

/* A write that was sent to a driver in another process and has not been answered. Part of what core/write/apply.c keeps about it. */
struct pending_write {
        struct knob *knob; /* NULL: gone, or written once more since */
        const char *value; /* interned */
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
        int error;                     /* positive errno of what failed last */
        enum knob_step failed_at;      /* that it failed at */
        uint32_t reasserted;           /* how often drift was answered */
        bool shadowed;                 /* a driver with a higher priority writes its file */
        bool bounds;                   /* an upper limit that the profile leaves alone, to a lower one that it sets */
        bool watched;                  /* a change by others calls back, so `value` can be relied on */
        const char *value;             /* last value seen; NULL when unreadable */
        uint64_t written_usec;         /* not 0: `value` was written then (CLOCK_BOOTTIME) and has not been read back yet */
        struct pending_write *pending; /* the last write, if it has not been answered; NULL none */
        bool doubtful;                 /* is to be looked at again, see core/manager/doubts.h */
        const char *original;          /* before our first write; NULL while untouched */
        uint32_t ledger_id;            /* 0 while untouched */
        const char *wanted;            /* what it should be; NULL: leave alone */
        const char *yielded;           /* KNOB_YIELDED: the value that another program replaced, NULL unknown */

        struct change *change;    /* the last one, NULL never */
        const char *changed_from; /* value before it */
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

/* Asks the loaded plugins that are stale for their knobs, which keep original, state and history of the same ones (driver, row, and identity or else domain
 * and path) of before. Knobs of other plugins stay as they are, and no function of theirs is called. A path that two drivers name belongs to the one with
 * the higher priority; sensors may share. Instances whose description is nonsense are left out, and the log says so. Pointers to knobs and their indices are
 * others afterwards. 0 or -ENOMEM; then there are no knobs. */
int knobs_update(struct knobs *knobs, struct plugin *const *plugins, size_t n_plugins, const struct topology *topology);
void knobs_done(struct knobs *knobs);

/* Once originals are known: what was in force before the service's first write counts into the range of knobs with GOV_KNOB_SOFT_MAX. */
void knobs_stretch_ranges(struct knobs *knobs);

static inline bool knob_is_sensor(const struct knob *knob) {
        return (knob->row->flags & GOV_KNOB_SENSOR) != 0;
}
static inline bool knob_is_writable(const struct knob *knob) {
        return !knob_is_sensor(knob) && !(knob->flags & GOV_INSTANCE_READ_ONLY) && !knob->shadowed;
}
/* What there is to say about it besides its state. */
static inline const char *knob_note(const struct knob *knob) {
        return knob->shadowed ? "another driver with a higher priority writes this file" : knob->note;
}
/* What it has, or will have once a write that was sent is answered; NULL unknown. */
static inline const char *knob_expected(const struct knob *knob) {
        return knob->pending ? knob->pending->value : knob->value;
}

/* The state of a knob that is not left to another program, or not any more. */
static inline enum knob_state knob_managed_state(const struct knob *knob) {
        return knob->ledger_id > 0 ? KNOB_OK : KNOB_UNTOUCHED;
}

/* Reads into a buffer of GOVERNORD_VALUE_MAX. Returns the length or negative errno. */
int knob_read(const struct knob *knob, char *ret);
/* Notes what was changed from `from` (may be NULL), takes a reference. */
void knob_remember_change(struct knob *knob, struct change *change, const char *from);
/* Remembers in knob->value what was read. 0 or -ENOMEM. */
int knob_set_value(struct knob *knob, const char *value);
/* Reads and remembers in knob->value. */
int knob_refresh(struct knob *knob);
/* "policy3 epp" for messages, with the label where there is one. */
void knob_format_name(const struct knob *knob, char *ret, size_t size);
/* True when two values that the hardware showed are the same: the same text or the same number. */
bool knob_same(const char *a, const char *b);
/* True when a read-back is what was written: the same text, the same number, a number shown by its name, or rounded by the
 * hardware within its step. */
bool knob_matches(const struct knob *knob, const char *written, const char *seen);
/* True for an upper limit of frequency or performance that is not the service's and leaves less than half of what the hardware offers: most
 * likely the work of a program that is no longer there. */
bool knob_is_leftover_limit(const struct knob *knob);
/* The knob as profiles see it. `topology` is needed for domain conditions. */
void knob_profile_view(const struct knob *knob, const struct topology *topology, struct profile_knob *ret);
const char *knob_unit_name(uint32_t unit);
/* A value of the knob for people, a number with the knob's unit: the file may have another one. Returns `ret`. */
#define KNOB_SHOWN_MAX (GOVERNORD_VALUE_MAX + 8)
const char *knob_show(const struct knob *knob, const char *value, char ret[static KNOB_SHOWN_MAX]);

#endif
