/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bpf/user-engine: misbehaving clients. Each of them can break only its own session. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "bpf/user-ring.h"
#include "tests/unit/bpf/user-engine-case.h"

/* Breaks an active session, and checks that no other session is affected. */
static void break_with(struct fixture *f, uint64_t producer, uint32_t length) {
        const uint32_t n_broken = f->n_broken;
        struct client c, witness;

        open_plain(f, &witness, 9, OTHER_PID);
        open_plain(f, &c, 8, PID);
        assert_true(report(&c, 500) && report(&witness, 50));
        UNTIL(f, asks(f, 1, 500, -1) && look(f, 9).active);
        slot_at(&c, RECORD)->length = length;
        spoil(&c, producer);
        UNTIL(f, f->n_broken > n_broken);
        assert_int_equal(f->broken, 8);
        assert_true(asks(f, 1, -1, -1) && asks(f, 3, 50, -1));
        if (!f->close_when_broken) {
                assert_true(!look(f, 8).active && look(f, 8).level == 0 && look(f, 8).samples == 1);
                assert_true(f->engine->report(f->engine->userdata, 8, &length, 1) < 0);
        }
        close_client(f, &witness);
        UNTIL(f, asks(f, 3, -1, -1));
        assert_idle(f);
        kick(&c);
        assert_int_equal(sd_event_run(f->event, IDLE_USEC), 0); /* its kicks have no effect any more */
        assert_int_equal(f->n_broken, n_broken + 1);            /* reported once */
        close_client(f, &c);
}

static void test_spoilt_positions(void **state) {
        const uint64_t positions[] = {
                0,
                1,
                RECORD - 1,
                RECORD + 1,
                2 * RECORD + 8,
                RECORD + GOVERNORD_RING_SIZE + RECORD,
                UINT64_MAX,
                UINT64_MAX - RECORD + 1,
                (uint64_t) INT64_MAX + 1,
                UINT32_MAX,
        };
        struct fixture *f = *state;

        for (size_t i = 0; i < ARRAY_SIZE(positions); i++) {
                f->close_when_broken = i % 2;
                break_with(f, positions[i], sizeof(struct governord_sample));
                assert_non_null(strstr(f->reason, "producer position"));
        }
}

static void test_spoilt_lengths(void **state) {
        const uint32_t lengths[] = { 0, 1, 23, 25, 32, 16384, DISCARD - 1, DISCARD, DISCARD | 25 };
        struct fixture *f = *state;

        for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
                f->close_when_broken = i % 2;
                break_with(f, 2 * RECORD, lengths[i]);
                assert_non_null(strstr(f->reason, "bytes"));
        }
}

static void test_busy_and_discarded_records(void **state) {
        struct governord_record record = record_of(GOVERNORD_RECORD_LATENCY, 300, 0);
        struct fixture *f = *state;
        struct session_spec spec = spec_of(0, PID);
        struct client c;

        open_client(f, &c, &spec);
        record.length |= DISCARD;
        assert_true(put(&c, record) && report(&c, 200));
        UNTIL(f, asks(f, 1, 200, -1));
        assert_int_equal(look(f, 0).samples, 1);
        record.length = BUSY;
        assert_true(put(&c, record) && report(&c, 100));
        for (int i = 0; i < 5; i++)
                assert_true(sd_event_run(f->event, LOOP_DEADLINE_USEC) > 0);
        assert_true(look(f, 0).samples == 1 && *position_of(&c, 0) == 2 * RECORD); /* later records wait, too */
        __atomic_store_n(&slot_at(&c, 2 * RECORD)->length, (uint32_t) sizeof(record.sample), __ATOMIC_RELEASE);
        UNTIL(f, look(f, 0).samples == 3);
        spec.stale_us = 30000;
        assert_int_equal(f->engine->change(f->engine->userdata, &spec), 0);
        record.length = BUSY | sizeof(record.sample);
        assert_true(put(&c, record));
        UNTIL(f, f->n_broken > 0);
        assert_non_null(strstr(f->reason, "incomplete"));
        assert_idle(f);
        close_client(f, &c);
}

