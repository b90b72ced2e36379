/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_RESUME_H
#define CORE_RESUME_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * The machine has slept: heard of from the kernel's clocks, so also where no logind runs. Wakes nobody in between.
 */

struct resume;

typedef void (*resume_callback)(void *userdata);

/* 0; negative errno when the kernel has no such timer. */
int resume_new(sd_event *event, resume_callback callback, void *userdata, struct resume **ret);
struct resume *resume_free(struct resume *resume);

/* Whether the time spent asleep since boot, in nanoseconds, grew by more than two readings of two clocks can differ. */
bool resume_has_slept(int64_t before_ns, int64_t now_ns);

#endif
