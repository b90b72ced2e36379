/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The objects /org/governord/session/COOKIE. They are not registered individually: an object exists while the core has the session.
 * The properties are in session-properties.c. */

#include "dbus/api/session-iface.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "core/sessions/sessions.h"
#include "dbus/api/names.h"
#include "dbus/api/session-path.h"
#include "dbus/api/session-properties.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/caller.h"
#include "dbus/bus/changes.h"
#include "dbus/bus/errors.h"
#include "dbus/bus/marshal.h"
#include "dbus/bus/property-rules.h"

#define REPORT_MAX 4096U

static int find_session(sd_bus *sd, const char *path, const char *interface, void *userdata, void **ret_found,
                        sd_bus_error *error) {
        struct bus *bus = userdata;
        struct session *session = bus->options.sessions ? session_of_path(bus->options.sessions, path) : NULL;

        (void) sd, (void) interface, (void) error;
        if (!session)
                return 0;
        *bus->found = (struct session_object){ bus, session };
        *ret_found = bus->found;
        return 1;
}

static int enumerate_sessions(sd_bus *sd, const char *prefix, void *userdata, char ***ret_nodes, sd_bus_error *error) {
        const struct sessions *sessions = ((struct bus *) userdata)->options.sessions;
        char **nodes = calloc(SESSIONS_MAX + 1, sizeof(*nodes)), path[SESSION_PATH_MAX];
        size_t n = 0;

        (void) sd, (void) prefix, (void) error;
        if (!nodes)
                return -ENOMEM;
        for (struct session *s = sessions ? sessions_next(sessions, NULL) : NULL; s; s = sessions_next(sessions, s)) {
                session_path(s, path);
                nodes[n] = strdup(path);
                if (nodes[n++])
                        continue;
                for (char **node = nodes; *node; node++)
                        free(*node);
                free(nodes);
                return -ENOMEM;
        }
        *ret_nodes = nodes;
        return 0;
}

/* -- methods -- */

static int check_owner(const struct session_object *object, sd_bus_message *call, bool root_too, sd_bus_error *error) {
        const struct session *session = object->session;

        if (session_is_of(session, sd_bus_message_get_sender(call)) || (root_too && caller_is_root(object->bus, call)))
                return 0;
        return sd_bus_error_setf(error, SD_BUS_ERROR_ACCESS_DENIED,
                                 "Session %u belongs to another connection: only the connection that opened it%s may do this",
                                 session->spec.cookie, root_too ? ", or root," : "");
}

static int report(struct session *session, const uint32_t *latencies, size_t n, sd_bus_error *error) {
        size_t taken;
        int r = sessions_report(session, latencies, n, &taken);

        if (r == -EBUSY)
                return sd_bus_error_setf(error, ERROR_BUSY,
                                         "The ring of session %u is being read now: the first %zu of %zu latencies were accepted. "
                                         "Send the others again",
                                         session->spec.cookie, taken, n);
        if (r < 0)
                return sd_bus_error_setf(error, SD_BUS_ERROR_FAILED,
                                         "The first %zu of %zu latencies were accepted, the others were not: %s", taken, n,
                                         strerror(-r));
        return 0;
}

static int method_report(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct session_object object = *(const struct session_object *) userdata; /* copied: emitting a signal overwrites it */
        struct session *session = object.session;
        const void *latencies;
        size_t size = 0;
        int r = check_owner(&object, call, true, error);

        if (r >= 0)
                r = sd_bus_message_read_array(call, 'u', &latencies, &size);
        if (r < 0)
                return r;
        if (size / sizeof(uint32_t) > REPORT_MAX)
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
                                         "The maximum number of latencies in a report is %u, but this one has %zu: split it",
                                         REPORT_MAX, size / sizeof(uint32_t));
        r = report(session, latencies, size / sizeof(uint32_t), error);
        return r < 0 ? r : sd_bus_reply_method_return(call, NULL);
}

