/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The library's thread and its private connection to the bus. The thread sleeps in ppoll() until a message arrives on the bus, a
 * call times out, the application changes its settings or closes the handle, or the next attempt to open a session is due. No
 * attempt is due while a session is open, after a refusal, or after the bus has reported that the service is not running; then the
 * thread waits for NameOwnerChanged.
 *
 * The socket is shut down and not only closed, because children of the application may have copies of it, and the service would
 * consider the session alive. If the application closes descriptors of the library, for example with close_range(), the thread
 * stops without freeing the bus object, because libsystemd aborts the program when it closes an invalid descriptor.
 */

#include "client/link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client/clock.h"
#include "client/ring.h"
#include "client/session.h"
#include "client/state.h"
#include "include/governord/bus-errors.h"

#define JOIN_TIMEOUT_S 2            /* for the thread to end after it was woken */
#define STACK_BYTES    (256 * 1024) /* small, because applications may lock all their memory (mlockall) */

static void drop_connection(struct control *control) {
        int fd = control->bus ? sd_bus_get_fd(control->bus) : -1;

        session_forget(control);
        control->owner_slot = sd_bus_slot_unref(control->owner_slot);
        control->filter_slot = sd_bus_slot_unref(control->filter_slot);
        if (fd >= 0)
                (void) shutdown(fd, SHUT_RDWR);
        if (control->bus)
                sd_bus_close(control->bus);
        control->bus = sd_bus_unref(control->bus);
}

/* Handles NameOwnerChanged: the service has appeared or disappeared. */
static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *name = "", *old = "", *new = "";
        struct control *control = userdata;

        if (sd_bus_message_read(m, "sss", &name, &old, &new) < 0 || strcmp(name, SERVICE_NAME) != 0)
                return 0;
        if (old[0] != '\0') {
                /* The service ended while it opened the session, possibly because of it: the next attempt is delayed. */
                if (control->call_slot) {
                        control->lost = -EOWNERDEAD;
                        return 0;
                }
                session_forget(control);
                state_publish(control, GOV_QOS_WAITING, "governord has ended");
        }
        if (new[0] != '\0')
                control->due_ns = 0;
        else
                control->due_ns = UINT64_MAX;
        return 0;
}

static int connect_bus(struct control *control) {
        int r = sd_bus_new(&control->bus);

        if (r >= 0)
                r = sd_bus_set_address(control->bus, control->address);
        if (r >= 0)
                r = sd_bus_set_bus_client(control->bus, true);
        if (r >= 0)
                r = sd_bus_negotiate_fds(control->bus, true);
        if (r >= 0)
                r = sd_bus_add_filter(control->bus, &control->filter_slot, session_filter, control);
        if (r >= 0)
                r = sd_bus_start(control->bus);
        if (r >= 0)
                r = sd_bus_add_match_async(control->bus, &control->owner_slot,
                                           "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
                                           "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" SERVICE_NAME "'",
                                           on_owner, NULL, control);
        return r < 0 ? r : 0;
}

/* The descriptor numbers of the library may belong to other files now. So no descriptor is closed, not even by gov_qos_close(), and
 * the bus object, which would close its socket, is not freed. */
static void *abandon(struct control *control) {
        __atomic_store_n(&control->qos->kick_kind, KICK_NONE, __ATOMIC_RELAXED);
        control->abandoned = true;
        if (ring_use(control->qos, GOV_QOS_RUNG_NONE, NULL) == 0)
                ring_unmap(&control->ring);
        state_publish(control, GOV_QOS_OFF, "The program closed file descriptors of the library");
        return NULL;
}

/* Returns false if the application has closed the eventfd of the thread or the socket. Called before libsystemd uses the socket. */
static bool has_descriptors(struct control *control) {
        int fd = control->bus ? sd_bus_get_fd(control->bus) : -1;

        return fcntl(control->wake_fd, F_GETFD) >= 0 && (fd < 0 || fcntl(fd, F_GETFD) >= 0);
}

static int process_messages(struct control *control) {
        int r;

        do {
                if (!has_descriptors(control))
                        return -EBADF;
                r = sd_bus_process(control->bus, NULL);
        } while (r > 0 && control->lost == 0);
        return r < 0 ? r : control->lost;
}

/* Connects, processes messages, requests a session and sends changes, if due. Returns -EBADF if the application has closed
 * descriptors of the library; another negative errno means that the connection is unusable. */
static int run_due_work(struct control *control, const struct settings *settings) {
        int r = 0;

        if (!control->bus) {
                if (session_now_ns() < control->due_ns)
                        return 0;
                r = connect_bus(control);
        }
        if (r >= 0)
                r = process_messages(control);
        if (r >= 0 && control->due_ns != UINT64_MAX && session_now_ns() >= control->due_ns) {
                control->due_ns = UINT64_MAX;
                r = session_open(control, settings);
        }
        return r < 0 ? r : session_update(control, settings);
}

