/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time from a report to the new value in the file of the frequency limit, as seen by another program, in four ways: "switch"
 * and "kick" use libgovernord; "dbus" uses Session1.Report(); "loop" is a thread that reads the latest latency every 10 ms and
 * writes the file itself. The service runs the governor "race", with which one report leads to full speed. The time between reports
 * is random, with a fixed seed. Prints one JSON object with nanoseconds. Every value includes the wake-up by inotify.
 *
 * usage: end-to-end switch|kick|dbus|loop FILE LOW HIGH [REPORTS]
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include <governord/qos.h>
#include <systemd/sd-bus.h>

#define TARGET_US   1000
#define LOOP_NS     10000000
#define PATIENCE_MS 5000
#define PHASE_NS    20000000

static const char *file, *low, *high;
static int watch_fd, file_fd;
static struct gov_qos *qos;
static sd_bus *bus;
static char session[128];
static int latest_us; /* for "loop"; 0: no latency */

static uint64_t now_ns(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}

static _Noreturn void give_up(const char *what) {
        (void) fprintf(stderr, "%s: %s\n", what, strerror(errno));
        exit(1);
}

static bool shows(const char *value) {
        char text[64];
        ssize_t n = pread(file_fd, text, sizeof(text) - 1, 0);

        if (n < 0)
                give_up(file);
        text[n] = '\0';
        text[strcspn(text, "\n ")] = '\0';
        return strcmp(text, value) == 0;
}

/* Sleeps until the file is written, so that the thread leaves its CPU like one that waits for work. */
static void wait_for(const char *value) {
        uint64_t until = now_ns() + (uint64_t) PATIENCE_MS * 1000000;
        char events[4096];

        while (!shows(value)) {
                struct pollfd poll_fd = { .fd = watch_fd, .events = POLLIN };

                if (now_ns() > until) {
                        errno = ETIMEDOUT;
                        give_up(value);
                }
                if (poll(&poll_fd, 1, PATIENCE_MS) > 0)
                        (void) !read(watch_fd, events, sizeof(events));
        }
}

/* -- the loop in user space -- */

static void *loop(void *userdata) {
        int fd = open(file, O_WRONLY | O_CLOEXEC), before = 0;
        struct timespec next;

        (void) clock_gettime(CLOCK_MONOTONIC, &next);
        for (;;) {
                int latency = __atomic_load_n(&latest_us, __ATOMIC_ACQUIRE);
                char value[64];
                /* padded, because an ordinary file would keep the rest of a longer value */
                int n = snprintf(value, sizeof(value), "%-16s\n", latency > TARGET_US ? high : low);

                if ((latency > TARGET_US) != before && pwrite(fd, value, (size_t) n, 0) < 0)
                        give_up(file);
                before = latency > TARGET_US;
                next.tv_nsec += LOOP_NS;
                if (next.tv_nsec >= 1000000000) {
                        next.tv_nsec -= 1000000000;
                        next.tv_sec++;
                }
                (void) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
        }
        return NULL;
}

static void loop_start(void) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, loop, NULL) != 0)
                give_up("pthread_create");
}

static void loop_report(void) {
        __atomic_store_n(&latest_us, 5 * TARGET_US, __ATOMIC_RELEASE);
}

static void loop_calm(void) {
        __atomic_store_n(&latest_us, 0, __ATOMIC_RELEASE);
}

/* -- libgovernord -- */

static void ring_start(void) {
        struct gov_qos_options options = GOV_QOS_OPTIONS(TARGET_US);
        struct gov_qos_status status = { .size = sizeof(status) };

        options.application = "end-to-end";
        if (gov_qos_open(&options, &qos) < 0)
                give_up("gov_qos_open");
        while (gov_qos_status(qos, &status) >= 0 && status.state != GOV_QOS_OPEN)
                if (gov_qos_wait(qos, status.changes, PATIENCE_MS) < 0) {
                        (void) fprintf(stderr, "end-to-end: no session: %s\n", status.message);
                        exit(1);
                }
}

