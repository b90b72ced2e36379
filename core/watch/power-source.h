/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_POWER_SOURCE_H
#define CORE_POWER_SOURCE_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "core/watch/power-class.h"

/*
 * Determines whether the machine runs on mains or battery, and the charge of the batteries. If UPower is running, its report has
 * precedence over sys/class/power_supply. Without either, the machine counts as being on mains (as in power-profiles-daemon without
 * UPower).
 *
 * Changes are reported by uevents and ACPI events; in a simulated machine, by changes of its files. Nothing is polled: between two
 * events, the percentage may be out of date.
 */

struct power_source;

struct power_source_options {
        int root_fd; /* the caller keeps it open */
        const char *root_path;
        bool use_class; /* read power_supply; otherwise only the report of UPower counts */
        bool simulated; /* watch files instead of uevents; new devices are found at the next power_source_refresh() */
};

/* Called when the state has changed, from the event loop or from within the functions below, but not from within
 * power_source_new(). */
typedef void (*power_source_callback)(const struct power_state *state, void *userdata);

/* If uevents or ACPI events are not available, this is logged at debug level and is no error. Returns 0 or a negative errno. */
int power_source_new(sd_event *event, const struct power_source_options *options, power_source_callback callback, void *userdata,
                     struct power_source **ret);
struct power_source *power_source_free(struct power_source *source);

/* The pointer is valid until the next call that may change the state. */
const struct power_state *power_source_state(const struct power_source *source);
/* Reads the state again. To be called after a resume, and before a decision that needs the present percentage. */
void power_source_refresh(struct power_source *source);

/* Sets the report of UPower. `percent` is -1 if unknown. */
void power_source_set_external(struct power_source *source, bool on_battery, int percent);
void power_source_clear_external(struct power_source *source);

#endif
