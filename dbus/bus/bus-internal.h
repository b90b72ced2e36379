/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_BUS_INTERNAL_H
#define DBUS_BUS_INTERNAL_H

/* What the files of dbus/ share. No other folder includes it. */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "core/manager/manager.h"
#include "dbus/bus/allowance.h"
#include "dbus/bus.h"
#include "dbus/bus/caller.h"
#include "dbus/api/device-iface.h"
#include "dbus/peers/inputs.h"
#include "dbus/bus/owners.h"
#include "dbus/bus/polkit.h"
#include "dbus/ppd/ppd.h"
#include "dbus/api/session-iface.h"

/* Longest text of a call, in bytes; what is kept of it is less. */
#define BUS_TEXT_MAX 4096U

struct bus {
        sd_event *event;
        sd_bus *bus;
        struct manager *manager;
        struct bus_options options;
        struct listener listener;
        sd_event_source *emit;  /* runs bus_emit_changes() at the end of a loop turn */
        uint32_t changed;       /* CHANGED_* not yet signalled */
        struct polkit *polkit;
        struct callers callers;
        struct allowances allowances;
        struct owners owners;
        struct ppd ppd;
        struct devices devices;
        struct session_object found; /* the session that a path led to last */
        struct inputs *inputs;
};

/* The two halves of bus_new(), for a connection that is there already and needs no names: objects in place, then the manager's listener. */
int bus_new_on(sd_bus *sd, sd_event *event, struct manager *manager, const struct bus_options *options, struct bus **ret);
int bus_start(struct bus *bus);

/* Signals what changed since the last time, as one PropertiesChanged for each interface. Handlers call it where the order of signal
 * and reply matters; what no handler caused is signalled at the end of the loop turn. */
void bus_emit_changes(struct bus *bus);

/* Signals these CHANGED_* at the end of the loop turn, and gives up the watch of owners that own nothing any more. */
void bus_note_changes(struct bus *bus, uint32_t changed);

/* Replies without arguments, after the signals that the call caused. A handler's last line. */
int bus_reply_changed(struct bus *bus, sd_bus_message *call);

#endif
