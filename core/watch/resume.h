/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_RESUME_H
#define CORE_RESUME_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * The machine has slept: heard of from the kernel's clocks, so also where no logind runs. There are no wake-ups in between.
 */

struct resume;

typedef void (*resume_callback)(void *userdata);

/* 0; negative errno when the kernel has no such timer. */
int resume_new(sd_event *event, resume_callback callback, void *userdata, struct resume **ret);
struct resume *resume_free(struct resume *resume);

/* Which of the two a jump of the realtime clock was. `asleep_ns`: how much the time asleep grew; `set_ns`: how much the clock moved
 * beyond that. Waking up, unless the clock was set; a sleep too short for the machine's clock of seconds shows as neither, and
 * counts as well. */
bool resume_was_asleep(int64_t asleep_ns, int64_t set_ns);

#endif
