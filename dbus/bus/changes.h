/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_CHANGES_H
#define DBUS_CHANGES_H

#include <stdint.h>
#include <systemd/sd-bus.h>

struct bus;

/* The first loop turn signals everything at once. 0 or negative errno. */
int changes_start(struct bus *bus);
/* Signals what is left, unless changes_start() was not called; after it nothing is signalled any more. */
void changes_stop(struct bus *bus);

/* Signals these CHANGED_* at the end of the loop turn, and gives up the watch of owners that own nothing any more. */
void bus_note_changes(struct bus *bus, uint32_t changed);

/* Signals what changed since the last time, as one PropertiesChanged for each interface. Handlers call it where the order of signal
 * and reply matters; what no handler caused is signalled at the end of the loop turn. */
void bus_emit_changes(struct bus *bus);

/* Replies without arguments, after the signals that the call caused. A handler's last line. */
int bus_reply_changed(struct bus *bus, sd_bus_message *call);

#endif
