/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SETTLE_H
#define CORE_SETTLE_H

#include "base/message.h"
#include "core/decide/choice.h"
#include "core/manager/manager.h"
#include "core/write/apply.h"

/*
 * The only place that probes, chooses, plans, writes, saves and reports. Code that receives an event records it, marks in a struct
 * turn which parts depend on it, and settles once.
 */

#define DIRTY_PROBE  UINT32_C(0x01) /* hardware or a driver's mode: drivers are probed again */
#define DIRTY_OFFER  UINT32_C(0x02) /* configuration or knobs: which profiles and actions the machine offers */
#define DIRTY_CHOICE UINT32_C(0x04) /* another profile may be due */
#define DIRTY_PLAN   UINT32_C(0x08) /* knobs may have to be set, also where the profile stays */
#define DIRTY_FAILED UINT32_C(0x10) /* knobs that could not be set may take their values now */
#define DIRTY_STATE  UINT32_C(0x20) /* data that is kept across reboots */

/* Longest text of a cause. */
#define CAUSE_MAX 192

/*
 * One event, or one call from outside. All members may be 0. Circumstances (lap mode, the charger) and rules are evaluated in every
 * turn. A newly selected profile ends holds of other profiles, if it could be set. If no caller waits, a failure is logged, and the
 * recorded facts remain, so that they are tried again.
 */
struct turn {
        uint32_t dirty;
        const char *cause;            /* for the history of the knobs, not NULL with DIRTY_PROBE, _PLAN or _FAILED */
        const char *who;              /* the program that caused it; NULL: the service */
        const struct profile *select; /* chosen by a person or with a key, NULL none */
        enum origin origin;           /* origin of that choice */
        const struct profile *impose; /* profile that the firmware imposes, NULL none */
        enum circumstance by;         /* the circumstance that caused it; its next change ends it */
        const struct request *added;  /* request to be reported if the turn succeeds */
        const struct knob *foreign;   /* knob that another program has changed, to be reported */
        struct message *ret;          /* message for the caller if it waits for the result, else NULL */
        char found[CAUSE_MAX];        /* private to manager_settle(): a circumstance or rule that has changed, "" none */
};

/*
 * Returns 0, or the error of a switch that failed: -ENOSPC, -ENOMEM or -EROFS of the ledger; or, if a caller waits and no knob at
 * all could be set, -EACCES, -EBUSY, -EIO, -ERANGE or -ENODEV of the hardware. After an error the former profile is in force again.
 * A caller that waits then takes back the facts that it recorded and settles once more; only that second turn saves choices and
 * reports changes other than those of knobs.
 */
int manager_settle(struct manager *manager, const struct turn *turn);

/* The caller settles afterwards, which reports the end. */
void manager_end_request(struct manager *manager, struct request *request, const char *reason);

/* The short way for demands of sessions: `operations` affect only frequency and wake-up limits of a few CPUs, and do not wait. */
void manager_settle_demands(struct manager *manager, const struct operations *operations);
/* Finds the hardware for the first time, and restores the original values that a killed predecessor has left. Returns 0 or
 * -ENOMEM. */
int manager_settle_first(struct manager *manager);
/* Restores all original values at the end of the service. Reports the requests that this ends. */
void manager_settle_last(struct manager *manager);
/* For --dry-run: prints the writes that selecting `profile` would cause. */
int manager_print_writes(struct manager *manager, const struct profile *profile);

#endif
