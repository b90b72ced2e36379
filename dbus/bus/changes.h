/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_CHANGES_H
#define DBUS_CHANGES_H

#include <stdint.h>
#include <systemd/sd-bus.h>

struct bus;

/* The first loop turn signals everything at once. 0 or negative errno. */
int changes_start(struct bus *bus);
/* Signals the remaining changes, if changes_start() was called. Nothing is signalled after it. */
void changes_stop(struct bus *bus);

/* Signals these CHANGED_* at the end of the loop turn, and stops watching owners that no longer have anything. */
void bus_note_changes(struct bus *bus, uint32_t changed);

/* Signals the changes since the last call, as one PropertiesChanged for each interface. Handlers call it where the order of signal
 * and reply matters; changes that no handler made are signalled at the end of the loop turn. */
void bus_emit_changes(struct bus *bus);

/* Sends a reply without arguments after the signals that the call caused. The last statement of a handler. */
int bus_reply_changed(struct bus *bus, sd_bus_message *call);

#endif
