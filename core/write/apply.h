/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_APPLY_H
#define CORE_APPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/machine/knob.h"
#include "core/write/ledger.h"

/*
 * Carries out a plan: first records it in the ledger, then writes to the hardware in order, and reads each value back. The failure
 * of one knob never stops the others.
 */

struct operation {
        struct knob *knob;
        const char *value; /* interned */
        bool give_back;    /* `value` is the original value, and the service does not own the knob afterwards */
};

struct operations {
        struct operation *items; /* in order of writing, at most one for a knob */
        uint32_t n, room;
};

int operations_add(struct operations *operations, struct knob *knob, const char *value, bool give_back); /* 0, -ENOMEM */

struct apply_context {
        struct ledger *ledger;
        struct change *change; /* for the why-log */
        /* If not 0, this is the present CLOCK_BOOTTIME, and values are not read back. The caller reads the knobs later. */
        uint64_t at_once_usec;
        /* Called when a pending write has succeeded or failed; the state of the knob is the result. `operation` and `change` are
         * valid only during the call. Not called for a knob that is gone, or that was written once more since. May be NULL. */
        void (*answered)(const struct operation *operation, struct change *change, void *userdata);
        void *userdata;
};

struct apply_result {
        uint32_t done, failed;
        uint32_t pending; /* writes sent to drivers in other processes, which answer later: see knob->pending */
        const struct knob *first_failed;
        const char *first_value; /* the value that could not be written to it */
        int first_error;         /* positive errno */
};

/* Returns 0 when the ledger has recorded the batch, whatever the result for single knobs (see *ret, and `state` and `error` of each
 * knob). Returns a negative errno when it has not: then nothing at all was written. Waits up to 63 ms in total for knobs that
 * settle. *context is not needed after the call; the ledger must exist until all pending writes have been answered. */
int apply(const struct apply_context *context, const struct operations *operations, struct apply_result *ret);

/* The service no longer owns the knob: its original value is restored, or another program has changed it. Removes its entry from
 * the ledger. */
void apply_let_go(struct ledger *ledger, struct knob *knob);

/* Prints one line to standard output, as --dry-run does: the knob and its values, then its file. This includes an operation that
 * could not be carried out because its knob cannot be read; a knob whose original is not known yet is then not written. */
void apply_print(const struct operation *operation, const char *cause);

/* The error for a value that the kernel accepted but that reads back as another one. */
#define APPLY_ERROR_DIFFERS EREMCHG

#endif
