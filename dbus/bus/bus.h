/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_BUS_H
#define DBUS_BUS_H

/* The structure that the files of dbus/ share. No other part of the service includes it. */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "core/manager/manager.h"
#include "core/sessions/sessions.h"
#include "dbus/bus/options.h"

/* Longest string, in bytes, in a call that polkit must authorize. Requests and sessions keep fewer bytes. */
#define BUS_TEXT_MAX 4096U

struct bus;

/* One part of the service. Every function may be NULL. The table of all parts is in dbus/service.c; its order is the order in which
 * they start and emit signals. */
struct bus_part {
        int (*start)(struct bus *bus);
        /* Emits the signals for a mask of CHANGED_*. */
        int (*emit)(struct bus *bus, uint32_t changed);
        /* follow() is called after all parts have emitted their signals, if the mask has a bit of `follows`. */
        uint32_t follows;
        void (*follow)(struct bus *bus);
        /* owns() returns true while a client, identified by its unique bus name, has a request, a session, or a call that is
         * waiting for polkit, in this part. Such a client is watched, and owner_gone() is called when it leaves the bus. */
        bool (*owns)(const struct bus *bus, const char *owner);
        void (*owner_gone)(struct bus *bus, const char *owner);
        /* Called for all parts in reverse order, also if start() has failed or was not called. */
        void (*stop)(struct bus *bus);
};

struct bus {
        sd_event *event;
        sd_bus *bus;
        struct manager *manager;
        struct bus_options options;
        struct listener listener;
        struct sessions_watcher sessions_watcher;
        const struct bus_part *parts;
        size_t n_parts;
        sd_event_source *emit; /* runs bus_emit_changes() in a later iteration of the loop */
        uint32_t changed;      /* CHANGED_* not yet signalled */

        /* Each is allocated and freed by the part that defines its structure. */
        struct callers *callers;
        struct allowances *allowances;
        struct owners *owners;
        struct polkit *polkit;
        struct inputs *inputs;
        struct ppd *ppd;
        struct devices *devices;
        struct session_object *found; /* the session that was looked up last */
};

#endif
