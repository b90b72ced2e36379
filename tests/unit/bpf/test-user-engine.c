/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bpf/user-engine: policies in the service, with well-behaved clients. Most tests use a small root for /proc; some need the real
 * one. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "bpf/engines.h"
#include "bpf/user-cpus.h"
#include "tests/unit/bpf/user-engine-case.h"

static void test_levels_follow_samples(void **state) {
        struct fixture *f = *state;
        struct session_counters counters;
        uint32_t cpus[CPUS];
        struct client c;

        assert_string_equal(f->engine->rung(f->engine->userdata, NULL), "user");
        assert_non_null(strstr(f->engine->governor(f->engine->userdata), "echo (governord "));
        open_plain(f, &c, 7, PID);
        assert_idle(f);
        assert_int_equal(f->n_told, 0);
        assert_true(report(&c, 300));
        assert_int_equal(sd_event_run(f->event, LOOP_DEADLINE_USEC), 1); /* caused by the kick, not by a tick */
        assert_true(asks(f, 1, 300, -1) && asks(f, 3, 300, -1) && f->n_told == 1);
        assert_true(asks(f, 5, -1, -1)); /* the thread on this CPU has ended */
        assert_int_equal(f->engine->cpus(f->engine->userdata, 7, cpus, CPUS), 2);
        assert_true(cpus[0] == 1 && cpus[1] == 3);
        assert_int_equal(f->engine->cpus(f->engine->userdata, 7, cpus, 1), 1);
        assert_true(report(&c, 900));
        UNTIL(f, asks(f, 1, 900, -1));
        assert_true(put(&c, record_of(GOVERNORD_RECORD_LATENCY, 30000, 1 + (uint64_t) loop_now() * 1000 - 1000000)));
        assert_true(put(&c, record_of(GOVERNORD_RECORD_CALM, 0, 0)));
        UNTIL(f, asks(f, 1, 10, -1));
        assert_true(put(&c, record_of(GOVERNORD_RECORD_SPIKE, 0, 0)));
        UNTIL(f, asks(f, 3, 1000, -1));
        counters = look(f, 7);
        assert_true(counters.samples == 3 && counters.violations == 1 && counters.invalid == 0 && counters.active);
        assert_true(counters.level == 1000 && counters.estimate_us == 30000);
        assert_true(counters.last_sample_ns > 0 && counters.delay_us >= 1000);
        close_client(f, &c);
        UNTIL(f, asks(f, 1, -1, -1) && asks(f, 3, -1, -1));
        assert_idle(f);
        assert_int_equal(f->engine->look(f->engine->userdata, 7, &counters), -ENOENT);
}

static void test_highest_wins_on_a_shared_cpu(void **state) {
        struct fixture *f = *state;
        struct client a, b, more[9];

        open_plain(f, &a, 0, PID);
        open_plain(f, &b, 1, OTHER_PID);
        assert_true(report(&a, 200) && report(&b, 600));
        UNTIL(f, asks(f, 1, 200, -1) && asks(f, 3, 600, -1));
        assert_true(report(&b, 100));
        UNTIL(f, asks(f, 3, 200, -1));
        assert_true(report(&b, 700));
        UNTIL(f, asks(f, 3, 700, -1));
        for (uint32_t i = 0; i < ARRAY_SIZE(more); i++) { /* more sessions than a CPU has places for */
                open_plain(f, &more[i], 20 + i, OTHER_PID);
                assert_true(report(&more[i], 701 + i));
        }
        UNTIL(f, asks(f, 3, 709, -1));
        for (uint32_t i = 0; i < ARRAY_SIZE(more); i++)
                close_client(f, &more[i]);
        UNTIL(f, asks(f, 3, 700, -1));
        close_client(f, &b);
        UNTIL(f, asks(f, 3, 200, -1));
        close_client(f, &a);
}