/* Returns how long to sleep, or NULL if there is no limit. */
static const struct timespec *sleep_time(struct control *control, struct timespec *buffer) {
        uint64_t until_us = UINT64_MAX, now = session_now_ns(), until = control->due_ns;

        if (control->bus && sd_bus_get_timeout(control->bus, &until_us) > 0 && until_us < until / 1000)
                until = until_us * 1000;
        if (until == UINT64_MAX)
                return NULL;
        until = until > now ? until - now : 0;
        *buffer = (struct timespec){ .tv_sec = (time_t) (until / 1000000000), .tv_nsec = (long) (until % 1000000000) };
        return buffer;
}

/* Returns 0; -EBADF if the application has closed descriptors of the library; or another error of ppoll(). */
static int sleep_until_woken(struct control *control) {
        struct pollfd fds[2] = { { .fd = control->wake_fd, .events = POLLIN }, { .fd = -1 } };
        struct timespec buffer;
        uint64_t count;

        if (control->bus) {
                int events = sd_bus_get_events(control->bus);

                fds[1].fd = sd_bus_get_fd(control->bus);
                fds[1].events = (short) (events < 0 ? 0 : events);
        }
        if (ppoll(fds, 2, sleep_time(control, &buffer), NULL) < 0)
                return errno == EINTR ? 0 : -errno;
        if ((fds[0].revents | fds[1].revents) & POLLNVAL)
                return -EBADF;
        if (fds[0].revents & POLLIN)
                (void) !read(control->wake_fd, &count, sizeof(count));
        return 0;
}

/* Handles a failed or lost connection. Returns false if the handle is turned off permanently. */
static bool recover(struct control *control, int error) {
        drop_connection(control);
        if (error == -EDEADLK || control->lost == -EDEADLK) {
                state_publish(control, GOV_QOS_OFF, "A thread of the program did not finish a report (siglongjmp or cancellation)");
                return false;
        }
        if (control->lost == -ETIMEDOUT || control->lost == -EOWNERDEAD)
                state_publish(control, GOV_QOS_WAITING, "%s, next try in %u ms",
                              gov_bus_error_text(control->lost == -ETIMEDOUT ? GOV_BUS_ERROR_SILENT : GOV_BUS_ERROR_ENDED),
                              (unsigned int) session_later(control));
        else
                state_publish(control, GOV_QOS_WAITING, "No connection to the D-Bus system bus, next try in %u ms: %s",
                              (unsigned int) session_later(control), state_error_text(error));
        control->lost = 0;
        return true;
}

static void *run(void *userdata) {
        struct control *control = userdata;
        struct settings settings;
        int r;

        (void) pthread_setname_np(pthread_self(), "gov-qos");
        __atomic_store_n(&control->qos->time_mask, clock_is_common() ? UINT64_MAX : 0, __ATOMIC_RELAXED);
        control->due_ns = 0;
        while (state_read_settings(control, &settings)) {
                r = run_due_work(control, &settings);
                if (r < 0 && r != -EBADF && !recover(control, r))
                        return NULL;
                if (r == -EBADF || sleep_until_woken(control) < 0)
                        return abandon(control);
        }
        if (!has_descriptors(control))
                return abandon(control);
        drop_connection(control);
        return NULL;
}

static int start_thread(struct control *control) {
        pthread_attr_t attributes;
        int r = pthread_attr_init(&attributes);

        if (r != 0)
                return -r;
        r = pthread_attr_setstacksize(&attributes, STACK_BYTES);
        if (r == 0)
                r = pthread_create(&control->thread, &attributes, run, control);
        (void) pthread_attr_destroy(&attributes);
        if (r == EINVAL) /* the stack is too small for the program's thread-local variables: use the default size */
                r = pthread_create(&control->thread, NULL, run, control);
        return -r;
}

int link_start(struct control *control) {
        sigset_t all, saved;
        int r;

        (void) sigfillset(&all);
        r = -pthread_sigmask(SIG_SETMASK, &all, &saved);
        if (r < 0)
                return r;
        r = start_thread(control);
        (void) pthread_sigmask(SIG_SETMASK, &saved, NULL);
        control->threaded = r == 0;
        return r;
}

void link_wake(struct control *control) {
        const uint64_t one = 1;

        if (!control->threaded || state_of(control) == GOV_QOS_OFF)
                return;
        (void) !write(control->wake_fd, &one, sizeof(one));
}

int link_stop(struct control *control) {
        struct timespec until;

        if (!control->threaded)
                return 0;
        state_stop(control);
        link_wake(control);
        (void) clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += JOIN_TIMEOUT_S;
        if (pthread_timedjoin_np(control->thread, NULL, &until) != 0) {
                (void) pthread_detach(control->thread);
                return -EBADF;
        }
        control->threaded = false;
        return 0;
}
