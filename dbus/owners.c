/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When those leave who wait for something or own it. One match per owner of requests or sessions rather than one for everybody, so that a daemon
 * with nothing to watch is not woken by each program that leaves the bus. The bus allows a connection so many match rules; a call whose sender it
 * does not let us watch fails, since nothing would ever end what it asks for. So the bus's answer is waited for, with a deadline. */

#include "dbus/owners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "dbus/bus-internal.h"

struct owner {
        struct owner *next;
        struct bus *bus;
        sd_bus_slot *slot;
        char name[]; /* unique name */
};

static struct owner *owner_free(struct owner *owner) {
        if (owner)
                sd_bus_slot_unref(owner->slot);
        free(owner);
        return NULL;
}

static int on_gone(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct owner *owner = userdata;
        struct bus *bus = owner->bus;

        (void) m, (void) error;
        log_debug("%s left the bus", owner->name);
        manager_owner_gone(bus->manager, owner->name);
        if (bus->options.sessions)
                sessions_owner_gone(bus->options.sessions, owner->name, "owner-gone");
        polkit_owner_gone(bus->polkit, owner->name);
        owners_prune(bus); /* frees `owner` */
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

/* arg2 is the new owner of a unique name, hence always "" in such a signal. */
static int owner_match(struct owner *owner) {
        sd_bus *bus = owner->bus->bus;
        uint64_t timeout = 0;
        char rule[512];
        int r = TEXT_FORMAT(rule, "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
                                  "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='%s',arg2=''", owner->name);

        if (r >= 0)
                r = sd_bus_get_method_call_timeout(bus, &timeout);
        if (r >= 0)
                r = sd_bus_set_method_call_timeout(bus, CALLER_TIMEOUT_USEC);
        if (r < 0)
                return r;
        r = sd_bus_add_match(bus, &owner->slot, rule, on_gone, owner);
        (void) sd_bus_set_method_call_timeout(bus, timeout);
        return r;
}

/* ENOBUFS is what sd-bus makes of LimitsExceeded. */
static int not_watched(struct bus *bus, int r, struct message *ret) {
        size_t n = 0;

        for (const struct owner *owner = bus->owners.first; owner; owner = owner->next)
                n++;
        if (r == -ENOBUFS)
                (void) TEXT_FORMAT(ret->text,
                                   "The message bus allows no more match rules to governord (max_match_rules_per_connection of dbus-daemon), which watches %zu "
                                   "clients with requests or sessions already and could not notice the end of another. Try again when some have ended",
                                   n);
        if (!bus->owners.limit_logged)
                (void) log_warning(r, "Calls fail, as their senders cannot be watched; %zu clients are", n);
        bus->owners.limit_logged = true;
        return r;
}

int owners_watch(struct bus *bus, sd_bus_message *call, struct message *ret) {
        const char *name = sd_bus_message_get_sender(call);
        struct owner *owner;
        int r;

        if (!name)
                return -ENXIO;
        for (owner = bus->owners.first; owner; owner = owner->next)
                if (strcmp(owner->name, name) == 0)
                        return 0;
        owner = owner_new(bus, name);
        if (!owner)
                return -ENOMEM;
        r = owner_match(owner);
        if (r < 0) {
                owner_free(owner);
                return not_watched(bus, r, ret);
        }
        bus->owners.limit_logged = false;
        owner->next = bus->owners.first;
        bus->owners.first = owner;
        return 0;
}

static bool owns_anything(const struct bus *bus, const char *name) {
        return requests_count_owner(manager_requests(bus->manager), name) > 0 ||
               (bus->options.sessions && sessions_count_owner(bus->options.sessions, name) > 0) || polkit_asks_for(bus->polkit, name);
}

void owners_prune(struct bus *bus) {
        struct owner **p = &bus->owners.first;

        while (*p) {
                struct owner *owner = *p;

                if (owns_anything(bus, owner->name)) {
                        p = &owner->next;
                        continue;
                }
                *p = owner->next;
                owner_free(owner);
        }
}

void owners_clear(struct owners *owners) {
        while (owners->first) {
                struct owner *owner = owners->first;

                owners->first = owner->next;
                owner_free(owner);
        }
}