static void test_caps_count_where_all_cap(void **state) {
        struct fixture *f = *state;
        struct session_spec spec = spec_of(0, PID);
        struct client a, b;

        spec.flags = SESSION_CAP;
        open_client(f, &a, &spec);
        assert_true(report(&a, 250));
        UNTIL(f, asks(f, 1, 250, 250) && asks(f, 3, 250, 250));
        open_plain(f, &b, 1, OTHER_PID);
        assert_true(report(&b, 100));
        UNTIL(f, asks(f, 3, 250, -1));
        assert_true(asks(f, 1, 250, 250));
        spec.flags = 0;
        assert_int_equal(f->engine->change(f->engine->userdata, &spec), 0);
        UNTIL(f, asks(f, 1, 250, -1) && asks(f, 3, 250, -1)); /* the target did not change, so the policy keeps its state */
        close_client(f, &a);
        close_client(f, &b);
}

static void test_silence_costs_nothing(void **state) {
        struct fixture *f = *state;
        struct session_spec spec = spec_of(0, PID);
        struct client c;

        spec.stale_us = 20000;
        open_client(f, &c, &spec);
        for (uint32_t round = 1; round <= 3; round++) {
                assert_true(report(&c, 400));
                UNTIL(f, asks(f, 1, 400, -1));
                UNTIL(f, asks(f, 1, -1, -1) && asks(f, 3, -1, -1));
                assert_true(!look(f, 0).active && look(f, 0).level == 0 && look(f, 0).estimate_us == 0);
                assert_int_equal(f->engine->cpus(f->engine->userdata, 0, NULL, 0), 0);
                assert_int_equal(look(f, 0).samples, round);
                assert_idle(f);
        }
        close_client(f, &c);
}

/* While a session is active, ticks read its ring even if a kick is lost. */
static void test_ticks_read_without_kicks(void **state) {
        struct fixture *f = *state;
        struct client c;

        assert_int_equal(user_engine_tick_us(1), 4000);
        assert_int_equal(user_engine_tick_us(20000), 5000);
        assert_int_equal(user_engine_tick_us(UINT32_MAX), 10000);
        open_plain(f, &c, 0, PID);
        assert_true(report(&c, 100));
        UNTIL(f, asks(f, 1, 100, -1));
        *slot_at(&c, RECORD) = record_of(GOVERNORD_RECORD_LATENCY, 500, 0);
        __atomic_store_n(position_of(&c, 1), 2 * RECORD, __ATOMIC_RELEASE);
        UNTIL(f, asks(f, 1, 500, -1));
        close_client(f, &c);
}

static void test_limits_are_kept(void **state) {
        struct fixture *f = *state;
        struct client c;

        open_plain(f, &c, 0, PID);
        assert_true(report(&c, 900));
        UNTIL(f, asks(f, 1, 900, -1));
        f->engine->bound(f->engine->userdata, &(const struct cpu_bounds){ 0, 200, 600 }, 1); /* applies at the next tick */
        UNTIL(f, asks(f, 1, 600, -1));
        assert_true(report(&c, 0));
        UNTIL(f, asks(f, 1, 200, -1));
        f->engine->bound(f->engine->userdata, &(const struct cpu_bounds){ 0, 5000, 300 }, 1); /* a ceiling overrides a floor */
        UNTIL(f, asks(f, 1, 300, -1));
        f->engine->bound(f->engine->userdata, &(const struct cpu_bounds){ 0, 0, UINT32_MAX }, 1);
        assert_true(report(&c, 5000));
        UNTIL(f, asks(f, 1, 1024, -1));
        close_client(f, &c);
}

