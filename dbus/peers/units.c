/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows which units are active, without causing systemd to load them. Reading the properties of a unit would load it: systemd
 * would signal UnitNew and unload the unused unit again, in an endless loop. Therefore the list of loaded units is requested
 * instead. systemd sends signals only while a client is subscribed. After a unit was loaded, UnitNew may be the only signal of its
 * first change of state, so the list is requested again after UnitNew. */

#include "dbus/peers/units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "dbus/peers/peer.h"

#define NAME    "org.freedesktop.systemd1"
#define PATH    "/org/freedesktop/systemd1"
#define MANAGER NAME ".Manager"
/* UNIT_NAME_MAX of systemd, without the final NUL */
#define NAME_LENGTH_MAX 255

struct unit {
        const char *name;
        char *path;
        bool active, listed;
        sd_bus_slot *new_match;
};

struct units {
        struct peer *peer;
        sd_bus_slot *call;
        units_callback callback;
        void *userdata;
        struct unit items[UNITS_MAX];
        unsigned n;
};

static void set_active(struct units *units, struct unit *unit, bool active) {
        if (unit->active == active)
                return;
        unit->active = active;
        units->callback(unit->name, active, units->userdata);
}

static void on_vanished(struct peer *peer, void *userdata) {
        struct units *units = userdata;

        (void) peer;
        units->call = sd_bus_slot_unref(units->call);
        for (unsigned i = 0; i < units->n; i++)
                set_active(units, &units->items[i], false);
}

static bool state_is_active(const char *state) {
        return text_equal(state, "active") || text_equal(state, "reloading") || text_equal(state, "refreshing");
}

static void on_property(struct peer *peer, const char *path, const char *name, const struct property_value *value, void *userdata) {
        struct units *units = userdata;

        (void) peer;
        if (!text_equal(name, "ActiveState") || value->type != 's')
                return;
        for (unsigned i = 0; i < units->n; i++)
                if (text_equal(units->items[i].path, path))
                        set_active(units, &units->items[i], state_is_active(value->s));
}

/* a(ssssssouso): id, description, load state, active state, ... */
static int read_list(struct units *units, sd_bus_message *message) {
        int r = sd_bus_message_enter_container(message, 'a', "(ssssssouso)");

        while (r >= 0) {
                const char *id, *state;

                r = sd_bus_message_read(message, "(ssssssouso)", &id, NULL, NULL, &state, NULL, NULL, NULL, NULL, NULL, NULL);
                if (r <= 0)
                        return r;
                for (unsigned i = 0; i < units->n; i++) {
                        if (!text_equal(units->items[i].name, id))
                                continue;
                        units->items[i].listed = true;
                        set_active(units, &units->items[i], state_is_active(state));
                }
        }
        return r;
}

static int on_list_reply(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        struct units *units = userdata;
        int r;

        (void) error;
        units->call = sd_bus_slot_unref(units->call);
        if (sd_bus_message_is_method_error(message, NULL)) {
                log_debug("systemd did not return its list of units: %s", sd_bus_message_get_error(message)->message);
                return 0;
        }
        for (unsigned i = 0; i < units->n; i++)
                units->items[i].listed = false;
        r = read_list(units, message);
        if (r < 0)
                log_debug("Cannot read systemd's list of units: %s", strerrordesc_np(-r));
        for (unsigned i = 0; r >= 0 && i < units->n; i++)
                if (!units->items[i].listed)
                        set_active(units, &units->items[i], false);
        return 0;
}

static int append_names(const struct units *units, sd_bus_message *message) {
        int r = sd_bus_message_append(message, "as", 0); /* no filter: units in any state */

        if (r >= 0)
                r = sd_bus_message_open_container(message, 'a', "s");
        for (unsigned i = 0; r >= 0 && i < units->n; i++)
                r = sd_bus_message_append(message, "s", units->items[i].name);
        return r < 0 ? r : sd_bus_message_close_container(message);
}

