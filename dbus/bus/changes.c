/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collects changes while a function of the manager runs, and signals them after it has returned: when the manager's callbacks run,
 * the change is not complete yet. */

#include "dbus/bus/changes.h"

#include "base/log.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/owners.h"

static int emit_all_parts(struct bus *bus, uint32_t changed) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < bus->n_parts; i++)
                if (bus->parts[i].emit)
                        r = bus->parts[i].emit(bus, changed);
        return r;
}

void bus_emit_changes(struct bus *bus) {
        uint32_t changed = bus->changed;
        int r;

        bus->changed = 0;
        owners_prune(bus);
        if (changed == 0)
                return;
        r = emit_all_parts(bus, changed);
        if (r < 0)
                (void) log_warning(r, "Cannot signal changes, ignoring");
        for (size_t i = 0; i < bus->n_parts; i++)
                if (changed & bus->parts[i].follows)
                        bus->parts[i].follow(bus);
}

int bus_reply_changed(struct bus *bus, sd_bus_message *call) {
        int r;

        bus_emit_changes(bus);
        r = sd_bus_reply_method_return(call, NULL);
        return r < 0 ? r : 1;
}

static int on_emit(sd_event_source *source, void *userdata) {
        (void) source;
        bus_emit_changes(userdata);
        return 0;
}

void bus_note_changes(struct bus *bus, uint32_t changed) {
        bus->changed |= changed;
        (void) sd_event_source_set_enabled(bus->emit, SD_EVENT_ONESHOT);
}

int changes_start(struct bus *bus) {
        int r = sd_event_add_defer(bus->event, &bus->emit, on_emit, bus);

        if (r >= 0)
                bus->changed = CHANGED_ALL;
        return r;
}

void changes_stop(struct bus *bus) {
        if (!bus->emit)
                return;
        bus->changed &= ~(CHANGED_RULES | CHANGED_ACTIONS); /* inputs_update() must not connect to other services now */
        if (manager_active(bus->manager))                   /* else the start failed, and there is nothing to signal */
                bus_emit_changes(bus);
        bus->emit = sd_event_source_disable_unref(bus->emit);
}
