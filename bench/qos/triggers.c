/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time from a sample to the decision, for each trigger: a kick, the switch of the thread that reported, and a tick while the
 * thread keeps its CPU. It is measured in the kernel: session.last_ns, the time at which the policy was called, minus the end of
 * the sample. Prints one JSON object with nanoseconds.
 *
 * usage: triggers DIRECTORY-OF-GOVERNORS [SAMPLES]
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/qos/governor.h"
#include "bpf/ticker.h"

#define GIVE_UP_NS UINT64_C(1000000000)
#define TICK_NS    UINT64_C(1000000)

static struct programs programs;
static struct bench_session session;

static int by_value(const void *a, const void *b) {
        uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;

        return x < y ? -1 : x > y;
}

static void print(const char *name, uint64_t *values, size_t n, const char *end) {
        qsort(values, n, sizeof(*values), by_value);
        (void) printf("  \"%s\": { \"n\": %zu, \"p50\": %" PRIu64 ", \"p95\": %" PRIu64 ", \"p99\": %" PRIu64 ", \"max\": %" PRIu64
                      " }%s\n",
                      name, n, values[n / 2], values[n * 95 / 100], values[n * 99 / 100], values[n - 1], end);
}

static uint64_t last(void) {
        return __atomic_load_n(&programs.sessions[session.slot].last_ns, __ATOMIC_ACQUIRE);
}

static long kick(void) {
        struct governord_kick who = { session.slot, session.cookie };
        union bpf_attr attr = {};

        attr.test.prog_fd = (uint32_t) programs.kick_fd;
        attr.test.ctx_in = (uint64_t) (uintptr_t) &who;
        attr.test.ctx_size_in = sizeof(who);
        return syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, sizeof(attr));
}

/* Repeated, because so short a sleep may end before the thread has left the CPU. */
static void leave_cpu(uint64_t before) {
        uint64_t until = now_ns() + GIVE_UP_NS;

        do
                (void) nanosleep(&(struct timespec){ .tv_nsec = 1000 }, NULL);
        while (last() == before && now_ns() < until);
}

/* Keeps the CPU until a tick has read the sample. */
static void stay(uint64_t before) {
        uint64_t until = now_ns() + GIVE_UP_NS;

        while (last() == before && now_ns() < until)
                ;
}

enum trigger { KICK, SWITCH, TICK };

/* Some samples are late, so that the level changes. */
static uint64_t measure(enum trigger trigger, uint32_t i) {
        uint64_t before = last(), end_ns = now_ns();

        governor_report(&session, i % 16 == 0 ? 900 : 200, end_ns);
        if (trigger == KICK)
                (void) kick();
        else if (trigger == SWITCH)
                leave_cpu(before);
        else
                stay(before);
        return last() == before ? UINT64_MAX : last() - end_ns;
}

/* The ticks run in a thread of this process, whose context switches would also cause decisions. Therefore the switch trigger is
 * detached. */
static void start_ticks(struct ticker *ticker) {
        programs_detach(&programs);
        programs.shared->tick_ns = TICK_NS;
        ticker_start(ticker);
}

int main(int argc, char **argv) {
        size_t n = argc > 2 ? (size_t) atol(argv[2]) : 20000;
        uint64_t *values = calloc(n, sizeof(*values)), spent = 0, lost = 0;
        struct ticker *ticker;
        static const char *const names[] = { "kick", "switch", "tick" };

        if (argc < 2 || n == 0 || !values) {
                (void) fprintf(stderr, "usage: triggers DIRECTORY-OF-GOVERNORS [SAMPLES]\n");
                return 2;
        }
        governor_load(argv[1], "slack", &programs);
        if (ticker_new(&programs, &ticker) < 0)
                return 1;
        pin(0); /* the thread of the ticks may run on any CPU, as in the service */
        governor_open(&programs, 0, getpid(), &session);
        if (programs_attach(&programs) < 0)
                return 1;
        (void) printf("{\n");
        for (enum trigger trigger = KICK; trigger <= TICK; trigger++) {
                size_t count = trigger == TICK ? n / 10 + 1 : n;

                if (trigger == TICK)
                        start_ticks(ticker);
                for (uint32_t i = 0; i < count; i++) {
                        uint64_t begin = now_ns();

                        values[i] = measure(trigger, i);
                        lost += values[i] == UINT64_MAX;
                        spent += trigger == KICK ? now_ns() - begin : 0;
                }
                print(names[trigger], values, count, ",");
        }
        (void) printf("  \"kick_caller\": %" PRIu64 ",\n  \"lost\": %" PRIu64 "\n}\n", spent / n, lost);
        ticker_free(ticker);
        slots_close(&programs, 0);
        programs_free(&programs);
        free(values);
        return 0;
}
