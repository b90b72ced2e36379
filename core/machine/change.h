/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

#include <stdint.h>

/* When, why and by which program knobs were changed. All knobs of one switch share one object, which is freed when the last of them
 * has changed again. Clients supply causes and names, so the memory for these texts must be bounded. */
struct change {
        unsigned int refs;
        uint64_t usec;     /* CLOCK_REALTIME */
        const char *cause; /* "manual choice of performance" */
        const char *who;   /* "governord", "tlp[1234]" */
};

/* Copies the texts. Returns an object with one reference, which belongs to the caller; NULL when memory is short. */
struct change *change_new(uint64_t usec, const char *cause, const char *who);
struct change *change_ref(struct change *change);
/* Accepts NULL. Always returns NULL. */
struct change *change_unref(struct change *change);

#endif
