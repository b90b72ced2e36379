/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_HEAT_H
#define CORE_HEAT_H

#include <stdbool.h>
#include <systemd/sd-event.h>

/* Reports whether heat slows the CPUs down: true while a thermal zone of a CPU has reached a trip point at which the kernel
 * throttles ("passive") or that precedes a shutdown ("hot"). Trip points for fans ("active") are ignored. The kernel sends events;
 * nothing is polled. */

struct heat;

typedef void (*heat_callback)(bool hot, void *userdata);

/* The caller keeps root_fd open until heat_free(). Returns 0, or errors as thermal_new(). */
int heat_new(sd_event *event, int root_fd, heat_callback callback, void *userdata, struct heat **ret);
struct heat *heat_free(struct heat *heat);
bool heat_is_hot(const struct heat *heat);

#endif
