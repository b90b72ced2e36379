/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Draws 60 frames per second, each of which should be ready within 12 ms of its start time, as in a game or a video conference. The
 * program reports each finished frame, gives a hint before an expensive one, and makes the governor read the reports at once when a
 * frame is late. The latency of a frame includes the time during which it waited for an earlier frame that took too long.
 *
 * It requests GOV_QOS_CAP: the CPUs should be no faster than the target requires, which saves energy. Usually only root may do this, so
 * if the service refuses the session, the program requests one without it.
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

static struct gov_qos *open_handle(uint32_t flags) {
        struct gov_qos_options options = GOV_QOS_OPTIONS(TARGET_US);
        struct gov_qos *qos = NULL;

        options.window_us = 500000;
        options.flags = flags;
        options.application = "example frames";
        (void) gov_qos_open(&options, &qos);
        return qos;
}

/* Returns a handle without GOV_QOS_CAP if the service has refused this one. */
static struct gov_qos *without_cap(struct gov_qos *qos, uint32_t *flags) {
        struct gov_qos_status status = { .size = sizeof(status) };

        if (*flags == 0 || gov_qos_status(qos, &status) < 0 || status.state != GOV_QOS_REFUSED)
                return qos;
        (void) fprintf(stderr, "%s\nNow without GOV_QOS_CAP: the CPUs may be faster than the target requires.\n", status.message);
        gov_qos_close(qos);
        *flags = 0;
        return open_handle(0);
}

static void print_state(struct gov_qos *qos) {
        struct gov_qos_status status = { .size = sizeof(status) };

        (void) gov_qos_status(qos, &status);
        if (status.state == GOV_QOS_OPEN)
                printf("%llu reported, %llu dropped\n", (unsigned long long) status.reported, (unsigned long long) status.dropped);
        else
                printf("no session: %s\n", status.message);
}

int main(int argc, char **argv) {
        unsigned int frames = 600, late = 0;
        uint32_t flags = GOV_QOS_CAP;
        struct gov_qos *qos = open_handle(flags);
        struct timespec next, done;

        if (argc > 1 && sscanf(argv[1], "%u", &frames) != 1)
                return 2;
        (void) clock_gettime(CLOCK_MONOTONIC, &next);
        for (unsigned int frame = 1; frame <= frames; frame++) {
                uint64_t due_ns = (uint64_t) next.tv_sec * 1000000000U + (uint64_t) next.tv_nsec;

                qos = without_cap(qos, &flags);
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
        print_state(qos);
        gov_qos_close(qos);
        return 0;
}