static void ring_report(void) {
        gov_qos_report(qos, 5 * TARGET_US);
}

static void kick_report(void) {
        gov_qos_report(qos, 5 * TARGET_US);
        (void) gov_qos_kick(qos);
}

static void ring_calm(void) {
        gov_qos_calm(qos);
        (void) gov_qos_kick(qos);
}

/* -- D-Bus -- */

static void dbus_start(void) {
        sd_bus_message *reply = NULL;
        const char *path;

        if (sd_bus_open_system(&bus) < 0 ||
            sd_bus_call_method(bus, "org.governord", "/org/governord", "org.governord.Manager1", "OpenSession", NULL, &reply,
                               "uuua{sv}", TARGET_US, 990, 0, 1, "stale", "u", 20000) < 0 ||
            sd_bus_message_read(reply, "o", &path) < 0)
                give_up("OpenSession");
        (void) snprintf(session, sizeof(session), "%s", path);
        sd_bus_message_unref(reply);
}

static void dbus_report(void) {
        sd_bus_message *call = NULL;
        uint32_t latency = 5 * TARGET_US;

        if (sd_bus_message_new_method_call(bus, &call, "org.governord", session, "org.governord.Session1", "Report") < 0 ||
            sd_bus_message_append_array(call, 'u', &latency, sizeof(latency)) < 0 || sd_bus_message_set_expect_reply(call, 0) < 0 ||
            sd_bus_send(bus, call, NULL) < 0 || sd_bus_flush(bus) < 0)
                give_up("Report");
        sd_bus_message_unref(call);
}

/* Nothing to do: the session ends its request after the stale time. */
static void dbus_calm(void) {
}

static const struct way {
        const char *name;
        void (*start)(void), (*report)(void), (*calm)(void);
} ways[] = {
        { "switch", ring_start, ring_report, ring_calm },
        { "kick", ring_start, kick_report, ring_calm },
        { "dbus", dbus_start, dbus_report, dbus_calm },
        { "loop", loop_start, loop_report, loop_calm },
};

static int by_value(const void *a, const void *b) {
        uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;

        return x < y ? -1 : x > y;
}

static void measure(const struct way *way, uint64_t *values, size_t n) {
        unsigned int seed = 1;

        way->start();
        for (size_t i = 0; i < n; i++) {
                uint64_t begin;

                way->calm();
                wait_for(low);
                (void) nanosleep(&(struct timespec){ .tv_nsec = rand_r(&seed) % PHASE_NS }, NULL);
                begin = now_ns();
                way->report();
                wait_for(high);
                values[i] = now_ns() - begin;
        }
        qsort(values, n, sizeof(*values), by_value);
        (void) printf("{ \"n\": %zu, \"p50\": %" PRIu64 ", \"p95\": %" PRIu64 ", \"p99\": %" PRIu64 ", \"max\": %" PRIu64 " }\n", n,
                      values[n / 2], values[n * 95 / 100], values[n * 99 / 100], values[n - 1]);
}

int main(int argc, char **argv) {
        size_t n = argc > 5 ? (size_t) atol(argv[5]) : 300;
        uint64_t *values = calloc(n, sizeof(*values));
        cpu_set_t set;

        if (argc < 5 || n == 0 || !values)
                return fprintf(stderr, "usage: end-to-end switch|kick|dbus|loop FILE LOW HIGH [REPORTS]\n"), 2;
        file = argv[2], low = argv[3], high = argv[4];
        CPU_ZERO(&set);
        CPU_SET(1, &set);
        (void) sched_setaffinity(0, sizeof(set), &set);
        file_fd = open(file, O_RDONLY | O_CLOEXEC);
        watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (file_fd < 0 || watch_fd < 0 || inotify_add_watch(watch_fd, file, IN_MODIFY) < 0)
                give_up(file);
        for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
                if (strcmp(ways[i].name, argv[1]) == 0)
                        measure(&ways[i], values, n);
        gov_qos_close(qos);
        sd_bus_unref(bus);
        free(values);
        return 0;
}
