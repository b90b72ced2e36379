/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bpf/platform: threads of a client write into a ring while the BPF program reads it. The work of each run of the program is
 * counted and has an upper bound. */

#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>

#include "tests/bpf/witness.h"

/* The most records that one switch may read from eight sessions: the first session may use half of 64, each further one half of the
 * rest, but at least four. */
#define SWITCH_MOST (32 + 16 + 8 + 5 * 4)

struct racer {
        pthread_t thread;
        const struct client *client;
        _Atomic bool stop;
};

/* Keeps the producer's position ahead of the consumer's by the size of the ring, and sometimes by more. */
static void *race(void *userdata) {
        struct racer *racer = userdata;
        const struct client *c = racer->client;

        for (uint32_t i = 0; !racer->stop; i++) {
                uint64_t consumed = __atomic_load_n((const uint64_t *) (const void *) c->consumer, __ATOMIC_ACQUIRE);

                __atomic_store_n(producer(c), consumed + GOVERNORD_RING_SIZE, __ATOMIC_RELEASE);
        }
        return NULL;
}

static void fill_ring(const struct client *c, uint32_t length, uint32_t step) {
        for (uint32_t at = 0; at < GOVERNORD_RING_SIZE; at += step) {
                if (step == RECORD)
                        *record_at(c, at) = record_of(GOVERNORD_RECORD_LATENCY, 5, 0);
                record_at(c, at)->length = length;
        }
}

/* Regardless of the number and kind of the records that the producer's position promises, one read takes no more than the bound.
 * This is checked with the reader's own counters and, for discarded records, with the consumer's position. */
static void race_with(uint32_t length, uint32_t step) {
        const struct platform_most *most = &bpf_engine_programs(t.engine)->shared->most;
        struct session_spec spec = spec_of(6);
        struct racer racer = {};
        struct client c;

        open_with(&c, &spec);
        t.n_broken = 0;
        fill_ring(&c, length, step);
        racer.client = &c;
        assert_int_equal(pthread_create(&racer.thread, NULL, race, &racer), 0);
        for (int round = 0; round < 2000 && t.n_broken == 0; round++) {
                const struct timespec moment = { .tv_nsec = 1000 };
                uint64_t before = bpf_engine_programs(t.engine)->sessions[6].consumed;

                if (round % 2 == 0) /* first a switch, because the first kick may close the session */
                        (void) nanosleep(&moment, NULL);
                else
                        (void) kick(&c);
                if (length == DISCARD) {
                        assert_true(bpf_engine_programs(t.engine)->sessions[6].consumed == before);
                        assert_true(__atomic_load_n((const uint64_t *) (const void *) c.consumer, __ATOMIC_ACQUIRE) <=
                                    GOVERNORD_RING_SIZE);
                }
                (void) sd_event_run(t.event, 0);
        }
        racer.stop = true;
        assert_int_equal(pthread_join(racer.thread, NULL), 0);
        assert_true(most->switch_records <= SWITCH_MOST);
        assert_true(most->kick_records <= GOVERNORD_RING_SIZE / RECORD);
        assert_true(most->tick_sessions <= 2);
        loop_drain(t.event);
        check_witness();
        if (t.n_broken == 0)
                t.engine->close(t.engine->userdata, 6);
        leave(&c);
}

static void test_race_of_samples(void **state) {
        race_with(sizeof(struct governord_sample), RECORD);
}

static void test_race_of_discards(void **state) {
        race_with(DISCARD, 8);
}

static void test_race_of_whole_discards(void **state) {
        race_with(DISCARD | (uint32_t) sizeof(struct governord_sample), RECORD);
}

