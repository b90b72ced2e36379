/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The object /org/governord: its vtable, properties and signals. Unlike the interfaces of power-profiles-daemon, it shows the names
 * of custom profiles and all kinds of degradation. Its methods are in manager-lists.c, manager-changes.c, governor-methods.c and
 * session-open.c. */

#include "dbus/api/manager-iface.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "build-config.h"
#include "core/sessions/sessions.h"
#include "dbus/api/governor-methods.h"
#include "dbus/api/manager-changes.h"
#include "dbus/api/manager-lists.h"
#include "dbus/api/names.h"
#include "dbus/api/session-open.h"
#include "dbus/bus/allowance.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/describe.h"
#include "dbus/bus/marshal.h"
#include "dbus/bus/polkit.h"
#include "dbus/bus/property-rules.h"

static int get_version(struct manager *manager, sd_bus_message *reply) {
        (void) manager;
        return append_text(reply, GOVERNORD_VERSION);
}

static int get_active(struct manager *manager, sd_bus_message *reply) {
        const struct profile *profile = manager_active(manager);

        return append_text(reply, profile ? profile->name : "");
}

static int get_selected(struct manager *manager, sd_bus_message *reply) {
        const struct profile *profile = manager_selected(manager);

        return append_text(reply, profile ? profile->name : "");
}

static int get_cause(struct manager *manager, sd_bus_message *reply) {
        return append_text(reply, manager_cause(manager));
}

