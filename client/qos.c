/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens and closes handles, and changes their targets and threads. Only invalid arguments and lack of memory are errors of
 * gov_qos_open(). If the service, the bus, descriptors or threads are missing, it succeeds, and gov_qos_status() reports the
 * state. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "client/link.h"
#include "client/options.h"
#include "client/state.h"

#define SYSTEM_BUS "unix:path=/run/dbus/system_bus_socket"

/* Called from gov_qos_open() and not from the library's thread, because other threads may change the environment later. */
static int copy_address(struct control *control) {
        const char *address = secure_getenv("DBUS_SYSTEM_BUS_ADDRESS");

        control->address = strdup(address && address[0] ? address : SYSTEM_BUS);
        return control->address ? 0 : -ENOMEM;
}

static int open_descriptors(struct control *control) {
        control->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        control->qos->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        return control->wake_fd < 0 || control->qos->kick_fd < 0 ? -errno : 0;
}

static void close_descriptors(struct control *control) {
        if (control->abandoned)
                return;
        if (control->wake_fd >= 0)
                (void) close(control->wake_fd);
        if (control->qos->kick_fd >= 0)
                (void) close(control->qos->kick_fd);
}

/* A failure here becomes the state GOV_QOS_OFF, not an error of gov_qos_open(). */
static void start(struct control *control, int r) {
        if (r >= 0)
                r = open_descriptors(control);
        if (r >= 0)
                r = link_start(control);
        if (r < 0)
                state_publish(control, GOV_QOS_OFF, "The library cannot work in this process: %s", state_error_text(r));
}

static int open_handle(const struct gov_qos_options *options, struct gov_qos **ret) {
        struct gov_qos *qos = NULL;
        struct control *control;
        int wipe = handle_new(&qos), r;

        if (!qos)
                return wipe;
        control = control_of(qos);
        control->flags = options->flags;
        control->stale_us = options->stale_us;
        control->settings.target = (struct target){ options->target_us, options->permille, options->window_us };
        (void) snprintf(control->application, sizeof(control->application), "%s", options->application ? options->application : "");
        r = copy_address(control);
        if (r >= 0)
                r = state_init(control);
        if (r < 0) {
                handle_free(qos);
                return -ENOMEM;
        }
        state_publish(control, GOV_QOS_WAITING, "No session has been requested yet");
        start(control, wipe);
        *ret = qos;
        return 0;
}

GOV_QOS_API int gov_qos_open(const struct gov_qos_options *options, struct gov_qos **ret) {
        struct gov_qos_options known;
        int saved = errno, r;

        r = ret ? options_read(options, &known) : -EINVAL;
        if (r >= 0)
                r = open_handle(&known, ret);
        errno = saved;
        return r;
}

GOV_QOS_API struct gov_qos *gov_qos_close(struct gov_qos *qos) {
        struct control *control = control_of(qos);
        int saved = errno;

        if (!control)
                (void) handle_free(qos);
        else if (link_stop(control) == 0) {
                close_descriptors(control);
                state_destroy(control);
                (void) handle_free(qos);
        }
        errno = saved;
        return NULL;
}

GOV_QOS_API int gov_qos_set_target(struct gov_qos *qos, uint32_t target_us, uint32_t permille, uint32_t window_us) {
        struct gov_qos_options options = { sizeof(options), 0, target_us, permille, window_us, 0, NULL }, known;
        struct control *control = control_of(qos);
        int saved = errno, r = options_read(&options, &known);

        if (r >= 0 && control) {
                state_set_target(control, &(struct target){ known.target_us, known.permille, known.window_us });
                link_wake(control);
        }
        errno = saved;
        return r;
}

static bool is_own_thread(int32_t tid) {
        return tid > 0 && tgkill(getpid(), tid, 0) == 0;
}

static int read_threads(const int32_t *tids, uint32_t n, struct threads *ret) {
        if (n > GOV_QOS_THREADS_MAX || (n > 0 && !tids))
                return -EINVAL;
        *ret = (struct threads){ .n = n };
        for (uint32_t i = 0; i < n; i++) {
                if (!is_own_thread(tids[i]))
                        return -ESRCH;
                ret->tids[i] = tids[i];
        }
        return 0;
}

GOV_QOS_API int gov_qos_set_threads(struct gov_qos *qos, const int32_t *tids, uint32_t n) {
        struct control *control = control_of(qos);
        struct threads threads;
        int saved = errno, r = read_threads(tids, n, &threads);

        if (r >= 0 && control) {
                state_set_threads(control, &threads);
                link_wake(control);
        }
        errno = saved;
        return r;
}