static void test_change_keeps_counters(void **state) {
        struct fixture *f = *state;
        struct session_spec spec = spec_of(0, PID);
        struct client c;

        open_client(f, &c, &spec);
        assert_true(report(&c, 900));
        UNTIL(f, asks(f, 1, 900, -1));
        spec.target_us = 100;
        assert_int_equal(f->engine->change(f->engine->userdata, &spec), 0);
        assert_true(report(&c, 800));
        UNTIL(f, asks(f, 1, 800, -1));
        assert_true(look(f, 0).samples == 2 && look(f, 0).violations == 1);
        spec.permille = 1000;
        assert_int_equal(f->engine->change(f->engine->userdata, &spec), -EINVAL);
        spec = spec_of(1, PID);
        assert_int_equal(f->engine->change(f->engine->userdata, &spec), -ENOENT);
        close_client(f, &c);
}

/* PID has threads on CPUs 1 and 3. Only the one on CPU 3 belongs to the session, until the client changes the list. */
static void test_threads(void **state) {
        struct fixture *f = *state;
        struct session_spec spec = spec_of(0, PID);
        struct client c;

        spec.n_threads = 1;
        spec.threads[0] = PID + 1;
        open_client(f, &c, &spec);
        assert_true(report(&c, 900));
        UNTIL(f, asks(f, 3, 900, -1));
        assert_true(asks(f, 1, -1, -1));
        spec.n_threads = 0;
        assert_int_equal(f->engine->change(f->engine->userdata, &spec), 0);
        UNTIL(f, asks(f, 1, 900, -1) && asks(f, 3, 900, -1));
        spec.n_threads = 1;
        spec.threads[0] = PID;
        assert_int_equal(f->engine->change(f->engine->userdata, &spec), 0);
        UNTIL(f, asks(f, 1, 900, -1) && asks(f, 3, -1, -1));
        spec.n_threads = GOV_QOS_THREADS_MAX + 1;
        assert_int_equal(f->engine->change(f->engine->userdata, &spec), -EINVAL);
        close_client(f, &c);
}

static void test_reports_over_the_bus(void **state) {
        struct fixture *f = *state;
        uint32_t latencies[513] = { 100, 30000, 450 };
        struct client c;

        open_plain(f, &c, 0, PID);
        assert_int_equal(f->engine->report(f->engine->userdata, 0, latencies, 3), 3);
        assert_int_equal(f->n_told, 0); /* the listener is called later by the event loop */
        UNTIL(f, asks(f, 1, 450, -1));
        assert_true(look(f, 0).samples == 3 && look(f, 0).violations == 1 && look(f, 0).delay_us == 0);
        assert_int_equal(f->engine->report(f->engine->userdata, 0, latencies, 513), -E2BIG);
        assert_int_equal(f->engine->report(f->engine->userdata, 1, latencies, 1), -ENOENT);
        assert_int_equal(f->engine->report(f->engine->userdata, UINT32_MAX, latencies, 1), -ENOENT);
        close_client(f, &c);
}

static void test_bad_sessions_are_refused(void **state) {
        struct fixture *f = *state;
        struct session_descriptors fds;
        struct client c;
        struct session_spec spec = spec_of(0, PID);

        open_client(f, &c, &spec);
        assert_int_equal(f->engine->open(f->engine->userdata, &spec, &fds), -EEXIST);
        spec.slot = SESSIONS_MAX;
        assert_int_equal(f->engine->open(f->engine->userdata, &spec, &fds), -EINVAL);
        spec = spec_of(1, 0);
        assert_int_equal(f->engine->open(f->engine->userdata, &spec, &fds), -EINVAL);
        spec = spec_of(1, PID);
        spec.target_us = 0;
        assert_int_equal(f->engine->open(f->engine->userdata, &spec, &fds), -EINVAL);
        f->engine->close(f->engine->userdata, 1);
        f->engine->close(f->engine->userdata, UINT32_MAX);
        close_client(f, &c);
}

