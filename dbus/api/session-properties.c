/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The properties of a session's object, and their visibility. Only root and the session's user can read all of them; all other
 * users get zeros, empty strings and empty lists, except for Uid and Active. Broadcast signals contain the values that other users
 * get, so the owner gets separate signals. Counters are read from the engine whenever they are needed, but signals are only sent
 * after the periodic reads of the core. So a value that a client reads may be newer than the one that was signalled last. */

#include "dbus/api/session-properties.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "core/sessions/sessions.h"
#include "dbus/api/names.h"
#include "dbus/api/session-path.h"
#include "dbus/bus/allowance.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/caller.h"
#include "dbus/bus/marshal.h"

#define CPUS_MAX 4096

char *session_cpus(const struct session *session) {
        _cleanup_free_ uint32_t *cpus = calloc(CPUS_MAX, sizeof(*cpus));
        size_t n = cpus ? sessions_cpus(session, cpus, CPUS_MAX) : 0;
        struct buffer text = {};

        for (size_t i = 0; i < n;) {
                size_t last = i;

                while (last + 1 < n && cpus[last + 1] == cpus[last] + 1)
                        last++;
                buffer_number(&text, i > 0 ? ',' : '\0', cpus[i]);
                if (last > i)
                        buffer_number(&text, '-', cpus[last]);
                i = last + 1;
        }
        buffer_add(&text, "", 1);
        if (!cpus || text.failed)
                free(TAKE_PTR(text.data));
        return text.data;
}

bool session_is_visible(struct bus *bus, const struct session *session, sd_bus_message *call) {
        uid_t uid;

        return caller_uid(bus, call, &uid) >= 0 && (uid == 0 || uid == session->uid);
}

static int append_cpus(const struct session *session, sd_bus_message *reply) {
        _cleanup_free_ char *cpus = session_cpus(session);

        return cpus ? sd_bus_message_append_basic(reply, 's', cpus) : -ENOMEM;
}

/* Target minus estimate: negative while the target is missed; 0 if there is no estimate. The result is clamped to 32 bits. */
static int32_t slack(const struct session *session, const struct session_counters *counters) {
        int64_t difference = (int64_t) session->spec.target_us - counters->estimate_us;

        return counters->estimate_us == 0 ? 0 : (int32_t) MAX(MIN(difference, INT32_MAX), -INT32_MAX);
}

enum property {
        APPLICATION,
        PID,
        UID,
        TARGET,
        PERCENTILE,
        WINDOW,
        STALE,
        CAP,
        THREADS,
        SAMPLES,
        VIOLATIONS,
        INVALID,
        ESTIMATE,
        SLACK,
        LEVEL,
        DELAY,
        ACTIVE,
        CPUS,
        PROPERTY_COUNT
};

static const struct {
        const char *name, *type;
        uint32_t mask; /* SESSION_CHANGED_* after which it is signalled */
        bool is_public;
} properties[PROPERTY_COUNT] = {
        [APPLICATION] = { "Application", "s" },
        [PID] = { "Pid", "u" },
        [UID] = { "Uid", "u", 0, true },
        [TARGET] = { "Target", "u", SESSION_CHANGED_TARGET },
        [PERCENTILE] = { "Percentile", "u", SESSION_CHANGED_TARGET },
        [WINDOW] = { "Window", "u", SESSION_CHANGED_TARGET },
        [STALE] = { "Stale", "u" },
        [CAP] = { "Cap", "b" },
        [THREADS] = { "Threads", "au", SESSION_CHANGED_THREADS },
        [SAMPLES] = { "Samples", "t", SESSION_CHANGED_SAMPLES },
        [VIOLATIONS] = { "Violations", "t", SESSION_CHANGED_VIOLATIONS },
        [INVALID] = { "Invalid", "t", SESSION_CHANGED_INVALID },
        [ESTIMATE] = { "Estimate", "u", SESSION_CHANGED_ESTIMATE },
        [SLACK] = { "Slack", "i", SESSION_CHANGED_ESTIMATE | SESSION_CHANGED_TARGET },
        [LEVEL] = { "Level", "u", SESSION_CHANGED_LEVEL },
        [DELAY] = { "Delay", "u", SESSION_CHANGED_DELAY },
        [ACTIVE] = { "Active", "b", SESSION_CHANGED_ACTIVE, true },
        [CPUS] = { "Cpus", "s" },
};

static int append_nothing(const char *type, sd_bus_message *reply) {
        switch (type[0]) {
        case 's':
                return sd_bus_message_append_basic(reply, 's', "");
        case 'a':
                return sd_bus_message_append_array(reply, 'u', NULL, 0);
        case 't':
                return sd_bus_message_append(reply, "t", UINT64_C(0));
        default:
                return sd_bus_message_append(reply, type, 0);
        }
}

