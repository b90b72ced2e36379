/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PPD_FACE_H
#define DBUS_PPD_FACE_H

#include "core/decide/request.h"

struct bus;

/* The userdata of the objects: one of the two interfaces. */
struct ppd_face {
        struct bus *bus;
        const struct ppd_side *side; /* of ppd.c */
        enum request_door door;
};

#endif
