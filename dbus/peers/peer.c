/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows the owner of a bus name and the properties of its objects. It does not activate services and does not block. Because any
 * client can forge a signal of the peer, the sender of each signal is compared with the owner that the bus daemon reported. */

#include "dbus/peers/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"

#define BUS_NAME   "org.freedesktop.DBus"
#define BUS_PATH   "/org/freedesktop/DBus"
#define PROPERTIES "org.freedesktop.DBus.Properties"

/* A bus name or interface has up to 255 characters; the escaped path of a unit may have three times as many. */
#define RULE_LENGTH_MAX 2048
struct followed {
        struct peer *peer;
        char *path, *interface;
        bool ask;
        sd_bus_slot *match, *call;
};

struct peer {
        sd_bus *bus;
        const char *name;
        const struct peer_callbacks *callbacks;
        void *userdata;
        char *owner; /* unique name, NULL: none */
        sd_bus_slot *owner_match, *owner_call;
        struct followed *followed[PEER_FOLLOWED_MAX];
        unsigned n_followed;
};

static bool is_from(const struct peer *peer, sd_bus_message *message) {
        return peer->owner && text_equal(sd_bus_message_get_sender(message), peer->owner);
}

static void report_property(const char *path, const char *name, const struct property_value *value, void *userdata) {
        struct peer *peer = userdata;

        peer->callbacks->property(peer, path, name, value, peer->userdata);
}

static int on_properties_reply(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        struct followed *f = userdata;
        int r;

        (void) error;
        f->call = sd_bus_slot_unref(f->call);
        if (sd_bus_message_is_method_error(message, NULL)) {
                log_debug("%s returned an error for the properties of %s: %s", f->peer->name, f->path,
                          sd_bus_message_get_error(message)->message);
                return 0;
        }
        r = properties_read(message, f->path, report_property, f->peer);
        if (r < 0)
                log_debug("%s sent an invalid reply about %s: %s", f->peer->name, f->path, strerrordesc_np(-r));
        return 0;
}

static int new_call(struct peer *peer, const char *name, const char *path, const char *interface, const char *method,
                    sd_bus_message **ret) {
        sd_bus_message *message = NULL;
        int r = sd_bus_message_new_method_call(peer->bus, &message, name, path, interface, method);

        if (r >= 0)
                r = sd_bus_message_set_auto_start(message, false);
        if (r < 0) {
                sd_bus_message_unref(message);
                return r;
        }
        *ret = message;
        return 0;
}

static void fetch_properties(struct followed *f) {
        sd_bus_message *message;
        int r;

        f->call = sd_bus_slot_unref(f->call);
        if (!f->peer->owner || !f->ask)
                return;
        /* The destination is the unique name, so that no other program can reply. */
        r = new_call(f->peer, f->peer->owner, f->path, PROPERTIES, "GetAll", &message);
        if (r < 0)
                return;
        r = sd_bus_message_append(message, "s", f->interface);
        if (r >= 0)
                r = sd_bus_call_async(f->peer->bus, &f->call, message, on_properties_reply, f, 0);
        if (r < 0)
                log_debug("Cannot query %s for the properties of %s: %s", f->peer->name, f->path, strerrordesc_np(-r));
        sd_bus_message_unref(message);
}

static int on_properties_changed(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        struct followed *f = userdata;
        const char *interface, *invalid = NULL;
        int r;

        (void) error;
        if (!is_from(f->peer, message))
                return 0;
        r = sd_bus_message_read(message, "s", &interface);
        if (r < 0 || !text_equal(interface, f->interface))
                return 0;
        r = properties_read(message, f->path, report_property, f->peer);
        if (r >= 0)
                r = sd_bus_message_enter_container(message, 'a', "s");
        if (r >= 0)
                r = sd_bus_message_read(message, "s", &invalid);
        if (r > 0) /* invalidated: the property has changed, and the signal does not contain the new value */
                fetch_properties(f);
        if (r < 0)
                log_debug("%s sent an invalid signal about %s: %s", f->peer->name, f->path, strerrordesc_np(-r));
        return 0;
}

static void set_owner(struct peer *peer, const char *owner) {
        if (text_equal(peer->owner, owner))
                return;
        if (peer->owner) {
                free(peer->owner);
                peer->owner = NULL;
                peer->callbacks->vanished(peer, peer->userdata);
        }
        peer->owner = owner ? strdup(owner) : NULL;
        if (!peer->owner)
                return;
        if (peer->callbacks->appeared)
                peer->callbacks->appeared(peer, peer->userdata);
        for (unsigned i = 0; i < peer->n_followed; i++)
                fetch_properties(peer->followed[i]);
}

static int on_owner_changed(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        const char *name, *old, *new;
        struct peer *peer = userdata;

        (void) error;
        if (!text_equal(sd_bus_message_get_sender(message), BUS_NAME) ||
            sd_bus_message_read(message, "sss", &name, &old, &new) < 0 || !text_equal(name, peer->name))
                return 0;
        peer->owner_call = sd_bus_slot_unref(peer->owner_call); /* the reply would be older than this signal */
        set_owner(peer, NULL);
        set_owner(peer, new[0] ? new : NULL);
        return 0;
}

