/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_OPTIONS_H
#define DBUS_OPTIONS_H

#include <stdbool.h>

struct sessions;

struct bus_options {
        bool replace; /* --replace: take the names over from their current owner, if it allows that */
        bool disable_upower;
        bool disable_logind;
        bool ask_about_root; /* polkit is asked about root, too: for test rigs in which a mock of polkit decides for all users */
        struct sessions *sessions; /* NULL: OpenSession fails with NotSupported. Must outlive the bus */
        const char *rung_reason;   /* why there is no higher rung, or none at all; NULL or "": no reason. Must stay valid */
};

#endif
