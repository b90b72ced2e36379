/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PPD_H
#define DBUS_PPD_H

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/manager/manager.h"

/* The API of power-profiles-daemon: two names, two paths, two interfaces (called like the names), one meaning. */

#define PPD_NAME        "org.freedesktop.UPower.PowerProfiles"
#define PPD_LEGACY_NAME "net.hadess.PowerProfiles"
#define PPD_PATH        "/org/freedesktop/UPower/PowerProfiles"
#define PPD_LEGACY_PATH "/net/hadess/PowerProfiles"
#define PPD_VERSION     "0.30" /* the release whose API this is */

struct bus;
struct ppd_side;

/* What the objects' userdata points to. */
struct ppd_face {
        struct bus *bus;
        const struct ppd_side *side;
};

enum { PPD_CURRENT, PPD_LEGACY, PPD_SIDES };

struct ppd {
        struct ppd_face faces[PPD_SIDES];
        /* what was last signalled: a change between two profiles of the same base is none here */
        enum profile_base shown_base;
        uint32_t shown_degraded;
};

int ppd_register(struct bus *bus);
/* PropertiesChanged on both interfaces for a mask of CHANGED_*. */
int ppd_emit_changes(struct bus *bus, uint32_t changed);
/* ProfileReleased to the owner of a hold, on the interface that it used. */
int ppd_released(struct bus *bus, const struct request *request);

#endif
