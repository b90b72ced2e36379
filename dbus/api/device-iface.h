/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_DEVICE_IFACE_H
#define DBUS_DEVICE_IFACE_H

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "dbus/api/power-meter.h"

#define DEVICE_PREFIX    "/org/governord/device"
#define DEVICE_INTERFACE "org.governord.Device1"

struct bus;

extern const sd_bus_vtable device_vtable[];

/* One CPU package that was asked for at least once. */
struct device {
        struct device *next;
        struct bus *bus;
        uint32_t package;
        struct power_meter meter;
};

struct devices {
        struct device *first;
};

int devices_register(struct bus *bus);
void devices_clear(struct devices *devices);

#endif
