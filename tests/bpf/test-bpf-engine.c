/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bpf/bpf-engine: governors in the running kernel. Each of the three triggers passes samples to the policy, and the levels that it
 * decides reach the service. */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "tests/bpf/engine-case.h"

/* The thread leaves its CPU, which is the trigger that reads most samples. */
static void yield_cpu(void) {
        const struct timespec moment = { .tv_nsec = 1000 };

        (void) nanosleep(&moment, NULL);
}

static void test_by_switch(void **state) {
        struct client c;

        open_slot(&c, 5);
        report(&c, 320);
        yield_cpu();
        UNTIL(highest() == 320);
        assert_int_equal(look(5).samples, 1);
        report(&c, 640);
        report(&c, 100);
        report(&c, 900); /* rounded up to a step of 32 */
        yield_cpu();
        UNTIL(highest() == 928);
        assert_int_equal(look(5).samples, 4);
        assert_int_equal(look(5).level, 900);
        close_client(&c);
        UNTIL(highest() == -1);
}

static void test_by_kick(void **state) {
        struct client c;

        open_slot(&c, 0);
        report(&c, 512);
        assert_int_equal(kick(&c), 0);
        assert_int_equal(look(0).samples, 1); /* read before the kick returned */
        assert_int_equal(look(0).level, 512);
        put(&c, record_of(GOVERNORD_RECORD_SPIKE, 0, 0));
        assert_int_equal(kick(&c), 0);
        assert_int_equal(look(0).level, 1024);
        put(&c, record_of(GOVERNORD_RECORD_CALM, 0, 0));
        assert_int_equal(kick(&c), 0);
        assert_int_equal(look(0).level, 0);
        assert_int_equal(look(0).samples, 1); /* hints do not count as samples */
        close_client(&c);
}

/* A thread that never leaves its CPU: once its session is active, ticks read the ring. */
static void test_by_timer(void **state) {
        struct client c;

        open_slot(&c, 1);
        report(&c, 100);
        assert_int_equal(kick(&c), 0);
        report(&c, 700);
        for (uint64_t end = loop_now() + LOOP_DEADLINE_USEC; look(1).level != 700;)
                assert_true(loop_now() < end);
        close_client(&c);
}

static void test_by_report(void **state) {
        uint32_t latencies[200];
        struct client c;

        for (uint32_t i = 0; i < 200; i++)
                latencies[i] = i < 199 ? 3000 : 256;
        open_slot(&c, 1023);
        assert_int_equal(t.engine->report(t.engine->userdata, 1023, latencies, 200), 200);
        assert_int_equal(look(1023).samples, 200);
        assert_int_equal(look(1023).violations, 199);
        assert_int_equal(look(1023).level, 256);
        close_client(&c);
}

/* Two sessions of this process: on a CPU that both use, the higher level counts; when that session ends, the lower one does. */
static void test_two_sessions(void **state) {
        struct client a, b;

        open_slot(&a, 1);
        open_slot(&b, 2);
        report(&a, 200);
        report(&b, 800);
        yield_cpu();
        UNTIL(highest() == 800);
        close_client(&b);
        UNTIL(highest() == 224);
        close_client(&a);
        UNTIL(highest() == -1);
}

/* After the stale time, a session requests no level any more, and the ticks stop. */
static void test_stale(void **state) {
        struct session_spec spec = spec_of(7);
        struct client c;
        uint32_t cpu;

        spec.stale_us = 20000;
        open_with(&c, &spec);
        report(&c, 600);
        yield_cpu();
        UNTIL(highest() == 608);
        UNTIL(highest() == -1);
        assert_false(look(7).active);
        assert_int_equal(t.engine->cpus(t.engine->userdata, 7, &cpu, 1), 0);
        loop_drain(t.event);
        assert_int_equal(sd_event_run(t.event, 100000), 0); /* the service is not woken */
        report(&c, 300);
        yield_cpu();
        UNTIL(highest() == 320);
        close_client(&c);
}