/* Cancels an earlier request, whose reply would be out of date. */
static void request_list(struct units *units) {
        sd_bus_message *message;
        int r;

        units->call = sd_bus_slot_unref(units->call);
        if (units->n == 0 || peer_new_call(units->peer, PATH, MANAGER, "ListUnitsByPatterns", &message) < 0)
                return;
        r = append_names(units, message);
        if (r >= 0)
                r = sd_bus_call_async(sd_bus_message_get_bus(message), &units->call, message, on_list_reply, units, 0);
        if (r < 0)
                log_debug("Cannot request the list of units from systemd: %s", strerrordesc_np(-r));
        sd_bus_message_unref(message);
}

/* Calls Subscribe or Unsubscribe without waiting for a reply: the only expected error is that the client is already subscribed, or
 * not subscribed. */
static void call_without_reply(struct units *units, const char *method) {
        sd_bus_message *message;

        if (peer_new_call(units->peer, PATH, MANAGER, method, &message) < 0)
                return;
        if (sd_bus_message_set_expect_reply(message, false) >= 0)
                (void) sd_bus_send(NULL, message, NULL);
        sd_bus_message_unref(message);
}

static void on_appeared(struct peer *peer, void *userdata) {
        struct units *units = userdata;

        (void) peer;
        if (units->n > 0)
                call_without_reply(units, "Subscribe");
        request_list(units);
}

static void on_unit_new(struct peer *peer, sd_bus_message *message, void *userdata) {
        (void) peer, (void) message;
        request_list(userdata);
}

int units_new(sd_bus *bus, units_callback callback, void *userdata, struct units **ret) {
        static const struct peer_callbacks callbacks = {
                .appeared = on_appeared, .vanished = on_vanished, .property = on_property, .signal = on_unit_new
        };
        struct units *units = calloc(1, sizeof(*units));
        int r;

        if (!units)
                return -ENOMEM;
        units->callback = callback;
        units->userdata = userdata;
        r = peer_new(bus, NAME, &callbacks, units, &units->peer);
        if (r < 0) {
                (void) units_free(units);
                return r;
        }
        *ret = units;
        return 0;
}

static bool name_is_valid(const char *name) {
        static const char
                allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@"; /* systemd: VALID_CHARS */
        const char *dot = strrchr(name, '.');

        return dot && dot != name && dot[1] != '\0' && strlen(name) <= NAME_LENGTH_MAX && name[strspn(name, allowed)] == '\0';
}

static void unit_done(struct unit *unit) {
        sd_bus_slot_unref(unit->new_match);
        free(unit->path);
}

int units_add(struct units *units, const char *unit) {
        struct unit new = { .name = unit };
        int r;

        if (!name_is_valid(unit))
                return -EINVAL;
        for (unsigned i = 0; i < units->n; i++)
                if (text_equal(units->items[i].name, unit))
                        return 0;
        if (units->n == UNITS_MAX)
                return -E2BIG;
        r = sd_bus_path_encode(PATH "/unit", unit, &new.path);
        if (r < 0)
                return r;
        r = peer_listen(units->peer, PATH, MANAGER, "UnitNew", unit, &new.new_match);
        if (r >= 0)
                r = peer_follow(units->peer, new.path, NAME ".Unit", false);
        if (r < 0) {
                unit_done(&new);
                return r;
        }
        units->items[units->n++] = new;
        if (units->n == 1)
                call_without_reply(units, "Subscribe");
        request_list(units);
        return 0;
}

void units_clear(struct units *units) {
        if (units->peer)
                peer_unfollow_all(units->peer);
        if (units->n > 0)
                call_without_reply(units, "Unsubscribe");
        units->call = sd_bus_slot_unref(units->call);
        while (units->n > 0)
                unit_done(&units->items[--units->n]);
}

struct units *units_free(struct units *units) {
        if (!units)
                return NULL;
        units_clear(units);
        (void) peer_free(units->peer);
        free(units);
        return NULL;
}
