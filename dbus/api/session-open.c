/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods OpenSession, OpenReportSession and ListSessions of Manager1. A call that opens a session is parsed before the
 * authorization by polkit, because its options determine the polkit action, and so that users are not prompted for a password if
 * the call is invalid. It is parsed again when it has been authorized, usually in a later iteration of the loop. Unknown options
 * are errors, so that a client that requests a newer feature does not run without it unnoticed. */

#include "dbus/api/session-open.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/sessions/sessions.h"
#include "dbus/api/session-path.h"
#include "dbus/api/session-properties.h"
#include "dbus/bus/allowance.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/caller.h"
#include "dbus/bus/errors.h"
#include "dbus/bus/marshal.h"
#include "dbus/bus/owners.h"
#include "dbus/bus/polkit.h"
#include "include/governord/ring.h"

enum option { OPTION_APPLICATION, OPTION_STALE, OPTION_CAP, OPTION_RING, OPTION_COUNT };

static const struct {
        const char *key, *type;
} options[OPTION_COUNT] = {
        [OPTION_APPLICATION] = { "application", "s" },
        [OPTION_STALE] = { "stale", "u" },
        [OPTION_CAP] = { "cap", "b" },
        [OPTION_RING] = { "ring", "s" },
};

/* -- reading the call -- */

static int find_option(sd_bus_message *call, const char *key, uint32_t *seen, enum option *ret, sd_bus_error *error) {
        const char *type = "";
        int r = sd_bus_message_peek_type(call, NULL, &type);

        if (r < 0)
                return r;
        for (unsigned i = 0; i < OPTION_COUNT; i++) {
                if (!text_equal(key, options[i].key))
                        continue;
                if (!text_equal(type, options[i].type))
                        return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "Option '%s' is of type '%s', not '%.16s'", key,
                                                 options[i].type, type);
                if (*seen & 1U << i)
                        return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "Option '%s' was given twice", key);
                *seen |= 1U << i;
                *ret = (enum option) i;
                return 0;
        }
        return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
                                 "Unknown option '%.*s': the options are application, stale, cap and ring", text_cut(key, 64), key);
}

static int read_value(sd_bus_message *call, enum option option, struct session *template, sd_bus_error *error) {
        const char *application, *ring;
        int flag, r = -EINVAL;

        switch (option) {
        case OPTION_APPLICATION:
                r = sd_bus_message_read_basic(call, 's', &application);
                if (r < 0)
                        return r;
                if (strlen(application) > BUS_TEXT_MAX)
                        return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
                                                 "Option 'application' has %zu bytes; the maximum is %u", strlen(application),
                                                 BUS_TEXT_MAX);
                template->application = (char *) application; /* sessions_open() copies and truncates it */
                break;
        case OPTION_STALE:
                r = sd_bus_message_read_basic(call, 'u', &template->spec.stale_us);
                break;
        case OPTION_CAP:
                r = sd_bus_message_read_basic(call, 'b', &flag);
                if (r >= 0 && flag)
                        template->spec.flags |= SESSION_CAP;
                break;
        case OPTION_RING:
                r = sd_bus_message_read_basic(call, 's', &ring);
                if (r < 0)
                        return r;
                if (text_equal(ring, "user-ringbuf"))
                        template->spec.flags |= SESSION_USER_RINGBUF;
                else if (!text_equal(ring, ""))
                        return sd_bus_error_setf(
                                error, SD_BUS_ERROR_INVALID_ARGS,
                                "Option 'ring' must be \"\" (the service chooses) or \"user-ringbuf\", but is \"%.*s\"",
                                text_cut(ring, 64), ring);
                break;
        case OPTION_COUNT:
                break;
        }
        return r;
}

static int read_option(sd_bus_message *call, uint32_t *seen, struct session *template, sd_bus_error *error) {
        enum option option = OPTION_COUNT;
        const char *key;
        int r = sd_bus_message_read_basic(call, 's', &key);

        if (r >= 0)
                r = find_option(call, key, seen, &option, error);
        if (r >= 0)
                r = sd_bus_message_enter_container(call, 'v', options[option].type);
        if (r >= 0)
                r = read_value(call, option, template, error);
        if (r >= 0)
                r = sd_bus_message_exit_container(call);
        return r < 0 ? r : sd_bus_message_exit_container(call); /* of the dictionary entry */
}

/* The method for callers that cannot receive file descriptors, or do not need a ring: they report latencies only with Report(). */
#define WITHOUT_RING "OpenReportSession"

