/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PEER_H
#define DBUS_PEER_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "dbus/peers/properties.h"

/* A client of another service on the bus, which may start and stop at any time. The client does not activate the service, does not
 * block, and checks the types of properties. Used by upower.c, logind.c and units.c. */

struct peer;

struct peer_callbacks {
        /* The name has a new owner. If it had another one before, `vanished` has been called. The properties of objects that are
         * followed with `ask` are requested after this call. May be NULL. */
        void (*appeared)(struct peer *peer, void *userdata);
        /* The owner has lost the name; the values that were received from it are no longer valid. */
        void (*vanished)(struct peer *peer, void *userdata);
        /* A property (boolean, double or string) of a followed object was received, for the first time or again, possibly with the
         * same value. */
        void (*property)(struct peer *peer, const char *path, const char *name, const struct property_value *value, void *userdata);
        /* A signal to which peer_listen() subscribed. Its arguments have not been read yet. */
        void (*signal)(struct peer *peer, sd_bus_message *message, void *userdata);
};

#define PEER_FOLLOWED_MAX 64

/* `name` and `callbacks` must stay valid. Callbacks are called only from the loop. Returns 0, -ENOMEM, or an error of sd-bus. */
int peer_new(sd_bus *bus, const char *name, const struct peer_callbacks *callbacks, void *userdata, struct peer **ret);
struct peer *peer_free(struct peer *peer);

/* Follows the properties of one interface of an object. With `ask`, all properties are also requested at once, when the name gets
 * an owner, and when PropertiesChanged invalidates a property without its new value. Returns 0, -E2BIG if PEER_FOLLOWED_MAX objects
 * are followed already, or another negative errno. */
int peer_follow(struct peer *peer, const char *path, const char *interface, bool ask);
void peer_unfollow_all(struct peer *peer);
/* Subscribes to a signal; if `arg0` is not NULL, only to signals with this first argument. The subscription ends when *ret is
 * unreferenced, which must happen before peer_free(). */
int peer_listen(struct peer *peer, const char *path, const char *interface, const char *member, const char *arg0,
                sd_bus_slot **ret);
/* Creates a call to the current owner, without activation of the service. The caller sends and unreferences it. Returns 0,
 * -ENOTCONN if the name has no owner, or another negative errno. */
int peer_new_call(struct peer *peer, const char *path, const char *interface, const char *method, sd_bus_message **ret);

#endif
