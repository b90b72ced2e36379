/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SETTLE_H
#define CORE_SETTLE_H

#include "base/message.h"
#include "core/decide/choice.h"
#include "core/manager/manager.h"
#include "core/write/apply.h"

/*
 * The one place that probes, chooses, plans, writes, saves and reports. Whoever learns of a fact records it, says in a struct turn what
 * depends on it, and settles once.
 */

#define DIRTY_PROBE  UINT32_C(0x01) /* hardware or a driver's mode: drivers are probed again */
#define DIRTY_OFFER  UINT32_C(0x02) /* configuration or knobs: which profiles and actions the machine offers */
#define DIRTY_CHOICE UINT32_C(0x04) /* another profile may be due */
#define DIRTY_PLAN   UINT32_C(0x08) /* knobs may have to be set, also where the profile stays */
#define DIRTY_FAILED UINT32_C(0x10) /* knobs that could not be set may take their values now */
#define DIRTY_STATE  UINT32_C(0x20) /* what is kept over reboots */

/* Longest text of a cause. */
#define CAUSE_MAX 192

/*
 * One event, or one call from outside. All members may be 0. Circumstances (lap mode, the charger) and rules are looked at in every turn.
 * A profile that is selected ends holds of other profiles, if it could be set. Where no caller waits, a failure is logged and the facts stay, to
 * be tried again.
 */
struct turn {
        uint32_t dirty;
        const char *cause;            /* for the history of the knobs, not NULL with DIRTY_PROBE, _PLAN or _FAILED */
        const char *who;              /* the program behind it; NULL: the service */
        const struct profile *select; /* chosen by a person or with a key, NULL none */
        enum origin origin;           /* of that choice */
        const struct profile *impose; /* by the firmware, NULL none */
        enum circumstance by;         /* until this changes again */
        const struct request *added;  /* reported if the rest succeeds */
        const struct knob *foreign;   /* changed by another program, which is reported */
        struct message *ret;          /* of the caller who waits, NULL none */
        char found[CAUSE_MAX];        /* manager_settle()'s own: a circumstance or rule that has changed, "" none */
};

/*
 * 0, or of what a switch failed with: -ENOSPC, -ENOMEM or -EROFS of the ledger, or, where a caller waits and not one knob could be set, the
 * hardware's -EACCES, -EBUSY, -EIO, -ERANGE or -ENODEV. Then the former profile is in force again; a caller who waits takes back the facts that it
 * recorded and settles once more, and only that turn saves choices and reports other changes than those of knobs.
 */
int manager_settle(struct manager *manager, const struct turn *turn);

/* The caller settles afterwards, which reports it. */
void manager_end_request(struct manager *manager, struct request *request, const char *reason);

/* The short way for demands of sessions: `operations` concern frequency and wake-up limits of few CPUs, and do not wait. */
void manager_settle_demands(struct manager *manager, const struct operations *operations);
/* Finds the hardware for the first time, and puts back what a killed predecessor left. 0 or -ENOMEM. */
int manager_settle_first(struct manager *manager);
/* Everything back, for the end. Requests that ended are reported. */
void manager_settle_last(struct manager *manager);
/* For --dry-run: prints what `profile` would write. */
int manager_print_writes(struct manager *manager, const struct profile *profile);

#endif
