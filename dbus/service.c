/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection of the service to the bus. Registers the objects, requests the bus names, and converts callbacks of the manager to
 * signals. This file includes the headers of all parts; the parts do not include its header. */

#include "dbus/service.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "build-config.h"
#include "dbus/api/device-iface.h"
#include "dbus/api/manager-iface.h"
#include "dbus/api/names.h"
#include "dbus/api/session-iface.h"
#include "dbus/bus/allowance.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/caller.h"
#include "dbus/bus/changes.h"
#include "dbus/bus/introspect.h"
#include "dbus/bus/owners.h"
#include "dbus/bus/polkit.h"
#include "dbus/bus/request-bus.h"
#include "dbus/peers/inputs.h"
#include "dbus/ppd/ppd.h"

/* The service stops when it loses one of these names, for example to an instance that was started with --replace. */
static const char *const names[] = { PPD_NAME, PPD_LEGACY_NAME, GOVERNORD_NAME };

/* Signals are emitted, and owner_gone() is called, in the order of the rows: the requests of an owner end before its sessions. */
static const struct bus_part parts[] = {
        { .start = callers_start, .stop = callers_stop },
        { .start = allowances_start, .stop = allowances_stop },
        { .start = owners_start, .stop = owners_stop },
        { .owns = requests_owns, .owner_gone = requests_owner_gone },
        { .start = ppd_register, .emit = ppd_emit_changes, .stop = ppd_unregister },
        { .start = manager_iface_register, .emit = manager_iface_emit_changes },
        { .start = devices_register, .stop = devices_unregister },
        { .follows = CHANGED_RULES | CHANGED_ACTIONS, .follow = inputs_update, .stop = inputs_stop },
        { .start = sessions_iface_register,
          .follows = CHANGED_RULES, /* the configuration may be new */
          .follow = sessions_iface_limit,
          .owns = sessions_iface_owns,
          .owner_gone = sessions_iface_owner_gone,
          .stop = sessions_iface_unregister },
        { .start = polkit_start, .owns = polkit_asks_for, .owner_gone = polkit_owner_gone, .stop = polkit_stop },
};

static void on_changed(uint32_t mask, void *userdata) {
        bus_note_changes(userdata, mask);
}

static void on_request_added(const struct request *request, void *userdata) {
        int r = manager_iface_request_added(userdata, request);

        if (r < 0)
                (void) log_warning(r, "Cannot signal request %u, ignoring", request->cookie);
}

/* Signals the end of a request to its owner, on the interface that was used for the request. */
static int signal_end(struct bus *bus, const struct request *request, const char *reason) {
        if (strcmp(reason, "owner-gone") == 0)
                return 0;
        switch (request->door) {
        case DOOR_PPD:
        case DOOR_PPD_LEGACY:
                return ppd_released(bus, request);
        case DOOR_GOVERNORD:
                return manager_iface_ended(bus, request, reason);
        case DOOR_PERSISTENT:
                return 0;
        }
        return 0;
}

/* bus_note_changes() also ends the watch of an owner that has no other request, session or waiting call. */
static void on_request_ended(const struct request *request, const char *reason, void *userdata) {
        struct bus *bus = userdata;
        int r = signal_end(bus, request, reason);

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
                        log_notice("Lost the bus name %s, probably to an instance that was started with --replace; stopping", name);
                        (void) sd_event_exit(bus->event, EXIT_SUCCESS);
                }
        return 0;
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        (void) m, (void) userdata, (void) error;
        (void) log_error(ECONNRESET, "The bus closed the connection, stopping");
        return 0; /* sd_bus_set_exit_on_disconnect() ends the loop */
}

