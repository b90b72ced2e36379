/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of libgovernord with two modes.
 *
 *     bursty TARGET_US [WINDOW_US [STALE_US]]
 *
 * reads lines "LATENCY_US EVERY_US" from standard input until that ends, and reports this latency at this interval ("0 0": it
 * reports nothing). It prints "STATE RUNG SESSIONS" when one of these changes. It sleeps between two reports.
 *
 *     bursty --simulate TARGET_US CPU_FOLDER SECONDS [KHZ]
 *
 * simulates, for demonstrations, a service with bursts of requests: 100 requests in 100 ms, then one every 50 ms, repeated every
 * 700 ms. A request needs half a millisecond at the CPU's highest frequency. The simulated CPU runs at the frequency in
 * CPU_FOLDER/scaling_min_freq, like a CPU that otherwise would be idle. Time is real; only the work is simulated. With KHZ the
 * frequency is fixed, and no session is opened.
 * Output: "slice MS BURST DONE LONGEST_US KHZ" for each 50 ms, and at the end "total DONE P95_US P99_US PERMILLE_OF_HIGHEST_SPEED".
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <fcntl.h>
#include <governord/qos.h>

#define NS_PER_US   UINT64_C(1000)
#define NS_PER_MS   UINT64_C(1000000)
#define CYCLE_MS    700
#define BURST_MS    100
#define BURST_EVERY 1  /* ms between requests */
#define QUIET_EVERY 50 /* ms */
#define SLICE_MS    50
#define WORK_US     500
#define STEP_NS     (NS_PER_MS / 2)
#define REQUESTS    65536

static uint64_t now_ns(void) {
        struct timespec t = {};

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * 1000 * NS_PER_MS + (uint64_t) t.tv_nsec;
}

/* -- reports that standard input requests -- */

static void say_changes(struct gov_qos *qos, uint32_t *changes) {
        static const char *const states[] = { "waiting", "opening", "open", "refused", "off" }, *const rungs[] = { "none", "user",
                                                                                                                   "bpf" };
        struct gov_qos_status status = { .size = sizeof(status) };

        (void) gov_qos_status(qos, &status);
        if (status.changes == *changes)
                return;
        *changes = status.changes;
        printf("%s %s %u\n", states[status.state], rungs[status.rung], status.sessions);
        (void) fflush(stdout);
}

/* Reads the next commands; returns false at the end of the input. */
static bool take_order(char *line, size_t *length, size_t size, unsigned int *latency_us, unsigned int *every_us) {
        ssize_t n = read(STDIN_FILENO, line + *length, size - 1 - *length);
        char *end;

        if (n <= 0)
                return false;
        *length += (size_t) n;
        line[*length] = '\0';
        while ((end = strchr(line, '\n'))) {
                (void) sscanf(line, "%u %u", latency_us, every_us);
                *length -= (size_t) (end + 1 - line);
                memmove(line, end + 1, *length + 1);
        }
        return *length < size - 1;
}

static int follow_orders(struct gov_qos *qos) {
        struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
        unsigned int latency_us = 0, every_us = 0;
        uint32_t changes = UINT32_MAX;
        char line[128] = "";
        size_t length = 0;

        for (;;) {
                /* without reports, the status is checked every 20 ms */
                uint64_t ns = (every_us > 0 ? every_us : 20000) * NS_PER_US;
                const struct timespec pause = { (time_t) (ns / (1000 * NS_PER_MS)), (long) (ns % (1000 * NS_PER_MS)) };

                say_changes(qos, &changes);
                if (ppoll(&input, 1, &pause, NULL) > 0 && !take_order(line, &length, sizeof(line), &latency_us, &every_us))
                        return 0;
                if (every_us > 0)
                        gov_qos_report(qos, latency_us);
        }
}

/* -- a simulated service -- */

