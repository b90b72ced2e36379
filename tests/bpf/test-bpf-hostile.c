/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bpf/bpf-engine: misbehaving clients. Each of them can break only its own session. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/bpf/witness.h"

static void test_bad_positions(void **state) {
        const uint64_t positions[] = {
                3, 1, RECORD + 1, 2 * GOVERNORD_RING_SIZE + 8, UINT64_MAX, UINT64_MAX - 7, (uint64_t) INT64_MAX + 1
        };

        for (size_t i = 0; i < ARRAY_SIZE(positions); i++) {
                struct client c;

                open_slot(&c, 2);
                t.n_broken = 0;
                *record_at(&c, 0) = record_of(GOVERNORD_RECORD_LATENCY, 5, 0);
                __atomic_store_n(producer(&c), positions[i], __ATOMIC_RELEASE);
                for (int k = 0; k < 20; k++)
                        (void) kick(&c);
                UNTIL(t.n_broken == 1);
                assert_int_equal(t.broken, 2);
                assert_true(t.reason[0] != '\0' && strncmp(t.reason, "broken: ", 8) != 0); /* the core adds this prefix */
                check_witness();
                assert_int_equal(kick(&c), -ESTALE);
                leave(&c);
        }
}

static void test_lengths(void **state) {
        const uint32_t lengths[] = { 0,           1,           8, 23, 25, 32, 64, GOVERNORD_RING_SIZE, GOVERNORD_RING_SIZE + 8,
                                     DISCARD - 1, DISCARD | 24 };
        struct governord_record record = record_of(GOVERNORD_RECORD_LATENCY, 5, 0);

        for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
                struct client c;

                open_slot(&c, 3);
                record.length = lengths[i];
                put(&c, record);
                (void) kick(&c);
                check_witness();
                loop_drain(t.event);
                if (t.n_broken == 0)
                        t.engine->close(t.engine->userdata, 3);
                t.n_broken = 0;
                leave(&c);
        }
}

/* The kernel skips any number of discarded records without calling the program. A client must not be able to choose that number. */
static void test_discards(void **state) {
        const uint64_t positions[] = { UINT64_C(1) << 50, RECORD + 800 };

        for (size_t i = 0; i < ARRAY_SIZE(positions); i++) {
                uint64_t consumed;
                struct client c;

                open_slot(&c, 3);
                t.n_broken = 0;
                for (uint32_t at = 0; at < GOVERNORD_RING_SIZE; at += 8)
                        record_at(&c, at)->length = DISCARD;
                *record_at(&c, 0) = record_of(GOVERNORD_RECORD_LATENCY, 5, 0); /* one valid record */
                __atomic_store_n(producer(&c), positions[i], __ATOMIC_RELEASE);
                for (int k = 0; k < 5; k++)
                        (void) kick(&c);
                consumed = __atomic_load_n((const uint64_t *) (const void *) c.consumer, __ATOMIC_ACQUIRE);
                assert_true(consumed <= GOVERNORD_RING_SIZE);
                UNTIL(t.n_broken == 1);
                assert_int_equal(t.broken, 3);
                assert_non_null(strstr(t.reason, i == 0 ? "not valid" : "discarded"));
                check_witness();
                leave(&c);
        }
}

/* Clients can also write the consumer's position of an array ring. The service neither reads it nor closes a session because of it,
 * and overwrites it with the correct value. */
static void test_consumer_page(void **state) {
        static const uint64_t positions[] = { 0, 8, GOVERNORD_RING_SIZE, UINT64_C(1) << 50, UINT64_MAX };
        struct platform_shared *shared = bpf_engine_programs(t.engine)->shared;
        struct client c;
        uint64_t *page, n = 0;

        open_slot(&c, 3);
        page = mmap(NULL, c.page, PROT_READ | PROT_WRITE, MAP_SHARED, c.fds.ring_fd, 0);
        assert_true(page != MAP_FAILED);
        t.n_broken = 0;
        for (size_t i = 0; i < ARRAY_SIZE(positions); i++) {
                for (int k = 0; k < 600; k++, n++) { /* more records than the ring has room for */
                        report(&c, 100);
                        assert_int_equal(kick(&c), 0);
                }
                __atomic_store_n(page, positions[i], __ATOMIC_RELEASE);
                __atomic_store_n(&shared->suspect[0], UINT64_C(1) << 3, __ATOMIC_RELEASE);
                __atomic_store_n(&shared->ticking, 0,
                                 __ATOMIC_RELEASE); /* so that the next kick wakes the engine, which then checks the suspects */
                report(&c, 200), n++;
                assert_int_equal(kick(&c), 0);
                UNTIL(__atomic_load_n(&shared->suspect[0], __ATOMIC_ACQUIRE) == 0);
                assert_int_equal(t.n_broken, 0);
                assert_int_equal(look(3).samples, n);
                assert_int_equal(look(3).level, 200);
                assert_int_equal(__atomic_load_n(page, __ATOMIC_ACQUIRE), *producer(&c));
        }
        check_witness();
        (void) munmap(page, c.page);
        close_client(&c);
}