/* Only the ring, with simulated times. */
static void test_patience(void **state) {
        const struct governord_record record = record_of(GOVERNORD_RECORD_LATENCY, 7, 9);
        struct client c = { .page = (size_t) sysconf(_SC_PAGESIZE) };
        struct governord_sample sample;
        struct user_ring ring;

        (void) state;
        assert_int_equal(user_ring_new(&ring, &c.fds.ring_fd), 0);
        c.map = ring.map;
        c.fds.kick_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        for (uint64_t i = 0; i < 3; i++) {
                assert_true(put(&c, record));
                slot_at(&c, i * RECORD)->length |= BUSY;
                assert_int_equal(user_ring_look(&ring), 0);
                assert_int_equal(user_ring_take(&ring, 1000 + 100 * i, 50, &sample), 0);
                assert_int_equal(user_ring_take(&ring, 1050 + 100 * i, 50, &sample), 0);
                assert_true(user_ring_release(&ring));
                slot_at(&c, i * RECORD)->length &= ~BUSY;
                assert_int_equal(user_ring_take(&ring, 1090 + 100 * i, 50, &sample), 1); /* finished late, but in time */
                assert_true(sample.latency_us == 7 && sample.end_ns == 9);
                assert_int_equal(user_ring_take(&ring, 1090 + 100 * i, 50, &sample), 0);
                assert_false(user_ring_release(&ring));
        }
        assert_true(put(&c, record));
        assert_int_equal(user_ring_take(&ring, 2000, 50, &sample), 0); /* written after user_ring_look() */
        assert_true(user_ring_release(&ring));
        slot_at(&c, 3 * RECORD)->length |= BUSY;
        assert_int_equal(user_ring_look(&ring), 0);
        assert_int_equal(user_ring_take(&ring, 3000, 50, &sample), 0);
        assert_int_equal(user_ring_take(&ring, 3051, 50, &sample), -ETIMEDOUT);
        (void) close(c.fds.ring_fd);
        (void) close(c.fds.kick_fd);
        user_ring_done(&ring);
        user_ring_done(&ring);
}

static void test_senseless_samples_are_counted(void **state) {
        const uint64_t hour = UINT64_C(3600000000000);
        const struct governord_record records[] = {
                record_of(0, 1, 0),
                record_of(4, 1, 0),
                record_of(UINT32_MAX, 1, 0),
                record_of(GOVERNORD_RECORD_LATENCY, 1, loop_now() * 1000 + hour),
                record_of(GOVERNORD_RECORD_LATENCY, 1, UINT64_MAX),
                record_of(GOVERNORD_RECORD_SPIKE, 1, INT64_MAX),
                record_of(GOVERNORD_RECORD_LATENCY, 1, 1),
        };
        struct fixture *f = *state;
        struct client c;

        open_plain(f, &c, 0, PID);
        *position_of(&c, 0) = 12345; /* the service does not read this position */
        for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
                *slot_at(&c, i * RECORD) = records[i];
                *position_of(&c, 1) = (i + 1) * RECORD;
        }
        kick(&c);
        UNTIL(f, look(f, 0).invalid == ARRAY_SIZE(records));
        assert_true(!look(f, 0).active && look(f, 0).samples == 0 && look(f, 0).last_sample_ns == 0);
        assert_int_equal(*position_of(&c, 0), ARRAY_SIZE(records) * RECORD);
        assert_idle(f);
        assert_true(report(&c, UINT32_MAX)); /* cut to a minute, the longest latency */
        UNTIL(f, asks(f, 1, 1024, -1));
        assert_true(look(f, 0).violations == 1 && look(f, 0).estimate_us == GOVERNORD_LATENCY_MAX_US);
        close_client(f, &c);
}