static int method_close(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct session_object object = *(const struct session_object *) userdata; /* copied: emitting a signal overwrites it */
        struct session *session = object.session;
        int r = check_owner(&object, call, true, error);

        if (r < 0)
                return r;
        sessions_close(session, "closed");
        return sd_bus_reply_method_return(call, NULL);
}

static int method_set_target(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct session_object object = *(const struct session_object *) userdata; /* copied: emitting a signal overwrites it */
        struct session *session = object.session;
        uint32_t target_us, permille, window_us;
        struct message message = {};
        int r = check_owner(&object, call, false, error);

        if (r >= 0)
                r = sd_bus_message_read(call, "uuu", &target_us, &permille, &window_us);
        if (r < 0)
                return r;
        r = sessions_change(session, target_us, permille, window_us, &message);
        return r < 0 ? error_set_session(error, r, &message) : sd_bus_reply_method_return(call, NULL);
}

static int method_set_threads(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct session_object object = *(const struct session_object *) userdata; /* copied: emitting a signal overwrites it */
        struct session *session = object.session;
        struct message message = {};
        const void *threads;
        size_t size = 0;
        int r = check_owner(&object, call, false, error);

        if (r >= 0)
                r = sd_bus_message_read_array(call, 'u', &threads, &size);
        if (r < 0)
                return r;
        r = sessions_set_threads(session, threads, size / sizeof(uint32_t), &message);
        return r < 0 ? error_set_session(error, r, &message) : sd_bus_reply_method_return(call, NULL);
}

#define FACT(name, type)    SD_BUS_PROPERTY(name, type, session_get, 0, SD_BUS_VTABLE_PROPERTY_CONST)
#define SETTING(name, type) SD_BUS_PROPERTY(name, type, session_get, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE)
#define COUNTER(name, type) SETTING(name, type)

