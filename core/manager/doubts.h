/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_DOUBTS_H
#define CORE_DOUBTS_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "core/machine/knob.h"
#include "core/watch/program.h"

/*
 * Knobs whose value may be in the making, to be looked at once more a moment later, before anything is concluded from it: an ordinary file is
 * empty between its truncation and the write, and the kernel shows a new frequency limit only when a worker has brought it into force.
 */

struct doubt {
        uint32_t knob;       /* index */
        uint64_t since_usec; /* CLOCK_BOOTTIME */
        pid_t who;           /* was heard to write it last, 0 unknown */
        char comm[PROGRAM_NAME_MAX];
};

struct doubts {
        struct doubt *items; /* each knob once */
        uint32_t n, room;
        sd_event_source *timer;
};

/* `handler` is called when the first of them is due, and is to call doubts_take(). 0, or negative errno of sd_event_add_time(). */
int doubts_init(struct doubts *doubts, sd_event *event, sd_event_time_handler_t handler, void *userdata);
void doubts_done(struct doubts *doubts);
/* Forgets all: the knobs are gone. */
void doubts_clear(struct doubts *doubts);
/* Where memory is short, nothing is remembered until the next event of this knob. `comm` as in core/watch/watch.h. */
void doubts_add(struct doubts *doubts, const struct knobs *knobs, struct knob *knob, pid_t who, const char *comm);
/* Takes the next doubt that is due at `now_usec` (CLOCK_BOOTTIME). *cursor is 0 at the first call. False: none is left, and the handler is called
 * again for later ones. */
bool doubts_take(struct doubts *doubts, const struct knobs *knobs, uint64_t now_usec, uint32_t *cursor, struct doubt *ret);
/* True if `shown`, just read from the knob, is the value that it should have. If not, although nothing is known to have changed it, a doubt is
 * added. */
bool doubts_check(struct doubts *doubts, const struct knobs *knobs, struct knob *knob, const char *wanted, const char *shown);

#endif
