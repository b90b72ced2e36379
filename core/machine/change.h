/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

#include <stdint.h>

/* When, why and by which program knobs were changed. All knobs changed by one switch share one object. It is freed when all of them
 * have changed again, so that texts supplied by clients do not accumulate. */
struct change {
        unsigned int refs;
        uint64_t usec;     /* CLOCK_REALTIME */
        const char *cause; /* "manual choice of performance" */
        const char *who;   /* "governord", "tlp[1234]" */
};

/* Copies the texts. Returns an object with one reference, which the caller owns, or NULL if memory allocation fails. */
struct change *change_new(uint64_t usec, const char *cause, const char *who);
struct change *change_ref(struct change *change);
/* Accepts NULL. Always returns NULL. */
struct change *change_unref(struct change *change);

#endif