struct service {
        struct gov_qos *qos; /* NULL: no session */
        int speed_fd;        /* scaling_min_freq, -1: fixed */
        uint64_t khz, min_khz, max_khz;
        uint64_t begin_ns, time_ns; /* the simulation has reached time_ns */
        uint64_t arrived[REQUESTS]; /* ns since the beginning */
        uint32_t n_arrived, n_done;
        double left_us; /* of the request that is being served, at the highest speed */
        uint32_t latencies_us[REQUESTS];
        /* of this slice */
        uint32_t slice_done, slice_longest_us;
        double slice_khz_ns, all_khz_ns;
};

static bool in_burst(uint64_t ns) {
        return ns / NS_PER_MS % CYCLE_MS < BURST_MS;
}

static uint64_t read_number(int fd) {
        char text[32] = "";

        return pread(fd, text, sizeof(text) - 1, 0) > 0 ? strtoull(text, NULL, 10) : 0;
}

static uint64_t read_file(const char *folder, const char *name) {
        char path[4096];
        uint64_t number;
        int fd;

        (void) snprintf(path, sizeof(path), "%s/%s", folder, name);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return 0;
        number = read_number(fd);
        (void) close(fd);
        return number;
}

static void finish(struct service *service, uint64_t at_ns) {
        uint32_t latency_us = (uint32_t) ((at_ns - service->arrived[service->n_done]) / NS_PER_US);

        service->latencies_us[service->n_done++] = latency_us;
        service->slice_done++;
        if (latency_us > service->slice_longest_us)
                service->slice_longest_us = latency_us;
        if (service->qos)
                gov_qos_report(service->qos, latency_us);
        service->left_us = WORK_US;
}

/* Serves the queue until this time, at the present frequency. */
static void serve(struct service *service, uint64_t until_ns) {
        double speed = (double) service->khz / (double) service->max_khz;
        uint64_t at_ns = service->time_ns;

        service->slice_khz_ns += (double) service->khz * (double) (until_ns - at_ns);
        while (service->n_done < service->n_arrived) {
                uint64_t from_ns = service->arrived[service->n_done] > at_ns ? service->arrived[service->n_done] : at_ns;
                uint64_t needs_ns = (uint64_t) (service->left_us * 1000 / speed);

                if (from_ns + needs_ns > until_ns) {
                        if (until_ns > from_ns)
                                service->left_us -= (double) (until_ns - from_ns) / 1000 * speed;
                        break;
                }
                at_ns = from_ns + needs_ns;
                finish(service, at_ns);
        }
        service->time_ns = until_ns;
}

static void end_slice(struct service *service) {
        printf("slice %u %d %u %u %.0f\n", (unsigned int) (service->time_ns / NS_PER_MS) - SLICE_MS,
               in_burst(service->time_ns - SLICE_MS * NS_PER_MS), service->slice_done, service->slice_longest_us,
               service->slice_khz_ns / (double) (SLICE_MS * NS_PER_MS));
        service->all_khz_ns += service->slice_khz_ns;
        service->slice_khz_ns = 0;
        service->slice_done = service->slice_longest_us = 0;
}

/* Adds the request of this millisecond, if there is one. */
static void arrive(struct service *service) {
        uint64_t ms = service->time_ns / NS_PER_MS % CYCLE_MS;

        if (service->time_ns % NS_PER_MS == 0 && ms % (in_burst(service->time_ns) ? BURST_EVERY : QUIET_EVERY) == 0 &&
            service->n_arrived < REQUESTS)
                service->arrived[service->n_arrived++] = service->time_ns;
}

static void step(struct service *service) {
        uint64_t khz = service->speed_fd >= 0 ? read_number(service->speed_fd) : 0;

        if (khz >= service->min_khz && khz <= service->max_khz) /* a file may be read while it is written */
                service->khz = khz;
        arrive(service);
        serve(service, service->time_ns + STEP_NS);
        if (service->time_ns % (SLICE_MS * NS_PER_MS) == 0)
                end_slice(service);
}

