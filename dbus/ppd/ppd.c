/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two objects of power-profiles-daemon: the vtables of both interfaces, and their signals. The legacy interface is the current
 * one without the members that were added after 0.21. Each interface exists only at its own path. Values that power-profiles-daemon
 * does not have are never shown, because some of its clients abort on unknown values. */

#include "dbus/ppd/ppd.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/property-rules.h"
#include "dbus/ppd/ppd-face.h"
#include "dbus/ppd/ppd-methods.h"
#include "dbus/ppd/ppd-properties.h"

/* Not a bit of the manager. It is set only in CHANGED_ALL, with which all properties are signalled. */
#define CHANGED_EVERYTHING UINT32_C(0x80000000)

#define READ(name, type) SD_BUS_PROPERTY(name, type, ppd_get, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE)
#define WRITE(name, type)                                                    \
        SD_BUS_WRITABLE_PROPERTY(name, type, ppd_get, property_never_set, 0, \
                                 SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE | SD_BUS_VTABLE_UNPRIVILEGED)

#define MEMBERS_OF_BOTH                                                                                                        \
        WRITE("ActiveProfile", "s"), READ("PerformanceInhibited", "s"), READ("PerformanceDegraded", "s"),                      \
                READ("Profiles", "aa{sv}"), READ("Actions", "as"), READ("ActiveProfileHolds", "aa{sv}"), READ("Version", "s"), \
                SD_BUS_METHOD_WITH_ARGS("HoldProfile", SD_BUS_ARGS("s", profile, "s", reason, "s", application_id),            \
                                        SD_BUS_RESULT("u", cookie), ppd_method_hold, SD_BUS_VTABLE_UNPRIVILEGED),              \
                SD_BUS_METHOD_WITH_ARGS("ReleaseProfile", SD_BUS_ARGS("u", cookie), SD_BUS_NO_RESULT, ppd_method_release,      \
                                        SD_BUS_VTABLE_UNPRIVILEGED),                                                           \
                SD_BUS_SIGNAL_WITH_ARGS("ProfileReleased", SD_BUS_ARGS("u", cookie), 0)

#define MEMBERS_OF_CURRENT                                                                                            \
        READ("ActionsInfo", "aa{sv}"), WRITE("BatteryAware", "b"),                                                    \
                SD_BUS_METHOD_WITH_ARGS("SetActionEnabled", SD_BUS_ARGS("s", action, "b", enabled), SD_BUS_NO_RESULT, \
                                        ppd_method_set_action, SD_BUS_VTABLE_UNPRIVILEGED)

const sd_bus_vtable ppd_current_vtable[] = { SD_BUS_VTABLE_START(0), MEMBERS_OF_BOTH, MEMBERS_OF_CURRENT, SD_BUS_VTABLE_END };
const sd_bus_vtable ppd_legacy_vtable[] = { SD_BUS_VTABLE_START(0), MEMBERS_OF_BOTH, SD_BUS_VTABLE_END };

/* The properties of both interfaces come first: the legacy interface uses the same table without the last rows. */
static const struct property_change changes[] = {
        { CHANGED_ACTIVE, "ActiveProfile" },
        { CHANGED_HOLDS, "ActiveProfileHolds" },
        { CHANGED_DEGRADED, "PerformanceDegraded" },
        { CHANGED_PROFILES, "Profiles" },
        { CHANGED_ACTIONS, "Actions" },
        { CHANGED_EVERYTHING, "PerformanceInhibited" },
        { CHANGED_EVERYTHING, "Version" },
        { CHANGED_ACTIONS, "ActionsInfo" },
        { CHANGED_BATTERY_AWARE, "BatteryAware" },
};
#define N_CHANGES_OF_CURRENT 2

struct ppd_side {
        const char *path, *interface;
        enum request_door door;
        const sd_bus_vtable *vtable;
        const struct property_rules *rules;
        const struct property_change *changes;
        size_t n_changes;
};

