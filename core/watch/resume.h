/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_RESUME_H
#define CORE_RESUME_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * Reports that the machine has resumed from sleep. This uses only clocks of the kernel, not logind, and causes no wake-ups.
 */

struct resume;

typedef void (*resume_callback)(void *userdata);

/* Returns 0 or a negative errno. */
int resume_new(sd_event *event, resume_callback callback, void *userdata, struct resume **ret);
struct resume *resume_free(struct resume *resume);

/* Returns true if a jump of the realtime clock was caused by a resume, false if the clock was set. `asleep_ns` is the increase of
 * the time asleep; `set_ns` is the change of the realtime clock beyond that. On a machine whose persistent clock counts in seconds,
 * a shorter sleep changes neither of them; this counts as a resume, too. */
bool resume_was_asleep(int64_t asleep_ns, int64_t set_ns);

#endif
