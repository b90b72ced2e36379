/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session's object shows. It refuses to remember anything. Subtle: what is shown is asked of the engine at that moment,
 * while what is signalled comes from the core's looks; so a value may be newer than the last signal, never older. */

#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "dbus/marshal.h"
#include "dbus/session-iface.h"

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

static int append_cpus(const struct session *session, sd_bus_message *reply) {
        _cleanup_free_ char *cpus = session_cpus(session);

        return cpus ? sd_bus_message_append_basic(reply, 's', cpus) : -ENOMEM;
}

/* What the session is: does not change but for its target and its threads. */
int session_get_fact(sd_bus *sd, const char *path, const char *interface, const char *property, sd_bus_message *reply,
                     void *userdata, sd_bus_error *error) {
        const struct session *session = userdata;
        const struct {
                const char *property;
                uint32_t value;
        } numbers[] = {
                { "Pid", (uint32_t) session->spec.tgid }, { "Uid", session->uid },
                { "Target", session->spec.target_us },    { "Percentile", session->spec.permille },
                { "Window", session->spec.window_us },    { "Stale", session->spec.stale_us },
        };

        (void) sd, (void) path, (void) interface, (void) error;
        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
                if (text_equal(numbers[i].property, property))
                        return sd_bus_message_append_basic(reply, 'u', &numbers[i].value);
        if (text_equal(property, "Application"))
                return append_text(reply, session->application);
        if (text_equal(property, "Cap"))
                return sd_bus_message_append(reply, "b", (session->spec.flags & SESSION_CAP) != 0);
        if (text_equal(property, "Threads"))
                return sd_bus_message_append_array(reply, 'u', session->spec.threads, session->spec.n_threads * sizeof(uint32_t));
        return text_equal(property, "Cpus") ? append_cpus(session, reply) : -EINVAL;
}

/* Positive while there is room; what does not fit is 0x7fffffff or its negative, which a target of a minute cannot reach. */
static int32_t slack(const struct session *session, const struct session_counters *counters) {
        int64_t difference = (int64_t) session->spec.target_us - counters->estimate_us;

        return counters->estimate_us == 0 ? 0 : (int32_t) MAX(MIN(difference, INT32_MAX), -INT32_MAX);
}

int session_get_counter(sd_bus *sd, const char *path, const char *interface, const char *property, sd_bus_message *reply,
                        void *userdata, sd_bus_error *error) {
        const struct session *session = userdata;
        struct session_counters counters = {};

        (void) sd, (void) path, (void) interface, (void) error;
        sessions_look(session, &counters);
        if (text_equal(property, "Samples"))
                return sd_bus_message_append_basic(reply, 't', &counters.samples);
        if (text_equal(property, "Violations"))
                return sd_bus_message_append_basic(reply, 't', &counters.violations);
        if (text_equal(property, "Invalid"))
                return sd_bus_message_append_basic(reply, 't', &counters.invalid);
        if (text_equal(property, "Estimate"))
                return sd_bus_message_append_basic(reply, 'u', &counters.estimate_us);
        if (text_equal(property, "Slack"))
                return sd_bus_message_append(reply, "i", slack(session, &counters));
        if (text_equal(property, "Level"))
                return sd_bus_message_append_basic(reply, 'u', &counters.level);
        if (text_equal(property, "Delay"))
                return sd_bus_message_append_basic(reply, 'u', &counters.delay_us);
        return text_equal(property, "Active") ? sd_bus_message_append(reply, "b", (int) counters.active) : -EINVAL;
}
