/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_APPLY_H
#define CORE_APPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/machine/knob.h"
#include "core/write/ledger.h"

/*
 * Carrying out a plan: ledger first, then the hardware in order, each write read back. One failing knob never aborts the others.
 */

struct operation {
        struct knob *knob;
        const char *value; /* interned */
        bool give_back;    /* value is the original, and the knob is no longer ours afterwards */
};

struct operations {
        struct operation *items; /* in order of writing, at most one for a knob */
        uint32_t n, room;
};

int operations_add(struct operations *operations, struct knob *knob, const char *value, bool give_back); /* 0, -ENOMEM */

struct apply_context {
        struct ledger *ledger;
        struct change *change; /* for the why-log */
        uint64_t
                at_once_usec; /* not 0: it is now (CLOCK_BOOTTIME), and nothing is read back. The caller looks at the knobs later */
        /* A write that was pending has been carried out or has failed, see the knob's state. `operation` and `change` are valid during the call. Not called
         * for a knob that is gone or was written once more since. NULL: nobody is told. */
        void (*answered)(const struct operation *operation, struct change *change, void *userdata);
        void *userdata;
};

struct apply_result {
        uint32_t done, failed;
        uint32_t pending; /* sent to drivers in other processes, which answer later: see knob->pending */
        const struct knob *first_failed;
        const char *first_value; /* what could not be written to it */
        int first_error;         /* positive errno */
};

/* 0 when the ledger took the batch, whatever became of the single knobs (see *ret and each knob's state and error); negative errno when
 * it did not: then nothing at all was written. Waits up to 63 ms in all for knobs that settle. *context is not needed afterwards; the ledger is, until
 * all pending writes were answered. */
int apply(const struct apply_context *context, const struct operations *operations, struct apply_result *ret);

/* The knob is its owner's again: back at its original, or changed by another program. Its entry leaves the ledger. */
void apply_let_go(struct ledger *ledger, struct knob *knob);

/* Prints a line to standard output, knob and values before its file, as --dry-run does, also for an operation that could not be carried out as its knob
 * cannot be read. One whose original is not known yet is not written then. */
void apply_print(const struct operation *operation, const char *cause);

/* What the read-back of a value that the kernel took, and shows differently, is reported as. */
#define APPLY_ERROR_DIFFERS EREMCHG

#endif
