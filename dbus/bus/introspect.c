/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the interfaces without a bus (--bus-introspect), for documentation and packaging. The source is the vtables that are
 * registered with sd-bus, so the members are those that Introspect of a running service returns. */

#include "dbus/bus/introspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dbus/bus/marshal.h"

/* `names` contains NUL-terminated names in the order of the types. Returns a pointer to the name after the last one that was
 * used. */
static const char *print_args(const char *types, const char *names, const char *direction) {
        for (; types && *types; types += type_length(types)) {
                (void) printf("      <arg name=\"%s\" type=\"%.*s\"%s/>\n", names, (int) type_length(types), types, direction);
                names += strlen(names) + 1;
        }
        return names;
}

static void print_method(const sd_bus_vtable *v) {
        const char *names;

        (void) printf("    <method name=\"%s\">\n", v->x.method.member);
        names = print_args(v->x.method.signature, v->x.method.names, " direction=\"in\"");
        (void) print_args(v->x.method.result, names, " direction=\"out\"");
        (void) printf("    </method>\n");
}

static void print_signal(const sd_bus_vtable *v) {
        (void) printf("    <signal name=\"%s\">\n", v->x.signal.member);
        (void) print_args(v->x.signal.signature, v->x.signal.names, "");
        (void) printf("    </signal>\n");
}

/* The value of the annotation, as in sd-bus's own introspection; NULL for "true", which is the default. */
static const char *emits_changed(const sd_bus_vtable *v) {
        if (v->flags & SD_BUS_VTABLE_PROPERTY_CONST)
                return "const";
        if (v->flags & SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION)
                return "invalidates";
        return v->flags & SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE ? NULL : "false";
}

static void print_property(const sd_bus_vtable *v) {
        const char *access = v->type == _SD_BUS_VTABLE_WRITABLE_PROPERTY ? "readwrite" : "read", *emits = emits_changed(v);

        (void) printf("    <property name=\"%s\" type=\"%s\" access=\"%s\"%s>\n", v->x.property.member, v->x.property.signature,
                      access, emits ? "" : "/");
        if (emits)
                (void) printf(
                        "      <annotation name=\"org.freedesktop.DBus.Property.EmitsChangedSignal\" value=\"%s\"/>\n    </property>\n",
                        emits);
}

static void print_member(const sd_bus_vtable *v) {
        switch (v->type) {
        case _SD_BUS_VTABLE_METHOD:
                print_method(v);
                break;
        case _SD_BUS_VTABLE_SIGNAL:
                print_signal(v);
                break;
        case _SD_BUS_VTABLE_PROPERTY:
        case _SD_BUS_VTABLE_WRITABLE_PROPERTY:
                print_property(v);
                break;
        }
}

int introspect_print(const struct introspected *interfaces, size_t n) {
        (void) printf("<node>\n");
        for (size_t i = 0; i < n; i++) {
                (void) printf("  <interface name=\"%s\">\n", interfaces[i].interface);
                for (const sd_bus_vtable *v = interfaces[i].vtable; v->type != _SD_BUS_VTABLE_END; v++)
                        print_member(v);
                (void) printf("  </interface>\n");
        }
        (void) printf("</node>\n");
        return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
