/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PROPERTIES_H
#define DBUS_PROPERTIES_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

struct property_value {
        char type; /* 'b', 'd' or 's'; properties of other types are skipped */
        bool b;
        double d;
        const char *s; /* valid during the callback */
};

typedef void (*property_callback)(const char *path, const char *name, const struct property_value *value, void *userdata);

/* Reads a{sv} and calls `callback` with `path` for each property. Returns a negative errno if the message has other contents;
 * `callback` may have been called before the error. */
int properties_read(sd_bus_message *message, const char *path, property_callback callback, void *userdata);

#endif
