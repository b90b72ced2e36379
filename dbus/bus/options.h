/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_OPTIONS_H
#define DBUS_OPTIONS_H

#include <stdbool.h>

struct sessions;

struct bus_options {
        bool replace; /* --replace: take over the bus names from their current owner, if it allows this */
        bool disable_upower;
        bool disable_logind;
        bool ask_about_root; /* polkit must authorize root, too, unless it is not on the bus; for test environments whose mock of polkit
                              * decides for all users */
        struct sessions *sessions; /* NULL: OpenSession fails with NotSupported. Must outlive the bus */
        const char *rung_reason;   /* why a better rung, or any rung, is not available; NULL or "": no reason. Must stay valid */
};

#endif
