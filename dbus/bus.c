/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service on the bus: connection, names, objects in place before names, and what the manager says turned into signals. It
 * decides nothing: whatever changes, the manager changed it. Signals are collected while a manager function runs and sent when it
 * has returned, since its callbacks see a half-done change. */

#include "dbus/bus.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "build-config.h"
#include "dbus/bus/bus-internal.h"
#include "dbus/api/manager-iface.h"
#include "dbus/bus/request-bus.h"

/* Losing one of them ends the service; a newer instance started with --replace takes all three. */
static const char *const names[] = { PPD_NAME, PPD_LEGACY_NAME, GOVERNORD_NAME };

void bus_emit_changes(struct bus *bus) {
        uint32_t changed = bus->changed;
        int r;

        bus->changed = 0;
        owners_prune(bus);
        if (changed == 0)
                return;
        r = ppd_emit_changes(bus, changed);
        if (r >= 0)
                r = manager_iface_emit_changes(bus, changed);
        if (r < 0)
                (void) log_warning(r, "Cannot signal changes, ignoring");
        if (changed & (CHANGED_RULES | CHANGED_ACTIONS))
                inputs_update(bus);
        if (changed & CHANGED_RULES) /* there may be a new configuration */
                sessions_iface_limit(bus);
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

static void on_changed(uint32_t mask, void *userdata) {
        bus_note_changes(userdata, mask);
}

static void on_request_added(const struct request *request, void *userdata) {
        int r = manager_iface_request_added(userdata, request);

        if (r < 0)
                (void) log_warning(r, "Cannot signal request %u, ignoring", request->cookie);
}

/* Also gives up the owner's watch soon, if that was its last request. */
static void on_request_ended(const struct request *request, const char *reason, void *userdata) {
        struct bus *bus = userdata;
        int r = request_announce_end(bus, request, reason);

        if (r >= 0)
                r = manager_iface_request_removed(bus, request, reason);
        if (r < 0)
                (void) log_warning(r, "Cannot signal the end of request %u, ignoring", request->cookie);
        bus_note_changes(bus, 0);
}

static void on_knobs_changed(const struct change_summary *summary, void *userdata) {
        int r = manager_iface_knobs_changed(userdata, summary);

        if (r < 0)
                (void) log_warning(r, "Cannot signal a change of %s, ignoring", summary->knob);
}

static int on_name_lost(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct bus *bus = userdata;
        const char *name;

        (void) error;
        if (sd_bus_message_read(m, "s", &name) < 0)
                return 0;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (strcmp(name, names[i]) == 0) {
                        log_notice("Lost the name %s, stopping", name);
                        (void) sd_event_exit(bus->event, EXIT_SUCCESS);
                }
        return 0;
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        (void) m, (void) userdata, (void) error;
        (void) log_error(ECONNRESET, "The bus closed the connection, stopping");
        return 0; /* exit-on-disconnect ends the loop */
}

/* "/org" leads to "/org/governord". */
static bool leads_to_ours(const char *path) {
        static const char *const paths[] = { PPD_PATH, PPD_LEGACY_PATH, GOVERNORD_PATH };
        size_t n = strlen(path);

        for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
                if (n == 1 || (strncmp(paths[i], path, n) == 0 && paths[i][n] == '/'))
                        return true;
        return false;
}

static bool is_below_governord(const char *path) {
        size_t n = strlen(GOVERNORD_PATH);

        return strncmp(path, GOVERNORD_PATH, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* For paths where there is nothing, GLib services say UnknownMethod, sd-bus UnknownObject or UnknownProperty. Below our own path
 * sd-bus's words are fine. */
static int on_unknown_object(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        const char *path = sd_bus_message_get_path(call);

        (void) userdata;
        if (is_below_governord(path))
                return 0;
        if (sd_bus_message_is_method_call(call, "org.freedesktop.DBus.Introspectable", NULL) > 0 && leads_to_ours(path))
                return 0;
        return sd_bus_error_setf(error, SD_BUS_ERROR_UNKNOWN_METHOD, "No such method '%s' at path '%s'",
                                 sd_bus_message_get_member(call), path);
}

static int add_matches(struct bus *bus) {
        int r = sd_bus_match_signal(bus->bus, NULL, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameLost",
                                    on_name_lost, bus);

        if (r >= 0)
                r = sd_bus_match_signal(bus->bus, NULL, NULL, "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
                                        "Disconnected", on_disconnected, bus);
        return r;
}

static int add_objects(struct bus *bus) {
        int r = ppd_register(bus);

        if (r >= 0)
                r = manager_iface_register(bus);
        if (r >= 0)
                r = devices_register(bus);
        if (r >= 0)
                r = sessions_iface_register(bus);
        return r < 0 ? r : sd_bus_add_fallback(bus->bus, NULL, "/", on_unknown_object, bus);
}

/* Without a policy file the bus lets no program own the name. dbus-daemon reads /usr/share and /etc, whatever prefix we were built for. */
static void explain_denial(const char *name) {
        static const char *const folders[] = { "/usr/share/dbus-1/system.d", "/etc/dbus-1/system.d" };
        char path[PATH_MAX];

        for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
                if (TEXT_FORMAT(path, "%s/%s.conf", folders[i], name) >= 0 && access(path, F_OK) == 0) {
                        log_notice("%s is there: either the bus has not read it yet (systemctl reload dbus), or this process is not root's",
                                   path);
                        return;
                }
        log_notice("The bus has no policy for it: is %s.conf in %s? This governord installs it in %s/dbus-1/system.d; build with "
                   "--prefix=/usr, or copy the files of that folder to %s", name, folders[0], GOVERNORD_DATA_DIR, folders[1]);
}

static int request_names(struct bus *bus) {
        uint64_t flags = SD_BUS_NAME_ALLOW_REPLACEMENT | (bus->options.replace ? SD_BUS_NAME_REPLACE_EXISTING : 0);

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                int r = sd_bus_request_name(bus->bus, names[i], flags);

                if (r >= 0)
                        continue;
                (void) log_error(r, "Cannot get the name %s on the bus%s", names[i],
                                 r == -EEXIST ? ": another power daemon has it" : "");
                if (r == -EACCES || r == -EPERM)
                        explain_denial(names[i]);
                return r;
        }
        return 0;
}

static int set_up(struct bus *bus) {
        int r = sd_bus_attach_event(bus->bus, bus->event, SD_EVENT_PRIORITY_NORMAL);

        if (r >= 0)
                r = sd_bus_set_exit_on_disconnect(bus->bus, true);
        if (r >= 0)
                r = sd_bus_set_close_on_exit(bus->bus, false); /* holders still have to hear of the end of their holds */
        if (r >= 0)
                r = polkit_new(bus, &bus->polkit);
        if (r >= 0)
                callers_start(bus);
        if (r >= 0)
                r = add_matches(bus);
        if (r >= 0)
                r = add_objects(bus);
        return r < 0 ? log_error(r, "Cannot set up the bus connection") : 0;
}

/* The first loop turn signals everything at once, whether or not the manager was started by then. */
int bus_start(struct bus *bus) {
        int r = sd_event_add_defer(bus->event, &bus->emit, on_emit, bus);

        if (r < 0)
                return log_error(r, "Cannot set up the bus connection");
        bus->listener = (struct listener) { .changed = on_changed, .request_added = on_request_added, .request_ended = on_request_ended,
                                           .knobs_changed = on_knobs_changed, .userdata = bus };
        manager_listen(bus->manager, &bus->listener);
        bus->changed = CHANGED_ALL;
        return 0;
}

int bus_new_on(sd_bus *sd, sd_event *event, struct manager *manager, const struct bus_options *options, struct bus **ret) {
        struct bus *bus = calloc(1, sizeof(*bus));
        int r;

        if (!bus)
                return log_error(ENOMEM, "Cannot set up the bus connection");
        bus->bus = sd_bus_ref(sd);
        bus->event = sd_event_ref(event);
        bus->manager = manager;
        bus->options = *options;
        r = set_up(bus);
        if (r < 0) {
                bus_free(bus);
                return r;
        }
        *ret = bus;
        return 0;
}

/* Objects are in place before names are taken, and both before the manager is listened to. */
int bus_new(sd_event *event, struct manager *manager, const struct bus_options *options, struct bus **ret) {
        struct bus *bus = NULL;
        sd_bus *sd = NULL;
        int r = sd_bus_open_system_with_description(&sd, "governord");

        if (r < 0)
                return log_error(r, "Cannot connect to the system bus");
        r = bus_new_on(sd, event, manager, options, &bus);
        if (r >= 0)
                r = request_names(bus);
        if (r >= 0)
                r = bus_start(bus);
        sd_bus_unref(sd);
        if (r < 0) {
                bus_free(bus);
                return r;
        }
        *ret = bus;
        return 0;
}

struct bus *bus_free(struct bus *bus) {
        if (!bus)
                return NULL;
        if (bus->emit) {
                manager_listen(bus->manager, &(const struct listener) {});
                bus->changed &= ~(CHANGED_RULES | CHANGED_ACTIONS); /* nothing is to be connected any more */
                bus_emit_changes(bus);
        }
        sessions_iface_unregister(bus);
        bus->emit = sd_event_source_disable_unref(bus->emit);
        bus->inputs = inputs_free(bus->inputs);
        bus->polkit = polkit_free(bus->polkit);
        owners_clear(&bus->owners);
        devices_clear(&bus->devices);
        bus->bus = sd_bus_flush_close_unref(bus->bus);
        sd_event_unref(bus->event);
        free(bus);
        return NULL;
}
