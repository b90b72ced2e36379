/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measures the start of a service, from just before fork and exec: "owned_ns" until the bus signals that its legacy name has an
 * owner, "usable_ns" until the property Profiles contains at least one profile. Both are needed, because power-profiles-daemon
 * requests its name first and searches for hardware afterwards.
 *
 * Between two starts, the service is stopped with SIGTERM. The next start begins when its process has ended and its name has no
 * owner, so that starts do not influence each other.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-bus.h>

#define LEGACY_NAME "net.hadess.PowerProfiles"
#define LEGACY_PATH "/net/hadess/PowerProfiles"

#define START_TIMEOUT_NS (30 * UINT64_C(1000000000))

extern char **environ;

struct sample {
        uint64_t owned_ns;
        uint64_t usable_ns;
};

static uint64_t now_ns(void) {
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * UINT64_C(1000000000) + (uint64_t) t.tv_nsec;
}

static int on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        bool *owned = userdata;
        const char *name, *old_owner, *new_owner;
        int r = sd_bus_message_read(m, "sss", &name, &old_owner, &new_owner);

        (void) error;
        if (r >= 0)
                *owned = new_owner[0] != '\0';
        return r;
}

static int watch_name(sd_bus *bus, bool *owned) {
        return sd_bus_add_match(bus, NULL,
                                "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
                                "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" LEGACY_NAME "'",
                                on_owner_changed, owned);
}

static int wait_owned(sd_bus *bus, const bool *owned, bool wanted) {
        uint64_t deadline = now_ns() + START_TIMEOUT_NS;

        while (*owned != wanted) {
                int r = sd_bus_process(bus, NULL);

                if (r < 0)
                        return r;
                if (r > 0)
                        continue;
                if (now_ns() >= deadline)
                        return -ETIMEDOUT;
                r = sd_bus_wait(bus, (deadline - now_ns()) / 1000);
                if (r < 0 && r != -EINTR)
                        return r;
        }
        return 0;
}

/* stdout is used for the JSON of this program, so the stdout of the service is redirected to stderr. */
static int spawn(char **argv, pid_t *ret_pid) {
        posix_spawn_file_actions_t actions;
        int r = posix_spawn_file_actions_init(&actions);

        if (r)
                return -r;
        r = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
        if (!r)
                r = posix_spawn(ret_pid, argv[0], &actions, NULL, argv, environ);
        posix_spawn_file_actions_destroy(&actions);
        return -r;
}

/* Returns 1 if there are profiles; 0 if there are none yet, or the object does not exist yet. */
static int has_profiles(sd_bus *bus) {
        sd_bus_message *reply = NULL;
        int r = sd_bus_get_property(bus, LEGACY_NAME, LEGACY_PATH, LEGACY_NAME, "Profiles", NULL, &reply, "aa{sv}");

        if (r >= 0)
                r = sd_bus_message_enter_container(reply, 'a', "a{sv}");
        if (r >= 0)
                r = sd_bus_message_at_end(reply, false) == 0;
        sd_bus_message_unref(reply);
        return r > 0;
}

/* Repeats the call as soon as the reply arrives. The service is single-threaded, so a call waits until its start-up has ended. */
static int wait_usable(sd_bus *bus) {
        uint64_t deadline = now_ns() + START_TIMEOUT_NS;

        while (!has_profiles(bus))
                if (now_ns() >= deadline)
                        return -ETIMEDOUT;
        return 0;
}

static int start_once(sd_bus *bus, const bool *owned, char **argv, struct sample *ret) {
        uint64_t start = now_ns();
        pid_t pid;
        int r = spawn(argv, &pid);

        if (r < 0)
                return r;
        r = wait_owned(bus, owned, true);
        ret->owned_ns = now_ns() - start;
        if (r >= 0)
                r = wait_usable(bus);
        ret->usable_ns = now_ns() - start;
        kill(pid, SIGTERM);
        waitpid(pid, NULL, 0);
        return r < 0 ? r : wait_owned(bus, owned, false);
}

static void print_samples(const struct sample *samples, unsigned n) {
        printf("{\"owned_ns\": [");
        for (unsigned i = 0; i < n; i++)
                printf("%s%llu", i ? ", " : "", (unsigned long long) samples[i].owned_ns);
        printf("], \"usable_ns\": [");
        for (unsigned i = 0; i < n; i++)
                printf("%s%llu", i ? ", " : "", (unsigned long long) samples[i].usable_ns);
        printf("]}\n");
}

static int run(struct sample *samples, unsigned n, char **argv) {
        sd_bus *bus = NULL;
        bool owned = false;
        int r = sd_bus_open_system(&bus);

        if (r >= 0)
                r = watch_name(bus, &owned);
        for (unsigned i = 0; r >= 0 && i < n; i++)
                r = start_once(bus, &owned, argv, &samples[i]);
        if (r >= 0)
                print_samples(samples, n);
        sd_bus_flush_close_unref(bus);
        return r;
}

int main(int argc, char **argv) {
        struct sample *samples;
        int n, r;

        n = argc < 3 ? 0 : atoi(argv[1]);
        if (n <= 0) {
                fputs("usage: start-client RUNS PROGRAM [ARGUMENT]...\n", stderr);
                return EXIT_FAILURE;
        }
        samples = calloc((size_t) n, sizeof(*samples));
        r = samples ? run(samples, (unsigned) n, argv + 2) : -ENOMEM;
        if (r < 0)
                fprintf(stderr, "start-client: %s\n", strerror(-r));
        free(samples);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
