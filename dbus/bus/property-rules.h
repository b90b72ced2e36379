/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PROPERTY_RULES_H
#define DBUS_PROPERTY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "dbus/bus/polkit.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"

/* Features that sd-bus lacks: writes to properties with authorization by polkit, the errors of a GLib service, and
 * PropertiesChanged for a mask of changes. */

struct property_rules {
        const char *interface;
        const sd_bus_vtable *vtable; /* the registered vtable: names, types, access */
        const struct guarded *writable;
        size_t n_writable;
        bool like_glib; /* as in GLib: a wrong interface, property, access or type is always InvalidArgs */
};

/* For the object's own handler (sd_bus_add_object()), which sd-bus calls before it uses any vtable. Handles Properties.Set of a
 * writable property, calls of Get, GetAll and Set with a wrong signature, and, if like_glib is set, other invalid calls of these
 * methods. Returns 0 if the call was not handled, so that sd-bus continues with the vtable; else a handler's return value. */
int property_handle(sd_bus_message *call, const struct property_rules *rules, struct polkit *polkit, void *userdata,
                    sd_bus_error *error);
/* Setter for vtables with properties that property_handle() writes. sd-bus never calls it. */
int property_never_set(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *value,
                       void *userdata, sd_bus_error *error);

struct property_change {
        uint32_t mask;
        const char *property;
};

/* Sends one PropertiesChanged with all properties whose mask has a bit of `changed`; none if there is no such property. */
int property_emit(sd_bus *bus, const char *path, const char *interface, const struct property_change *rows, size_t n,
                  uint32_t changed);

#endif