/* The strings in *ret point into the message. */
static int read_call(sd_bus_message *call, struct session *ret, sd_bus_error *error) {
        struct session_spec *spec = &ret->spec;
        struct message message = {};
        uint32_t seen = 0;
        int r;

        *ret = (struct session){};
        spec->source = sd_bus_message_is_method_call(call, NULL, WITHOUT_RING) ? SOURCE_BUS : SOURCE_RING;
        r = sd_bus_message_read(call, "uuu", &spec->target_us, &spec->permille, &spec->window_us);
        if (r >= 0)
                r = sd_bus_message_enter_container(call, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(call, 'e', "sv")) > 0)
                r = read_option(call, &seen, ret, error);
        if (r >= 0)
                r = sd_bus_message_exit_container(call);
        if (r < 0)
                return r;
        session_spec_complete(spec);
        r = session_spec_check(spec, &message);
        return r < 0 ? error_set_session(error, r, &message) : 0;
}

/* -- opening -- */

static int append_details(sd_bus_message *reply, struct bus *bus, const struct session *session,
                          const struct session_descriptors *descriptors) {
        const struct engine *engine = sessions_engine(bus->options.sessions);

        return sd_bus_message_append(reply, "a{sv}", 6, "ring", "s", descriptors->ring_kind ? descriptors->ring_kind : "", "slot",
                                     "u", session->spec.slot, "cookie", "u", session->spec.cookie, "rung", "s",
                                     engine->rung(engine->userdata, NULL), "kick", "s",
                                     descriptors->kick_kind ? descriptors->kick_kind : "", "ring-version", "u",
                                     descriptors->ring_fd >= 0 ? GOVERNORD_RING_VERSION : 0U);
}

/* D-Bus has no null descriptor. A missing one is replaced by an unused eventfd; the details show that it has no use. */
static int reply_opened(struct bus *bus, sd_bus_message *call, const struct session *session,
                        const struct session_descriptors *descriptors) {
        bool with_ring = session->spec.source == SOURCE_RING;
        _cleanup_close_ int nowhere = -1;
        sd_bus_message *reply = NULL;
        char path[SESSION_PATH_MAX];
        int r;

        if (with_ring && (descriptors->ring_fd < 0 || descriptors->kick_fd < 0)) {
                nowhere = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
                if (nowhere < 0)
                        return -errno;
        }
        session_path(session, path);
        r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0)
                r = sd_bus_message_append(reply, "o", path);
        if (r >= 0 && with_ring)
                r = sd_bus_message_append(reply, "hh", descriptors->ring_fd >= 0 ? descriptors->ring_fd : nowhere,
                                          descriptors->kick_fd >= 0 ? descriptors->kick_fd : nowhere);
        if (r >= 0)
                r = append_details(reply, bus, session, descriptors);
        if (r >= 0)
                r = sd_bus_send(bus->bus, reply, NULL);
        sd_bus_message_unref(reply);
        return r;
}

/* Closes the session again if the reply cannot be sent. */
static int open_and_reply(struct bus *bus, sd_bus_message *call, const struct session *template, sd_bus_error *error) {
        struct session_descriptors descriptors = { -1, -1, "" };
        struct message message = {};
        struct session *session;
        int r = sessions_open(bus->options.sessions, template, &session, &descriptors, &message);

        if (r < 0)
                return error_set_session(error, r, &message);
        if (session->spec.source != SOURCE_RING) {
                descriptors.ring_fd = close_fd(descriptors.ring_fd);
                descriptors.ring_kind = "";
                descriptors.kick_fd = close_fd(descriptors.kick_fd);
                descriptors.kick_kind = "";
        }
        r = reply_opened(bus, call, session, &descriptors);
        (void) close_fd(descriptors.ring_fd);
        (void) close_fd(descriptors.kick_fd);
        if (r >= 0)
                return 1;
        sessions_close(session, "closed");
        (void) TEXT_FORMAT(message.text,
                           "The reply with the session's file descriptors could not be sent, so the session was closed again: %s",
                           strerror(-r));
        return error_set_session(error, r, &message);
}

/* The bus reports the caller's process ID. If the bus is in another PID namespace, this ID denotes another process here, or
 * none. */
static int check_pid_namespace(const struct bus *bus, sd_bus_error *error) {
        if (bus->callers->self == 0 || bus->callers->self == getpid())
                return 0;
        return sd_bus_error_setf(
                error, ERROR_NO_SUCH_PROCESS,
                "The process ID of this service is %d for the bus, but %d for the service: they are in different PID namespaces "
                "(containers), so the process that requests a session cannot be identified",
                (int) bus->callers->self, (int) getpid());
}

