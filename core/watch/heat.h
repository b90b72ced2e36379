/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_HEAT_H
#define CORE_HEAT_H

#include <stdbool.h>
#include <systemd/sd-event.h>

/* Are the CPUs being slowed down by heat? True while a thermal zone of theirs is above a trip point at which the kernel throttles
 * ("passive") or is about to stop ("hot"). Fans ("active") do not count. Told by the kernel, never polled. */

struct heat;

typedef void (*heat_callback)(bool hot, void *userdata);

/* root_fd is the caller's and must stay open. 0; -EOPNOTSUPP where the kernel has no thermal events; -ENOMEM. */
int heat_new(sd_event *event, int root_fd, heat_callback callback, void *userdata, struct heat **ret);
struct heat *heat_free(struct heat *heat);
bool heat_is_hot(const struct heat *heat);

#endif