/* A record that is reserved and never submitted. */
static void test_busy_for_ever(void **state) {
        struct governord_record record = record_of(GOVERNORD_RECORD_LATENCY, 5, 0);
        struct client c;

        open_slot(&c, 4);
        record.length |= BUSY;
        put(&c, record);
        for (uint64_t end = loop_now() + LOOP_DEADLINE_USEC; t.n_broken == 0;) {
                assert_true(loop_now() < end);
                for (int i = 0; i < 1000; i++)
                        (void) kick(&c);
                loop_drain(t.event);
        }
        assert_int_equal(t.broken, 4);
        assert_non_null(strstr(t.reason, "never completed"));
        check_witness();
        leave(&c);
}

static void test_nonsense_is_counted(void **state) {
        struct timespec now;
        struct client c;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        open_slot(&c, 5);
        put(&c, record_of(0, 5, 0));
        put(&c, record_of(4, 5, 0));
        put(&c, record_of(UINT32_MAX, 5, 0));
        put(&c, record_of(GOVERNORD_RECORD_LATENCY, 5, (uint64_t) (now.tv_sec + 3600) * 1000000000)); /* in the future */
        put(&c, record_of(GOVERNORD_RECORD_LATENCY, 5, UINT64_MAX));
        put(&c, record_of(GOVERNORD_RECORD_LATENCY, 5, 1)); /* long ago, unless the machine was started less than a minute ago */
        assert_int_equal(kick(&c), 0);
        assert_true(look(5).invalid == 5 + (now.tv_sec > 61));
        put(&c, record_of(GOVERNORD_RECORD_LATENCY, UINT32_MAX, 0));
        assert_int_equal(kick(&c), 0);
        assert_int_equal(look(5).level, 1024);
        assert_int_equal(look(5).violations, 1);
        close_client(&c);
}

