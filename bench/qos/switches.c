/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cost of governors for other programs. Two processes pass a byte back and forth on one CPU, so that every step is a context
 * switch. Each setting is measured alternately with its base, a few milliseconds apart, so that disturbances affect both. The
 * settings are: a loaded governor, compared with none; and an attached governor with 1 or 64 sessions of other processes, or a
 * session of one of these two, compared with the same governor detached. Prints one JSON object: ns per switch (lower quartile of
 * the rounds) and the median ratio of adjacent rounds.
 *
 * usage: switches DIRECTORY-OF-GOVERNORS [ROUNDS [SWITCHES]]
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/qos/governor.h"

#define SESSIONS   64
#define ROUNDS_MAX 1000

enum setting { LOADED, ONE, MANY, OWN, SETTINGS };
static const char *const names[SETTINGS] = { "loaded", "1_session", "64_sessions", "own_session" };

static const char *directory;
static struct programs programs;
static struct bench_session sessions[SESSIONS];
static pid_t sleepers[SESSIONS], partner;
static int there[2], back[2];

static pid_t fork_child(void) {
        pid_t pid = fork();

        if (pid == 0)
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        return pid;
}

static void start_others(void) {
        for (int i = 0; i < SESSIONS; i++) {
                sleepers[i] = fork_child();
                if (sleepers[i] == 0)
                        for (;;)
                                (void) pause();
        }
        if (pipe(there) < 0 || pipe(back) < 0)
                exit(1);
        partner = fork_child();
        if (partner == 0) {
                char byte;

                while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
                        ;
                _exit(0);
        }
}

static int open_sessions(enum setting setting) {
        int n = setting == LOADED ? 0 : setting == MANY ? SESSIONS : 1;

        for (int i = 0; i < n; i++)
                governor_open(&programs, (uint32_t) i, setting == OWN ? getpid() : sleepers[i], &sessions[i]);
        return n;
}

static void close_sessions(int n) {
        for (int i = 0; i < n; i++) {
                slots_close(&programs, (uint32_t) i);
                (void) close(sessions[i].ring_fd);
        }
}

static void switch_on(enum setting setting) {
        if (setting == LOADED)
                governor_load(directory, "slack", &programs);
        else
                (void) programs_attach(&programs);
}

static void switch_off(enum setting setting) {
        if (setting == LOADED)
                programs_free(&programs);
        else
                programs_detach(&programs);
}

static double hand_over(long switches) {
        uint64_t begin = now_ns();
        char byte = 0;

        for (long i = 0; i < switches / 2; i++)
                if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
                        exit(1);
        return (double) (now_ns() - begin) / (double) switches;
}

static int by_value(const void *a, const void *b) {
        double x = *(const double *) a, y = *(const double *) b;

        return x < y ? -1 : x > y;
}

struct figures {
        double base[ROUNDS_MAX], with[ROUNDS_MAX], ratio[ROUNDS_MAX];
};

/* The order is off, on, on, off, and so on, so that neither is always the first of a pair. */
static void measure(enum setting setting, int rounds, long switches, struct figures *ret) {
        for (int i = 0; i < rounds; i++) {
                if (i % 2 == 0)
                        ret->base[i] = hand_over(switches);
                switch_on(setting);
                ret->with[i] = hand_over(switches);
                switch_off(setting);
                if (i % 2 == 1)
                        ret->base[i] = hand_over(switches);
                ret->ratio[i] = ret->with[i] / ret->base[i];
        }
        qsort(ret->base, (size_t) rounds, sizeof(double), by_value);
        qsort(ret->with, (size_t) rounds, sizeof(double), by_value);
        qsort(ret->ratio, (size_t) rounds, sizeof(double), by_value);
}

static void run(enum setting setting, int rounds, long switches) {
        static struct figures figures;
        int n;

        if (setting != LOADED)
                governor_load(directory, "slack", &programs);
        n = open_sessions(setting);
        measure(setting, rounds, switches, &figures);
        close_sessions(n);
        if (setting != LOADED)
                programs_free(&programs);
        (void) printf("  \"%s\": { \"base\": %.0f, \"with\": %.0f, \"ratio\": %.4f }%s\n", names[setting], figures.base[rounds / 4],
                      figures.with[rounds / 4], figures.ratio[rounds / 2], setting + 1 < SETTINGS ? "," : "");
}

int main(int argc, char **argv) {
        int rounds = argc > 2 ? atoi(argv[2]) : 60;
        long switches = argc > 3 ? atol(argv[3]) : 10000;

        if (argc < 2 || rounds < 1 || rounds > ROUNDS_MAX || switches < 2)
                return fprintf(stderr, "usage: switches DIRECTORY-OF-GOVERNORS [ROUNDS [SWITCHES]]\n"), 2;
        directory = argv[1];
        pin(1);
        start_others();
        (void) printf("{\n");
        for (enum setting setting = LOADED; setting < SETTINGS; setting++)
                run(setting, rounds, switches);
        (void) printf("}\n");
        for (int i = 0; i < SESSIONS; i++)
                (void) kill(sleepers[i], SIGKILL);
        (void) kill(partner, SIGKILL);
        return 0;
}