static void wait_until(uint64_t ns) {
        const struct timespec until = { (time_t) (ns / (1000 * NS_PER_MS)), (long) (ns % (1000 * NS_PER_MS)) };

        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
                ;
}

static int compare(const void *a, const void *b) {
        const uint32_t *x = a, *y = b;

        return *x < *y ? -1 : *x > *y;
}

static uint32_t percentile(const struct service *service, uint32_t permille) {
        return service->n_done > 0 ? service->latencies_us[(uint64_t) (service->n_done - 1) * permille / 1000] : 0;
}

static int simulate(struct service *service, unsigned int seconds) {
        uint64_t end_ns = (uint64_t) seconds * 1000 * NS_PER_MS;

        service->left_us = WORK_US;
        service->begin_ns = now_ns();
        while (service->time_ns < end_ns) {
                if (service->speed_fd >= 0)
                        wait_until(service->begin_ns + service->time_ns + STEP_NS);
                step(service);
        }
        qsort(service->latencies_us, service->n_done, sizeof(service->latencies_us[0]), compare);
        printf("total %u %u %u %.0f\n", service->n_done, percentile(service, 950), percentile(service, 990),
               1000 * service->all_khz_ns / (double) end_ns / (double) service->max_khz);
        return 0;
}

static int open_session(struct gov_qos **ret, const struct gov_qos_options *options) {
        struct gov_qos_status status = { .size = sizeof(status) };
        int r = gov_qos_open(options, ret);

        while (r == 0 && gov_qos_status(*ret, &status) == 0 && status.state != GOV_QOS_OPEN)
                r = gov_qos_wait(*ret, status.changes, 5000);
        if (r < 0)
                fprintf(stderr, "bursty: no session: %s\n", status.message[0] ? status.message : strerror(-r));
        return r;
}

static int main_simulate(char **argv, int n) {
        struct gov_qos_options options = GOV_QOS_OPTIONS((uint32_t) strtoul(argv[0], NULL, 10));
        struct service *service = calloc(1, sizeof(*service));
        char path[4096];
        int r = 0;

        if (!service)
                return 1;
        service->min_khz = read_file(argv[1], "cpuinfo_min_freq");
        service->max_khz = read_file(argv[1], "cpuinfo_max_freq");
        service->khz = n > 3 ? strtoull(argv[3], NULL, 10) : service->min_khz;
        service->speed_fd = -1;
        options.application = "bursty";
        if (service->max_khz == 0 || service->khz == 0) {
                fprintf(stderr, "bursty: %s says nothing of frequencies\n", argv[1]);
                r = -ENOENT;
        }
        if (r == 0 && n <= 3) {
                (void) snprintf(path, sizeof(path), "%s/scaling_min_freq", argv[1]);
                service->speed_fd = open(path, O_RDONLY | O_CLOEXEC);
                r = service->speed_fd < 0 ? -errno : open_session(&service->qos, &options);
        }
        if (r == 0)
                r = simulate(service, (unsigned int) strtoul(argv[2], NULL, 10));
        gov_qos_close(service->qos);
        if (service->speed_fd >= 0)
                (void) close(service->speed_fd);
        free(service);
        return r < 0;
}

int main(int argc, char **argv) {
        struct gov_qos_options options = GOV_QOS_OPTIONS(0);
        struct gov_qos *qos = NULL;

        if (argc >= 5 && strcmp(argv[1], "--simulate") == 0)
                return main_simulate(argv + 2, argc - 2);
        if (argc < 2 || sscanf(argv[1], "%u", &options.target_us) != 1 ||
            (argc > 2 && sscanf(argv[2], "%u", &options.window_us) != 1) ||
            (argc > 3 && sscanf(argv[3], "%u", &options.stale_us) != 1)) {
                fprintf(stderr, "Usage: see the top of tests/daemon/bursty.c\n");
                return 2;
        }
        options.application = "bursty";
        if (gov_qos_open(&options, &qos) < 0)
                return 1;
        (void) follow_orders(qos);
        gov_qos_close(qos);
        return 0;
}
