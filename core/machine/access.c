/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/machine/access.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/machine/plugin.h"

enum function { PROBE, REMOVE, INFO, COUNT, DESCRIBE, READ, WRITE, CPU, GET_FD, DISPATCH };

static const char *const function_names[] = {
        [PROBE] = "probe", [REMOVE] = "remove", [INFO] = "info", [COUNT] = "count",   [DESCRIBE] = "describe",
        [READ] = "read",   [WRITE] = "write",   [CPU] = "cpu",   [GET_FD] = "get_fd", [DISPATCH] = "dispatch",
};

static void report_slow(struct plugin *plugin, enum function function, uint64_t usec) {
        if (plugin->times.reported & (UINT32_C(1) << function))
                return;
        plugin->times.reported |= UINT32_C(1) << function;
        log_notice("Driver %s: %s() took %" PRIu64 " ms, but calls should take less than %d ms, since they block the whole service",
                   plugin->name, function_names[function], usec / 1000, ACCESS_SLOW_USEC / 1000);
}

static void account(struct plugin *plugin, enum function function, uint64_t began_usec) {
        struct access_times *times = &plugin->times;
        uint64_t usec = clock_usec(CLOCK_MONOTONIC) - began_usec;

        times->calls++;
        times->longest_usec = MAX(times->longest_usec, usec);
        if (usec < ACCESS_SLOW_USEC)
                return;
        times->slow++;
        report_slow(plugin, function, usec);
}

int access_probe(struct plugin *plugin) {
        uint64_t began_usec = clock_usec(CLOCK_MONOTONIC);
        int r = plugin->driver->probe(&plugin->host, &plugin->driver_state);

        if (r >= 0)
                plugin->abandoned = false;
        account(plugin, PROBE, began_usec);
        return r;
}

void access_remove(struct plugin *plugin) {
        uint64_t began_usec = clock_usec(CLOCK_MONOTONIC);

        plugin->driver->remove(plugin->driver_state);
        account(plugin, REMOVE, began_usec);
}

int access_info(struct plugin *plugin, struct gov_driver_info *ret) {
        uint64_t began_usec = clock_usec(CLOCK_MONOTONIC);
        int r = plugin->driver->info(plugin->driver_state, ret);

        account(plugin, INFO, began_usec);
        return r;
}

int access_count(struct plugin *plugin, uint32_t row) {
        uint64_t began_usec = clock_usec(CLOCK_MONOTONIC);
        int r = plugin->driver->count(plugin->driver_state, row);

        account(plugin, COUNT, began_usec);
        return r;
}

int access_describe(struct plugin *plugin, uint32_t row, uint32_t index, struct gov_instance *ret) {
        uint64_t began_usec = clock_usec(CLOCK_MONOTONIC);
        int r = plugin->driver->describe(plugin->driver_state, row, index, ret);

        account(plugin, DESCRIBE, began_usec);
        return r;
}

int access_read(struct plugin *plugin, uint32_t row, uint32_t index, char *ret) {
        uint64_t began_usec = clock_usec(CLOCK_MONOTONIC);
        int r = plugin->driver->read(plugin->driver_state, row, index, ret, GOVERNORD_VALUE_MAX);

        account(plugin, READ, began_usec);
        if (r >= GOVERNORD_VALUE_MAX)
                return -E2BIG;
        if (r >= 0)
                ret[r] = '\0';
        return r;
}

/* -- writes -- */

static int send(struct plugin *plugin, const struct access_call *call) {
        if (plugin->abandoned)
                return -EHOSTDOWN;
        return plugin->transport->send(call, plugin->transport->userdata);
}

static void append(struct plugin *plugin, struct access_call *call) {
        struct access_call **end = &plugin->calls;

        while (*end)
                end = &(*end)->next;
        *end = call;
}

