/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_PPD_INTERNAL_H
#define DBUS_PPD_INTERNAL_H

#include "core/manager/manager.h"
#include "dbus/bus/polkit.h"
#include "dbus/ppd/ppd.h"
#include "dbus/bus/property-rules.h"

/* Between ppd.c (objects, signals), ppd-methods.c and ppd-properties.c. */

struct ppd_side {
        const char *path, *interface;
        enum request_door door;
        const sd_bus_vtable *vtable;
        const struct property_rules *rules;
        const struct property_change *changes;
        size_t n_changes;
};

/* What each interface has. */
extern const sd_bus_vtable ppd_current_vtable[], ppd_legacy_vtable[];

/* sd-bus's getter, less what no getter here needs. */
int ppd_get(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply, void *userdata,
            sd_bus_error *error);

int ppd_method_hold(sd_bus_message *call, void *userdata, sd_bus_error *error);
int ppd_method_release(sd_bus_message *call, void *userdata, sd_bus_error *error);
int ppd_method_set_action(sd_bus_message *call, void *userdata, sd_bus_error *error);

/* Once polkit has said yes: writes of properties. */
#define PPD_N_WRITABLE 2
extern const struct guarded ppd_writable[PPD_N_WRITABLE];

/* The base profile of a name; negative errno when it is none of the three. */
int ppd_base_parse(const char *name, enum profile_base *ret);
/* The base profile that is shown as active. */
enum profile_base ppd_active_base(const struct manager *manager);
/* The base profile of a hold that is listed; false for all other requests. */
bool ppd_hold_base(const struct manager *manager, const struct request *request, enum profile_base *ret);
/* The degradation that this API shows. */
uint32_t ppd_degraded(const struct manager *manager);

#endif
