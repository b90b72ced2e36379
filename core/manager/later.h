/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_LATER_H
#define CORE_LATER_H

#include <stdint.h>
#include <systemd/sd-event.h>

/* Work that the manager defers to a later turn of the event loop. Several calls for the same kind of work before that turn cause
 * one run. */

struct later {
        sd_event_source *watch;   /* watches new knobs and drivers, after the reply to the caller */
        sd_event_source *reprobe; /* probes the stale drivers again */
        const char *reprobe_why;
        sd_event_source *deadline; /* the earliest deadline of a request */
        sd_event_source *answers;  /* reports writes that other processes have answered */
        sd_event_source *expire;   /* gives up writes that other processes have not answered in time */
};

struct later_handlers {
        sd_event_handler_t watch, answers;
        sd_event_time_handler_t reprobe, deadline, expire;
};

/* Initially nothing is scheduled. Returns 0 or a negative errno of sd_event_add_*(). */
int later_init(struct later *later, sd_event *event, const struct later_handlers *handlers, void *userdata);
void later_done(struct later *later);
void later_watch(struct later *later);
void later_answers(struct later *later);
/* Replaces an earlier call that is still scheduled. `why` is not copied and must be a string constant. */
void later_reprobe(struct later *later, const char *why, uint64_t delay_usec);
/* `usec` is a time of CLOCK_BOOTTIME; 0: never. */
void later_deadline(struct later *later, uint64_t usec);
/* `usec` is a time of CLOCK_MONOTONIC; UINT64_MAX: never. */
void later_expire(struct later *later, uint64_t usec);

#endif
