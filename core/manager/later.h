/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_LATER_H
#define CORE_LATER_H

#include <stdint.h>
#include <systemd/sd-event.h>

/* Work that the manager leaves to a later turn of the event loop, each kind once, however often it is asked for. */

struct later {
        sd_event_source *watch;   /* watches new knobs and drivers, after the reply to the caller */
        sd_event_source *reprobe; /* probes all drivers again */
        const char *reprobe_why;
        sd_event_source *deadline; /* of requests */
        sd_event_source *answers;  /* reports writes that other processes have answered */
        sd_event_source *expire;   /* ends writes that other processes have not answered */
};

struct later_handlers {
        sd_event_handler_t watch, answers;
        sd_event_time_handler_t reprobe, deadline, expire;
};

/* Nothing is scheduled yet. 0, or negative errno of sd_event_add_*(). */
int later_init(struct later *later, sd_event *event, const struct later_handlers *handlers, void *userdata);
void later_done(struct later *later);
void later_watch(struct later *later);
void later_answers(struct later *later);
/* The latest call counts. `why` is a constant text. */
void later_reprobe(struct later *later, const char *why, uint64_t delay_usec);
/* At that time of CLOCK_BOOTTIME; 0: never. */
void later_deadline(struct later *later, uint64_t usec);
/* At that time of CLOCK_MONOTONIC; UINT64_MAX: never. */
void later_expire(struct later *later, uint64_t usec);

#endif