/* The watch is added before the process ID is requested. If the sender has left the bus before, the bus reports no process ID; if
 * it leaves later, the watch detects this. */
static int open_session(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct bus *bus = userdata;
        struct message message = {};
        struct session template;
        struct caller caller;
        int r = read_call(call, &template, error);

        if (r >= 0)
                r = check_pid_namespace(bus, error);
        if (r >= 0 && !descriptors_are_left())
                r = error_set_session(
                        error, -EMFILE,
                        &(struct message){
                                "The service has no file descriptor left for another session; try again when other sessions have ended" });
        if (r < 0)
                return r;
        r = owners_watch(bus, call, &message);
        if (r >= 0)
                r = caller_get(bus, call, &caller);
        if (r < 0) {
                owners_prune(bus);
                if (message.text[0])
                        return error_set_session(error, r, &message);
                return r == -ENXIO ? -ECONNRESET : r;
        }
        template.owner = (char *) sd_bus_message_get_sender(call); /* copied */
        template.uid = caller.uid;
        template.spec.tgid = caller.pid;
        r = open_and_reply(bus, call, &template, error);
        if (r < 0)
                owners_prune(bus);
        return r;
}

static int refuse_without_engine(const struct bus *bus, sd_bus_error *error) {
        _cleanup_free_ char *why = clean_copy(bus->options.rung_reason ? bus->options.rung_reason : "");

        return sd_bus_error_setf(error, ERROR_NOT_SUPPORTED,
                                 "This governord does not support sessions%s%s. Profiles and requests work without them",
                                 why && why[0] ? ": " : "", why ? why : "");
}

int manager_method_open_session(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        static const struct guarded guarded[] = {
                { "OpenSession", POLKIT_OPEN_SESSION, open_session },
                { "OpenSession", POLKIT_CAP_SESSION, open_session },
                { WITHOUT_RING, POLKIT_OPEN_SESSION, open_session },
                { WITHOUT_RING, POLKIT_CAP_SESSION, open_session },
        };
        struct bus *bus = userdata;
        struct session template;
        int r;

        if (!bus->options.sessions)
                return refuse_without_engine(bus, error);
        r = read_call(call, &template, error);
        return r < 0 ? r :
                       polkit_ask(bus->polkit, call,
                                  &guarded[(template.spec.source != SOURCE_RING) * 2 + ((template.spec.flags & SESSION_CAP) != 0)],
                                  bus, error);
}

/* -- listing -- */

/* Cost of a session in rows, because its counters and CPUs are read from the engine. */
#define SESSION_COST 8

#define ROW "osuuuuubbtttuuus"

/* In the row of another user's session, the values that its properties hide are empty or zero, too. */
static int append_row(sd_bus_message *reply, const struct session *session, bool visible) {
        _cleanup_free_ char *cpus = visible ? session_cpus(session) : strdup("");
        _cleanup_free_ char *application = clean_copy(visible ? session->application : "");
        struct session_counters counters = {};
        struct session_spec spec = {};
        char path[SESSION_PATH_MAX];

        if (!cpus || !application)
                return -ENOMEM;
        session_path(session, path);
        sessions_look(session, &counters);
        if (visible)
                spec = session->spec;
        else
                counters = (struct session_counters){ .active = counters.active };
        return sd_bus_message_append(reply, "(" ROW ")", path, application, (uint32_t) spec.tgid, session->uid, spec.target_us,
                                     spec.permille, spec.window_us, (spec.flags & SESSION_CAP) != 0, (int) counters.active,
                                     counters.samples, counters.violations, counters.invalid, counters.estimate_us, counters.level,
                                     counters.delay_us, cpus);
}

int manager_method_list_sessions(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct bus *bus = userdata;
        const struct sessions *sessions = bus->options.sessions;
        struct allowance *allowance;
        sd_bus_message *reply = NULL;
        int r = allowance_get(bus, call, &allowance, error);

        if (r >= 0)
                r = sd_bus_message_new_method_return(call, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(" ROW ")");
        for (struct session *s = sessions ? sessions_next(sessions, NULL) : NULL; r >= 0 && s; s = sessions_next(sessions, s)) {
                r = append_row(reply, s, session_is_visible(bus, s, call));
                allowance_take(allowance, SESSION_COST);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);
        sd_bus_message_unref(reply);
        return r < 0 ? r : 1;
}