static const struct property_rules current_rules = { PPD_NAME, ppd_current_vtable, ppd_writable, PPD_N_WRITABLE, true };
static const struct property_rules legacy_rules = { PPD_LEGACY_NAME, ppd_legacy_vtable, ppd_writable, PPD_N_WRITABLE, true };

enum { PPD_CURRENT, PPD_LEGACY, PPD_SIDES };

static const struct ppd_side sides[PPD_SIDES] = {
        [PPD_CURRENT] = { PPD_PATH, PPD_NAME, DOOR_PPD, ppd_current_vtable, &current_rules, changes, ARRAY_SIZE(changes) },
        [PPD_LEGACY] = { PPD_LEGACY_PATH, PPD_LEGACY_NAME, DOOR_PPD_LEGACY, ppd_legacy_vtable, &legacy_rules, changes,
                         ARRAY_SIZE(changes) - N_CHANGES_OF_CURRENT },
};

struct ppd {
        struct ppd_face faces[PPD_SIDES];
        /* The values that were last signalled. A switch between two profiles with the same base does not change ActiveProfile. */
        enum profile_base shown_base;
        uint32_t shown_degraded;
};

static int on_call(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct ppd_face *face = userdata;

        return property_handle(call, face->side->rules, face->bus->polkit, face, error);
}

static int register_side(struct bus *bus, struct ppd_face *face, const struct ppd_side *side) {
        int r;

        *face = (struct ppd_face){ .bus = bus, .side = side, .door = side->door };
        r = sd_bus_add_object(bus->bus, NULL, side->path, on_call, face);
        return r < 0 ? r : sd_bus_add_object_vtable(bus->bus, NULL, side->path, side->interface, side->vtable, face);
}

int ppd_register(struct bus *bus) {
        int r = 0;

        bus->ppd = calloc(1, sizeof(*bus->ppd));
        if (!bus->ppd)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < PPD_SIDES; i++)
                r = register_side(bus, &bus->ppd->faces[i], &sides[i]);
        return r;
}

void ppd_unregister(struct bus *bus) {
        free(bus->ppd);
        bus->ppd = NULL;
}

/* Clears the bit of ActiveProfile, or of PerformanceDegraded, if these interfaces still show the value that was signalled last. */
static uint32_t visible_changes(struct bus *bus, uint32_t changed) {
        enum profile_base base = ppd_active_base(bus->manager);
        uint32_t degraded = ppd_degraded(bus->manager);

        if (changed & CHANGED_EVERYTHING)
                return changed;
        if (base == bus->ppd->shown_base)
                changed &= ~CHANGED_ACTIVE;
        if (degraded == bus->ppd->shown_degraded)
                changed &= ~CHANGED_DEGRADED;
        return changed;
}

int ppd_emit_changes(struct bus *bus, uint32_t changed) {
        int r = 0;

        changed = visible_changes(bus, changed);
        for (size_t i = 0; r >= 0 && i < PPD_SIDES; i++)
                r = property_emit(bus->bus, sides[i].path, sides[i].interface, sides[i].changes, sides[i].n_changes, changed);
        bus->ppd->shown_base = ppd_active_base(bus->manager);
        bus->ppd->shown_degraded = ppd_degraded(bus->manager);
        return r;
}

static const struct ppd_side *side_of_door(enum request_door door) {
        for (size_t i = 0; i < PPD_SIDES; i++)
                if (sides[i].door == door)
                        return &sides[i];
        return NULL;
}

int ppd_released(struct bus *bus, const struct request *request) {
        const struct ppd_side *side = side_of_door(request->door);
        sd_bus_message *signal = NULL;
        int r;

        if (!side)
                return 0;
        r = sd_bus_message_new_signal(bus->bus, &signal, side->path, side->interface, "ProfileReleased");
        if (r >= 0)
                r = sd_bus_message_append(signal, "u", request->cookie);
        if (r >= 0)
                r = sd_bus_message_set_destination(signal, request->owner);
        if (r >= 0)
                r = sd_bus_send(bus->bus, signal, NULL);
        sd_bus_message_unref(signal);
        return r;
}