/* One process has eight sessions whose rings are full at every switch: one switch reads no more records than the bound. */
static void test_full_chain(void **state) {
        const struct platform_most *most = &bpf_engine_programs(t.engine)->shared->most;
        const struct timespec moment = { .tv_nsec = 1000 };
        struct client c[7]; /* the witness is the eighth */

        for (uint32_t i = 0; i < 7; i++)
                open_slot(&c[i], i);
        for (int round = 0; round < 200 || (round < 20000 && most->switch_records <= 64); round++) {
                for (uint32_t i = 0; i < 7; i++)
                        while (*producer(&c[i]) - *(const uint64_t *) (const void *) c[i].consumer <= GOVERNORD_RING_SIZE - RECORD)
                                report(&c[i], (uint32_t) round % 1024);
                (void) nanosleep(&moment, NULL);
                (void) sd_event_run(t.event, 0);
        }
        assert_in_range(most->switch_records, 65, SWITCH_MOST); /* at least once, the minimum of each session was used */
        assert_int_equal(t.n_broken, 0);
        for (uint32_t i = 0; i < 7; i++) {
                UNTIL(look(i).samples >= 512); /* each session's ring is read */
                close_client(&c[i]);
        }
}

/* Reports as fast as possible without overwriting unread records, which is no reason to close the session. */
static void *produce(void *userdata) {
        struct racer *racer = userdata;
        const struct client *c = racer->client;

        while (!racer->stop)
                if (*producer(c) - __atomic_load_n((const uint64_t *) (const void *) c->consumer, __ATOMIC_ACQUIRE) <=
                    GOVERNORD_RING_SIZE - RECORD)
                        report(c, 100);
        return NULL;
}

static void test_honest_and_fast(void **state) {
        struct racer racer = {};
        struct client c;

        open_slot(&c, 6);
        t.n_broken = 0;
        racer.client = &c;
        assert_int_equal(pthread_create(&racer.thread, NULL, produce, &racer), 0);
        for (int round = 0; round < 20000; round++) {
                (void) kick(&c);
                (void) sd_event_run(t.event, 0);
        }
        racer.stop = true;
        assert_int_equal(pthread_join(racer.thread, NULL), 0);
        loop_drain(t.event);
        assert_int_equal(t.n_broken, 0);
        assert_int_equal(look(6).invalid, 0);
        assert_true(look(6).samples > 512);
        close_client(&c);
}

static void *kick_on(void *userdata) {
        struct racer *racer = userdata;

        while (!racer->stop)
                (void) kick_as(racer->client, racer->client->who);
        return NULL;
}

/* A kick of the slot's former session may still use the slot, so open() is repeated until it succeeds. */
static void open_when_free(struct client *c, const struct session_spec *spec) {
        *c = (struct client){ .who = { spec->slot, spec->cookie } };
        UNTIL(t.engine->open(t.engine->userdata, spec, &c->fds) >= 0);
        map_ring(c);
}

/* Kicks of a session are in progress while the session is closed and its slot is used again: records in the ring of the former
 * session do not count for the new one. */
static void test_kicks_of_the_former(void **state) {
        struct session_spec spec = spec_of(6);

        for (int round = 0; round < 200; round++) {
                struct client former, c;
                struct racer racers[2];
                int r;

                spec.cookie = 1000 + (uint32_t) round;
                open_with(&former, &spec);
                for (int i = 0; i < 2; i++) {
                        racers[i] = (struct racer){ .client = &former };
                        assert_int_equal(pthread_create(&racers[i].thread, NULL, kick_on, &racers[i]), 0);
                }
                t.engine->close(t.engine->userdata, 6);
                __atomic_store_n(producer(&former), UINT64_C(1) << 40, __ATOMIC_RELEASE);
                spec.cookie += 1000;
                open_when_free(&c, &spec);
                report(&c, 77);
                r = kick(&c);
                for (int i = 0; i < 2; i++) {
                        racers[i].stop = true;
                        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
                }
                assert_int_equal(r, 0);
                assert_int_equal(bpf_engine_programs(t.engine)->sessions[6].error, 0);
                assert_int_equal(look(6).samples, 1);
                close_client(&c);
                leave(&former);
        }
        check_witness();
}