static void test_cap(void **state) {
        struct session_spec spec = spec_of(3);
        struct client a, b;
        int32_t ceiling = -1;

        spec.flags = SESSION_CAP;
        open_with(&a, &spec);
        report(&a, 256);
        yield_cpu();
        UNTIL(highest() == 256);
        for (uint32_t i = 0; i < CPUS; i++)
                ceiling = MAX(ceiling, t.told[i].ceiling);
        assert_int_equal(ceiling, 256);
        open_slot(&b, 4); /* has no cap, so the first session's cap no longer limits the CPU */
        report(&b, 100);
        yield_cpu();
        UNTIL(look(4).samples == 1);
        for (int i = 0; i < 50 && ceiling >= 0; i++) { /* on each CPU where both have run */
                report(&a, 256);
                report(&b, 100);
                yield_cpu();
                (void) sd_event_run(t.event, 1000);
                ceiling = -1;
                for (uint32_t cpu = 0; cpu < CPUS; cpu++)
                        ceiling = MAX(ceiling, t.told[cpu].ceiling);
        }
        assert_int_equal(ceiling, -1);
        close_client(&a);
        close_client(&b);
}

static void test_limits(void **state) {
        struct client c;

        open_slot(&c, 0);
        t.engine->bound(t.engine->userdata, (const struct cpu_bounds[]){ { 0, 200, 400 }, { 1, 100, 500 } }, 2);
        report(&c, 1000);
        assert_int_equal(kick(&c), 0);
        assert_int_equal(look(0).level, 500);
        report(&c, 1);
        assert_int_equal(kick(&c), 0);
        assert_int_equal(look(0).level, 100);
        close_client(&c);
}

static void test_change(void **state) {
        struct session_spec spec = spec_of(0);
        struct client c;

        open_with(&c, &spec);
        spec.target_us = 7777;
        assert_int_equal(t.engine->change(t.engine->userdata, &spec), 0);
        report(&c, 5000);
        assert_int_equal(kick(&c), 0);
        assert_int_equal(look(0).estimate_us, 7777);
        assert_int_equal(look(0).violations, 0);
        close_client(&c);
}

struct worker {
        pthread_t thread;
        unsigned cpu;
        _Atomic pid_t tid;
        _Atomic bool stop;
};

