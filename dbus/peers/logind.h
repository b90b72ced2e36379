/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_LOGIND_H
#define DBUS_LOGIND_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* What systemd-logind says: suspend, and whether anybody uses the machine. */

struct logind;

struct logind_callbacks {
        /* true before the machine sleeps (we delay nothing), false when it is back. */
        void (*sleep)(bool going_down, void *userdata);
        /* IdleHint has changed; false when logind has gone. With no sessions at all the machine is idle. */
        void (*idle)(bool idle, void *userdata);
};

/* `callbacks` must stay valid; idle may be NULL: then the hint is not followed (it would wake us at every change of a session). */
int logind_new(sd_bus *bus, const struct logind_callbacks *callbacks, void *userdata, struct logind **ret);
struct logind *logind_free(struct logind *logind);

#endif
