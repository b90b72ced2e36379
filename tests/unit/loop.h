/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_LOOP_H
#define GOVERNORD_TESTS_LOOP_H

/* Runs an event loop in a test until a condition is true, with a deadline and without sleeping. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#define LOOP_DEADLINE_USEC UINT64_C(60000000)

static inline uint64_t loop_now(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000 + (uint64_t) ts.tv_nsec / 1000;
}

/* Returns false if *done did not become true before the deadline. */
static inline bool loop_until(sd_event *event, const bool *done) {
        uint64_t end = loop_now() + LOOP_DEADLINE_USEC;

        for (uint64_t now = loop_now(); !*done && now < end; now = loop_now())
                if (sd_event_run(event, end - now) < 0)
                        break;
        return *done;
}

/* Handles all pending events. */
static inline void loop_drain(sd_event *event) {
        while (sd_event_run(event, 0) > 0)
                ;
}

/* Writes text to a file in a child process. Returns its id after it has ended, or -1 on failure. */
static inline pid_t write_by_child(const char *path, const char *text) {
        pid_t pid = fork();
        int status;

        if (pid == 0) {
                FILE *f = fopen(path, "r+e");

                _exit(f && fputs(text, f) >= 0 && fclose(f) == 0 ? 0 : 1);
        }
        return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? pid : -1;
}

/* Prints the reason and ends the program with the status for skipped tests of meson. */
static inline __attribute__((noreturn)) void skip_program(const char *why) {
        printf("SKIP: %s\n", why);
        exit(77);
}

#endif