static void stay_on(unsigned cpu) {
        cpu_set_t set;

        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

/* A thread that leaves its CPU again and again. */
static void *work(void *userdata) {
        struct worker *worker = userdata;

        stay_on(worker->cpu);
        worker->tid = gettid();
        while (!worker->stop)
                yield_cpu();
        return NULL;
}

static void report_and_yield(struct client *c, uint32_t latency_us) {
        report(c, latency_us);
        yield_cpu();
        (void) sd_event_run(t.event, 1000);
}

/* Only one of the two threads of a process belongs to the session: reports of the other thread count, but the CPU where it runs
 * does not. */
static void test_threads(void **state) {
        struct session_spec spec = spec_of(6);
        struct worker worker = { .cpu = 1 };
        cpu_set_t before;
        struct client c;

        assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
        if (!CPU_ISSET(0, &before) || !CPU_ISSET(1, &before))
                skip();
        assert_int_equal(pthread_create(&worker.thread, NULL, work, &worker), 0);
        stay_on(0);
        UNTIL(worker.tid != 0);
        spec.n_threads = 1;
        spec.threads[0] = worker.tid;
        open_with(&c, &spec);
        report(&c, 800);
        assert_int_equal(kick(&c), 0);
        for (int i = 0; i < 20; i++)
                report_and_yield(&c, 800);
        UNTIL(t.told[1].floor == 800);
        UNTIL(look(6).samples == 21); /* whichever trigger reads the ring */
        assert_int_equal(t.told[0].floor, -1);

        spec.n_threads = 0;
        assert_int_equal(t.engine->change(t.engine->userdata, &spec), 0);
        report_and_yield(&c, 800);
        UNTIL(t.told[0].floor == 800);

        spec.n_threads = 1;
        assert_int_equal(t.engine->change(t.engine->userdata, &spec), 0);
        assert_int_equal(t.told[0].floor, -1); /* before change() returned */
        UNTIL(t.told[1].floor == 800);
        for (int i = 0; i < 20; i++)
                report_and_yield(&c, 800);
        assert_int_equal(t.told[0].floor, -1);
        worker.stop = true;
        assert_int_equal(pthread_join(worker.thread, NULL), 0);
        close_client(&c);
        assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}

static void *sleep_on(void *userdata) {
        struct worker *worker = userdata;
        eventfd_t value;

        worker->tid = gettid();
        (void) eventfd_read((int) worker->cpu, &value);
        return NULL;
}

/* The only thread of the session sleeps: samples that other threads report are read, and their level expires after the stale
 * time. */
static void test_thread_that_sleeps(void **state) {
        struct worker worker = { .cpu = (unsigned) eventfd(0, EFD_CLOEXEC) };
        struct session_spec spec = spec_of(8);
        struct client c;

        assert_int_equal(pthread_create(&worker.thread, NULL, sleep_on, &worker), 0);
        UNTIL(worker.tid != 0);
        spec.n_threads = 1;
        spec.threads[0] = worker.tid;
        spec.stale_us = 30000;
        open_with(&c, &spec);
        report_and_yield(&c, 800);
        UNTIL(look(8).samples == 1);
        UNTIL(!look(8).active);
        UNTIL(highest() == -1);
        assert_int_equal(eventfd_write((int) worker.cpu, 1), 0);
        assert_int_equal(pthread_join(worker.thread, NULL), 0);
        (void) close((int) worker.cpu);
        close_client(&c);
}

/* Sessions, rings and the descriptor of the kick stay usable when the governor is replaced. */
static void test_replace(void **state) {
        char reason[256];
        struct client c;

        open_slot(&c, 9);
        report(&c, 96);
        assert_int_equal(kick(&c), 0);
        assert_int_equal(look(9).level, 96);
        assert_int_equal(bpf_engine_replace(t.engine, "inverse", reason, sizeof(reason)), 0);
        assert_non_null(strstr(t.engine->governor(t.engine->userdata), "inverse"));
        report(&c, 96);
        yield_cpu();
        UNTIL(look(9).level == 928);
        report(&c, 192);
        assert_int_equal(kick(&c), 0);
        UNTIL(look(9).level == 832);
        assert_int_equal(look(9).samples, 3);
        assert_int_equal(bpf_engine_replace(t.engine, "endless", reason, sizeof(reason)), -EACCES);
        assert_non_null(strstr(reason, "verifier"));
        assert_int_equal(bpf_engine_replace(t.engine, "nonsense", reason, sizeof(reason)), -ENOENT);
        assert_int_equal(bpf_engine_replace(t.engine, "elsewhere", reason, sizeof(reason)), -ENOENT);
        report(&c, 24);
        yield_cpu();
        UNTIL(look(9).level == 1000); /* the former governor stays in use */
        assert_int_equal(bpf_engine_replace(t.engine, "", reason, sizeof(reason)), 0);
        assert_non_null(strstr(t.engine->governor(t.engine->userdata), "echo"));
        close_client(&c);
}

/* Only a kick reads a BPF user ring buffer, and the client has the kick of the former governor. Therefore such sessions are
 * closed. */
static void test_replace_closes_user_ringbufs(void **state) {
        struct session_spec spec = spec_of(9);
        char reason[256];
        struct client c;

        spec.flags = SESSION_USER_RINGBUF;
        open_with(&c, &spec);
        t.n_broken = 0;
        assert_int_equal(bpf_engine_replace(t.engine, "inverse", reason, sizeof(reason)), 0);
        assert_int_equal(t.n_broken, 1);
        assert_int_equal(t.broken, 9);
        report(&c, 96);
        assert_int_equal(kick(&c), -ESTALE);
        leave(&c);
        assert_int_equal(bpf_engine_replace(t.engine, "", reason, sizeof(reason)), 0);
}

/* Governors are replaced again and again under load: none of them sees the state of another. */
static void test_replace_under_load(void **state) {
        char reason[256];
        struct client c;
        int status;
        pid_t pid;

        open_slot(&c, 2);
        report(&c, 1);
        yield_cpu();
        pid = fork();
        if (pid == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
                for (;;) /* causes switches on the other CPU; this process has no session of its own */
                        sched_yield();
        for (int i = 0; i < 12; i++) {
                assert_int_equal(bpf_engine_replace(t.engine, i % 2 ? "remembering" : "remembering-2", reason, sizeof(reason)), 0);
                for (int k = 0; k < 20; k++) {
                        report(&c, 1);
                        if (k % 2)
                                (void) kick(&c); /* of the first governor */
                        else
                                yield_cpu();
                }
                UNTIL(look(2).level == 500);
                assert_int_equal(look(2).estimate_us, 0);
        }
        assert_true(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid);
        close_client(&c);
}

static void test_why_not(void **state) {
        const struct governors *governors = bpf_engine_governors(t.engine);
        int seen = 0;

        assert_string_equal(governors->items[0].manifest.name, "echo"); /* the highest priority of those that fit */
        for (size_t i = 0; i < governors->n; i++)
                if (strcmp(governors->items[i].manifest.name, "elsewhere") == 0) {
                        assert_string_equal(governors->items[i].reason,
                                            "made for mainframe vax, but this machine has test intel_pstate");
                        seen++;
                } else if (strcmp(governors->items[i].manifest.name, "needy") == 0) {
                        assert_string_equal(governors->items[i].reason,
                                            "it needs the feature \"antigravity\", which this version of governord does not know");
                        seen++;
                }
        assert_int_equal(seen, 2);
}

/* A file or folder that cannot be read is reported as an error, and not treated as missing. */
static void test_no_descriptors(void **state) {
        const struct governor_dirs dirs = { .vendor = vendor_dir, .admin = admin_dir, .trust_any_owner = true },
                                   a_file = { .vendor = "/proc/self/cmdline", .trust_any_owner = true },
                                   missing = { .vendor = "/proc/self/no-such-folder", .trust_any_owner = true };
        struct governors governors;
        struct rlimit before, none;
        char reason[256];

        assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
        none = (struct rlimit){ 3, before.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
        assert_int_equal(bpf_engine_replace(t.engine, "", reason, sizeof(reason)), -EMFILE);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_non_null(strstr(reason, strerror(EMFILE)));
        assert_non_null(strstr(reason, admin_dir));
        governors_find(&governors, &dirs, "test");
        assert_int_equal(governors.error, 0);
        governors_done(&governors);
        governors_find(&governors, &a_file, "test");
        assert_int_equal(governors_none(&governors, "x", reason, sizeof(reason)), -ENOENT);
        assert_non_null(strstr(reason, "/proc/self/cmdline"));
        governors_done(&governors);
        governors_find(&governors, &missing, "test");
        assert_int_equal(governors.error, 0);
        governors_done(&governors);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                TEST(test_by_switch),
                TEST(test_by_kick),
                TEST(test_by_timer),
                TEST(test_by_report),
                TEST(test_two_sessions),
                TEST(test_stale),
                TEST(test_cap),
                TEST(test_limits),
                TEST(test_change),
                TEST(test_replace),
                TEST(test_replace_closes_user_ringbufs),
                TEST(test_replace_under_load),
                TEST(test_why_not),
                TEST(test_threads),
                TEST(test_thread_that_sleeps),
                TEST(test_no_descriptors),
        };
        int result;

        return can_run(argc, argv, &result) ? cmocka_run_group_tests(tests, NULL, NULL) : result;
}