/* While a program of the former session still uses the slot, open() fails with -EBUSY and does not clear the slot's lock. */
static void test_slot_that_is_held(void **state) {
        uint32_t *busy = &bpf_engine_programs(t.engine)->sessions[6].busy;
        const struct session_spec spec = spec_of(6);
        struct session_descriptors fds;
        struct client c;

        *busy = 1;
        assert_int_equal(t.engine->open(t.engine->userdata, &spec, &fds), -EBUSY);
        assert_int_equal(*busy, 1);
        *busy = 0;
        open_with(&c, &spec);
        assert_int_equal(*busy, 0);
        *busy = 1;
        report(&c, 100);
        assert_int_equal(kick_as(&c, c.who), -EBUSY);
        assert_int_equal(t.engine->report(t.engine->userdata, 6, &(uint32_t){ 5 }, 1), -EBUSY);
        *busy = 0;
        assert_int_equal(kick(&c), 0);
        assert_int_equal(look(6).level, 100);
        close_client(&c);
}

/* A kick that does not end delays the change of the governor only for a limited time, and only its own session is closed. */
static void test_slot_that_is_held_meanwhile(void **state) {
        char reason[256] = "";
        struct client c;

        open_slot(&c, 6);
        t.n_broken = 0;
        bpf_engine_programs(t.engine)->sessions[6].busy = 1;
        if (bpf_engine_replace(t.engine, "echo", reason, sizeof(reason)) != 0)
                fail_msg("%s", reason);
        assert_true(t.n_broken == 1 && t.broken == 6);
        assert_non_null(strstr(t.reason, "did not end"));
        bpf_engine_programs(t.engine)->sessions[6].busy = 0;
        report(&witness, 100);
        UNTIL(look(OTHERS_SLOT).level == 100);
        leave(&c);
        open_slot(&c, 6); /* the slot can be used again */
        report(&c, 200);
        assert_int_equal(kick(&c), 0);
        assert_int_equal(look(6).level, 200);
        close_client(&c);
}

/* Makes the ring full again, relative to the present position of the consumer. */
static void refill(const struct client *c) {
        __atomic_store_n(producer(c),
                         __atomic_load_n((const uint64_t *) (const void *) c->consumer, __ATOMIC_ACQUIRE) + GOVERNORD_RING_SIZE,
                         __ATOMIC_RELEASE);
}

/* The CPU time of the thread of this process that has this name, in nanoseconds; 0 if there is no such thread. */
static uint64_t ran(const char *name) {
        DIR *threads = opendir("/proc/self/task");
        unsigned long long ns = 0;
        char path[64], comm[32];
        struct dirent *entry;

        assert_non_null(threads);
        while (ns == 0 && (entry = readdir(threads))) {
                FILE *f;

                if (entry->d_name[0] == '.')
                        continue;
                (void) snprintf(path, sizeof(path), "/proc/self/task/%.16s/comm", entry->d_name);
                f = fopen(path, "re");
                if (f && fscanf(f, "%31s", comm) == 1 && strcmp(comm, name) == 0) {
                        (void) fclose(f);
                        (void) snprintf(path, sizeof(path), "/proc/self/task/%.16s/schedstat", entry->d_name);
                        f = fopen(path, "re");
                        if (!f || fscanf(f, "%llu", &ns) != 1)
                                ns = 0;
                }
                if (f)
                        (void) fclose(f);
        }
        (void) closedir(threads);
        return ns;
}

/* One user has 200 sessions with full rings, another user a single session: the ring of the single session is read at almost every
 * tick, and each of the others eventually. The threads of these sessions do not exist, so only ticks read the rings. */