static void test_claims_go_where_threads_go(void **state) {
        struct fixture *f = *state;
        struct client c;

        open_plain(f, &c, 0, OTHER_PID);
        assert_true(report(&c, 100));
        UNTIL(f, asks(f, 3, 100, -1));
        put_thread(f, OTHER_PID, OTHER_PID, 11, 'R');
        UNTIL(f, asks(f, 11, 100, -1));
        UNTIL(f, asks(f, 3, -1, -1)); /* after some time */
        remove_process(f, OTHER_PID);
        UNTIL(f, asks(f, 11, -1, -1));
        assert_true(look(f, 0).active);
        for (int i = 0; i < 70; i++) /* only 64 threads are examined; all are on CPU 2 */
                put_thread(f, OTHER_PID, OTHER_PID + i, 2, 'R');
        UNTIL(f, asks(f, 2, 100, -1));
        for (int i = 0; i < 70; i++) /* examined again, although they are as many as one tick may examine */
                put_thread(f, OTHER_PID, OTHER_PID + i, 4, 'R');
        UNTIL(f, asks(f, 4, 100, -1));
        close_client(f, &c);
}

#define FIELDS_4_TO_38 " 4 5 6 7 8 9 10 1 2 3 4 5 6 7 8 9 20 1 2 3 4 5 6 7 8 9 30 1 2 3 4 5 6 7 8"

static void put_ran(struct fixture *f, int pid, int tid, const char *text) {
        char path[128];

        (void) snprintf(path, sizeof(path), "%s/proc/%d/task/%d/schedstat", f->dir, pid, tid);
        scratch_write(path, text, strlen(text));
}

static void test_stat_lines(void **state) {
        uint32_t cpu = 99;
        struct user_cpus cpus, before;
        struct fixture *f = *state;

        assert_int_equal(user_cpus_parse("1 (a) S" FIELDS_4_TO_38 " 123 40\n", &cpu), 0);
        assert_int_equal(cpu, 123);
        assert_int_equal(user_cpus_parse("1 (a) S" FIELDS_4_TO_38, &cpu), -EINVAL);
        assert_int_equal(user_cpus_parse("1 (a) S" FIELDS_4_TO_38 " -1", &cpu), -EINVAL);
        assert_int_equal(user_cpus_parse("1 (a) X", &cpu), -ESRCH);
        assert_int_equal(user_cpus_parse("1 (a)", &cpu), -EINVAL);
        assert_int_equal(user_cpus_parse("", &cpu), -EINVAL);
        assert_int_equal(user_cpus_read(f->root_fd, &(struct session){ .tgid = PID }, NULL, &cpus), 0);
        assert_true(cpus.n == 2 && cpus.cpus[0] == 1 && cpus.cpus[1] == 3 && cpus.n_threads == 4);
        put_thread(f, OTHER_PID, OTHER_PID, USER_CPUS_MAX, 'R');
        assert_int_equal(user_cpus_read(f->root_fd, &(struct session){ .tgid = OTHER_PID }, NULL, &cpus), 0);
        assert_true(cpus.n == 0 && cpus.n_threads == 1);
        put_ran(f, PID, PID, "5000000 1 2\n");
        put_ran(f, PID, PID + 1, "7000000 1 2\n");
        assert_int_equal(user_cpus_read(f->root_fd, &(struct session){ .tgid = PID }, NULL, &before), 0);
        assert_true(before.n == 2); /* the first look counts all threads */
        put_ran(f, PID, PID + 1, "7000001 1 2\n");
        assert_int_equal(user_cpus_read(f->root_fd, &(struct session){ .tgid = PID }, &before, &cpus), 0);
        assert_true(cpus.n == 2); /* the schedstat of PID + 2, on CPU 1, is missing */
        put_ran(f, PID, PID + 2, "1 1 2\n");
        assert_int_equal(user_cpus_read(f->root_fd, &(struct session){ .tgid = PID }, NULL, &before), 0);
        put_ran(f, PID, PID + 1, "7000002 1 2\n");
        assert_int_equal(user_cpus_read(f->root_fd, &(struct session){ .tgid = PID }, &before, &cpus), 0);
        assert_true(cpus.n == 1 && cpus.cpus[0] == 3); /* threads that slept have no CPU */
        for (int i = 0; i < 70; i++)
                put_thread(f, PID, PID + 10 + i, 100 - i, 'R');
        assert_int_equal(user_cpus_read(f->root_fd, &(struct session){ .tgid = PID }, NULL, &cpus), 0);
        assert_true(cpus.n_threads == USER_CPUS_THREADS && cpus.n >= 60);
        for (size_t i = 1; i < cpus.n; i++)
                assert_true(cpus.cpus[i - 1] < cpus.cpus[i]);
        assert_int_equal(user_cpus_read(f->root_fd,
                                        &(struct session){ .tgid = PID, .n_threads = 2, .threads = { PID + 1, PID + 9 } }, NULL,
                                        &cpus),
                         0);
        assert_true(cpus.n == 1 && cpus.cpus[0] == 3); /* the thread that exists */
        assert_int_equal(user_cpus_read(f->root_fd, &(struct session){ .tgid = 1 }, NULL, &cpus), -ENOENT);
        assert_int_equal(cpus.n, 0);
}

