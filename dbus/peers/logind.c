/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of systemd-logind. It takes no inhibitor lock, because nothing has to be done before the machine sleeps. */

#include "dbus/peers/logind.h"

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "dbus/peers/peer.h"

#define NAME    "org.freedesktop.login1"
#define PATH    "/org/freedesktop/login1"
#define MANAGER NAME ".Manager"

struct logind {
        struct peer *peer;
        sd_bus_slot *sleep;
        const struct logind_callbacks *callbacks;
        void *userdata;
        bool idle;
};

static void set_idle(struct logind *logind, bool idle) {
        if (logind->idle == idle || !logind->callbacks->idle)
                return;
        logind->idle = idle;
        logind->callbacks->idle(idle, logind->userdata);
}

static void on_vanished(struct peer *peer, void *userdata) {
        (void) peer;
        set_idle(userdata, false);
}

static void on_property(struct peer *peer, const char *path, const char *name, const struct property_value *value, void *userdata) {
        (void) peer, (void) path;
        if (text_equal(name, "IdleHint") && value->type == 'b')
                set_idle(userdata, value->b);
}

static void on_prepare_for_sleep(struct peer *peer, sd_bus_message *message, void *userdata) {
        struct logind *logind = userdata;
        int going_down;

        (void) peer;
        if (sd_bus_message_read(message, "b", &going_down) >= 0)
                logind->callbacks->sleep(going_down, logind->userdata);
}

int logind_new(sd_bus *bus, const struct logind_callbacks *callbacks, void *userdata, struct logind **ret) {
        static const struct peer_callbacks peer_callbacks = { .vanished = on_vanished,
                                                              .property = on_property,
                                                              .signal = on_prepare_for_sleep };
        struct logind *logind = calloc(1, sizeof(*logind));
        int r;

        if (!logind)
                return -ENOMEM;
        logind->callbacks = callbacks;
        logind->userdata = userdata;
        r = peer_new(bus, NAME, &peer_callbacks, logind, &logind->peer);
        if (r >= 0)
                r = peer_listen(logind->peer, PATH, MANAGER, "PrepareForSleep", NULL, &logind->sleep);
        if (r >= 0 && callbacks->idle)
                r = peer_follow(logind->peer, PATH, MANAGER, true);
        if (r < 0) {
                (void) logind_free(logind);
                return r;
        }
        *ret = logind;
        return 0;
}

struct logind *logind_free(struct logind *logind) {
        if (!logind)
                return NULL;
        sd_bus_slot_unref(logind->sleep);
        (void) peer_free(logind->peer);
        free(logind);
        return NULL;
}
