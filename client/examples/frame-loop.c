/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Draws 60 frames per second, each of which should be ready within 12 ms of its start time, as in a game or a video conference. The
 * program reports each finished frame, gives a hint before an expensive one, and makes the governor read the reports at once when a
 * frame is late. The latency of a frame includes the time during which it waited for an earlier frame that took too long.
 *
 *     cc frame-loop.c $(pkg-config --cflags --libs governord-qos) -o frame-loop
 *     ./frame-loop 600
 */
#include <stdio.h>
#include <time.h>

#include <governord/qos.h>

#define FRAME_NS  16666667L
#define TARGET_US 12000

static void draw(unsigned int frame) {
        volatile unsigned int pixels = frame % 100 == 0 ? 3000000 : 300000; /* every hundredth frame is expensive */

        while (pixels > 0)
                pixels--;
}

/* Waits for the fixed start time of the next frame, which does not depend on how long the last frame took. */
static void wait_for_next(struct timespec *next) {
        next->tv_nsec += FRAME_NS;
        if (next->tv_nsec >= 1000000000L) {
                next->tv_nsec -= 1000000000L;
                next->tv_sec++;
        }
        (void) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

int main(int argc, char **argv) {
        unsigned int frames = 600, late = 0;
        struct gov_qos_options options = GOV_QOS_OPTIONS(TARGET_US);
        struct gov_qos *qos = NULL;
        struct timespec next, done;

        if (argc > 1 && sscanf(argv[1], "%u", &frames) != 1)
                return 2;
        options.window_us = 500000;
        options.flags = GOV_QOS_CAP; /* no faster than the target requires, which saves energy; polkit must allow cap-session */
        options.application = "example frames";
        (void) gov_qos_open(&options, &qos);

        (void) clock_gettime(CLOCK_MONOTONIC, &next);
        for (unsigned int frame = 1; frame <= frames; frame++) {
                uint64_t due_ns = (uint64_t) next.tv_sec * 1000000000U + (uint64_t) next.tv_nsec;

                if (frame % 100 == 0)
                        gov_qos_spike(qos);
                draw(frame);
                gov_qos_end(qos, due_ns);

                (void) clock_gettime(CLOCK_MONOTONIC, &done);
                if ((done.tv_sec - next.tv_sec) * 1000000L + (done.tv_nsec - next.tv_nsec) / 1000 > TARGET_US) {
                        late++;
                        (void) gov_qos_kick(qos);
                }
                wait_for_next(&next);
        }
        gov_qos_calm(qos);
        printf("%u frames, %u late\n", frames, late);
        gov_qos_close(qos);
        return 0;
}