static void test_full_rings(void **state) {
        struct fixture *f = *state;
        uint64_t n = 0;
        struct client c;

        open_plain(f, &c, 0, PID);
        for (int round = 1; round <= 5; round++) {
                while (report(&c, 100))
                        n++;
                assert_int_equal(n, (uint64_t) round * GOVERNORD_RING_SIZE / RECORD);
                UNTIL(f, look(f, 0).samples == n);
        }
        assert_int_equal(look(f, 0).invalid, 0);
        close_client(f, &c);
}

static void test_floods_of_kicks(void **state) {
        struct fixture *f = *state;
        uint64_t begin = loop_now(), turns = 0, n = UINT64_MAX - 1;
        struct client c;

        open_plain(f, &c, 0, PID);
        for (int i = 0; i < 20000; i++) {
                kick(&c);
                turns += sd_event_run(f->event, 0) > 0;
        }
        /* In each millisecond: a read, another one that is delayed, and sometimes a tick. */
        assert_true(turns <= 10 + 3 * ((loop_now() - begin) / 1000));
        assert_true(turns >= 3);
        for (turns = 0; sd_event_run(f->event, IDLE_USEC) > 0; turns++) /* the last kicks are handled, then the loop is idle */
                assert_true(turns < 10);
        assert_true(report(&c, 100)); /* later kicks work */
        UNTIL(f, asks(f, 1, 100, -1));

        assert_int_equal(fcntl(c.fds.kick_fd, F_SETFL, 0), 0); /* makes it blocking, also for the service */
        assert_int_equal(read(c.fds.kick_fd, &n, sizeof(n)), sizeof(n));
        n = UINT64_MAX - 1; /* the highest value of the counter */
        assert_int_equal(write(c.fds.kick_fd, &n, sizeof(n)), sizeof(n));
        assert_true(sd_event_run(f->event, 0) >= 0);
        assert_int_equal(read(c.fds.kick_fd, &n, sizeof(n)), sizeof(n));
        assert_true(report(&c, 200));
        UNTIL(f, asks(f, 1, 200, -1));
        close_client(f, &c);
}

static void test_the_memory_is_sealed(void **state) {
        struct fixture *f = *state;
        const off_t size = 2 * sysconf(_SC_PAGESIZE) + GOVERNORD_RING_SIZE;
        struct client c;

        open_plain(f, &c, 0, PID);
        assert_true(ftruncate(c.fds.ring_fd, 0) < 0 && errno == EPERM);
        assert_true(ftruncate(c.fds.ring_fd, size + 1) < 0 && errno == EPERM);
        assert_true(fcntl(c.fds.ring_fd, F_ADD_SEALS, F_SEAL_WRITE) < 0 && errno == EPERM);
        assert_true(fcntl(c.fds.ring_fd, F_GETFD) & FD_CLOEXEC && fcntl(c.fds.kick_fd, F_GETFD) & FD_CLOEXEC);
        assert_true(report(&c, 100));
        UNTIL(f, asks(f, 1, 100, -1));
        assert_int_equal(fallocate(c.fds.ring_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, size), 0);
        UNTIL(f, f->n_broken == 1); /* the position goes back from 32 to 0 */
        close_client(f, &c);
}

/* Overwrites a whole ring with random words, or only its records, and then sets a valid position. */
static __attribute__((noreturn)) void scribble(const struct client *c, unsigned int seed, bool all) {
        volatile uint32_t *words = (volatile uint32_t *) (void *) (c->map + (all ? 0 : 2 * c->page));
        const size_t n = (GOVERNORD_RING_SIZE + (all ? 2 * c->page : 0)) / sizeof(*words);
        const uint64_t one = 1;

        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int i = 0; i < 20000; i++) {
                words[(size_t) rand_r(&seed) % n] = rand_r(&seed) % 4 ? 24 : (uint32_t) rand_r(&seed) % 5;
                if (!all && *position_of(c, 1) - *position_of(c, 0) < GOVERNORD_RING_SIZE)
                        (void) __atomic_fetch_add(position_of(c, 1), RECORD, __ATOMIC_RELEASE);
                if (i % 16 == 0 && write(c->fds.kick_fd, &one, sizeof(one)) < 0)
                        _exit(1);
        }
        _exit(0);
}

