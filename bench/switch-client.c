/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measures profile switches over D-Bus: alternates between power-saver and performance on the legacy interface, which governord and
 * all versions of power-profiles-daemon have, and prints one JSON object with the nanoseconds of each switch.
 *
 * The time is measured from just before Set is sent until its reply has arrived. Then, outside of the measured time, the energy
 * preference of *every* CPU is read below --root and compared with the expected one. "wrong" counts the switches for which a daemon
 * replied before it had written all values.
 *
 * --bare measures only the writes, which this program does without a bus, with one open, write and close per file (the energy
 * preference and, if it exists, the energy bias of each CPU). This is the lower limit that the kernel and the file system set.
 *
 * --held is the same for a program that keeps its files open and reads each value back: one pwrite and one pread per file. No
 * program that writes files and verifies each write can be faster.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-bus.h>

#define LEGACY_NAME "net.hadess.PowerProfiles"
#define LEGACY_PATH "/net/hadess/PowerProfiles"

/* A switch on thousands of CPUs may be slow, but not slower than this. */
#define CALL_TIMEOUT_USEC (60 * UINT64_C(1000000))

struct options {
        const char *root;
        unsigned cpus;
        unsigned reps;
        unsigned warmup;
        bool bare, held;
        int *fds; /* --held: EPP of each CPU, then EPB of each; -1: no such file */
};

struct target {
        const char *profile;
        const char *epp;
        const char *epb;
};

static const struct target targets[] = { { "power-saver", "power", "15" }, { "performance", "performance", "0" } };

static uint64_t now_ns(void) {
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * UINT64_C(1000000000) + (uint64_t) t.tv_nsec;
}

static void epp_path(char *buffer, size_t size, const struct options *o, unsigned cpu) {
        snprintf(buffer, size, "%s/sys/devices/system/cpu/cpufreq/policy%u/energy_performance_preference", o->root, cpu);
}

static void epb_path(char *buffer, size_t size, const struct options *o, unsigned cpu) {
        snprintf(buffer, size, "%s/sys/devices/system/cpu/cpu%u/power/energy_perf_bias", o->root, cpu);
}

static bool epp_is(const struct options *o, unsigned cpu, const char *wanted) {
        char path[4096], value[64];
        ssize_t n = -1;
        int fd;

        epp_path(path, sizeof(path), o, cpu);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
                n = read(fd, value, sizeof(value) - 1);
                close(fd);
        }
        if (n < 0)
                return false;
        value[n] = '\0';
        value[strcspn(value, "\n")] = '\0';
        return !strcmp(value, wanted);
}

static bool all_written(const struct options *o, const char *wanted) {
        for (unsigned cpu = 0; cpu < o->cpus; cpu++)
                if (!epp_is(o, cpu, wanted))
                        return false;
        return true;
}

static int write_file(const char *path, const char *value) {
        int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
        ssize_t n;

        if (fd < 0)
                return -errno;
        n = write(fd, value, strlen(value));
        close(fd);
        return n < 0 ? -EIO : 0;
}

static int write_all(const struct options *o, const struct target *t) {
        char path[4096];
        int r = 0;

        for (unsigned cpu = 0; r >= 0 && cpu < o->cpus; cpu++) {
                epp_path(path, sizeof(path), o, cpu);
                r = write_file(path, t->epp);
        }
        for (unsigned cpu = 0; r >= 0 && cpu < o->cpus; cpu++) {
                epb_path(path, sizeof(path), o, cpu);
                r = write_file(path, t->epb);
                if (r == -ENOENT)
                        return 0; /* the machine has no EPB */
        }
        return r;
}

static int open_held(struct options *o) {
        struct rlimit limit;
        char path[4096];

        if (getrlimit(RLIMIT_NOFILE, &limit) >= 0) {
                limit.rlim_cur = limit.rlim_max;
                (void) setrlimit(RLIMIT_NOFILE, &limit);
        }
        o->fds = calloc(o->cpus, 2 * sizeof(int));
        if (!o->fds)
                return -ENOMEM;
        for (unsigned i = 0; i < 2 * o->cpus; i++) {
                if (i < o->cpus)
                        epp_path(path, sizeof(path), o, i);
                else
                        epb_path(path, sizeof(path), o, i - o->cpus);
                o->fds[i] = open(path, O_RDWR | O_CLOEXEC);
                if (o->fds[i] < 0 && errno != ENOENT)
                        return -errno;
        }
        return 0;
}

