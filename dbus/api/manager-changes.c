/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods of Manager1 that change profiles, requests or the configuration, and writes to ActiveProfile. Each function reads its
 * arguments, calls the manager and replies with the result. OpenSession and LoadGovernor are in session-open.c and
 * governor-methods.c. */

#include "dbus/api/manager-changes.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "dbus/api/governor-methods.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/caller.h"
#include "dbus/bus/changes.h"
#include "dbus/bus/errors.h"
#include "dbus/bus/polkit.h"
#include "dbus/bus/request-bus.h"

int manager_set_active_profile(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct bus *bus = userdata;
        struct message message = {};
        struct caller caller;
        const char *name;
        int r = sd_bus_message_read(call, "ssv", NULL, NULL, "s", &name);

        if (r < 0)
                return r;
        (void) caller_get(bus, call, &caller);
        r = manager_select(bus->manager, name, caller.who, &message);
        return r < 0 ? error_set(error, r, &message) : bus_reply_changed(bus, call);
}

/* Returns 1 on success, because request_submit() has sent the reply. */
static int submit(struct bus *bus, sd_bus_message *call, struct request *template, const char *reason, const char *application,
                  sd_bus_error *error) {
        struct message message = {};
        int r;

        template->door = DOOR_GOVERNORD;
        template->reason = (char *) reason; /* the manager copies both strings */
        template->application = (char *) application;
        r = request_submit(bus, call, template, &message);
        return r < 0 ? error_set(error, r, &message) : 1;
}

static int hold_profile(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct bus *bus = userdata;
        struct request template = { .kind = REQUEST_PROFILE };
        const char *name, *reason, *application;
        const struct profile *profile;
        int r = sd_bus_message_read(call, "ssst", &name, &reason, &application, &template.deadline_usec);

        if (r < 0)
                return r;
        profile = config_profile(manager_config(bus->manager), name);
        if (!profile)
                return sd_bus_error_setf(error, ERROR_INVALID_PROFILE, "There is no profile '%s'", name);
        template.profile = profile->name;
        return submit(bus, call, &template, reason, application, error);
}

static int read_domain(const char *domain, uint32_t *ret_scope, uint32_t *ret_number, sd_bus_error *error) {
        if (domain_parse(domain, ret_scope, ret_number) >= 0)
                return 0;
        return sd_bus_error_setf(error, ERROR_NO_SUCH_DOMAIN, "There is no domain '%s'", domain);
}

static int request_level(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct bus *bus = userdata;
        struct request template = { .kind = REQUEST_LEVEL };
        const char *domain, *reason, *application;
        int r = sd_bus_message_read(call, "siisst", &domain, &template.floor, &template.ceiling, &reason, &application,
                                    &template.deadline_usec);

        if (r >= 0)
                r = read_domain(domain, &template.scope, &template.domain, error);
        return r < 0 ? r : submit(bus, call, &template, reason, application, error);
}

static int set_level(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct bus *bus = userdata;
        struct message message = {};
        struct caller caller;
        uint32_t scope, number;
        const char *domain;
        int floor, ceiling, r = sd_bus_message_read(call, "sii", &domain, &floor, &ceiling);

        if (r >= 0)
                r = read_domain(domain, &scope, &number, error);
        if (r < 0)
                return r;
        (void) caller_get(bus, call, &caller);
        r = manager_set_level(bus->manager, scope, number, floor, ceiling, caller.who, &message);
        return r < 0 ? error_set(error, r, &message) : bus_reply_changed(bus, call);
}

static int reload(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct bus *bus = userdata;
        _cleanup_free_ char *reasons = NULL;
        int r = manager_reload(bus->manager, &reasons);

        if (r < 0 && reasons)
                return error_set_text(error, ERROR_INVALID_CONFIGURATION, reasons);
        return r < 0 ? error_set(error, r, NULL) : bus_reply_changed(bus, call);
}

static const struct guarded guarded[] = {
        { "HoldProfile", POLKIT_HOLD_PROFILE, hold_profile },
        { "RequestLevel", POLKIT_REQUEST_LEVEL, request_level },
        { "SetLevel", POLKIT_SET_LEVEL, set_level },
        { "Reload", POLKIT_RELOAD, reload },
        { "LoadGovernor", POLKIT_LOAD_GOVERNOR, manager_load_governor },
};

int manager_method_guarded(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        const struct guarded *row = guarded_find(guarded, ARRAY_SIZE(guarded), sd_bus_message_get_member(call));
        struct bus *bus = userdata;

        return row ? polkit_ask(bus->polkit, call, row, bus, error) : -EINVAL;
}

int manager_method_release(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct bus *bus = userdata;
        uint32_t cookie;
        int r = sd_bus_message_read(call, "u", &cookie);

        if (r >= 0)
                r = request_release(bus, call, cookie);
        return r < 0 ? error_set(error, r, NULL) : bus_reply_changed(bus, call);
}