static void test_shares(void **state) {
        enum { MANY = 200 };
        const struct platform_shared *shared = bpf_engine_programs(t.engine)->shared;
        const struct platform_most *most = &shared->most;
        static struct client many[MANY];
        struct session_spec spec;
        struct client single;
        int served = 0;

        for (uint32_t i = 0; i <= MANY; i++) {
                struct client *c = i < MANY ? &many[i] : &single;

                spec = spec_of(100 + i);
                spec.tgid = (pid_t) (1000000 + i);
                spec.uid = i < MANY ? 0 : 65534;
                open_with(c, &spec);
                fill_ring(c, sizeof(struct governord_sample), RECORD);
                refill(c);
                assert_int_equal(t.engine->report(t.engine->userdata, 100 + i, &(uint32_t){ 5 }, 1), 1); /* starts the ticks */
        }
        for (int round = 0; round < 300 || shared->tick_users < 2; round++) {
                uint64_t before, from;

                for (uint32_t i = 0; i < MANY; i++)
                        refill(&many[i]);
                refill(&single);
                before = look(100 + MANY).samples;
                from = __atomic_load_n(&shared->round, __ATOMIC_ACQUIRE);
                for (uint64_t end = loop_now() + LOOP_DEADLINE_USEC;
                     __atomic_load_n(&shared->round, __ATOMIC_ACQUIRE) < from + 4;) {
                        assert_true(loop_now() < end);
                        assert_true(sd_event_run(t.event, 1000) >= 0);
                }
                if (round >= 100) /* in the rounds before, ticks may not have counted the users yet */
                        served += look(100 + MANY).samples > before;
        }
        /* A tick ends when its time is used up, long before all rings are read. Its CPU time is that of a thread, so the scheduler
         * accounts for it. */
        assert_in_range(most->tick_sessions, 1, MANY - 1);
        assert_in_range(most->tick_records, 1, MANY * (GOVERNORD_RING_SIZE / RECORD) / 4);
        assert_true(ran("governord-tick") > 0);
        assert_true(served >= 100); /* of 200 rounds: a tick ends early when its thread is preempted */
        for (uint32_t i = 0; i < MANY; i++) {
                assert_true(look(100 + i).samples > GOVERNORD_RING_SIZE / RECORD);
                close_client(&many[i]);
        }
        close_client(&single);
}

/* Only kicks read a BPF user ring buffer. */
static void test_user_ringbuf(void **state) {
        const struct platform_shared *shared = bpf_engine_programs(t.engine)->shared;
        struct session_spec spec = spec_of(6);
        const struct timespec moment = { .tv_nsec = 1000 };
        struct client c;
        uint64_t from;

        spec.flags = SESSION_USER_RINGBUF;
        open_with(&c, &spec);
        assert_string_equal(c.fds.ring_kind, "user-ringbuf");
        report(&c, 100);
        for (int i = 0; i < 100; i++)
                (void) nanosleep(&moment, NULL);
        assert_int_equal(look(6).samples, 0);
        assert_int_equal(kick(&c), 0);
        assert_int_equal(look(6).samples, 1);
        assert_int_equal(look(6).level, 100);
        report(&c, 200);
        for (int i = 0; i < 100; i++)
                (void) nanosleep(&moment, NULL);
        from = __atomic_load_n(&shared->round, __ATOMIC_ACQUIRE);
        UNTIL(__atomic_load_n(&shared->round, __ATOMIC_ACQUIRE) >= from + 3);
        assert_int_equal(look(6).samples, 1);
        assert_int_equal(kick(&c), 0);
        assert_int_equal(look(6).level, 200);
        close_client(&c);
}

/* Discarded records in a BPF user ring buffer are skipped once, during the client's own kick; then the session is closed. */
static void test_user_ringbuf_discards(void **state) {
        struct session_spec spec = spec_of(6);
        struct client c;

        spec.flags = SESSION_USER_RINGBUF;
        open_with(&c, &spec);
        t.n_broken = 0;
        fill_ring(&c, DISCARD, 8);
        __atomic_store_n(producer(&c), GOVERNORD_RING_SIZE, __ATOMIC_RELEASE);
        assert_true(kick(&c) < 0);
        UNTIL(t.n_broken == 1);
        assert_int_equal(kick(&c), -ESTALE);
        check_witness();
        leave(&c);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                HOSTILE(test_race_of_samples),
                HOSTILE(test_race_of_discards),
                HOSTILE(test_race_of_whole_discards),
                HOSTILE(test_full_chain),
                HOSTILE(test_honest_and_fast),
                HOSTILE(test_user_ringbuf),
                HOSTILE(test_user_ringbuf_discards),
                HOSTILE(test_kicks_of_the_former),
                HOSTILE(test_slot_that_is_held),
                HOSTILE(test_slot_that_is_held_meanwhile),
                HOSTILE(test_shares),
        };
        int result;

        return can_run(argc, argv, &result) ? cmocka_run_group_tests(tests, NULL, NULL) : result;
}