/* A longer previous value is overwritten with newlines, as governord does it on a simulated machine. */
static int write_held(int fd, const char *value) {
        char buffer[32], back[sizeof(buffer)];
        size_t length = strlen(value);

        memset(buffer, '\n', sizeof(buffer));
        memcpy(buffer, value, length);
        if (pwrite(fd, buffer, sizeof(buffer), 0) != sizeof(buffer) || pread(fd, back, sizeof(back), 0) != sizeof(back))
                return -EIO;
        return memcmp(back, buffer, length) ? -EIO : 0;
}

static int write_all_held(const struct options *o, const struct target *t) {
        int r = 0;

        for (unsigned i = 0; r >= 0 && i < 2 * o->cpus; i++)
                if (o->fds[i] >= 0)
                        r = write_held(o->fds[i], i < o->cpus ? t->epp : t->epb);
        return r;
}

static int set_profile(sd_bus *bus, const char *profile) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = sd_bus_set_property(bus, LEGACY_NAME, LEGACY_PATH, LEGACY_NAME, "ActiveProfile", &error, "s", profile);

        if (r < 0)
                fprintf(stderr, "switch-client: cannot set %s: %s\n", profile, error.message ? error.message : strerror(-r));
        sd_bus_error_free(&error);
        return r;
}

/* Does one switch. A negative result means that the call failed, which ends the run. */
static int switch_once(sd_bus *bus, const struct options *o, const struct target *t, uint64_t *ret_ns, bool *ret_ok) {
        uint64_t start = now_ns();
        int r = bus ? set_profile(bus, t->profile) : o->held ? write_all_held(o, t) : write_all(o, t);

        *ret_ns = now_ns() - start;
        if (r >= 0)
                *ret_ok = all_written(o, t->epp);
        return r;
}

static int run(sd_bus *bus, const struct options *o) {
        const char *separator = "";
        unsigned wrong = 0;

        printf("{\"cpus\": %u, \"ns\": [", o->cpus);
        for (unsigned i = 0; i < o->warmup + o->reps; i++) {
                uint64_t ns;
                bool ok;
                int r = switch_once(bus, o, &targets[i % 2], &ns, &ok);

                if (r < 0)
                        return r;
                wrong += !ok;
                if (i >= o->warmup) {
                        printf("%s%llu", separator, (unsigned long long) ns);
                        separator = ", ";
                }
        }
        printf("], \"wrong\": %u}\n", wrong);
        return 0;
}

static int parse_number(const char *text, unsigned *ret) {
        char *end;
        unsigned long n;

        errno = 0;
        n = strtoul(text, &end, 10);
        if (errno || end == text || *end || n > 1000000)
                return -EINVAL;
        *ret = (unsigned) n;
        return 0;
}

static int parse_arguments(struct options *o, int argc, char **argv) {
        static const struct option options[] = {
                { "root", required_argument, NULL, 'r' },
                { "cpus", required_argument, NULL, 'c' },
                { "reps", required_argument, NULL, 'n' },
                { "warmup", required_argument, NULL, 'w' },
                { "bare", no_argument, NULL, 'b' },
                { "held", no_argument, NULL, 'h' },
                { 0 },
        };
        int c, r = 0;

        while (r >= 0 && (c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
                if (c == 'r')
                        o->root = optarg;
                else if (c == 'c')
                        r = parse_number(optarg, &o->cpus);
                else if (c == 'n')
                        r = parse_number(optarg, &o->reps);
                else if (c == 'w')
                        r = parse_number(optarg, &o->warmup);
                else if (c == 'b')
                        o->bare = true;
                else if (c == 'h')
                        o->held = true;
                else
                        r = -EINVAL;
        }
        return r < 0 || !o->root || !o->cpus || optind < argc ? -EINVAL : 0;
}

int main(int argc, char **argv) {
        struct options o = { .reps = 100, .warmup = 4 };
        sd_bus *bus = NULL;
        int r;

        if (parse_arguments(&o, argc, argv) < 0) {
                fputs("usage: switch-client --root DIR --cpus N [--reps N] [--warmup N] [--bare|--held]\n", stderr);
                return EXIT_FAILURE;
        }
        if (o.held)
                r = open_held(&o);
        else
                r = o.bare ? 0 : sd_bus_open_system(&bus);
        if (r >= 0 && bus)
                r = sd_bus_set_method_call_timeout(bus, CALL_TIMEOUT_USEC);
        if (r >= 0)
                r = run(bus, &o);
        if (r < 0)
                fprintf(stderr, "switch-client: %s\n", strerror(-r));
        sd_bus_flush_close_unref(bus);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
