/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PEER_H
#define DBUS_PEER_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "dbus/peers/properties.h"

/*
 * Another service on the bus, which may start and stop at any time. It is never activated and never waited for, and the types of
 * all values that it sends are checked. Used by upower.c, logind.c and units.c.
 */

struct peer;

struct peer_callbacks {
        /* The name has an owner; if it had another one, `vanished` was called first. `property` will be called for its properties.
         * May be NULL. */
        void (*appeared)(struct peer *peer, void *userdata);
        /* The name has no owner any more; the values received before are void. */
        void (*vanished)(struct peer *peer, void *userdata);
        /* One property of a followed object, at first and whenever it is received again, even if unchanged. */
        void (*property)(struct peer *peer, const char *path, const char *name, const struct property_value *value, void *userdata);
        /* A signal that peer_listen() subscribed to; its arguments have not been read yet. */
        void (*signal)(struct peer *peer, sd_bus_message *message, void *userdata);
};

#define PEER_FOLLOWED_MAX 64

/* `name` and `callbacks` must stay valid. Callbacks are called from the loop only. 0, -ENOMEM, or an error of sd-bus. */
int peer_new(sd_bus *bus, const char *name, const struct peer_callbacks *callbacks, void *userdata, struct peer **ret);
struct peer *peer_free(struct peer *peer);

/* Follows the properties of one interface of an object. With `ask`, it also requests all of them when the name appears, and when
 * PropertiesChanged invalidates one without its new value. -E2BIG if PEER_FOLLOWED_MAX are followed already. */
int peer_follow(struct peer *peer, const char *path, const char *interface, bool ask);
void peer_unfollow_all(struct peer *peer);
/* Subscribes to one signal, with this first argument unless it is NULL. It ends when *ret is unreferenced, which must be before
 * peer_free(). */
int peer_listen(struct peer *peer, const char *path, const char *interface, const char *member, const char *arg0,
                sd_bus_slot **ret);
/* Creates a call to the current owner, which activates no service; -ENOTCONN if there is no owner. The caller sends it and
 * unreferences it. */
int peer_new_call(struct peer *peer, const char *path, const char *interface, const char *method, sd_bus_message **ret);

#endif
