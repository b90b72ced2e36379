/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of power-profiles-daemon's properties; read-only. A custom profile is shown as its base profile. The dictionaries of
 * Profiles and ActiveProfileHolds contain only strings, because a client (Waybar) parses them as maps of strings. */

#include "dbus/ppd/ppd-properties.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/describe.h"
#include "dbus/bus/marshal.h"
#include "dbus/ppd/ppd-face.h"

/* The release of power-profiles-daemon whose interfaces are implemented. */
#define PPD_VERSION "0.30"

int ppd_base_parse(const char *name, enum profile_base *ret) {
        for (enum profile_base base = 0; base < PROFILE_BASE_COUNT; base++)
                if (strcmp(profile_base_names[base], name) == 0) {
                        *ret = base;
                        return 0;
                }
        return -ENOENT;
}

/* Before the manager has been started, there is no active profile; balanced is the default. */
enum profile_base ppd_active_base(const struct manager *manager) {
        const struct profile *active = manager_active(manager);

        return active ? active->base : PROFILE_BALANCED;
}

bool ppd_hold_base(const struct manager *manager, const struct request *request, enum profile_base *ret) {
        const struct profile *profile;

        if (request->kind != REQUEST_PROFILE)
                return false;
        profile = config_profile(manager_config(manager), request->profile);
        if (!profile || profile->base == PROFILE_BALANCED)
                return false;
        *ret = profile->base;
        return true;
}

uint32_t ppd_degraded(const struct manager *manager) {
        return manager_degraded(manager) & (DEGRADED_HEAT | DEGRADED_LAP);
}

static int get_active_profile(struct manager *manager, sd_bus_message *reply) {
        return append_text(reply, profile_base_names[ppd_active_base(manager)]);
}

/* Unused since power-profiles-daemon 0.9, but clients read it. */
static int get_inhibited(struct manager *manager, sd_bus_message *reply) {
        (void) manager;
        return append_text(reply, "");
}

static int get_degraded(struct manager *manager, sd_bus_message *reply) {
        char text[DEGRADED_TEXT_MAX];

        describe_degraded(ppd_degraded(manager), text);
        return append_text(reply, text);
}

static int append_drivers(sd_bus_message *reply, const char *cpu, const char *platform) {
        const char *driver = cpu && platform ? "multiple" : cpu ? cpu : platform ? platform : "placeholder";
        int r = 0;

        if (cpu)
                r = append_entry_text(reply, "CpuDriver", cpu);
        if (r >= 0 && platform)
                r = append_entry_text(reply, "PlatformDriver", platform);
        return r < 0 ? r : append_entry_text(reply, "Driver", driver);
}

static int append_profile(sd_bus_message *reply, struct manager *manager, enum profile_base base) {
        const char *cpu = NULL, *platform = NULL;
        int r = sd_bus_message_open_container(reply, 'a', "{sv}");

        manager_profile_drivers(manager, base, &cpu, &platform);
        if (r >= 0)
                r = append_entry_text(reply, "Profile", profile_base_names[base]);
        if (r >= 0)
                r = append_drivers(reply, cpu, platform);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static bool is_offered(const struct manager *manager, enum profile_base base) {
        const struct config *config = manager_config(manager);
        const struct profile *profile = config ? config_profile(config, profile_base_names[base]) : NULL;

        return profile && manager_profile_available(manager, profile);
}

static int get_profiles(struct manager *manager, sd_bus_message *reply) {
        int r = sd_bus_message_open_container(reply, 'a', "a{sv}");

        for (enum profile_base base = 0; r >= 0 && base < PROFILE_BASE_COUNT; base++)
                if (is_offered(manager, base))
                        r = append_profile(reply, manager, base);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_actions(struct manager *manager, sd_bus_message *reply) {
        const struct action *actions;
        size_t n = manager_actions(manager, &actions);
        int r = sd_bus_message_open_container(reply, 'a', "s");

        for (size_t i = 0; r >= 0 && i < n; i++)
                if (actions[i].enabled)
                        r = append_text(reply, actions[i].name);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_action(sd_bus_message *reply, const struct action *action) {
        int r = sd_bus_message_open_container(reply, 'a', "{sv}");

        if (r >= 0)
                r = append_entry_text(reply, "Name", action->name);
        if (r >= 0)
                r = append_entry_text(reply, "Description", action->description);
        if (r >= 0)
                r = append_entry_bool(reply, "Enabled", action->enabled);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_actions_info(struct manager *manager, sd_bus_message *reply) {
        const struct action *actions;
        size_t n = manager_actions(manager, &actions);
        int r = sd_bus_message_open_container(reply, 'a', "a{sv}");

        for (size_t i = 0; r >= 0 && i < n; i++)
                r = append_action(reply, &actions[i]);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_hold(sd_bus_message *reply, const struct request *request, enum profile_base base) {
        int r = sd_bus_message_open_container(reply, 'a', "{sv}");

        if (r >= 0)
                r = append_entry_text(reply, "ApplicationId", request->application);
        if (r >= 0)
                r = append_entry_text(reply, "Profile", profile_base_names[base]);
        if (r >= 0)
                r = append_entry_text(reply, "Reason", request->reason);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_holds(struct manager *manager, sd_bus_message *reply) {
        const struct requests *requests = manager_requests(manager);
        enum profile_base base;
        int r = sd_bus_message_open_container(reply, 'a', "a{sv}");

        for (size_t i = 0; r >= 0 && i < requests->n; i++)
                if (ppd_hold_base(manager, requests->items[i], &base))
                        r = append_hold(reply, requests->items[i], base);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_version(struct manager *manager, sd_bus_message *reply) {
        (void) manager;
        return append_text(reply, PPD_VERSION);
}

static int get_battery_aware(struct manager *manager, sd_bus_message *reply) {
        int aware = manager_battery_aware(manager);

        return sd_bus_message_append_basic(reply, 'b', &aware);
}

static const struct {
        const char *property;
        int (*get)(struct manager *manager, sd_bus_message *reply);
} getters[] = {
        { "ActiveProfile", get_active_profile },
        { "PerformanceInhibited", get_inhibited },
        { "PerformanceDegraded", get_degraded },
        { "Profiles", get_profiles },
        { "Actions", get_actions },
        { "ActionsInfo", get_actions_info },
        { "ActiveProfileHolds", get_holds },
        { "Version", get_version },
        { "BatteryAware", get_battery_aware },
};

int ppd_get(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply, void *userdata,
            sd_bus_error *error) {
        const struct ppd_face *face = userdata;

        (void) bus, (void) path, (void) interface, (void) error;
        for (size_t i = 0; i < ARRAY_SIZE(getters); i++)
                if (text_equal(getters[i].property, property))
                        return getters[i].get(face->bus->manager, reply);
        return -EINVAL;
}
