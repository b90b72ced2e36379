/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_BPF_ENGINE_CASE_H
#define GOVERNORD_TESTS_BPF_ENGINE_CASE_H

/* A real engine of rung 3 in the running kernel, and clients, which are this process or a child of it. Must be included after
 * <cmocka.h>. */

#include <errno.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "bpf/bpf-engine.h"
#include "include/governord/ring.h"
#include "tests/unit/loop.h"

#define CPUS   1024
#define RECORD sizeof(struct governord_record)
#define SKIP   77

static struct engine_case {
        sd_event *event;
        struct engine *engine;
        struct cpu_demand told[CPUS];
        char reason[128];
        uint32_t broken, n_broken;
} t;

static const char *vendor_dir, *admin_dir;

struct client {
        struct session_descriptors fds;
        struct governord_kick who;
        unsigned char *consumer, *rest; /* mappings */
        size_t page;
};

static inline void on_demands(const struct cpu_demand *demands, size_t n, void *userdata) {
        for (size_t i = 0; i < n; i++) {
                assert_true(demands[i].cpu < CPUS);
                t.told[demands[i].cpu] = demands[i];
        }
}

static inline void on_broken(uint32_t slot, const char *reason, void *userdata) {
        t.broken = slot;
        t.n_broken++;
        (void) snprintf(t.reason, sizeof(t.reason), "%s", reason);
        t.engine->close(t.engine->userdata, slot);
}

static inline int make_engine(const char *governor, char *reason, size_t size) {
        const struct bpf_engine_options options = {
                .dirs = { .vendor = vendor_dir, .admin = admin_dir, .trust_any_owner = true },
                .platform = "test intel_pstate",
                .governor = governor,
                .n_cpus = (uint32_t) sysconf(_SC_NPROCESSORS_CONF),
        };
        int r = bpf_engine_new(t.event, &options, &t.engine, reason, size);

        if (r >= 0)
                t.engine->listen(t.engine->userdata, &(struct engine_listener){ on_demands, on_broken, NULL });
        return r;
}

static inline int set_up(void **state) {
        char reason[256];

        memset(&t, 0, sizeof(t));
        for (uint32_t i = 0; i < CPUS; i++)
                t.told[i] = (struct cpu_demand){ i, -1, -1 };
        assert_int_equal(sd_event_new(&t.event), 0);
        if (make_engine("echo", reason, sizeof(reason)) < 0)
                fail_msg("%s", reason);
        return 0;
}

