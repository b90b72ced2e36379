/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_POWER_SOURCE_H
#define CORE_POWER_SOURCE_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "core/watch/power-class.h"

/*
 * Whether the machine runs on mains or battery, and the charge. If UPower runs, its report has precedence over
 * sys/class/power_supply. Without either, the machine counts as being on mains (as in power-profiles-daemon without UPower).
 *
 * Changes are notified by uevents and ACPI events; in a simulated machine, by changes of its files. Nothing is polled: between two
 * events the percentage is as old as the firmware's latest report.
 */

struct power_source;

struct power_source_options {
        int root_fd; /* the caller's; must stay open */
        const char *root_path;
        bool use_class; /* read power_supply; otherwise only the report of UPower counts */
        bool simulated; /* watch files instead of uevents; new devices are found at the next power_source_refresh() */
};

/* Called when the state has changed, from the event loop or from within the functions below, but not from within
 * power_source_new(). */
typedef void (*power_source_callback)(const struct power_state *state, void *userdata);

/* Sources of events that are not available here are logged at debug level, and the object works without them. Returns 0, -ENOMEM or
 * an error of sd-event. */
int power_source_new(sd_event *event, const struct power_source_options *options, power_source_callback callback, void *userdata,
                     struct power_source **ret);
struct power_source *power_source_free(struct power_source *source);

/* The pointer is valid until the next call that may change the state. */
const struct power_state *power_source_state(const struct power_source *source);
/* Reads the state again. To be called after suspend, or before a decision that needs the present percentage. */
void power_source_refresh(struct power_source *source);

/* Sets the report of UPower. `percent` is -1 if unknown. */
void power_source_set_external(struct power_source *source, bool on_battery, int percent);
void power_source_clear_external(struct power_source *source);

#endif
