/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PPD_H
#define DBUS_PPD_H

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/decide/request.h"

/* The API of power-profiles-daemon: two names, each with one path and one interface (called like the name), which do the same. */

#define PPD_NAME        "org.freedesktop.UPower.PowerProfiles"
#define PPD_LEGACY_NAME "net.hadess.PowerProfiles"
#define PPD_PATH        "/org/freedesktop/UPower/PowerProfiles"
#define PPD_LEGACY_PATH "/net/hadess/PowerProfiles"

struct bus;

extern const sd_bus_vtable ppd_current_vtable[], ppd_legacy_vtable[];

int ppd_register(struct bus *bus);
void ppd_unregister(struct bus *bus);
/* PropertiesChanged on both interfaces for a mask of CHANGED_*. */
int ppd_emit_changes(struct bus *bus, uint32_t changed);
/* ProfileReleased to the owner of a hold, on the interface that it used. */
int ppd_released(struct bus *bus, const struct request *request);

#endif
