/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PPD_FACE_H
#define DBUS_PPD_FACE_H

#include "core/decide/request.h"

struct bus;

/* Userdata of the two objects; each describes one interface. */
struct ppd_face {
        struct bus *bus;
        const struct ppd_side *side; /* defined in ppd.c */
        enum request_door door;
};

#endif
