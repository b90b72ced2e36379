/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PPD_H
#define DBUS_PPD_H

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/decide/request.h"

/* The D-Bus API of power-profiles-daemon. It has two bus names, current and legacy, each with one object and one interface of the
 * same name. */

#define PPD_NAME        "org.freedesktop.UPower.PowerProfiles"
#define PPD_LEGACY_NAME "net.hadess.PowerProfiles"
#define PPD_PATH        "/org/freedesktop/UPower/PowerProfiles"
#define PPD_LEGACY_PATH "/net/hadess/PowerProfiles"

struct bus;

extern const sd_bus_vtable ppd_current_vtable[], ppd_legacy_vtable[];

int ppd_register(struct bus *bus);
void ppd_unregister(struct bus *bus);
/* Emits PropertiesChanged on both interfaces for a mask of CHANGED_*. */
int ppd_emit_changes(struct bus *bus, uint32_t changed);
/* Sends ProfileReleased to the owner of a hold, on the interface that the owner used. */
int ppd_released(struct bus *bus, const struct request *request);

#endif
