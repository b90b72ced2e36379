/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calls on power-profiles-daemon's interfaces that change something. The types of the arguments and the lengths of strings are
 * checked before the authorization by polkit, the values after it.
 *
 * The order of messages on these interfaces is that of power-profiles-daemon: Set and ReleaseProfile emit signals before the reply,
 * HoldProfile after it. But power-profiles-daemon also applies a hold after the reply, so it reports success even if that fails.
 * Here a hold is applied before the reply, so a failure is returned. */

#include "dbus/ppd/ppd-methods.h"

#include <errno.h>

#include "base/text.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/caller.h"
#include "dbus/bus/changes.h"
#include "dbus/bus/errors.h"
#include "dbus/bus/request-bus.h"
#include "dbus/ppd/ppd-face.h"
#include "dbus/ppd/ppd-properties.h"

static int set_active_profile(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        const struct ppd_face *face = userdata;
        struct message message = {};
        enum profile_base base;
        struct caller caller;
        const char *name;
        int r = sd_bus_message_read(call, "ssv", NULL, NULL, "s", &name);

        if (r < 0)
                return r;
        if (ppd_base_parse(name, &base) < 0)
                return sd_bus_error_setf(error, SD_BUS_ERROR_FAILED, "Invalid profile name '%.*s'", text_cut(name, 64), name);
        (void) caller_get(face->bus, call, &caller);
        r = manager_select(face->bus->manager, profile_base_names[base], caller.who, &message);
        if (r == -EOPNOTSUPP)
                return sd_bus_error_setf(error, SD_BUS_ERROR_FAILED, "Cannot switch to unavailable profile '%.*s'",
                                         text_cut(name, 64), name);
        return r < 0 ? error_set_ppd(error, r, &message) : bus_reply_changed(face->bus, call);
}

static int set_battery_aware(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        const struct ppd_face *face = userdata;
        int aware, r = sd_bus_message_read(call, "ssv", NULL, NULL, "b", &aware);

        if (r < 0)
                return r;
        r = manager_set_battery_aware(face->bus->manager, aware);
        if (r == -EALREADY)
                return sd_bus_error_setf(error, SD_BUS_ERROR_FAILED, "battery_aware is already set to %s",
                                         aware ? "TRUE" : "FALSE");
        return r < 0 ? error_set_ppd(error, r, NULL) : bus_reply_changed(face->bus, call);
}

const struct guarded ppd_writable[PPD_N_WRITABLE] = {
        { "ActiveProfile", POLKIT_PPD_SWITCH_PROFILE, set_active_profile },
        { "BatteryAware", POLKIT_PPD_CONFIGURE_BATTERY_AWARE, set_battery_aware },
};

static int hold_profile(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        const struct ppd_face *face = userdata;
        struct request template = { .kind = REQUEST_PROFILE, .door = face->door };
        struct message message = {};
        const char *name, *reason, *application;
        enum profile_base base;
        int r = sd_bus_message_read(call, "sss", &name, &reason, &application);

        if (r < 0)
                return r;
        if (ppd_base_parse(name, &base) < 0 || base == PROFILE_BALANCED)
                return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS, "Only 'performance' and 'power-saver' can be held");
        template.profile = profile_base_names[base];
        template.reason = (char *) reason; /* the manager copies both strings */
        template.application = (char *) application;
        r = request_submit(face->bus, call, &template, &message);
        return r < 0 ? error_set_ppd(error, r, &message) : 1;
}

int ppd_method_hold(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        static const struct guarded guarded = { "HoldProfile", POLKIT_PPD_HOLD_PROFILE, hold_profile };
        const struct ppd_face *face = userdata;

        return polkit_ask(face->bus->polkit, call, &guarded, userdata, error);
}

/* Needs no authorization by polkit, but only the owner and root may release a hold. In power-profiles-daemon, every client may
 * release every hold. */
int ppd_method_release(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        const struct ppd_face *face = userdata;
        const struct request *request;
        enum profile_base base;
        uint32_t cookie;
        int r = sd_bus_message_read(call, "u", &cookie);

        if (r < 0)
                return r;
        request = requests_find(manager_requests(face->bus->manager), cookie);
        r = request && ppd_hold_base(face->bus->manager, request, &base) ? request_release(face->bus, call, cookie) : -ESRCH;
        return r < 0 ? error_set_ppd(error, r, NULL) : bus_reply_changed(face->bus, call);
}

static int set_action(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        const struct ppd_face *face = userdata;
        const char *action;
        int enabled, r = sd_bus_message_read(call, "sb", &action, &enabled);

        if (r < 0)
                return r;
        r = manager_set_action(face->bus->manager, action, enabled);
        if (r == -ENOENT)
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "Unknown action '%.*s'", text_cut(action, 64), action);
        return r < 0 ? error_set_ppd(error, r, NULL) : bus_reply_changed(face->bus, call);
}

int ppd_method_set_action(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        static const struct guarded guarded = { "SetActionEnabled", POLKIT_PPD_CONFIGURE_ACTION, set_action };
        const struct ppd_face *face = userdata;

        return polkit_ask(face->bus->polkit, call, &guarded, userdata, error);
}
