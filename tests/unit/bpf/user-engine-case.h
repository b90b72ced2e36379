/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_USER_ENGINE_CASE_H
#define GOVERNORD_TESTS_USER_ENGINE_CASE_H

/* An engine of rung 4 with a small root, and clients that write into real rings. Must be included after <cmocka.h>. */

#include <errno.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "bpf/user-engine.h"
#include "include/governord/ring.h"
#include "tests/unit/loop.h"
#include "tests/unit/scratch.h"

#define CPUS      16
#define PID       4242
#define OTHER_PID 4343
#define RECORD    sizeof(struct governord_record)
#define IDLE_USEC 50000 /* longer than any tick */
#define BUSY      (UINT32_C(1) << 31)
#define DISCARD   (UINT32_C(1) << 30)
#define NO_SLOT   UINT32_MAX

/* A policy whose level is the latency of the sample, so that tests can predict it. */
static inline uint32_t echo(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                            const struct policy_limits *limits) {
        (void) target;
        state->words[0]++;
        switch ((enum policy_event) input->event) {
        case POLICY_SAMPLE:
                state->estimate_us = input->latency_us;
                return input->latency_us;
        case POLICY_SPIKE:
                return 1000;
        case POLICY_CALM:
                return 10;
        case POLICY_STALE:
                return limits->neutral;
        case POLICY_TICK:
                break;
        }
        return state->words[0] == 1 ? 77 : state->level; /* 77: the first event of a new state was a tick */
}

static const struct builtin_policy echo_policy = { "echo", echo };

struct fixture {
        char dir[64];
        int root_fd;
        sd_event *event;
        struct engine *engine;
        struct cpu_demand told[CPUS];
        size_t n_told;
        uint32_t broken, n_broken;
        char reason[128];
        uint32_t close_when_broken, close_when_told;
};

struct client {
        struct session_descriptors fds;
        uint32_t slot;
        uint8_t *map;
        size_t page;
};

/* ---- callbacks of the engine ---- */

static inline void on_demands(const struct cpu_demand *demands, size_t n, void *userdata) {
        struct fixture *f = userdata;

        for (size_t i = 0; i < n; i++) {
                assert_true(demands[i].cpu < CPUS);
                assert_memory_not_equal(&demands[i], &f->told[demands[i].cpu], sizeof(demands[i])); /* only changes are reported */
                f->told[demands[i].cpu] = demands[i];
        }
        f->n_told++;
        if (f->close_when_told != NO_SLOT)
                f->engine->close(f->engine->userdata, f->close_when_told);
}

static inline void on_broken(uint32_t slot, const char *reason, void *userdata) {
        struct fixture *f = userdata;

        f->broken = slot;
        f->n_broken++;
        (void) TEXT_FORMAT(f->reason, "%s", reason);
        if (f->close_when_broken)
                f->engine->close(f->engine->userdata, slot);
        assert_true(strlen(reason) > 10 && strlen(reason) < 100);
}

/* ---- set-up ---- */

static inline void put_thread(struct fixture *f, int pid, int tid, int cpu, char state) {
        char path[128], text[512];

        (void) snprintf(path, sizeof(path), "%s/proc/%d/task/%d", f->dir, pid, tid);
        for (char *p = path + strlen(f->dir) + 1; (p = strchr(p, '/')); *p++ = '/') {
                *p = '\0';
                assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
        }
        assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
        strcat(path, "/stat");
        (void) snprintf(text, sizeof(text),
                        "%d (a ) S 1 (b) %c 1 2 3 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 3 0 99 8192 5 18446744073709551615 1 1 "
                        "0 0 0 0 0 0 0 0 0 0 17 %d 0 0 0 0 0\n",
                        tid, state, cpu);
        scratch_write(path, text, strlen(text));
}

static inline void remove_process(struct fixture *f, int pid) {
        char path[128];

        (void) snprintf(path, sizeof(path), "%s/proc/%d", f->dir, pid);
        assert_int_equal(fixture_remove(path), 0);
}

static inline void make_engine(struct fixture *f, int root_fd, const struct builtin_policy *policy) {
        const struct engine_listener listener = { on_demands, on_broken, f };

        if (f->engine)
                f->engine = f->engine->free(f->engine);
        assert_int_equal(user_engine_new_with(f->event, root_fd, policy, &f->engine), 0);
        f->engine->listen(f->engine->userdata, &listener);
        loop_drain(f->event);
}

