/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An application in a guest. It reports the same latency repeatedly, and another one after SIGUSR1; all of its threads run on one
 * CPU. It prints a line for each change of its session: state, rung, number of sessions so far, reason. lab-client TARGET_US
 * LATENCY_US OTHER_LATENCY_US CPU It is ended by a signal, like many applications, and closes nothing. */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <governord/qos.h>

#define EVERY_NS 4000000

static const char *const states[] = { "waiting", "opening", "open", "refused", "off" };
static const char *const rungs[] = { "none", "user", "bpf" };

static volatile sig_atomic_t other;

static void on_signal(int number) {
        (void) number;
        other = 1;
}

static int say(struct gov_qos *qos, uint32_t *changes) {
        struct gov_qos_status status = { .size = sizeof(status) };

        if (gov_qos_status(qos, &status) < 0)
                return EXIT_FAILURE;
        if (status.changes != *changes)
                (void) printf("%s %s %u %s\n", states[status.state], rungs[status.rung], status.sessions, status.message);
        *changes = status.changes;
        return status.state == GOV_QOS_OFF ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void stay_on(int cpu) {
        cpu_set_t set;

        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        if (sched_setaffinity(0, sizeof(set), &set) < 0)
                perror("lab-client: sched_setaffinity");
}

int main(int argc, char **argv) {
        const struct timespec pause = { .tv_nsec = EVERY_NS };
        struct gov_qos_options options = GOV_QOS_OPTIONS(argc > 1 ? (uint32_t) atoi(argv[1]) : 0);
        struct gov_qos *qos = NULL;
        uint32_t changes = UINT32_MAX;

        if (argc != 5)
                return EXIT_FAILURE;
        stay_on(atoi(argv[4]));
        (void) signal(SIGUSR1, on_signal);
        (void) setvbuf(stdout, NULL, _IOLBF, 0);
        options.application = "lab";
        if (gov_qos_open(&options, &qos) < 0)
                return EXIT_FAILURE;
        while (say(qos, &changes) == EXIT_SUCCESS) {
                gov_qos_report(qos, (uint32_t) atoi(argv[other ? 3 : 2]));
                (void) nanosleep(&pause, NULL);
        }
        return EXIT_FAILURE;
}
