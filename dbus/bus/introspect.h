/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_INTROSPECT_H
#define DBUS_INTROSPECT_H

#include <stddef.h>
#include <systemd/sd-bus.h>

struct introspected {
        const char *interface;
        const sd_bus_vtable *vtable;
};

/* Prints the interfaces as introspection XML. Returns an exit status. */
int introspect_print(const struct introspected *interfaces, size_t n);

#endif