/* A client changes records while they are read: the values that were checked are the values that are used. */
static void test_mutation(void **state) {
        struct client c;
        int status;
        pid_t pid;

        open_slot(&c, 6);
        for (uint32_t i = 0; i < 512; i++)
                report(&c, 100);
        pid = fork();
        if (pid == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
                for (uint32_t i = 0;; i++) {
                        struct governord_sample *sample = &record_at(&c, (uint64_t) i * RECORD)->sample;

                        __atomic_store_n(&sample->kind, i % 3 ? GOVERNORD_RECORD_LATENCY : UINT32_MAX, __ATOMIC_RELAXED);
                        __atomic_store_n(&sample->latency_us, i * 7919, __ATOMIC_RELAXED);
                        __atomic_store_n(&record_at(&c, (uint64_t) i * RECORD)->length, 24 | (i % 64 ? 0 : DISCARD),
                                         __ATOMIC_RELAXED);
                }
        assert_true(pid > 0);
        for (int round = 0; round < 300; round++) {
                __atomic_store_n(producer(&c), *producer(&c) + 256 * RECORD, __ATOMIC_RELEASE);
                (void) kick(&c);
                loop_drain(t.event);
                if (t.n_broken > 0)
                        break;
                assert_true(look(6).level <= 1024);
        }
        assert_true(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid);
        check_witness();
        if (t.n_broken == 0)
                t.engine->close(t.engine->userdata, 6);
        leave(&c);
}

/* Another process that inherits both descriptors can write into the ring, but its kicks are rejected. */
static void test_passed_on(void **state) {
        struct client c;
        int status;
        pid_t pid;

        open_slot(&c, 7);
        pid = fork();
        if (pid == 0) {
                report(&c, 999);
                _exit(kick(&c) == -EPERM ? 0 : 1);
        }
        assert_true(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
        close_client(&c); /* the child's record may be unread: a switch of this process reads it */
}

static void test_wrong_kicks(void **state) {
        struct client c;

        open_slot(&c, 8);
        assert_int_equal(kick_as(&c, (struct governord_kick){ 8, 1 }), -ESTALE);
        assert_int_equal(kick_as(&c, (struct governord_kick){ 9, 109 }), -ESTALE);
        assert_int_equal(kick_as(&c, (struct governord_kick){ UINT32_MAX, 0 }), -ESTALE);
        assert_int_equal(kick_as(&c, (struct governord_kick){ 1024, 0 }), -ESTALE);
        close_client(&c);
        assert_int_equal(kick_as(&witness, c.who), -ESTALE);
}

static void test_flood(void **state) {
        struct client c;

        open_slot(&c, 10);
        for (uint32_t i = 0; i < 100000; i++) {
                report(&c, i % 2 ? 10 : 1000); /* overwrites records that are not read yet */
                if (i % 1000 == 0) {
                        (void) kick(&c);
                        (void) sd_event_run(t.event, 0);
                }
        }
        loop_drain(t.event);
        check_witness();
        if (t.n_broken == 0)
                t.engine->close(t.engine->userdata, 10);
        leave(&c);
}

static void test_too_many_of_a_process(void **state) {
        struct session_descriptors fds;
        struct session_spec spec;
        struct client c[7];

        for (uint32_t i = 0; i < 7; i++) /* the witness is the eighth */
                open_slot(&c[i], i);
        spec = spec_of(20);
        assert_int_equal(t.engine->open(t.engine->userdata, &spec, &fds), -EUSERS);
        for (uint32_t i = 0; i < 7; i++)
                report(&c[i], 100 + i);
        for (uint32_t i = 0; i < 7; i++)
                assert_int_equal(kick(&c[i]), 0);
        close_client(&c[3]); /* it is in the middle of the process's list of sessions */
        for (uint32_t i = 0; i < 7; i++)
                if (i != 3) {
                        report(&c[i], 200);
                        sched_yield();
                        assert_int_equal(kick(&c[i]), 0);
                        assert_int_equal(look(i).samples, 2);
                        close_client(&c[i]);
                }
        check_witness();
}

/* A client is killed or stopped: its level is dropped after the stale time. */
static void gone_or_stopped(int sent) {
        struct session_spec spec = spec_of(11);
        int ready[2], status;
        struct client c;
        char byte;
        pid_t pid;

        assert_int_equal(pipe(ready), 0);
        pid = fork();
        if (pid == 0) {
                (void) !read(ready[0], &byte, 1); /* only waits; the parent maps the ring and reports */
                _exit(0);
        }
        assert_true(pid > 0);
        spec.tgid = pid;
        spec.stale_us = 30000;
        open_with(&c, &spec);
        report(&c, 640);
        assert_int_equal(kill(pid, SIGSTOP), 0); /* the switches of the child trigger the read of the ring */
        assert_true(waitpid(pid, &status, WUNTRACED) == pid);
        assert_int_equal(kill(pid, SIGCONT), 0);
        assert_int_equal(kill(pid, sent), 0);
        assert_true(waitpid(pid, &status, WUNTRACED) == pid);
        UNTIL(look(11).samples == 1);
        UNTIL(!look(11).active && highest() == -1);
        (void) kill(pid, SIGKILL);
        (void) waitpid(pid, &status, 0);
        close_client(&c);
        (void) close(ready[0]);
        (void) close(ready[1]);
}

static void test_killed(void **state) {
        gone_or_stopped(SIGKILL);
}

static void test_stopped(void **state) {
        gone_or_stopped(SIGSTOP);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                HOSTILE(test_bad_positions),
                HOSTILE(test_lengths),
                HOSTILE(test_discards),
                HOSTILE(test_consumer_page),
                HOSTILE(test_busy_for_ever),
                HOSTILE(test_nonsense_is_counted),
                HOSTILE(test_mutation),
                HOSTILE(test_passed_on),
                HOSTILE(test_wrong_kicks),
                HOSTILE(test_flood),
                HOSTILE(test_too_many_of_a_process),
                HOSTILE(test_killed),
                HOSTILE(test_stopped),
        };
        int result;

        return can_run(argc, argv, &result) ? cmocka_run_group_tests(tests, NULL, NULL) : result;
}
