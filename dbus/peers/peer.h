/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PEER_H
#define DBUS_PEER_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "dbus/peers/properties.h"

/*
 * Another service on the bus, followed as it comes and goes: never started by us, never waited for, believed only as far as types go. The
 * basis of upower.c, logind.c and units.c.
 */

struct peer;

struct peer_callbacks {
        /* The name has an owner (a new one: `vanished` came before). Properties follow by themselves. May be NULL. */
        void (*appeared)(struct peer *peer, void *userdata);
        /* The name has no owner any more; what was said before is void. */
        void (*vanished)(struct peer *peer, void *userdata);
        /* One property of a followed object, at first and whenever it is said again, also unchanged. */
        void (*property)(struct peer *peer, const char *path, const char *name, const struct property_value *value, void *userdata);
        /* A signal that peer_listen() asked for; its arguments are yet to be read. */
        void (*signal)(struct peer *peer, sd_bus_message *message, void *userdata);
};

#define PEER_FOLLOWED_MAX 64

/* `name` and `callbacks` must stay valid. Callbacks come from the loop only. 0, -ENOMEM, or what sd-bus says. */
int peer_new(sd_bus *bus, const char *name, const struct peer_callbacks *callbacks, void *userdata, struct peer **ret);
struct peer *peer_free(struct peer *peer);

/* Follows the properties of one interface of an object. With `ask` it also asks for all of them when the name appears, and when one
 * is said to have changed without its value. -E2BIG after PEER_FOLLOWED_MAX. */
int peer_follow(struct peer *peer, const char *path, const char *interface, bool ask);
void peer_unfollow_all(struct peer *peer);
/* Signals of one kind, with this first argument unless it is NULL; until *ret is unreferenced, which must be before peer_free(). */
int peer_listen(struct peer *peer, const char *path, const char *interface, const char *member, const char *arg0,
                sd_bus_slot **ret);
/* A call to the present owner that starts no service; -ENOTCONN when there is none. To be sent, and unreferenced, by the caller. */
int peer_new_call(struct peer *peer, const char *path, const char *interface, const char *method, sd_bus_message **ret);

#endif
