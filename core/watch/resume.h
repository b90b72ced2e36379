/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_RESUME_H
#define CORE_RESUME_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * Reports that the machine has resumed from sleep. It depends only on clocks of the kernel and works without logind. It causes no
 * wake-ups.
 */

struct resume;

typedef void (*resume_callback)(void *userdata);

/* Returns 0, or a negative errno when the kernel has no such timer. */
int resume_new(sd_event *event, resume_callback callback, void *userdata, struct resume **ret);
struct resume *resume_free(struct resume *resume);

/* Returns true if a jump of the realtime clock was a resume, false if the clock was set. `asleep_ns` is the increase of the time
 * asleep; `set_ns` is the change of the realtime clock beyond that. A sleep that is too short for a machine whose persistent clock
 * counts seconds shows up in neither of them, and counts as a resume, too. */
bool resume_was_asleep(int64_t asleep_ns, int64_t set_ns);

#endif