/* Forks a child that ends no later than this process. */
static pid_t fork_child(void) {
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0)
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        return pid;
}

static bool anywhere(struct fixture *f, int32_t floor) {
        for (uint32_t i = 0; i < CPUS; i++)
                if (f->told[i].floor == floor)
                        return true;
        return false;
}

static void use_real_root(struct fixture *f) {
        if (sysconf(_SC_NPROCESSORS_CONF) > CPUS)
                skip();
        (void) close(f->root_fd);
        f->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(f->root_fd >= 0);
        make_engine(f, f->root_fd, &echo_policy);
}

static void test_a_process_that_ends(void **state) {
        struct fixture *f = *state;
        uint32_t cpus[CPUS];
        struct client c;
        pid_t pid;

        use_real_root(f);
        pid = fork_child();
        if (pid == 0)
                for (;;)
                        (void) pause();
        open_plain(f, &c, 0, pid);
        assert_true(report(&c, 333));
        UNTIL(f, anywhere(f, 333));
        assert_int_equal(f->engine->cpus(f->engine->userdata, 0, cpus, CPUS), 1);
        assert_int_equal(kill(pid, SIGKILL), 0);
        UNTIL(f, !anywhere(f, 333)); /* already as a zombie, before the core closes the session */
        assert_true(look(f, 0).active);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        close_client(f, &c);
        assert_idle(f);
}

