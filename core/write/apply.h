/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_APPLY_H
#define CORE_APPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/machine/knob.h"
#include "core/write/ledger.h"

/*
 * Carries out a plan: first records it in the ledger, then writes to the hardware in order, and reads each value back (unless
 * at_once_usec is set). The failure of one knob never stops the others.
 */

struct operation {
        struct knob *knob;
        const char *value; /* interned */
        bool give_back;    /* `value` is the original value; after this write the service no longer manages the knob */
};

struct operations {
        struct operation *items; /* in order of writing, at most one for each knob */
        uint32_t n, room;
};

int operations_add(struct operations *operations, struct knob *knob, const char *value, bool give_back); /* returns 0 or -ENOMEM */

struct apply_context {
        struct ledger *ledger;
        struct change *change; /* cause of the changes, stored in each knob that changes */
        /* If not 0, this is the present CLOCK_BOOTTIME, and values are not read back. The caller reads the knobs later. */
        uint64_t at_once_usec;
        /* Called when a pending write has succeeded or failed; the state of the knob is the result. `operation` and `change` are
         * valid only during the call. Not called for a knob that no longer exists, is no longer managed, or was written again
         * since. May be NULL. */
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

/* Returns 0 if the ledger has recorded the batch, even if knobs could not be set (see *ret, and `state` and `error` of each knob).
 * Values to be given back are in the ledger already. Returns a negative errno if the batch could not be recorded; in this case
 * nothing was written. Waits up to 63 ms in total for knobs that settle. *context is not needed after the call; the ledger must
 * exist until all pending writes have been answered. */
int apply(const struct apply_context *context, const struct operations *operations, struct apply_result *ret);

/* Ends the management of a knob whose original value was restored, or that another program has changed: removes its entry from the
 * ledger and resets its state. */
void apply_let_go(struct ledger *ledger, struct knob *knob);

/* Prints an operation on standard output, for --dry-run, as one line with the knob, its values and its file. If the original value
 * is unknown and cannot be read, the line reports that the knob would not be written. */
void apply_print(const struct operation *operation, const char *cause);

/* The kernel accepted a value, but another one was read back. */
#define APPLY_ERROR_DIFFERS EREMCHG

#endif