static inline int tear_down(void **state) {
        t.engine = t.engine ? t.engine->free(t.engine) : NULL;
        sd_event_unref(t.event);
        return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static inline struct session_spec spec_of(uint32_t slot) {
        return (struct session_spec){
                .slot = slot,
                .cookie = slot + 100,
                .tgid = getpid(),
                .target_us = 2000,
                .permille = 990,
                .window_us = 100000,
                .stale_us = 60000000,
        };
}

static inline void map_ring(struct client *c) {
        c->page = (size_t) sysconf(_SC_PAGESIZE);
        c->consumer = mmap(NULL, c->page, PROT_READ, MAP_SHARED, c->fds.ring_fd, 0);
        c->rest = mmap(NULL, c->page + GOVERNORD_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, c->fds.ring_fd, (off_t) c->page);
        assert_true(c->consumer != MAP_FAILED && c->rest != MAP_FAILED);
}

static inline void open_with(struct client *c, const struct session_spec *spec) {
        *c = (struct client){ .who = { spec->slot, spec->cookie } };
        assert_int_equal(t.engine->open(t.engine->userdata, spec, &c->fds), 0);
        map_ring(c);
}

static inline void open_slot(struct client *c, uint32_t slot) {
        const struct session_spec spec = spec_of(slot);

        open_with(c, &spec);
}

static inline void leave(struct client *c) {
        (void) munmap(c->consumer, c->page);
        (void) munmap(c->rest, c->page + GOVERNORD_RING_SIZE);
        (void) close(c->fds.ring_fd);
        (void) close(c->fds.kick_fd);
}

static inline void close_client(struct client *c) {
        t.engine->close(t.engine->userdata, c->who.slot);
        leave(c);
}

static inline uint64_t *producer(const struct client *c) {
        return (uint64_t *) (void *) c->rest;
}

static inline struct governord_record *record_at(const struct client *c, uint64_t position) {
        return (struct governord_record *) (void *) (c->rest + c->page + position % GOVERNORD_RING_SIZE);
}

static inline void put(const struct client *c, struct governord_record record) {
        uint64_t at = *producer(c);

        *record_at(c, at) = record;
        __atomic_store_n(producer(c), at + RECORD, __ATOMIC_RELEASE);
}

static inline struct governord_record record_of(uint32_t kind, uint32_t latency_us, uint64_t end_ns) {
        return (struct governord_record){
                .length = sizeof(struct governord_sample),
                .sample = { .kind = kind, .latency_us = latency_us, .end_ns = end_ns },
        };
}

static inline void report(const struct client *c, uint32_t latency_us) {
        put(c, record_of(GOVERNORD_RECORD_LATENCY, latency_us, 0));
}

/* Returns the return value of the BPF program, or -errno of the system call. */
static inline int kick_as(const struct client *c, struct governord_kick who) {
        union bpf_attr attr = {};

        attr.test.prog_fd = (uint32_t) c->fds.kick_fd;
        attr.test.ctx_in = (uint64_t) (uintptr_t) &who;
        attr.test.ctx_size_in = sizeof(who);
        return syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, sizeof(attr)) < 0 ? -errno : (int) attr.test.retval;
}

/* The program returns -EBUSY while a tick or another thread reads the ring, so the kick is repeated. */
static inline int kick(const struct client *c) {
        int r = -EBUSY;

        for (int i = 0; r == -EBUSY && i < 10000; i++)
                r = kick_as(c, c->who);
        return r;
}

static inline struct session_counters look(uint32_t slot) {
        struct session_counters counters;

        assert_int_equal(t.engine->look(t.engine->userdata, slot, &counters), 0);
        return counters;
}

/* The highest level that is requested on any CPU; -1 if there is none. */
static inline int32_t highest(void) {
        int32_t level = -1;

        for (uint32_t i = 0; i < CPUS; i++)
                level = MAX(level, t.told[i].floor);
        return level;
}

#define UNTIL(what)                                                                           \
        for (uint64_t end_ = loop_now() + LOOP_DEADLINE_USEC, now_; !(what);) {               \
                now_ = loop_now();                                                            \
                if (now_ >= end_)                                                             \
                        fail_msg("never: %s", #what);                                         \
                assert_true(sd_event_run(t.event, MIN(end_ - now_, (uint64_t) 100000)) >= 0); \
        }

/* Arguments: the folder with platform.o and the governors, and the folder with the governors of these tests. Returns false if this
 * kernel or this user cannot load BPF programs; *ret_exit is then the exit status. */
static inline bool can_run(int argc, char **argv, int *ret_exit) {
        char reason[256] = "";
        int r;

        *ret_exit = 1;
        if (argc != 3)
                return fprintf(stderr, "usage: %s GOVERNORS TEST-GOVERNORS\n", argv[0]), false;
        vendor_dir = argv[1];
        admin_dir = argv[2];
        log_open(argv[0], getenv("TEST_VERBOSE") ? 7 : 2, false);
        assert_int_equal(sd_event_new(&t.event), 0);
        r = make_engine("echo", reason, sizeof(reason));
        if (r == -EPERM || r == -ENOSYS) {
                (void) fprintf(stderr, "skipped: %s\n", reason);
                *ret_exit = SKIP;
        }
        if (r < 0)
                return fprintf(stderr, "%s\n", reason), false;
        t.engine->free(t.engine);
        t.event = sd_event_unref(t.event);
        return true;
}

#endif
