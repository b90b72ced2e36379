/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_LOGIND_H
#define DBUS_LOGIND_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* Suspend and resume, and the idle state of the machine, as systemd-logind reports them. */

struct logind;

struct logind_callbacks {
        /* true: the machine is about to sleep (without an inhibitor lock, it may sleep before this is called); false: it has
         * resumed. */
        void (*sleep)(bool going_down, void *userdata);
        /* IdleHint has changed; false also when logind has stopped. logind reports a machine without login sessions as idle. */
        void (*idle)(bool idle, void *userdata);
};

/* `callbacks` must stay valid. If `callbacks->idle` is NULL, IdleHint is not followed: its signals would wake the service at every
 * change of a login session. */
int logind_new(sd_bus *bus, const struct logind_callbacks *callbacks, void *userdata, struct logind **ret);
struct logind *logind_free(struct logind *logind);

#endif
