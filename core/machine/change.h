/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

#include <stdint.h>

/* When, why and by whom knobs were changed: one object for all knobs of a switch, freed when the last of them has changed again. Causes
 * and names come from clients, so they must not be kept for ever. */
struct change {
        unsigned int refs;
        uint64_t usec;     /* CLOCK_REALTIME */
        const char *cause; /* "manual choice of performance" */
        const char *who;   /* "governord", "tlp[1234]" */
};

/* With one reference, the caller's. NULL when memory is short. Texts are copied. */
struct change *change_new(uint64_t usec, const char *cause, const char *who);
struct change *change_ref(struct change *change);
/* Takes NULL, returns NULL. */
struct change *change_unref(struct change *change);

#endif
