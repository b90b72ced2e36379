/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cost of libgovernord for each piece of work of an application, without a service: the ring is a memfd that this program
 * empties itself, by moving the position of the consumer every 256 reports. Prints one JSON object with nanoseconds per call, minus
 * those of an empty loop, as the minimum of several rounds: "report" into a ring, "closed" without a session, "full" into a full
 * ring, "end" for a begin and an end, "clock" for reading the clock, "end_beyond_clocks" for "end" minus two readings of the clock.
 *
 * usage: report-cost [CALLS]
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "client/ring.h"

#define ROUNDS 5

static struct gov_qos *qos;
static uint64_t *consumer;
static const uint64_t *producer;
static uint64_t sink;

static uint64_t now_ns(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * UINT64_C(1000000000) + (uint64_t) t.tv_nsec;
}

static void nothing(uint32_t i) {
        __asm__ volatile("" : : "r"(i) : "memory");
}

static void empty_ring(uint32_t i) {
        if (i % 256 == 0)
                __atomic_store_n(consumer, __atomic_load_n(producer, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
}

static void idle(uint32_t i) {
        empty_ring(i);
        nothing(i);
}

static void report(uint32_t i) {
        empty_ring(i);
        gov_qos_report(qos, i);
}

static void report_into_full(uint32_t i) {
        gov_qos_report(qos, i);
}

static void end(uint32_t i) {
        empty_ring(i);
        gov_qos_end(qos, gov_qos_begin(qos));
}

static void read_clock(uint32_t i) {
        empty_ring(i);
        sink += now_ns();
}

/* Not inlined, so that all loops are compiled in the same way. */
#define LOOP(name, call)                                               \
        static __attribute__((noinline)) double name(uint32_t calls) { \
                uint64_t start = now_ns();                             \
                                                                       \
                for (uint32_t i = 0; i < calls; i++)                   \
                        call(i);                                       \
                return (double) (now_ns() - start) / calls;            \
        }
LOOP(loop_idle, idle)
LOOP(loop_report, report)
LOOP(loop_full, report_into_full)
LOOP(loop_end, end)
LOOP(loop_clock, read_clock)

static double best(double (*loop)(uint32_t calls), uint32_t calls) {
        double least = loop(calls), again;

        for (int i = 1; i < ROUNDS; i++) {
                again = loop(calls);
                least = again < least ? again : least;
        }
        return least;
}

static int attach(struct ring *ring) {
        const size_t page = (size_t) sysconf(_SC_PAGESIZE);
        int fd = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING), r;
        char *map;

        if (fd < 0 || ftruncate(fd, (off_t) (2 * page + GOVERNORD_RING_SIZE)) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) < 0)
                return -errno;
        map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map == MAP_FAILED)
                return -errno;
        consumer = (uint64_t *) (void *) map;
        producer = (const uint64_t *) (const void *) (map + page);
        r = handle_new(&qos);
        if (r >= 0)
                r = ring_map(fd, ring);
        (void) close(fd);
        return r;
}

int main(int argc, char **argv) {
        uint32_t calls = argc > 1 ? (uint32_t) strtoul(argv[1], NULL, 10) : 10000000;
        double empty, closed, into_ring, full, both, clock;
        struct ring ring;
        int r = attach(&ring);

        if (r < 0 || calls == 0) {
                fprintf(stderr, "report-cost: %s\n", strerror(r < 0 ? -r : EINVAL));
                return 1;
        }
        empty = best(loop_idle, calls);
        closed = best(loop_full, calls) - empty;
        (void) ring_use(qos, GOV_QOS_RUNG_BPF, &ring);
        into_ring = best(loop_report, calls) - empty;
        both = best(loop_end, calls) - empty;
        clock = best(loop_clock, calls) - empty;
        if (qos->full > 0 || qos->reported != UINT64_C(2) * ROUNDS * calls) {
                fprintf(stderr, "report-cost: reports were lost\n");
                return 1;
        }
        full = best(loop_full, calls) - empty;
        printf("{\"calls\": %u, \"empty_loop_ns\": %.2f, \"report_ns\": %.2f, \"closed_ns\": %.2f, \"full_ns\": %.2f, ",
               (unsigned int) calls, empty, into_ring, closed, full);
        printf("\"clock_ns\": %.2f, \"end_ns\": %.2f, \"end_beyond_clocks_ns\": %.2f, \"report_to_clock\": %.2f}\n", clock, both,
               both - 2 * clock, into_ring / clock);
        return 0;
}