static void test_a_process_that_stops(void **state) {
        struct fixture *f = *state;
        struct session_spec spec = spec_of(0, getpid()); /* its child reports about every millisecond */
        struct client c;
        pid_t pid;

        use_real_root(f);
        spec.stale_us = 100000;
        open_client(f, &c, &spec);
        pid = fork_child();
        if (pid == 0)
                for (;; (void) poll(NULL, 0, 1))
                        (void) report(&c, 333);
        UNTIL(f, anywhere(f, 333));
        assert_int_equal(kill(pid, SIGSTOP), 0);
        UNTIL(f, !look(f, 0).active);
        assert_false(anywhere(f, 333));
        assert_idle(f);
        assert_int_equal(kill(pid, SIGCONT), 0);
        UNTIL(f, anywhere(f, 333));
        assert_true(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
        UNTIL(f, !anywhere(f, 333));
        assert_int_equal(f->n_broken, 0);
        close_client(f, &c);
}

static void test_listeners_that_close(void **state) {
        struct fixture *f = *state;
        struct client a, b;

        open_plain(f, &a, 0, PID);
        open_plain(f, &b, 1, OTHER_PID);
        f->close_when_told = 0;
        assert_true(report(&a, 100)); /* the listener closes the session during its kick */
        UNTIL(f, f->n_told == 2 && asks(f, 1, -1, -1));
        f->close_when_told = NO_SLOT;
        assert_true(report(&b, 200));
        UNTIL(f, asks(f, 3, 200, -1));
        for (uint32_t i = 0; i < CPUS; i++) /* a new listener gets all demands */
                f->told[i] = (struct cpu_demand){ i, -1, -1 };
        f->engine->listen(f->engine->userdata, &(struct engine_listener){ on_demands, on_broken, f });
        UNTIL(f, asks(f, 3, 200, -1));
        leave(&a);
        leave(&b); /* b is still open when the engine is freed */
}

static void test_the_policies_that_come_with_it(void **state) {
        struct fixture *f = *state;
        size_t n;
        const struct builtin_policy *policies = builtin_policies(&n);
        struct engine *engine = NULL;
        struct client c;

        assert_int_equal(user_engine_new(f->event, f->root_fd, "no such", &engine), -ENOENT);
        assert_null(engine);
        assert_int_equal(user_engine_new(f->event, f->root_fd, "slack", &engine), 0);
        assert_null(engine->free(engine));
        assert_true(n >= 3);
        for (size_t i = 0; i < n; i++) {
                assert_ptr_equal(builtin_policy(policies[i].name), &policies[i]);
                make_engine(f, f->root_fd, &policies[i]);
                f->engine->bound(f->engine->userdata, &(const struct cpu_bounds){ 0, 100, 900 }, 1);
                open_plain(f, &c, 0, PID);
                for (int turns = 0; turns < 5000 && !asks(f, 1, 900, -1); turns++) { /* the latency is a multiple of the target */
                        (void) report(&c, 100000);
                        assert_true(sd_event_run(f->event, 1000) >= 0);
                }
                assert_true(asks(f, 1, 900, -1) && asks(f, 3, 900, -1));
                close_client(f, &c);
                UNTIL(f, asks(f, 1, -1, -1));
        }
}

static void allow_descriptors(rlim_t n) {
        struct rlimit limit;

        assert_return_code(getrlimit(RLIMIT_NOFILE, &limit), errno);
        limit.rlim_cur = n;
        assert_return_code(setrlimit(RLIMIT_NOFILE, &limit), errno);
}

/* Without descriptors, neither the engine nor a session can be opened. */
static void test_without_descriptors(void **state) {
        struct fixture *f = *state;
        const struct engines_options options = { .no_bpf = true };
        struct session_spec spec = spec_of(0, PID);
        struct engine *engine = NULL;
        struct session_descriptors fds;
        struct rlimit before;
        int next = dup(f->root_fd);

        assert_true(next >= 0 && close(next) == 0);
        assert_return_code(getrlimit(RLIMIT_NOFILE, &before), errno);
        allow_descriptors((rlim_t) next);
        assert_int_equal(engines_new(f->event, &options, &engine), -EMFILE);
        assert_null(engine);
        assert_int_equal(f->engine->open(f->engine->userdata, &spec, &fds), -EMFILE);
        allow_descriptors(before.rlim_cur);
        assert_int_equal(engines_new(f->event, &options, &engine), 0);
        assert_null(engine->free(engine));
        assert_int_equal(dup(f->root_fd), next); /* no descriptor is leaked */
        assert_return_code(close(next), errno);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                test(test_levels_follow_samples),      test(test_highest_wins_on_a_shared_cpu),
                test(test_caps_count_where_all_cap),   test(test_silence_costs_nothing),
                test(test_ticks_read_without_kicks),   test(test_limits_are_kept),
                test(test_change_keeps_counters),      test(test_threads),
                test(test_reports_over_the_bus),       test(test_bad_sessions_are_refused),
                test(test_claims_go_where_threads_go), test(test_stat_lines),
                test(test_a_process_that_ends),        test(test_a_process_that_stops),
                test(test_listeners_that_close),       test(test_the_policies_that_come_with_it),
                test(test_without_descriptors),
        };

        return cmocka_run_group_tests_name("user-engine", tests, NULL, NULL);
}