const sd_bus_vtable session_vtable[] = {
        SD_BUS_VTABLE_START(0),
        FACT("Application", "s"),
        FACT("Pid", "u"),
        FACT("Uid", "u"),
        SETTING("Target", "u"),
        SETTING("Percentile", "u"),
        SETTING("Window", "u"),
        FACT("Stale", "u"),
        FACT("Cap", "b"),
        SETTING("Threads", "au"),
        COUNTER("Samples", "t"),
        COUNTER("Violations", "t"),
        COUNTER("Invalid", "t"),
        COUNTER("Estimate", "u"),
        COUNTER("Slack", "i"),
        COUNTER("Level", "u"),
        COUNTER("Delay", "u"),
        COUNTER("Active", "b"),
        SD_BUS_PROPERTY("Cpus", "s", session_get, 0, 0),
        SD_BUS_METHOD_WITH_ARGS("Report", SD_BUS_ARGS("au", latencies_us), SD_BUS_NO_RESULT, method_report,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("SetTarget", SD_BUS_ARGS("u", target_us, "u", permille, "u", window_us), SD_BUS_NO_RESULT,
                                method_set_target, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("SetThreads", SD_BUS_ARGS("au", threads), SD_BUS_NO_RESULT, method_set_threads,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("Close", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_close, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_SIGNAL_WITH_ARGS("Closed", SD_BUS_ARGS("s", reason), 0),
        SD_BUS_VTABLE_END,
};

/* -- signals -- */

static void on_opened(const struct session *session, void *userdata) {
        struct bus *bus = userdata;
        char path[SESSION_PATH_MAX];
        int r;

        session_path(session, path);
        r = sd_bus_emit_object_added(bus->bus, path);
        if (r < 0)
                (void) log_warning(r, "Cannot signal that session %u was opened, ignoring", session->spec.cookie);
}

static int send_closed(struct bus *bus, const char *path, const char *owner, const char *reason) {
        sd_bus_message *signal = NULL;
        int r = sd_bus_message_new_signal(bus->bus, &signal, path, SESSION_INTERFACE, "Closed");

        if (r >= 0)
                r = append_text(signal, reason);
        if (r >= 0)
                r = sd_bus_message_set_destination(signal, owner);
        if (r >= 0)
                r = sd_bus_send(bus->bus, signal, NULL);
        sd_bus_message_unref(signal);
        return r;
}

/* The signal Closed is not sent to an owner that has left the bus. */
static void on_closed(const struct session *session, const char *reason, void *userdata) {
        struct bus *bus = userdata;
        char path[SESSION_PATH_MAX];
        int r = 0;

        session_path(session, path);
        if (session->owner_kind == OWNER_BUS && !text_equal(reason, "owner-gone"))
                r = send_closed(bus, path, session->owner, reason);
        if (r >= 0)
                r = sd_bus_emit_object_removed(bus->bus, path);
        if (r < 0)
                (void) log_warning(r, "Cannot signal that session %u was closed, ignoring", session->spec.cookie);
        bus_note_changes(bus, 0); /* the owner may not need to be watched any more */
}

/* Changes of Active are broadcast; the owner gets all changes. */
static void on_session_changed(const struct session *session, uint32_t mask, void *userdata) {
        static const struct property_change shown[] = { { SESSION_CHANGED_ACTIVE, "Active" } };
        struct bus *bus = userdata;
        char path[SESSION_PATH_MAX];
        int r;

        session_path(session, path);
        r = property_emit(bus->bus, path, SESSION_INTERFACE, shown, ARRAY_SIZE(shown), mask);
        if (r >= 0)
                r = session_signal_owner(bus, session, mask);
        if (r < 0)
                (void) log_warning(r, "Cannot signal changes of session %u, ignoring", session->spec.cookie);
}

void sessions_iface_limit(struct bus *bus) {
        const struct config *config = manager_config(bus->manager);

        if (!bus->options.sessions || !config)
                return;
        sessions_limit(bus->options.sessions, &(const struct session_limits){ .per_user = config->sessions_per_user,
                                                                              .per_connection = config->requests_per_client_max,
                                                                              .idle_max_usec = config->session_idle_max_usec });
}

static void on_engine_changed(void *userdata) {
        const struct bus *bus = userdata;

        (void) sd_bus_emit_properties_changed(bus->bus, GOVERNORD_PATH, MANAGER_INTERFACE, "Rung", "RungReason", "Governor", NULL);
}

int sessions_iface_register(struct bus *bus) {
        int r;

        bus->sessions_watcher = (struct sessions_watcher){
                .opened = on_opened,
                .closed = on_closed,
                .changed = on_session_changed,
                .engine_changed = on_engine_changed,
                .userdata = bus,
        };
        bus->found = calloc(1, sizeof(*bus->found));
        if (!bus->found)
                return -ENOMEM;
        r = sd_bus_add_fallback_vtable(bus->bus, NULL, SESSION_PREFIX, SESSION_INTERFACE, session_vtable, find_session, bus);
        if (r >= 0)
                r = sd_bus_add_node_enumerator(bus->bus, NULL, SESSION_PREFIX, enumerate_sessions, bus);
        if (r >= 0 && bus->options.sessions)
                sessions_watch(bus->options.sessions, &bus->sessions_watcher);
        return r;
}

void sessions_iface_unregister(struct bus *bus) {
        if (bus->options.sessions)
                sessions_unwatch(bus->options.sessions, &bus->sessions_watcher);
        free(bus->found);
        bus->found = NULL;
}

bool sessions_iface_owns(const struct bus *bus, const char *owner) {
        return bus->options.sessions && sessions_count_owner(bus->options.sessions, owner) > 0;
}

void sessions_iface_owner_gone(struct bus *bus, const char *owner) {
        if (bus->options.sessions)
                sessions_owner_gone(bus->options.sessions, owner, "owner-gone");
}
