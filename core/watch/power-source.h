/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_POWER_SOURCE_H
#define CORE_POWER_SOURCE_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "core/watch/power-class.h"

/*
 * Mains or battery, and how full. The word of UPower, when there is one, beats our own reading of sys/class/power_supply; without
 * either the machine is taken to be on mains (as power-profiles-daemon does without UPower).
 *
 * Changes come by uevents and ACPI events, in a simulated machine from its files. Nothing polls: between two events the percentage is as
 * old as the firmware's last word.
 */

struct power_source;

struct power_source_options {
        int root_fd; /* the caller's; must stay open */
        const char *root_path;
        bool use_class; /* read power_supply; otherwise only what UPower says */
        bool simulated; /* watch files, not uevents; new devices are seen at the next power_source_refresh() */
};

/* Called when the state has changed, from the loop or from within the functions below; not from power_source_new(). */
typedef void (*power_source_callback)(const struct power_state *state, void *userdata);

/* Events that can't be had here are logged at debug level and done without. 0, -ENOMEM or what sd-event says. */
int power_source_new(sd_event *event, const struct power_source_options *options, power_source_callback callback, void *userdata,
                     struct power_source **ret);
struct power_source *power_source_free(struct power_source *source);

/* Valid until the next call that may change it. */
const struct power_state *power_source_state(const struct power_source *source);
/* Reads again: after suspend, or before a decision that needs the percentage as it is now. */
void power_source_refresh(struct power_source *source);

/* UPower's word; percent -1 unknown. */
void power_source_set_external(struct power_source *source, bool on_battery, int percent);
void power_source_clear_external(struct power_source *source);

#endif