static inline int set_up(void **state) {
        struct fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        scratch_make(f->dir, sizeof(f->dir));
        f->root_fd = open(f->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(f->root_fd >= 0);
        f->close_when_told = NO_SLOT;
        for (uint32_t i = 0; i < CPUS; i++)
                f->told[i] = (struct cpu_demand){ i, -1, -1 };
        put_thread(f, PID, PID, 1, 'S');
        put_thread(f, PID, PID + 1, 3, 'R');
        put_thread(f, PID, PID + 2, 1, 'S');
        put_thread(f, PID, PID + 3, 5, 'Z');
        put_thread(f, OTHER_PID, OTHER_PID, 3, 'S');
        assert_int_equal(sd_event_new(&f->event), 0);
        make_engine(f, f->root_fd, &echo_policy);
        *state = f;
        return 0;
}

static inline int tear_down(void **state) {
        struct fixture *f = *state;

        f->engine = f->engine->free(f->engine);
        f->event = sd_event_unref(f->event);
        (void) close(f->root_fd);
        assert_int_equal(fixture_remove(f->dir), 0);
        free(f);
        return 0;
}

static inline struct session_spec spec_of(uint32_t slot, pid_t tgid) {
        return (struct session_spec){
                .slot = slot,
                .cookie = slot + 1,
                .tgid = tgid,
                .target_us = 20000,
                .permille = 950,
                .window_us = 100000,
                .stale_us = 10000000,
        };
}

static inline void open_client(struct fixture *f, struct client *c, const struct session_spec *spec) {
        *c = (struct client){ .slot = spec->slot, .page = (size_t) sysconf(_SC_PAGESIZE) };
        assert_int_equal(f->engine->open(f->engine->userdata, spec, &c->fds), 0);
        assert_string_equal(c->fds.kick_kind, "eventfd");
        c->map = mmap(NULL, 2 * c->page + GOVERNORD_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, c->fds.ring_fd, 0);
        assert_ptr_not_equal(c->map, MAP_FAILED);
}

static inline void open_plain(struct fixture *f, struct client *c, uint32_t slot, pid_t tgid) {
        struct session_spec spec = spec_of(slot, tgid);

        open_client(f, c, &spec);
}

static inline void leave(struct client *c) {
        (void) munmap(c->map, 2 * c->page + GOVERNORD_RING_SIZE);
        (void) close(c->fds.ring_fd);
        (void) close(c->fds.kick_fd);
}

static inline void close_client(struct fixture *f, struct client *c) {
        f->engine->close(f->engine->userdata, c->slot);
        leave(c);
}

/* ---- the client ---- */

static inline uint64_t *position_of(const struct client *c, size_t page) {
        return (uint64_t *) (void *) (c->map + page * c->page);
}

static inline void kick(const struct client *c) {
        const uint64_t one = 1;

        assert_int_equal(write(c->fds.kick_fd, &one, sizeof(one)), sizeof(one));
}

static inline struct governord_record *slot_at(const struct client *c, uint64_t position) {
        return (struct governord_record *) (void *) (c->map + 2 * c->page + position % GOVERNORD_RING_SIZE);
}

/* Writes a record as <governord/ring.h> describes; returns false if the ring is full. */
static inline bool put(const struct client *c, struct governord_record record) {
        const uint64_t at = *position_of(c, 1);

        if (at - __atomic_load_n(position_of(c, 0), __ATOMIC_ACQUIRE) >= GOVERNORD_RING_SIZE)
                return false;
        *slot_at(c, at) = record;
        __atomic_store_n(position_of(c, 1), at + RECORD, __ATOMIC_RELEASE);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (__atomic_load_n(position_of(c, 0), __ATOMIC_RELAXED) == at)
                kick(c);
        return true;
}

static inline struct governord_record record_of(uint32_t kind, uint32_t latency_us, uint64_t end_ns) {
        return (struct governord_record){
                .length = sizeof(struct governord_sample),
                .sample = { .kind = kind, .latency_us = latency_us, .end_ns = end_ns },
        };
}

static inline bool report(const struct client *c, uint32_t latency_us) {
        return put(c, record_of(GOVERNORD_RECORD_LATENCY, latency_us, 0));
}

static inline void spoil(const struct client *c, uint64_t producer) {
        __atomic_store_n(position_of(c, 1), producer, __ATOMIC_RELEASE);
        kick(c);
}

/* ---- waiting ---- */

static inline struct session_counters look(struct fixture *f, uint32_t slot) {
        struct session_counters counters;

        assert_int_equal(f->engine->look(f->engine->userdata, slot, &counters), 0);
        return counters;
}

#define UNTIL(f, what)                                                          \
        for (uint64_t end_ = loop_now() + LOOP_DEADLINE_USEC, now_; !(what);) { \
                now_ = loop_now();                                              \
                if (now_ >= end_)                                               \
                        fail_msg("never: %s", #what);                           \
                assert_true(sd_event_run((f)->event, end_ - now_) >= 0);        \
        }

static inline bool asks(struct fixture *f, uint32_t cpu, int32_t floor, int32_t ceiling) {
        return f->told[cpu].floor == floor && f->told[cpu].ceiling == ceiling;
}

/* Asserts that the event loop has nothing to do, and that no timer is armed. */
static inline void assert_idle(struct fixture *f) {
        loop_drain(f->event);
        assert_int_equal(sd_event_run(f->event, IDLE_USEC), 0);
}

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
