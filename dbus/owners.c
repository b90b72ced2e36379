/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When those leave who wait for something or own it. One match per owner of requests or sessions rather than one for everybody, so that a daemon
 * with nothing to watch is not woken by each program that leaves the bus. It refuses to keep a request whose owner it cannot
 * watch: should the bus decline the match, the owner is treated as gone. */

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

static void owner_gone(struct owner *owner, const char *reason) {
        struct bus *bus = owner->bus;

        log_debug("%s left the bus", owner->name);
        manager_owner_gone(bus->manager, owner->name);
        if (bus->options.sessions)
                sessions_owner_gone(bus->options.sessions, owner->name, reason);
        polkit_owner_gone(bus->polkit, owner->name, !text_equal(reason, "owner-gone"));
        owners_prune(bus); /* frees `owner` */
}

static int on_gone(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        (void) m, (void) error;
        owner_gone(userdata, "owner-gone");
        return 0;
}

static int on_installed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct owner *owner = userdata;

        (void) error;
        if (!sd_bus_message_is_method_error(m, NULL))
                return 0;
        (void) log_warning(sd_bus_message_get_errno(m), "cannot watch %s (the bus allows so many match rules per connection), ending its requests and sessions",
                           owner->name);
        owner_gone(owner, "quota");
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
        char rule[512];
        int r = TEXT_FORMAT(rule, "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
                                  "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='%s',arg2=''", owner->name);

        return r < 0 ? r : sd_bus_add_match_async(owner->bus->bus, &owner->slot, rule, on_gone, on_installed, owner);
}

int owners_watch(struct bus *bus, sd_bus_message *call) {
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
                return r;
        }
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