static int on_owner_reply(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        struct peer *peer = userdata;
        const char *owner;

        (void) error;
        peer->owner_call = sd_bus_slot_unref(peer->owner_call);
        if (!sd_bus_message_is_method_error(message, NULL) && sd_bus_message_read(message, "s", &owner) >= 0)
                set_owner(peer, owner);
        return 0;
}

/* Without a callback, sd-bus closes the connection if the bus rejects a match rule. */
static int on_match_reply(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        (void) userdata, (void) error;
        if (sd_bus_message_is_method_error(message, NULL))
                log_debug("The bus rejected a match rule: %s", sd_bus_message_get_error(message)->message);
        return 0;
}

static int follow_owner(struct peer *peer) {
        char rule[RULE_LENGTH_MAX];
        sd_bus_message *message;
        int r;

        r = TEXT_FORMAT(rule,
                        "type='signal',sender='" BUS_NAME "',path='" BUS_PATH "',interface='" BUS_NAME "',"
                        "member='NameOwnerChanged',arg0='%s'",
                        peer->name);
        if (r >= 0)
                r = sd_bus_add_match_async(peer->bus, &peer->owner_match, rule, on_owner_changed, on_match_reply, peer);
        if (r >= 0)
                r = new_call(peer, BUS_NAME, BUS_PATH, BUS_NAME, "GetNameOwner", &message);
        if (r < 0)
                return r;
        r = sd_bus_message_append(message, "s", peer->name);
        if (r >= 0)
                r = sd_bus_call_async(peer->bus, &peer->owner_call, message, on_owner_reply, peer, 0);
        sd_bus_message_unref(message);
        return r;
}

int peer_new(sd_bus *bus, const char *name, const struct peer_callbacks *callbacks, void *userdata, struct peer **ret) {
        struct peer *peer = calloc(1, sizeof(*peer));
        int r;

        if (!peer)
                return -ENOMEM;
        peer->bus = sd_bus_ref(bus);
        peer->name = name;
        peer->callbacks = callbacks;
        peer->userdata = userdata;
        r = follow_owner(peer);
        if (r < 0) {
                (void) peer_free(peer);
                return r;
        }
        *ret = peer;
        return 0;
}

static void followed_free(struct followed *f) {
        sd_bus_slot_unref(f->match);
        sd_bus_slot_unref(f->call);
        free(f->path);
        free(f->interface);
        free(f);
}

void peer_unfollow_all(struct peer *peer) {
        while (peer->n_followed > 0)
                followed_free(peer->followed[--peer->n_followed]);
}

struct peer *peer_free(struct peer *peer) {
        if (!peer)
                return NULL;
        peer_unfollow_all(peer);
        sd_bus_slot_unref(peer->owner_match);
        sd_bus_slot_unref(peer->owner_call);
        sd_bus_unref(peer->bus);
        free(peer->owner);
        free(peer);
        return NULL;
}

int peer_follow(struct peer *peer, const char *path, const char *interface, bool ask) {
        struct followed *f;
        char rule[RULE_LENGTH_MAX];
        int r = -ENOMEM;

        if (peer->n_followed == PEER_FOLLOWED_MAX)
                return -E2BIG;
        if (TEXT_FORMAT(rule, "type='signal',sender='%s',path='%s',interface='" PROPERTIES "',member='PropertiesChanged',arg0='%s'",
                        peer->name, path, interface) < 0)
                return -ENAMETOOLONG;
        f = calloc(1, sizeof(*f));
        if (!f)
                return r;
        *f = (struct followed){ .peer = peer, .path = strdup(path), .interface = strdup(interface), .ask = ask };
        if (f->path && f->interface)
                r = sd_bus_add_match_async(peer->bus, &f->match, rule, on_properties_changed, on_match_reply, f);
        if (r < 0) {
                followed_free(f);
                return r;
        }
        peer->followed[peer->n_followed++] = f;
        fetch_properties(f);
        return 0;
}

static int on_signal(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        struct peer *peer = userdata;

        (void) error;
        if (is_from(peer, message))
                peer->callbacks->signal(peer, message, peer->userdata);
        return 0;
}

int peer_listen(struct peer *peer, const char *path, const char *interface, const char *member, const char *arg0,
                sd_bus_slot **ret) {
        char rule[RULE_LENGTH_MAX];

        if (TEXT_FORMAT(rule, "type='signal',sender='%s',path='%s',interface='%s',member='%s'%s%s%s", peer->name, path, interface,
                        member, arg0 ? ",arg0='" : "", arg0 ? arg0 : "", arg0 ? "'" : "") < 0)
                return -ENAMETOOLONG;
        return sd_bus_add_match_async(peer->bus, ret, rule, on_signal, on_match_reply, peer);
}

int peer_new_call(struct peer *peer, const char *path, const char *interface, const char *method, sd_bus_message **ret) {
        return peer->owner ? new_call(peer, peer->owner, path, interface, method, ret) : -ENOTCONN;
}