static void test_scribbling(void **state) {
        struct fixture *f = *state;
        struct client c, witness;
        uint64_t n = 0;
        pid_t pid;

        f->close_when_broken = true;
        open_plain(f, &witness, 1, OTHER_PID);
        for (unsigned int round = 0; round < 20; round++) {
                open_plain(f, &c, 0, PID);
                for (uint64_t i = 0; i < GOVERNORD_RING_SIZE; i += RECORD)
                        *slot_at(&c, i) = record_of(GOVERNORD_RECORD_LATENCY, round, 0);
                pid = fork();
                if (pid == 0)
                        scribble(&c, round, round % 2);
                assert_true(pid > 0);
                for (int status; waitpid(pid, &status, WNOHANG) == 0;) {
                        n += report(&witness, 100 + round);
                        assert_true(sd_event_run(f->event, 1000) >= 0);
                }
                n += report(&witness, 100 + round);
                UNTIL(f, look(f, 1).samples == n);
                close_client(f, &c);
        }
        assert_true(look(f, 1).invalid == 0 && look(f, 1).active && look(f, 1).level == 119);
        assert_true(f->n_broken > 10 && f->broken == 0);
        close_client(f, &witness);
}

/* Counts the mappings of rings; service and client have one each. */
static size_t count_mappings(void) {
        _cleanup_fclose_ FILE *file = fopen("/proc/self/maps", "re");
        char line[512];
        size_t n = 0;

        assert_non_null(file);
        while (fgets(line, sizeof(line), file))
                n += strstr(line, "memfd:governord-ring") != NULL;
        return n;
}

static size_t count_fds(void) {
        _cleanup_closedir_ DIR *dir = opendir("/proc/self/fd");
        size_t n = 0;

        assert_non_null(dir);
        while (readdir(dir))
                n++;
        return n;
}

static void test_a_thousand_sessions(void **state) {
        struct fixture *f = *state;
        const size_t before = count_fds();
        struct session_spec spec = spec_of(0, PID);
        struct rlimit limit;
        struct client c;
        uint32_t n;

        assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
        limit.rlim_cur = limit.rlim_max;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        n = limit.rlim_cur >= SESSIONS_MAX + 64 ? SESSIONS_MAX : 256;
        for (int round = 0; round < 3; round++) {
                for (uint32_t i = 0; i < n; i++) {
                        open_plain(f, &c, i, i % 2 ? PID : OTHER_PID);
                        assert_true(report(&c, 1 + i % 1000));
                        leave(&c);
                }
                assert_int_equal(count_mappings(), n);
                UNTIL(f, look(f, n - 1).active);
                for (uint32_t i = 0; i < n; i++)
                        f->engine->close(f->engine->userdata, i);
                loop_drain(f->event);
                assert_true(count_fds() == before && count_mappings() == 0);
        }
        UNTIL(f, asks(f, 1, -1, -1) && asks(f, 3, -1, -1));
        assert_idle(f);
        n = (uint32_t) dup(STDOUT_FILENO); /* the lowest free descriptor */
        (void) close((int) n);
        for (uint32_t i = 0; i < 3; i++) { /* fails at the ring, the eventfd, its copy */
                limit.rlim_cur = n + i;
                assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
                assert_int_equal(f->engine->open(f->engine->userdata, &spec, &c.fds), -EMFILE);
        }
        limit.rlim_cur = limit.rlim_max;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        assert_int_equal(count_fds(), before);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                test(test_spoilt_positions),
                test(test_spoilt_lengths),
                test(test_busy_and_discarded_records),
                test(test_patience),
                test(test_senseless_samples_are_counted),
                test(test_full_rings),
                test(test_floods_of_kicks),
                test(test_the_memory_is_sealed),
                test(test_scribbling),
                test(test_a_thousand_sessions),
        };

        return cmocka_run_group_tests_name("user-hostile", tests, NULL, NULL);
}
