/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identifies the sender of a call. GetConnectionCredentials, which sd-bus uses, is avoided: since dbus 1.16 its reply contains a
 * file descriptor (ProcessFD), and a service that has no free descriptor to receive it loses its connection. The calls block until
 * the bus daemon replies, with a timeout. */

#include "dbus/bus/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "dbus/bus/bus.h"

/* Twice the number of descriptors that a message may carry (16 on the system bus), because a message can be received while another
 * one is handled. */
#define SPARE_DESCRIPTORS 32

static int ask_bus(sd_bus *bus, const char *method, const char *name, uint32_t *ret) {
        sd_bus_message *query = NULL, *reply = NULL;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = sd_bus_message_new_method_call(bus, &query, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                               method);

        if (r >= 0)
                r = sd_bus_message_append(query, "s", name);
        if (r >= 0)
                r = sd_bus_call(bus, query, CALLER_TIMEOUT_USEC, &error, &reply);
        if (r >= 0)
                r = sd_bus_message_read(reply, "u", ret);
        else if (sd_bus_error_has_name(&error, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                r = -ENXIO;
        sd_bus_message_unref(query);
        sd_bus_message_unref(reply);
        sd_bus_error_free(&error);
        return MIN(r, 0);
}

int callers_start(struct bus *bus) {
        const char *name;
        uint32_t pid;

        bus->callers = calloc(1, sizeof(*bus->callers));
        if (!bus->callers)
                return -ENOMEM;
        if (sd_bus_get_unique_name(bus->bus, &name) >= 0 && ask_bus(bus->bus, "GetConnectionUnixProcessID", name, &pid) >= 0)
                bus->callers->self = (pid_t) pid;
        return 0;
}

void callers_stop(struct bus *bus) {
        free(bus->callers);
        bus->callers = NULL;
}

static bool find_known(struct callers *callers, const char *name, uid_t *ret) {
        for (size_t i = 0; i < CALLERS_KNOWN; i++) {
                size_t k = (callers->latest + i) % CALLERS_KNOWN; /* the most recent sender first: it often sends several calls */

                if (strcmp(callers->known[k].name, name) != 0)
                        continue;
                callers->latest = k;
                *ret = callers->known[k].uid;
                return true;
        }
        return false;
}

static void remember_uid(struct callers *callers, const char *name, uid_t uid) {
        if (TEXT_FORMAT(callers->known[callers->next].name, "%s", name) < 0)
                return;
        callers->known[callers->next].uid = uid;
        callers->latest = callers->next;
        callers->next = (callers->next + 1) % CALLERS_KNOWN;
}

int caller_uid(struct bus *bus, sd_bus_message *call, uid_t *ret) {
        const char *name = sd_bus_message_get_sender(call);
        uint32_t uid;
        int r;

        if (!name)
                return -ENXIO;
        if (find_known(bus->callers, name, ret))
                return 0;
        r = ask_bus(bus->bus, "GetConnectionUnixUser", name, &uid);
        if (r < 0)
                return r;
        remember_uid(bus->callers, name, uid);
        *ret = uid;
        return 0;
}

int caller_get(struct bus *bus, sd_bus_message *call, struct caller *ret) {
        const char *sender = sd_bus_message_get_sender(call);
        char name[PROGRAM_NAME_MAX];
        uint32_t pid = 0;
        int r;

        *ret = (struct caller){ .uid = (uid_t) -1 };
        r = caller_uid(bus, call, &ret->uid);
        if (r >= 0)
                r = ask_bus(bus->bus, "GetConnectionUnixProcessID", sender, &pid);
        if (r >= 0)
                ret->pid = (pid_t) pid;
        else if (r == -ESRCH) /* the bus cannot determine the process ID */
                r = 0;
        if (ret->pid > 0 && program_name(ret->pid, name) >= 0)
                (void) TEXT_FORMAT(ret->who, "%s[%d]", name, ret->pid);
        else
                (void) TEXT_FORMAT(ret->who, "%.30s", sender ? sender : "");
        return r;
}

bool caller_is_root(struct bus *bus, sd_bus_message *call) {
        uid_t uid;

        return caller_uid(bus, call, &uid) >= 0 && uid == 0;
}

int caller_pidfd(const struct caller *caller) {
        return caller->pid > 0 ? (int) syscall(SYS_pidfd_open, caller->pid, 0U) : -1;
}

int caller_unknown(sd_bus_error *error) {
        return sd_bus_error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED, "The bus did not report the caller's user; try again");
}

bool descriptors_are_left(void) {
        int spare[SPARE_DESCRIPTORS];
        size_t n = 0;
        bool left;

        while (n < SPARE_DESCRIPTORS && (spare[n] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0)
                n++;
        left = n == SPARE_DESCRIPTORS || errno == EBADF;
        while (n > 0)
                (void) close(spare[--n]);
        return left;
}