static int append_profile(sd_bus_message *reply, const struct manager *manager, const struct profile *profile) {
        const char *const texts[] = { profile->name, profile_base_names[profile->base], profile->description };
        int available = manager_profile_available(manager, profile);
        int r = sd_bus_message_open_container(reply, 'r', "sssb");

        if (r >= 0)
                r = append_texts(reply, texts, ARRAY_SIZE(texts));
        if (r >= 0)
                r = sd_bus_message_append_basic(reply, 'b', &available);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_profiles(struct manager *manager, sd_bus_message *reply) {
        const struct config *config = manager_config(manager);
        int r = sd_bus_message_open_container(reply, 'a', "(sssb)");

        for (size_t i = 0; r >= 0 && config && i < config->n_profiles; i++)
                r = append_profile(reply, manager, &config->profiles[i]);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_degraded(struct manager *manager, sd_bus_message *reply) {
        char text[DEGRADED_TEXT_MAX];

        describe_degraded(manager_degraded(manager), text);
        return append_text(reply, text);
}

static int get_power_source(struct manager *manager, sd_bus_message *reply) {
        struct power_view power = {};

        manager_power(manager, &power);
        return append_text(reply, power.source);
}

static int get_percentage(struct manager *manager, sd_bus_message *reply) {
        struct power_view power = {};

        manager_power(manager, &power);
        return sd_bus_message_append(reply, "i", power.percent);
}

static int get_config_error(struct manager *manager, sd_bus_message *reply) {
        return append_text(reply, manager_config_error(manager));
}

struct appending {
        sd_bus_message *reply;
        int r;
};

static void append_ineffective(const struct ineffective_line *line, void *userdata) {
        const char *const texts[] = { line->origin, line->reason };
        struct appending *appending = userdata;

        if (appending->r >= 0)
                appending->r = sd_bus_message_open_container(appending->reply, 'r', "ss");
        if (appending->r >= 0)
                appending->r = append_texts(appending->reply, texts, ARRAY_SIZE(texts));
        if (appending->r >= 0)
                appending->r = sd_bus_message_close_container(appending->reply);
}

static int get_ineffective(struct manager *manager, sd_bus_message *reply) {
        struct appending appending = { reply, sd_bus_message_open_container(reply, 'a', "(ss)") };

        if (appending.r >= 0)
                manager_each_ineffective(manager, append_ineffective, &appending);
        return appending.r < 0 ? appending.r : sd_bus_message_close_container(reply);
}

static int append_rule(sd_bus_message *reply, const struct manager *manager, const struct rule *rule, size_t index) {
        char condition[RULE_TEXT_MAX] = "";
        const char *const texts[] = { rule->name, condition, rule->profile };
        bool deciding = false, holds = manager_rule_holds(manager, index, &deciding);
        int r = sd_bus_message_open_container(reply, 'r', "sssbb");

        (void) rule_format(rule, condition, sizeof(condition));
        if (r >= 0)
                r = append_texts(reply, texts, ARRAY_SIZE(texts));
        if (r >= 0)
                r = sd_bus_message_append(reply, "bb", holds, deciding);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_rules(struct manager *manager, sd_bus_message *reply) {
        const struct config *config = manager_config(manager);
        int r = sd_bus_message_open_container(reply, 'a', "(sssbb)");

        for (size_t i = 0; r >= 0 && config && i < config->n_rules; i++)
                r = append_rule(reply, manager, &config->rules[i], i);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static const struct {
        const char *property;
        int (*get)(struct manager *manager, sd_bus_message *reply);
} getters[] = {
        { "Version", get_version },
        { "ActiveProfile", get_active },
        { "SelectedProfile", get_selected },
        { "Cause", get_cause },
        { "Profiles", get_profiles },
        { "Degraded", get_degraded },
        { "ConfigurationError", get_config_error },
        { "LinesWithoutEffect", get_ineffective },
        { "PowerSource", get_power_source },
        { "BatteryPercentage", get_percentage },
        { "Rules", get_rules },
};

static int get_property(sd_bus *sd, const char *path, const char *interface, const char *property, sd_bus_message *reply,
                        void *userdata, sd_bus_error *error) {
        const struct bus *bus = userdata;

        (void) sd, (void) path, (void) interface, (void) error;
        for (size_t i = 0; i < ARRAY_SIZE(getters); i++)
                if (text_equal(getters[i].property, property))
                        return getters[i].get(bus->manager, reply);
        return -EINVAL;
}

/* Getter of Rung, RungReason and Governor. */
static int get_engine_property(sd_bus *sd, const char *path, const char *interface, const char *property, sd_bus_message *reply,
                               void *userdata, sd_bus_error *error) {
        const struct bus *bus = userdata;
        const struct engine *engine = bus->options.sessions ? sessions_engine(bus->options.sessions) : NULL;

        const char *reason = bus->options.rung_reason, *rung = engine ? engine->rung(engine->userdata, &reason) : "";

        (void) sd, (void) path, (void) interface, (void) error;
        if (text_equal(property, "Rung"))
                return append_text(reply, rung);
        if (text_equal(property, "RungReason"))
                return append_text(reply, reason);
        return append_text(reply, engine ? engine->governor(engine->userdata) : "");
}

#define READ(name, type) SD_BUS_PROPERTY(name, type, get_property, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE)
#define METHOD           SD_BUS_METHOD_WITH_ARGS
#define OPEN             SD_BUS_VTABLE_UNPRIVILEGED /* sd-bus lets every user call; where necessary, polkit is asked */

const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Version", "s", get_property, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_WRITABLE_PROPERTY("ActiveProfile", "s", get_property, property_never_set, 0,
                                 SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE | OPEN),
        READ("SelectedProfile", "s"),
        READ("Cause", "s"),
        READ("Profiles", "a(sssb)"),
        READ("Degraded", "s"),
        READ("PowerSource", "s"),
        READ("BatteryPercentage", "i"),
        READ("Rules", "a(sssbb)"),
        READ("ConfigurationError", "s"),
        READ("LinesWithoutEffect", "a(ss)"),
        SD_BUS_PROPERTY("Rung", "s", get_engine_property, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("RungReason", "s", get_engine_property, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        SD_BUS_PROPERTY("Governor", "s", get_engine_property, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
        METHOD("ListRequests", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(ussssssutbs)", requests), manager_method_list_requests, OPEN),
        METHOD("HoldProfile", SD_BUS_ARGS("s", profile, "s", reason, "s", application, "t", timeout_usec),
               SD_BUS_RESULT("u", cookie), manager_method_guarded, OPEN),
        METHOD("RequestLevel", SD_BUS_ARGS("s", domain, "i", floor, "i", ceiling, "s", reason, "s", application, "t", timeout_usec),
               SD_BUS_RESULT("u", cookie), manager_method_guarded, OPEN),
        METHOD("SetLevel", SD_BUS_ARGS("s", domain, "i", floor, "i", ceiling), SD_BUS_NO_RESULT, manager_method_guarded, OPEN),
        METHOD("ReleaseRequest", SD_BUS_ARGS("u", cookie), SD_BUS_NO_RESULT, manager_method_release, OPEN),
        METHOD("ListDrivers", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(ssssssu)", drivers), manager_method_list_drivers, OPEN),
        METHOD("ListKnobs", SD_BUS_ARGS("s", domain), SD_BUS_RESULT("a(sssssssssssss)", knobs), manager_method_list_knobs, OPEN),
        METHOD("Explain", SD_BUS_ARGS("s", what), SD_BUS_RESULT("a(ssssssss)", knobs), manager_method_explain, OPEN),
        METHOD("Why", SD_BUS_ARGS("s", domain), SD_BUS_RESULT("a(tssssss)", changes), manager_method_why, OPEN),
        METHOD("ListCpus", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(uuusuttttbuuttt)", cpus), manager_method_list_cpus, OPEN),
        METHOD("OpenSession", SD_BUS_ARGS("u", target_us, "u", permille, "u", window_us, "a{sv}", options),
               SD_BUS_RESULT("o", session, "h", ring, "h", kick, "a{sv}", details), manager_method_open_session, OPEN),
        METHOD("OpenReportSession", SD_BUS_ARGS("u", target_us, "u", permille, "u", window_us, "a{sv}", options),
               SD_BUS_RESULT("o", session, "a{sv}", details), manager_method_open_session, OPEN),
        METHOD("ListGovernors", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(sssubbs)", governors), manager_method_list_governors, OPEN),
        METHOD("LoadGovernor", SD_BUS_ARGS("s", name), SD_BUS_NO_RESULT, manager_method_guarded, OPEN),
        METHOD("ListSessions", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(osuuuuubbtttuuus)", sessions), manager_method_list_sessions, OPEN),
        METHOD("GetStatistics", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(sts)", counters), manager_method_get_statistics, OPEN),
        METHOD("Dump", SD_BUS_NO_ARGS, SD_BUS_RESULT("s", text), manager_method_dump, OPEN),
        METHOD("Reload", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, manager_method_guarded, OPEN),
        SD_BUS_SIGNAL_WITH_ARGS("Changed", SD_BUS_ARGS("t", usec, "s", knob, "u", domains, "s", new_value, "s", cause, "s", who),
                                0),
        SD_BUS_SIGNAL_WITH_ARGS(
                "RequestAdded",
                SD_BUS_ARGS("u", cookie, "s", kind, "s", domain, "s", value, "s", application, "s", reason, "s", owner, "u", pid),
                0),
        SD_BUS_SIGNAL_WITH_ARGS("RequestRemoved", SD_BUS_ARGS("u", cookie, "s", reason), 0),
        SD_BUS_SIGNAL_WITH_ARGS("RequestEnded", SD_BUS_ARGS("u", cookie, "s", reason), 0),
        SD_BUS_VTABLE_END,
};

static const struct property_change changes[] = {
        { CHANGED_DEGRADED, "ConfigurationError" },
        { CHANGED_ACTIVE | CHANGED_PROFILES | CHANGED_ACTIONS, "LinesWithoutEffect" },
        { CHANGED_ACTIVE, "ActiveProfile" },
        { CHANGED_SELECTED, "SelectedProfile" },
        { CHANGED_ACTIVE | CHANGED_HOLDS | CHANGED_SELECTED, "Cause" },
        { CHANGED_PROFILES, "Profiles" },
        { CHANGED_DEGRADED, "Degraded" },
        { CHANGED_POWER, "PowerSource" },
        { CHANGED_POWER, "BatteryPercentage" },
        { CHANGED_RULES, "Rules" },
};

static const struct guarded writable[] = {
        { "ActiveProfile", POLKIT_SET_PROFILE, manager_set_active_profile },
};

static const struct property_rules rules = { MANAGER_INTERFACE, manager_vtable, writable, ARRAY_SIZE(writable), false };

/* Properties whose getters may be expensive. After a change, LinesWithoutEffect compares all lines of the active profile with all
 * knobs; until an engine has been loaded, the others examine the files of governors. */
static const char *const expensive[] = { "LinesWithoutEffect", "Rung", "RungReason", "Governor" };

/* Cost, in rows, of GetAll, and of Get for an expensive property; 0 for all other calls. */
static size_t cost_of(sd_bus_message *call) {
        const char *interface, *property;
        size_t cost = 0;

        if (sd_bus_message_is_method_call(call, PROPERTIES, "GetAll") > 0)
                return ALLOWANCE_QUESTION;
        if (sd_bus_message_is_method_call(call, PROPERTIES, "Get") <= 0 ||
            sd_bus_message_read(call, "ss", &interface, &property) <= 0)
                return 0;
        for (size_t i = 0; i < ARRAY_SIZE(expensive); i++)
                if (text_equal(property, expensive[i]))
                        cost = ALLOWANCE_QUESTION;
        return cost;
}

static int on_call(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct bus *bus = userdata;
        size_t cost = cost_of(call);
        int r = sd_bus_message_rewind(call, true);

        if (r >= 0 && cost > 0)
                r = allowance_spend(bus, call, cost, error);
        return r < 0 ? r : property_handle(call, &rules, bus->polkit, bus, error);
}

int manager_iface_register(struct bus *bus) {
        int r = sd_bus_add_object(bus->bus, NULL, GOVERNORD_PATH, on_call, bus);

        if (r >= 0)
                r = sd_bus_add_object_vtable(bus->bus, NULL, GOVERNORD_PATH, MANAGER_INTERFACE, manager_vtable, bus);
        return r < 0 ? r : sd_bus_add_object_manager(bus->bus, NULL, GOVERNORD_PATH);
}

int manager_iface_emit_changes(struct bus *bus, uint32_t changed) {
        return property_emit(bus->bus, GOVERNORD_PATH, MANAGER_INTERFACE, changes, ARRAY_SIZE(changes), changed);
}

int manager_iface_knobs_changed(struct bus *bus, const struct change_summary *summary) {
        const char *const texts[] = { summary->new_value, summary->cause, summary->who };
        sd_bus_message *signal = NULL;
        int r = sd_bus_message_new_signal(bus->bus, &signal, GOVERNORD_PATH, MANAGER_INTERFACE, "Changed");

        if (r >= 0)
                r = sd_bus_message_append(signal, "tsu", summary->usec, summary->knob, summary->domains);
        if (r >= 0)
                r = append_texts(signal, texts, ARRAY_SIZE(texts));
        if (r >= 0)
                r = sd_bus_send(bus->bus, signal, NULL);
        sd_bus_message_unref(signal);
        return r;
}

static int send_added(struct bus *bus, const struct request *request, const struct request_row *row) {
        const char *const texts[] = { row->kind, row->domain, row->value, request->application, request->reason, request->owner };
        sd_bus_message *signal = NULL;
        int r = sd_bus_message_new_signal(bus->bus, &signal, GOVERNORD_PATH, MANAGER_INTERFACE, "RequestAdded");

        if (r >= 0)
                r = sd_bus_message_append(signal, "u", request->cookie);
        if (r >= 0)
                r = append_texts(signal, texts, ARRAY_SIZE(texts));
        if (r >= 0)
                r = sd_bus_message_append(signal, "u", (uint32_t) request->pid);
        if (r >= 0)
                r = sd_bus_send(bus->bus, signal, NULL);
        sd_bus_message_unref(signal);
        return r;
}

int manager_iface_request_added(struct bus *bus, const struct request *request) {
        struct request_row rows[REQUEST_ROWS_MAX];
        size_t n = describe_request(request, rows);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < n; i++)
                r = send_added(bus, request, &rows[i]);
        return r;
}

/* Signals the end of a request to `destination`, or to all if that is NULL. */
static int send_end(struct bus *bus, const char *member, const struct request *request, const char *reason,
                    const char *destination) {
        sd_bus_message *signal = NULL;
        int r = sd_bus_message_new_signal(bus->bus, &signal, GOVERNORD_PATH, MANAGER_INTERFACE, member);

        if (r >= 0)
                r = sd_bus_message_append(signal, "us", request->cookie, reason);
        if (r >= 0 && destination)
                r = sd_bus_message_set_destination(signal, destination);
        if (r >= 0)
                r = sd_bus_send(bus->bus, signal, NULL);
        sd_bus_message_unref(signal);
        return r;
}

int manager_iface_request_removed(struct bus *bus, const struct request *request, const char *reason) {
        return send_end(bus, "RequestRemoved", request, reason, NULL);
}

int manager_iface_ended(struct bus *bus, const struct request *request, const char *reason) {
        return send_end(bus, "RequestEnded", request, reason, request->owner);
}
