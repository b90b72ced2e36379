/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PROPERTY_RULES_H
#define DBUS_PROPERTY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "dbus/bus/polkit.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"

/* What sd-bus does not do for our own properties: writing them after polkit was asked, the errors of a GLib service, and a
 * PropertiesChanged from a mask. */

struct property_rules {
        const char *interface;
        const sd_bus_vtable *vtable; /* the same that was registered: names, types, access */
        const struct guarded *writable;
        size_t n_writable;
        bool like_glib; /* bad interface, property, access or type: always InvalidArgs */
};

/* To be called first by the object's own handler (sd_bus_add_object(), which sd-bus asks before any vtable). Takes care of
 * Properties.Set of a writable property, and of what is wrong in Get, GetAll and Set where like_glib says so. 0: not taken care of,
 * sd-bus goes on with the vtable; else a handler's return value. */
int property_handle(sd_bus_message *call, const struct property_rules *rules, struct polkit *polkit, void *userdata,
                    sd_bus_error *error);
/* Setter for vtables of properties that property_handle() writes; never reached. */
int property_never_set(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *value,
                       void *userdata, sd_bus_error *error);

struct property_change {
        uint32_t mask;
        const char *property;
};

/* One PropertiesChanged with all properties whose mask has a bit in `changed`; none when there are none. */
int property_emit(sd_bus *bus, const char *path, const char *interface, const struct property_change *rows, size_t n,
                  uint32_t changed);

#endif
