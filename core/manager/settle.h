/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SETTLE_H
#define CORE_SETTLE_H

#include "base/message.h"
#include "core/decide/choice.h"
#include "core/manager/manager.h"
#include "core/write/apply.h"

/* This module chooses the profile, starts writes of settings, saves choices and reports changes. Code that receives an event
 * records it, sets in a struct turn what must be evaluated again, and calls manager_settle(). */

#define DIRTY_PROBE  UINT32_C(0x01) /* hardware or the mode of a driver has changed: probe the stale drivers */
#define DIRTY_OFFER  UINT32_C(0x02) /* configuration or knobs have changed: determine available profiles and actions */
#define DIRTY_CHOICE UINT32_C(0x04) /* another profile may be due */
#define DIRTY_PLAN   UINT32_C(0x08) /* knobs may have to be set, even if the profile stays the same */
#define DIRTY_FAILED UINT32_C(0x10) /* knobs that could not be set are to be tried again */
#define DIRTY_STATE  UINT32_C(0x20) /* data that is kept across reboots has changed */

/* Longest text of a cause. */
#define CAUSE_MAX 192

/* One event, or one call from outside. All members may be 0. Circumstances (lap mode, the charger) and rules are evaluated in every
 * turn. A selected profile that differs from the active one ends all holds. If the switch fails and a caller waits for the result,
 * the selection is dropped and ends no hold; if no caller waits, the selection and all other recorded facts remain for a later
 * turn. */
struct turn {
        uint32_t dirty;
        const char *cause;            /* for the history of the knobs, not NULL with DIRTY_PROBE, _PLAN or _FAILED */
        const char *who;              /* the program that caused it; NULL: the service */
        const struct profile *select; /* chosen by a user, with a call or a key; NULL none */
        enum origin origin;           /* origin of that choice */
        const struct profile *impose; /* profile that the firmware imposes, NULL none */
        /* with `impose`: the circumstance to whose change the firmware reacted; when it changes again, the imposed profile ends */
        enum circumstance by;
        const struct request *added; /* new or changed request, to be reported unless the turn fails and a caller waits */
        const struct knob *foreign;  /* knob that another program has changed, to be reported */
        struct message *ret;         /* message for the caller if it waits for the result, else NULL */
        char found[CAUSE_MAX];       /* private to manager_settle(): a circumstance or rule that has changed, "" none */
};

/*
 * Returns 0, or the error of a switch that failed: -ENOSPC, -ENOMEM or -EROFS of the ledger; or, if a caller waits and no knob at
 * all could be set, -EACCES, -EBUSY, -EIO, -ERANGE or -ENODEV of the hardware. After an error the former profile, if there was one,
 * is in force again. A caller that waits for the result then reverts the facts that it recorded, and settles once more. Only that
 * second turn saves choices and reports changes other than those of knobs.
 */
int manager_settle(struct manager *manager, const struct turn *turn);

/* Ends a request. The caller settles afterwards, which reports the end to the listeners. */
void manager_end_request(struct manager *manager, struct request *request, const char *reason);

/* The fast path for demands of sessions: carries out `operations` on limits on frequency and on idle exit latency. The values are
 * not read back here; foreign.c reads them later. */
void manager_settle_demands(struct manager *manager, const struct operations *operations);
/* Probes drivers for the first time, and restores the original values that the previous instance did not restore; a dry run prints
 * them instead. Returns 0 or -ENOMEM. */
int manager_settle_first(struct manager *manager);
/* At the end of the service: ends and reports all requests, saves choices that could not be saved before, and restores original
 * values. */
void manager_settle_last(struct manager *manager);
/* For --dry-run: prints the writes that selecting `profile` would cause. */
int manager_print_writes(struct manager *manager, const struct profile *profile);

#endif
