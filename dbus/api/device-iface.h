/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_DEVICE_IFACE_H
#define DBUS_DEVICE_IFACE_H

#include <systemd/sd-bus.h>

struct bus;

extern const sd_bus_vtable device_vtable[];

int devices_register(struct bus *bus);
void devices_unregister(struct bus *bus);

#endif
