/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_DOUBTS_H
#define CORE_DOUBTS_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "core/machine/knob.h"
#include "core/watch/program.h"

/* Knobs whose value may still be changing. The service reads them again after 100 ms, before it acts on them: an ordinary file is
 * empty between truncation and write, and the kernel shows a new frequency limit only after a worker has applied it. */

struct doubt {
        uint32_t knob;       /* index */
        uint64_t since_usec; /* CLOCK_BOOTTIME */
        pid_t who;           /* process that was reported as the latest writer, 0: unknown */
        char comm[PROGRAM_NAME_MAX];
};

struct doubts {
        struct doubt *items; /* each knob at most once */
        uint32_t n, room;
        sd_event_source *timer;
};

/* `handler` is called when the first doubt is due, and must call doubts_take() until it returns false. Returns 0 or a negative
 * errno of sd_event_add_time(). */
int doubts_init(struct doubts *doubts, sd_event *event, sd_event_time_handler_t handler, void *userdata);
void doubts_done(struct doubts *doubts);
/* Drops all doubts. To be called before the knobs are replaced. */
void doubts_clear(struct doubts *doubts);
/* Adds a doubt about the knob, or updates the writer of the existing one if `who` is not 0. If memory is short, does nothing.
 * `comm` as in core/watch/watch.h. */
void doubts_add(struct doubts *doubts, const struct knobs *knobs, struct knob *knob, pid_t who, const char *comm);
/* Removes the next doubt that is due at `now_usec` (CLOCK_BOOTTIME) and stores it in *ret. *cursor must be 0 at the first call.
 * Returns false when no further doubt is due; the handler is called again for the remaining ones. */
bool doubts_take(struct doubts *doubts, const struct knobs *knobs, uint64_t now_usec, uint32_t *cursor, struct doubt *ret);
/* Returns true if `shown`, which was just read from the knob, matches `wanted`, or if the read-back of a write is still due.
 * Otherwise returns false, and adds a doubt if the state of the knob is KNOB_OK. */
bool doubts_check(struct doubts *doubts, const struct knobs *knobs, struct knob *knob, const char *wanted, const char *shown);

#endif