/* True if an object of the service is below this path: "/org" is a parent of "/org/governord". */
static bool is_parent_of_object(const char *path) {
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

/* For a path without an object, GLib services return UnknownMethod, sd-bus UnknownObject or UnknownProperty. Clients of
 * power-profiles-daemon expect GLib's error; below /org/governord the errors of sd-bus are kept. */
static int on_unknown_object(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        const char *path = sd_bus_message_get_path(call);

        (void) userdata;
        if (is_below_governord(path))
                return 0;
        if (sd_bus_message_is_method_call(call, "org.freedesktop.DBus.Introspectable", NULL) > 0 && is_parent_of_object(path))
                return 0;
        return sd_bus_error_setf(error, SD_BUS_ERROR_UNKNOWN_METHOD, "No such method '%s' at path '%s'",
                                 sd_bus_message_get_member(call), path);
}

static int add_matches(struct bus *bus) {
        int r = sd_bus_match_signal(bus->bus, NULL, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                    "NameLost", on_name_lost, bus);

        if (r >= 0)
                r = sd_bus_match_signal(bus->bus, NULL, NULL, "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
                                        "Disconnected", on_disconnected, bus);
        return r;
}

static int start_parts(struct bus *bus) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < bus->n_parts; i++)
                if (bus->parts[i].start)
                        r = bus->parts[i].start(bus);
        return r < 0 ? r : sd_bus_add_fallback(bus->bus, NULL, "/", on_unknown_object, bus);
}

/* The bus allows a program to own the name only if a policy file exists. dbus-daemon reads the files in /usr/share and /etc,
 * regardless of the prefix of governord. */
static void explain_denial(const char *name) {
        static const char *const folders[] = { "/usr/share/dbus-1/system.d", "/etc/dbus-1/system.d" };
        char path[PATH_MAX];

        for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
                if (TEXT_FORMAT(path, "%s/%s.conf", folders[i], name) >= 0 && access(path, F_OK) == 0) {
                        log_notice(
                                "%s exists, so either the bus has not read it yet (run: systemctl reload dbus), or governord does not run as root",
                                path);
                        return;
                }
        if (text_equal(GOVERNORD_DATA_DIR, "/usr/share"))
                log_notice("The bus has no policy file for this name: %s.conf is missing in %s; an installation creates it", name,
                           folders[0]);
        else
                log_notice("The bus has no policy file for this name: %s.conf is missing in %s. This build of governord installs "
                           "it in %s/dbus-1/system.d; build with --prefix=/usr, or copy the files of that folder to %s",
                           name, folders[0], GOVERNORD_DATA_DIR, folders[1]);
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
                r = sd_bus_set_close_on_exit(bus->bus, false); /* signals are sent after the loop has ended */
        if (r >= 0)
                r = add_matches(bus);
        if (r >= 0)
                r = start_parts(bus);
        return r < 0 ? log_error(r, "Cannot set up the bus connection") : 0;
}

/* The first iteration of the loop signals all properties, whether the manager has been started or not. */
int bus_start(struct bus *bus) {
        int r = changes_start(bus);

        if (r < 0)
                return log_error(r, "Cannot set up the bus connection");
        bus->listener = (struct listener){ .changed = on_changed,
                                           .request_added = on_request_added,
                                           .request_ended = on_request_ended,
                                           .knobs_changed = on_knobs_changed,
                                           .userdata = bus };
        manager_listen(bus->manager, &bus->listener);
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
        bus->parts = parts;
        bus->n_parts = ARRAY_SIZE(parts);
        r = set_up(bus);
        if (r < 0) {
                bus_free(bus);
                return r;
        }
        *ret = bus;
        return 0;
}

/* The objects are registered first, because calls may arrive as soon as the service owns the names. */
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
        manager_unlisten(bus->manager, &bus->listener);
        changes_stop(bus);
        for (size_t i = bus->n_parts; i > 0; i--)
                if (bus->parts[i - 1].stop)
                        bus->parts[i - 1].stop(bus);
        bus->bus = sd_bus_flush_close_unref(bus->bus);
        sd_event_unref(bus->event);
        free(bus);
        return NULL;
}

int bus_print_interfaces(void) {
        static const struct introspected interfaces[] = {
                { PPD_NAME, ppd_current_vtable },    { PPD_LEGACY_NAME, ppd_legacy_vtable }, { MANAGER_INTERFACE, manager_vtable },
                { DEVICE_INTERFACE, device_vtable }, { SESSION_INTERFACE, session_vtable },
        };

        return introspect_print(interfaces, ARRAY_SIZE(interfaces));
}
