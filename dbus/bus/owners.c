/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watches for the disconnection of clients that have a request, a session, or a call that is waiting for polkit. The first
 * ALONE_MAX clients have a match rule each, so that other programs that leave the bus do not wake an otherwise idle service. The
 * bus limits the number of match rules of a connection (dbus-daemon: 512), so all further clients share one rule, which matches
 * every disconnection. If a client cannot be watched, its call fails, because its request would never end. To detect this, adding a
 * match rule waits for the reply of the bus, with a timeout. */

#include "dbus/bus/owners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/caller.h"

/* Number of owners that have a separate match rule. */
#define ALONE_MAX 16

struct owner {
        struct owner *next;
        struct bus *bus;
        sd_bus_slot *slot; /* NULL: watched by the shared rule */
        char name[];       /* unique name */
};

static struct owner *owner_free(struct owner *owner) {
        if (owner)
                sd_bus_slot_unref(owner->slot);
        free(owner);
        return NULL;
}

/* Frees `owner`. */
static void end_owner(struct owner *owner) {
        struct bus *bus = owner->bus;

        log_debug("%s left the bus", owner->name);
        for (size_t i = 0; i < bus->n_parts; i++)
                if (bus->parts[i].owner_gone)
                        bus->parts[i].owner_gone(bus, owner->name);
        owners_prune(bus);
}

static int on_gone(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        (void) m, (void) error;
        end_owner(userdata);
        return 0;
}

static struct owner *find_owner(const struct owners *owners, const char *name) {
        for (struct owner *owner = owners->first; owner; owner = owner->next)
                if (strcmp(owner->name, name) == 0)
                        return owner;
        return NULL;
}

/* Ignores owners that have a separate match rule: sd-bus calls on_gone() for them. */
static int on_any_gone(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct bus *bus = userdata;
        struct owner *owner;
        const char *name;

        (void) error;
        if (sd_bus_message_read(m, "s", &name) < 0)
                return 0;
        owner = find_owner(bus->owners, name);
        if (owner && !owner->slot)
                end_owner(owner);
        return 0;
}

static struct owner *owner_new(struct bus *bus, const char *name) {
        struct owner *owner = calloc(1, sizeof(*owner) + strlen(name) + 1);

        if (!owner)
                return NULL;
        owner->bus = bus;
        strcpy(owner->name, name);
        return owner;
}

static int add_match(sd_bus *bus, sd_bus_slot **ret, const char *rule, sd_bus_message_handler_t handler, void *userdata) {
        uint64_t timeout;
        int r = sd_bus_get_method_call_timeout(bus, &timeout);

        if (r >= 0)
                r = sd_bus_set_method_call_timeout(bus, CALLER_TIMEOUT_USEC);
        if (r < 0)
                return r;
        r = sd_bus_add_match(bus, ret, rule, handler, userdata);
        (void) sd_bus_set_method_call_timeout(bus, timeout);
        return r;
}

/* arg2 is the new owner of the name: "" when a connection leaves the bus. */
#define RULE                                                                        \
        "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus'," \
        "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg2=''"

static int owner_match(struct owner *owner) {
        struct owners *owners = owner->bus->owners;
        size_t alone = 0;
        char rule[512];
        int r;

        for (const struct owner *other = owners->first; other; other = other->next)
                alone += other->slot != NULL;
        if (alone >= ALONE_MAX)
                return owners->together ? 0 : add_match(owner->bus->bus, &owners->together, RULE, on_any_gone, owner->bus);
        r = TEXT_FORMAT(rule, RULE ",arg0='%s'", owner->name);
        return r < 0 ? r : add_match(owner->bus->bus, &owner->slot, rule, on_gone, owner);
}

/* -ENOBUFS is how sd-bus reports LimitsExceeded. */
static int explain_not_watched(struct bus *bus, int r, struct message *ret) {
        size_t n = 0;

        for (const struct owner *owner = bus->owners->first; owner; owner = owner->next)
                n++;
        if (r == -ENOBUFS)
                (void) TEXT_FORMAT(
                        ret->text,
                        "The message bus allows no more match rules to governord (max_match_rules_per_connection of dbus-daemon), which already watches %zu "
                        "clients and would not be notified when another one disconnects. Try again after some clients have disconnected",
                        n);
        if (!bus->owners->limit_logged)
                (void) log_warning(
                        r, "Cannot watch for the disconnection of another client (%zu are watched already), so its call fails", n);
        bus->owners->limit_logged = true;
        return r;
}

int owners_watch(struct bus *bus, sd_bus_message *call, struct message *ret) {
        const char *name = sd_bus_message_get_sender(call);
        struct owner *owner;
        int r;

        if (!name)
                return -ENXIO;
        if (find_owner(bus->owners, name))
                return 0;
        owner = owner_new(bus, name);
        if (!owner)
                return -ENOMEM;
        r = owner_match(owner);
        if (r < 0) {
                owner_free(owner);
                return explain_not_watched(bus, r, ret);
        }
        bus->owners->limit_logged = false;
        owner->next = bus->owners->first;
        bus->owners->first = owner;
        return 0;
}

static bool owns_anything(const struct bus *bus, const char *name) {
        for (size_t i = 0; i < bus->n_parts; i++)
                if (bus->parts[i].owns && bus->parts[i].owns(bus, name))
                        return true;
        return false;
}

void owners_prune(struct bus *bus) {
        struct owner **p = &bus->owners->first;
        bool together = false;

        while (*p) {
                struct owner *owner = *p;

                if (owns_anything(bus, owner->name)) {
                        together = together || !owner->slot;
                        p = &owner->next;
                        continue;
                }
                *p = owner->next;
                owner_free(owner);
        }
        if (!together)
                bus->owners->together = sd_bus_slot_unref(bus->owners->together);
}

int owners_start(struct bus *bus) {
        bus->owners = calloc(1, sizeof(*bus->owners));
        return bus->owners ? 0 : -ENOMEM;
}

void owners_stop(struct bus *bus) {
        struct owners *owners = bus->owners;

        while (owners && owners->first) {
                struct owner *owner = owners->first;

                owners->first = owner->next;
                owner_free(owner);
        }
        if (owners)
                sd_bus_slot_unref(owners->together);
        free(owners);
        bus->owners = NULL;
}
