/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_BUS_H
#define DBUS_BUS_H

/* What the files of dbus/ share. No other folder includes it. */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "core/manager/manager.h"
#include "core/sessions/sessions.h"
#include "dbus/bus/options.h"

/* Longest text of a call, in bytes; what is kept of it is less. */
#define BUS_TEXT_MAX 4096U

struct bus;

/* One part of the service. All functions may be NULL. The table of all parts is in dbus/service.c; parts start in its order, and their
 * signals have it, too. */
struct bus_part {
        int (*start)(struct bus *bus);
        /* Signals a mask of CHANGED_*. */
        int (*emit)(struct bus *bus, uint32_t changed);
        /* Called after the signals of all parts, when one of these CHANGED_* was among them. */
        uint32_t follows;
        void (*follow)(struct bus *bus);
        /* Whether a bus name has anything here, so that it is watched until it leaves the bus; and what is done when it has left. */
        bool (*owns)(const struct bus *bus, const char *owner);
        void (*owner_gone)(struct bus *bus, const char *owner);
        /* In reverse order; also when start() has failed or was not called. */
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
        sd_event_source *emit; /* runs bus_emit_changes() at the end of a loop turn */
        uint32_t changed;      /* CHANGED_* not yet signalled */

        /* Each is made and freed by the part that knows its structure. */
        struct callers *callers;
        struct allowances *allowances;
        struct owners *owners;
        struct polkit *polkit;
        struct inputs *inputs;
        struct ppd *ppd;
        struct devices *devices;
        struct session_object *found; /* the session that a path led to last */
};

#endif
