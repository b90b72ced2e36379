/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_LOOP_H
#define GOVERNORD_TESTS_LOOP_H

/* Running an event loop in a test without sleeping: until something became true, with a deadline. */

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

/* Returns false when *done did not become true in time. */
static inline bool loop_until(sd_event *event, const bool *done) {
        uint64_t end = loop_now() + LOOP_DEADLINE_USEC;

        for (uint64_t now = loop_now(); !*done && now < end; now = loop_now())
                if (sd_event_run(event, end - now) < 0)
                        break;
        return *done;
}

/* Runs what is queued now, and returns when nothing is left to do. */
static inline void loop_drain(sd_event *event) {
        while (sd_event_run(event, 0) > 0)
                ;
}

/* Writes text to a file from a child process, whose id is returned when it has ended; -1 on failure. */
static inline pid_t write_by_child(const char *path, const char *text) {
        pid_t pid = fork();
        int status;

        if (pid == 0) {
                FILE *f = fopen(path, "r+e");

                _exit(f && fputs(text, f) >= 0 && fclose(f) == 0 ? 0 : 1);
        }
        return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? pid : -1;
}

/* Says why, in a line of its own, and ends the program as skipped (meson's convention). */
static inline __attribute__((noreturn)) void skip_program(const char *why) {
        printf("SKIP: %s\n", why);
        exit(77);
}

#endif