static int append_value(const struct session *session, enum property property, sd_bus_message *reply) {
        const struct session_spec *spec = &session->spec;
        struct session_counters counters = {};

        sessions_look(session, &counters);
        switch (property) {
        case APPLICATION:
                return append_text(reply, session->application);
        case PID:
                return sd_bus_message_append(reply, "u", (uint32_t) spec->tgid);
        case UID:
                return sd_bus_message_append(reply, "u", (uint32_t) session->uid);
        case TARGET:
                return sd_bus_message_append(reply, "u", spec->target_us);
        case PERCENTILE:
                return sd_bus_message_append(reply, "u", spec->permille);
        case WINDOW:
                return sd_bus_message_append(reply, "u", spec->window_us);
        case STALE:
                return sd_bus_message_append(reply, "u", spec->stale_us);
        case CAP:
                return sd_bus_message_append(reply, "b", (spec->flags & SESSION_CAP) != 0);
        case THREADS:
                return sd_bus_message_append_array(reply, 'u', spec->threads, spec->n_threads * sizeof(uint32_t));
        case SAMPLES:
                return sd_bus_message_append(reply, "t", counters.samples);
        case VIOLATIONS:
                return sd_bus_message_append(reply, "t", counters.violations);
        case INVALID:
                return sd_bus_message_append(reply, "t", counters.invalid);
        case ESTIMATE:
                return sd_bus_message_append(reply, "u", counters.estimate_us);
        case SLACK:
                return sd_bus_message_append(reply, "i", slack(session, &counters));
        case LEVEL:
                return sd_bus_message_append(reply, "u", counters.level);
        case DELAY:
                return sd_bus_message_append(reply, "u", counters.delay_us);
        case ACTIVE:
                return sd_bus_message_append(reply, "b", (int) counters.active);
        case CPUS:
                return append_cpus(session, reply);
        case PROPERTY_COUNT:
                break;
        }
        return -EINVAL;
}

/* Returns the call that is reading properties; NULL while a signal is being built, also if a call caused the signal. */
static sd_bus_message *property_call(sd_bus *sd) {
        static const char *const interfaces[] = { "org.freedesktop.DBus.Properties", "org.freedesktop.DBus.ObjectManager" };
        sd_bus_message *message = sd_bus_get_current_message(sd);

        for (size_t i = 0; message && i < ARRAY_SIZE(interfaces); i++)
                if (sd_bus_message_is_method_call(message, interfaces[i], NULL) > 0)
                        return message;
        return NULL;
}

static enum property find_property(const char *name) {
        enum property property = 0;

        while (property < PROPERTY_COUNT && !text_equal(properties[property].name, name))
                property++;
        return property;
}

int session_get(sd_bus *sd, const char *path, const char *interface, const char *property, sd_bus_message *reply, void *userdata,
                sd_bus_error *error) {
        const struct session_object *object = userdata;
        enum property which = find_property(property);
        sd_bus_message *call = property_call(sd);
        struct allowance *allowance;

        (void) path, (void) interface;
        if (which == PROPERTY_COUNT)
                return -EINVAL;
        if (call) {
                int r = allowance_get(object->bus, call, &allowance, error);

                if (r < 0)
                        return r;
                allowance_take(allowance, 1);
        }
        if (properties[which].is_public || (call && session_is_visible(object->bus, object->session, call)))
                return append_value(object->session, which, reply);
        return append_nothing(properties[which].type, reply);
}

static int append_entry(const struct session *session, enum property property, sd_bus_message *signal) {
        int r = sd_bus_message_open_container(signal, 'e', "sv");

        if (r >= 0)
                r = sd_bus_message_append_basic(signal, 's', properties[property].name);
        if (r >= 0)
                r = sd_bus_message_open_container(signal, 'v', properties[property].type);
        if (r >= 0)
                r = append_value(session, property, signal);
        if (r >= 0)
                r = sd_bus_message_close_container(signal);
        return r < 0 ? r : sd_bus_message_close_container(signal);
}

static int append_changed(const struct session *session, uint32_t mask, sd_bus_message *signal) {
        int r = sd_bus_message_append_basic(signal, 's', SESSION_INTERFACE);

        if (r >= 0)
                r = sd_bus_message_open_container(signal, 'a', "{sv}");
        for (enum property p = 0; r >= 0 && p < PROPERTY_COUNT; p++)
                if (properties[p].mask & mask)
                        r = append_entry(session, p, signal);
        if (r >= 0)
                r = sd_bus_message_close_container(signal);
        return r < 0 ? r : sd_bus_message_append(signal, "as", 0);
}

int session_signal_owner(struct bus *bus, const struct session *session, uint32_t mask) {
        sd_bus_message *signal = NULL;
        char path[SESSION_PATH_MAX];
        int r;

        if (session->owner_kind != OWNER_BUS)
                return 0;
        session_path(session, path);
        r = sd_bus_message_new_signal(bus->bus, &signal, path, "org.freedesktop.DBus.Properties", "PropertiesChanged");
        if (r >= 0)
                r = append_changed(session, mask, signal);
        if (r >= 0)
                r = sd_bus_message_set_destination(signal, session->owner);
        if (r >= 0)
                r = sd_bus_send(bus->bus, signal, NULL);
        sd_bus_message_unref(signal);
        return r;
}
