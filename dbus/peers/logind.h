/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_LOGIND_H
#define DBUS_LOGIND_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* Suspend and resume, and the idle state of the machine, as systemd-logind reports them. */

struct logind;

struct logind_callbacks {
        /* true before the machine sleeps (the service takes no inhibitor lock), false after it has resumed. */
        void (*sleep)(bool going_down, void *userdata);
        /* IdleHint has changed; false when logind has stopped. A machine without any login session is idle. */
        void (*idle)(bool idle, void *userdata);
};

/* `callbacks` must stay valid. `idle` may be NULL: the hint is not followed then, as it would wake the service at every change of a
 * login session. */
int logind_new(sd_bus *bus, const struct logind_callbacks *callbacks, void *userdata, struct logind **ret);
struct logind *logind_free(struct logind *logind);

#endif