static int submit(struct plugin *plugin, const struct access_call *filled, const char *value) {
        struct access_call *call = malloc(sizeof(*call));
        int r;

        if (!call)
                return -ENOMEM;
        *call = *filled;
        call->cookie = ++plugin->last_cookie;
        r = TEXT_FORMAT(call->value, "%s", value) < 0 ? -E2BIG : send(plugin, call);
        if (r < 0) {
                free(call);
                return r;
        }
        append(plugin, call);
        return -EINPROGRESS;
}

int access_write(struct plugin *plugin, uint32_t row, uint32_t index, const char *value,
                 void (*answered)(int r, const char *shown, void *userdata), void *userdata) {
        uint64_t began_usec = clock_usec(CLOCK_MONOTONIC);
        int r;

        assert(!plugin->transport || answered);
        if (plugin->transport)
                return submit(
                        plugin,
                        &(struct access_call){
                                .sent_usec = began_usec, .row = row, .index = index, .answered = answered, .userdata = userdata },
                        value);
        r = plugin->driver->write ? plugin->driver->write(plugin->driver_state, row, index, value) : -EOPNOTSUPP;
        account(plugin, WRITE, began_usec);
        return r;
}

/* `answered` may write again, so the list must be consistent before the call. */
static void end_call(struct plugin *plugin, struct access_call **link, int r, const char *shown) {
        struct access_call *call = *link;
        uint64_t usec = clock_usec(CLOCK_MONOTONIC) - call->sent_usec;

        *link = call->next;
        plugin->times.calls++;
        plugin->times.longest_usec = MAX(plugin->times.longest_usec, usec);
        plugin->times.slow += usec >= ACCESS_SLOW_USEC;
        call->answered(r, shown, call->userdata);
        free(call);
}

int access_answer(struct plugin *plugin, uint64_t cookie, int r, const char *shown) {
        for (struct access_call **link = &plugin->calls; *link; link = &(*link)->next)
                if ((*link)->cookie == cookie) {
                        end_call(plugin, link, r, shown);
                        return 0;
                }
        return -ENOENT;
}

uint64_t access_deadline(const struct plugin *plugin) {
        return plugin->calls ? plugin->calls->sent_usec + ACCESS_DEADLINE_USEC : UINT64_MAX;
}

void access_expire(struct plugin *plugin, uint64_t now_usec) {
        const struct access_call *oldest = plugin->calls;

        if (!oldest || access_deadline(plugin) > now_usec)
                return;
        plugin->abandoned = true;
        (void) log_warning(0,
                           "Driver %s has not answered a write of \"%s\" to %s (instance %u) for %" PRIu64
                           " ms; all writes to this driver fail until it has been probed again",
                           plugin->name, oldest->value, plugin->driver->rows[oldest->row].name, oldest->index,
                           (clock_usec(CLOCK_MONOTONIC) - oldest->sent_usec) / 1000);
        while (plugin->calls)
                end_call(plugin, &plugin->calls, -ETIMEDOUT, NULL);
}

/* -- other calls -- */

int access_cpu(struct plugin *plugin, uint32_t cpu, struct gov_cpu_facts *ret) {
        uint64_t began_usec = clock_usec(CLOCK_MONOTONIC);
        int r = plugin->driver->cpu ? plugin->driver->cpu(plugin->driver_state, cpu, ret) : -ENODEV;

        account(plugin, CPU, began_usec);
        return r;
}

int access_fd(struct plugin *plugin) {
        uint64_t began_usec = clock_usec(CLOCK_MONOTONIC);
        int fd = plugin->driver->get_fd && plugin->driver->dispatch ? plugin->driver->get_fd(plugin->driver_state) : -1;

        account(plugin, GET_FD, began_usec);
        return fd;
}

int access_dispatch(struct plugin *plugin) {
        uint64_t began_usec = clock_usec(CLOCK_MONOTONIC);
        int r = plugin->driver->dispatch(plugin->driver_state);

        account(plugin, DISPATCH, began_usec);
        return r;
}
