/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_CHANGES_H
#define DBUS_CHANGES_H

#include <stdint.h>
#include <systemd/sd-bus.h>

struct bus;

/* Schedules PropertiesChanged for all properties in the first iteration of the loop. Returns 0 or a negative errno. */
int changes_start(struct bus *bus);
/* Signals the remaining changes, except CHANGED_RULES and CHANGED_ACTIONS, if changes_start() was called and the start of the manager succeeded. Later changes are not
 * signalled. */
void changes_stop(struct bus *bus);

/* Schedules for a later iteration of the loop: signals for these CHANGED_*, and the end of watches that are no longer needed. */
void bus_note_changes(struct bus *bus, uint32_t changed);

/* Signals the changes since the last call, with at most one PropertiesChanged for each interface. Method handlers call it where the
 * order of signal and reply matters. Other changes are signalled in a later iteration of the loop. */
void bus_emit_changes(struct bus *bus);

/* Signals the changes that the call caused, then sends a reply without arguments. Returns what the handler has to return. */
int bus_reply_changed(struct bus *bus, sd_bus_message *call);

#endif
