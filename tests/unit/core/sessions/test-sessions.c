/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/sessions/sessions with the fake engine: checks, quotas, ends of sessions, and timers. */

#include "tests/unit/loop.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "core/sessions/sessions.h"
#include "tests/unit/fake-engine.h"

struct fixture {
        sd_event *event;
        struct fake_engine fake;
        struct sessions *sessions;
        struct sessions_watcher watcher;
        struct message message;
        unsigned opened, closed, changed, demands;
        uint32_t mask;
        char reason[128];
        bool done;
};

static void on_demands(const struct cpu_demand *demands, size_t n, void *userdata) {
        struct fixture *f = userdata;

        assert_non_null(demands);
        f->demands += (unsigned) n;
}

static void on_opened(const struct session *session, void *userdata) {
        struct fixture *f = userdata;

        assert_ptr_equal(sessions_find(f->sessions, session->spec.cookie), session);
        f->opened++;
}

/* The session still exists during this call. */
static void on_closed(const struct session *session, const char *reason, void *userdata) {
        struct fixture *f = userdata;

        assert_ptr_equal(sessions_find(f->sessions, session->spec.cookie), session);
        f->closed++;
        (void) snprintf(f->reason, sizeof(f->reason), "%s", reason);
        f->done = true;
}

static void on_changed(const struct session *session, uint32_t mask, void *userdata) {
        struct fixture *f = userdata;

        f->changed++;
        f->mask |= mask;
        f->done = !session->counters.active;
}

static const struct session_limits limits = { .per_user = 64, .per_connection = 64 };

static int set_up(void **state) {
        struct fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        assert_return_code(sd_event_new(&f->event), 0);
        assert_return_code(sessions_new(f->event, fake_engine_init(&f->fake), &limits, &(const struct committer){ on_demands, f },
                                        &f->sessions),
                           0);
        f->watcher = (struct sessions_watcher){ .opened = on_opened, .closed = on_closed, .changed = on_changed, .userdata = f };
        sessions_watch(f->sessions, &f->watcher);
        *state = f;
        return 0;
}

static size_t taken; /* by the last report */

static int tear_down(void **state) {
        struct fixture *f = *state;

        (void) sessions_free(f->sessions);
        assert_int_equal(f->opened, f->closed);
        assert_int_equal(f->fake.opened, f->fake.closed);
        assert_int_equal(f->fake.unknown, 0);
        sd_event_unref(f->event);
        free(f);
        return 0;
}

/* A session of this process, which a test may change before it opens it. */
static struct session wish(void) {
        return (struct session){
                .spec = { .tgid = getpid(), .target_us = 5000, .permille = 950 },
                .owner = (char *) ":1.7",
                .application = (char *) "app",
                .uid = geteuid(),
        };
}

static int try(struct fixture *f, const struct session *template, struct session **ret) {
        struct session_descriptors descriptors = { -1, -1, "" };
        int r;

        f->message.text[0] = '\0';
        r = sessions_open(f->sessions, template, ret, &descriptors, &f->message);
        if (r >= 0) {
                if (!f->fake.no_descriptors)
                        assert_return_code(close(descriptors.ring_fd), errno);
                (void) close(descriptors.kick_fd);
        } else
                assert_string_not_equal(f->message.text, "");
        return r;
}

static struct session *opened(struct fixture *f, const struct session *template) {
        struct session *session = NULL;

        assert_return_code(try(f, template, &session), 0);
        return session;
}

/* -- opening -- */

static void test_open_and_close(void **state) {
        struct fixture *f = *state;
        struct session template = wish(), *session = opened(f, &template);
        uint32_t cookie = session->spec.cookie;

        assert_int_equal(f->opened, 1);
        assert_int_not_equal(cookie, 0);
        assert_string_equal(session->owner, ":1.7");
        assert_string_equal(session->application, "app");
        assert_ptr_not_equal(session->owner, template.owner);
        assert_int_equal(session->spec.window_us, 100000);
        assert_int_equal(session->spec.stale_us, 1000000);
        assert_memory_equal(&f->fake.sessions[session->spec.slot].spec, &session->spec, sizeof(session->spec));
        assert_ptr_equal(sessions_find(f->sessions, cookie), session);
        assert_int_equal(sessions_count_owner(f->sessions, ":1.7"), 1);
        sessions_close(session, "closed");
        assert_string_equal(f->reason, "closed");
        assert_null(sessions_find(f->sessions, cookie));
        assert_null(sessions_next(f->sessions, NULL));
        assert_int_not_equal(opened(f, &template)->spec.cookie, cookie);
}

static void test_ranges(void **state) {
        static const struct {
                uint32_t target, permille, window, stale;
                const char *says; /* NULL: valid */
        } rows[] = {
                { 1, 500, 1000, 1000, NULL },
                { 60000000, 999, 60000000, 600000000, NULL },
                { 0, 950, 0, 0, "The target of a session must be 1 to 60000000 us; got 0" },
                { 60000001, 950, 0, 0, "target of a session must be 1 to 60000000 us; got 60000001" },
                { 1, 499, 0, 0, "percentile of a session must be 500 to 999 permille; got 499" },
                { 1, 1000, 0, 0, "percentile of a session must be 500 to 999 permille; got 1000" },
                { 1, 950, 999, 0, "window of a session must be 1000 to 60000000 us; got 999" },
                { 1, 950, 60000001, 0, "window of a session must be 1000 to 60000000 us; got 60000001" },
                { 1, 950, 0, 999, "stale time of a session must be 1000 to 600000000 us; got 999" },
                { 1, 950, 0, UINT32_MAX, "stale time of a session must be 1000 to 600000000 us; got 4294967295" },
        };
        struct fixture *f = *state;

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                struct session template = wish(), *session;

                template.spec.target_us = rows[i].target;
                template.spec.permille = rows[i].permille;
                template.spec.window_us = rows[i].window;
                template.spec.stale_us = rows[i].stale;
                assert_int_equal(try(f, &template, &session), rows[i].says ? -EINVAL : 0);
                assert_true(!rows[i].says || strstr(f->message.text, rows[i].says));
        }
        assert_int_equal(f->opened, 2);
}

static void test_texts(void **state) {
        struct fixture *f = *state;
        struct session template = wish();
        char text[2002];

        memset(text, 'x', sizeof(text));
        for (size_t i = 1; i < sizeof(text) - 1; i += 2) /* two bytes each, after a single byte */
                memcpy(text + i, "ä", 2);
        text[sizeof(text) - 1] = '\0';
        template.application = text;
        assert_int_equal(strlen(opened(f, &template)->application), 255);
        template.application = (char *) ""; /* replaced by the name of the program */
        assert_string_equal(opened(f, &template)->application, "test-sessions");
}

static void test_processes(void **state) {
        struct fixture *f = *state;
        struct session template = wish(), *session;

        template.spec.tgid = 0;
        assert_int_equal(try(f, &template, &session), -ESRCH);
        assert_non_null(strstr(f->message.text, "PID namespace"));
        template.spec.tgid = 0x3fffffff;
        assert_int_equal(try(f, &template, &session), -ESRCH);
        assert_non_null(strstr(f->message.text, "1073741823"));
        template = wish(); /* the process now belongs to another user */
        template.uid = geteuid() + 1;
        assert_int_equal(try(f, &template, &session), -EPERM);
        assert_int_equal(f->fake.opened, 0);
}

static void test_engine_refuses(void **state) {
        static const struct {
                int error;
                const char *says;
        } rows[] = { { -ENOMEM, "No memory" },
                     { -ENOSPC, "No memory" },
                     { -EMFILE, "descriptor" },
                     { -ENFILE, "descriptor" },
                     { -EPERM, "kernel" },
                     { -EUSERS, "This process has 8 sessions" },
                     { -EDQUOT, "(governorctl governor load --best)" },
                     { -EXFULL, "try again when" },
                     { -EIO, "Input/output error" } };
        struct fixture *f = *state;
        struct session template = wish(), *session;

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                f->fake.open_fails = rows[i].error;
                assert_int_equal(try(f, &template, &session), rows[i].error);
                assert_non_null(strstr(f->message.text, rows[i].says));
        }
        assert_null(sessions_next(f->sessions, NULL));
        f->fake.open_fails = 0;
        (void) opened(f, &template);
}

/* A slot that the engine still uses for a former session is skipped. */
static void test_busy_slots(void **state) {
        struct fixture *f = *state;
        struct session template = wish(), *session = opened(f, &template);
        uint32_t slot = session->spec.slot;

        sessions_close(session, "closed");
        session = opened(f, &template);
        assert_int_not_equal(session->spec.slot, slot); /* a slot is not used again immediately */
        slot = session->spec.slot;
        f->fake.busy_slots = 3;
        assert_int_equal(opened(f, &template)->spec.slot, slot + 4);
        f->fake.busy_slots = SESSIONS_MAX;
        assert_int_equal(try(f, &template, &session), -EBUSY);
        f->fake.busy_slots = 0;
}

/* At first no descriptor is left for the pidfd, then none for the ring. */
static void test_no_descriptors_left(void **state) {
        struct rlimit before, tight;
        struct fixture *f = *state;
        struct session template = wish(), *session;
        int next = dup(0);

        assert_return_code(next, errno);
        (void) close(next);
        assert_return_code(getrlimit(RLIMIT_NOFILE, &before), errno);
        for (int left = 0; left < 3; left++) {
                tight = (struct rlimit){ (rlim_t) next + (rlim_t) left, before.rlim_max };
                assert_return_code(setrlimit(RLIMIT_NOFILE, &tight), errno);
                assert_int_equal(try(f, &template, &session), -EMFILE);
        }
        assert_return_code(setrlimit(RLIMIT_NOFILE, &before), errno);
        assert_return_code(next = dup(0), errno);
        (void) close(next);
        (void) opened(f, &template);
}

/* -- quotas -- */

/* Forks a child of another user, which runs until it is killed or this process ends. */
static pid_t stranger(uid_t uid) {
        pid_t pid;
        int pipe_fds[2];
        char byte;

        assert_return_code(pipe(pipe_fds), errno);
        pid = fork();
        if (pid == 0) {
                if (setresuid(uid, uid, uid) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || write(pipe_fds[1], "x", 1) != 1)
                        _exit(1);
                for (;;)
                        (void) pause();
        }
        assert_true(pid > 0);
        assert_int_equal(read(pipe_fds[0], &byte, 1), 1);
        (void) close(pipe_fds[0]);
        (void) close(pipe_fds[1]);
        return pid;
}

static void end(pid_t pid) {
        assert_return_code(kill(pid, SIGKILL), errno);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* A session of a user other than root, with a process of that user. */
static struct session commoner(void) {
        struct session template = wish();

        template.uid = geteuid() == 0 ? 12345 : geteuid();
        template.spec.tgid = stranger(template.uid);
        return template;
}

static void test_quotas(void **state) {
        static const struct session_limits few = { .per_user = 5, .per_connection = 3 };
        struct session template = commoner(), *session;
        struct fixture *f = *state;

        sessions_limit(f->sessions, &few);
        for (int i = 0; i < 3; i++)
                (void) opened(f, &template);
        assert_int_equal(try(f, &template, &session), -EDQUOT);
        assert_non_null(strstr(f->message.text, "A client may have 3"));
        template.owner = (char *) ":1.8";
        for (int i = 0; i < 2; i++)
                (void) opened(f, &template);
        assert_int_equal(try(f, &template, &session), -EDQUOT);
        assert_non_null(strstr(f->message.text, "A user may have 5"));
        sessions_close(sessions_next(f->sessions, NULL), "closed");
        (void) opened(f, &template);
        end(template.spec.tgid);
        template = wish();
        template.uid = 0; /* root has no quota */
        for (int i = 0; i < 6; i++)
                (void) opened(f, &template);
}

static void test_lower_quota(void **state) {
        static const struct session_limits one = { .per_user = 1, .per_connection = 64 };
        struct session template = commoner(), root = wish(), *oldest;
        struct fixture *f = *state;
        unsigned n = 0;

        root.uid = 0;
        (void) opened(f, &root);
        (void) opened(f, &root);
        oldest = opened(f, &template);
        sessions_close(sessions_next(f->sessions, NULL), "closed"); /* a newer one then precedes the oldest */
        (void) opened(f, &template);
        (void) opened(f, &template);
        sessions_limit(f->sessions, &one);
        assert_int_equal(f->closed, 3);
        assert_string_equal(f->reason, "quota");
        for (struct session *session = sessions_next(f->sessions, NULL); session; session = sessions_next(f->sessions, session)) {
                assert_true(session == oldest || session->uid == 0);
                n++;
        }
        assert_int_equal(n, 2);
        end(template.spec.tgid);
}

static void test_table_is_full(void **state) {
        static const struct session_limits many = { .per_user = SESSIONS_MAX, .per_connection = SESSIONS_MAX };
        struct fixture *f = *state;
        struct session template = wish(), user = commoner(), *session;
        struct rlimit limit;

        assert_return_code(getrlimit(RLIMIT_NOFILE, &limit), errno);
        limit.rlim_cur = limit.rlim_max;
        assert_return_code(setrlimit(RLIMIT_NOFILE, &limit), errno);
        if (limit.rlim_cur < 2 * SESSIONS_MAX)
                skip();
        f->fake.no_descriptors = true;
        sessions_limit(f->sessions, &many);
        template.uid = 0;
        for (int i = 0; i < SESSIONS_MAX - 64; i++)
                (void) opened(f, &user);
        assert_int_equal(try(f, &user, &session), -EDQUOT); /* the last places are reserved for root */
        for (int i = 0; i < 64; i++)
                (void) opened(f, &template);
        assert_int_equal(try(f, &template, &session), -EDQUOT);
        assert_int_equal(f->fake.opened, SESSIONS_MAX);
        session = sessions_next(f->sessions, sessions_next(f->sessions, NULL));
        sessions_close(session, "closed");
        assert_int_equal(opened(f, &template)->spec.slot, 1);
        end(user.spec.tgid);
}

/* -- ends -- */

static void test_owner_gone(void **state) {
        struct fixture *f = *state;
        struct session template = wish(), *other;

        (void) opened(f, &template);
        template.owner = (char *) ":1.8";
        other = opened(f, &template); /* a session of the same process */
        sessions_owner_gone(f->sessions, ":1.7", "owner-gone");
        assert_int_equal(f->closed, 1);
        assert_string_equal(f->reason, "owner-gone");
        assert_ptr_equal(sessions_next(f->sessions, NULL), other);
        sessions_owner_gone(f->sessions, ":1.70", "owner-gone");
        assert_int_equal(f->closed, 1);
}

/* A session that the configuration owns has no connection, so no client can end it, and it does not count in any quota. */
static void test_owner_is_the_configuration(void **state) {
        const struct session_limits one = { .per_user = 8, .per_connection = 1 };
        struct fixture *f = *state;
        struct session template = wish(), of_config = wish(), *session;

        sessions_limit(f->sessions, &one);
        of_config.owner_kind = OWNER_CONFIG;
        session = opened(f, &of_config);
        assert_int_equal(sessions_count_owner(f->sessions, template.owner), 0);
        (void) opened(f, &template);
        sessions_owner_gone(f->sessions, template.owner, "owner-gone");
        assert_int_equal(f->closed, 1);
        assert_ptr_equal(sessions_next(f->sessions, NULL), session);
        sessions_close(session, "closed");
        assert_int_equal(f->closed, 2);
}

static void test_process_ends(void **state) {
        struct fixture *f = *state;
        struct session template = wish();

        template.spec.tgid = stranger(geteuid());
        (void) opened(f, &template);
        (void) opened(f, &template);
        end(template.spec.tgid);
        assert_true(loop_until(f->event, &f->done));
        loop_drain(f->event);
        assert_int_equal(f->closed, 2);
        assert_string_equal(f->reason, "process-ended");
}

/* The engine reports a broken session from one of its own functions, so the session must not be freed before that returns. */
static void test_broken(void **state) {
        static const uint32_t worst[] = { FAKE_BREAK, FAKE_BREAK, 7 };
        struct fixture *f = *state;
        struct session template = wish(), *session = opened(f, &template);

        assert_return_code(sessions_report(session, worst, 3, &taken), 0);
        assert_int_equal(f->closed, 0);
        assert_true(loop_until(f->event, &f->done));
        assert_int_equal(f->closed, 1);
        assert_string_equal(f->reason, "broken: it was told so");
        f->fake.listener.broken(0, "twice", f->fake.listener.userdata);
        f->fake.listener.broken(SESSIONS_MAX, "no such slot", f->fake.listener.userdata);
        loop_drain(f->event);
        assert_int_equal(f->closed, 1);
}

static void test_service_stops(void **state) {
        struct fixture *f = *state;
        struct session template = wish();

        (void) opened(f, &template);
        (void) opened(f, &template);
        sessions_stop(f->sessions);
        assert_int_equal(f->closed, 2);
        assert_string_equal(f->reason, "service-stops");
        sessions_stop(NULL); /* as after a failed start of the service */
        assert_null(sessions_free(NULL));
}

static void test_idle_sessions_are_closed(void **state) {
        static const struct session_limits impatient = { .per_user = 64, .per_connection = 64, .idle_max_usec = 50000 };
        struct fixture *f = *state;
        struct session template = wish(), *patient;

        template.spec.stale_us = 600000000;
        patient = opened(f, &template); /* its stale time is longer than the limit */
        template.spec.stale_us = 1000;
        (void) opened(f, &template);
        sessions_limit(f->sessions, &impatient);
        assert_true(loop_until(f->event, &f->done));
        assert_int_equal(f->closed, 1);
        assert_string_equal(f->reason, "stale");
        assert_ptr_equal(sessions_next(f->sessions, NULL), patient);
        f->done = false;
        (void) opened(f, &template); /* the limit applies to later sessions, too */
        assert_true(loop_until(f->event, &f->done));
        assert_int_equal(f->closed, 2);
}

/* -- targets, threads, reports, watchers -- */

static void test_targets(void **state) {
        struct fixture *f = *state;
        struct session template = wish(), *session = opened(f, &template);

        assert_return_code(sessions_change(session, 7000, 990, 0, &f->message), 0);
        assert_int_equal(f->mask, SESSION_CHANGED_TARGET);
        assert_int_equal(f->fake.sessions[session->spec.slot].spec.target_us, 7000);
        assert_int_equal(session->spec.window_us, 100000);
        assert_int_equal(sessions_change(session, 7000, 1000, 0, &f->message), -EINVAL);
        f->fake.change_fails = -EIO;
        assert_int_equal(sessions_change(session, 8000, 950, 0, &f->message), -EIO);
        assert_non_null(strstr(f->message.text, "stays"));
        assert_int_equal(session->spec.target_us, 7000);
        assert_int_equal(session->spec.permille, 990);
}

static void test_threads(void **state) {
        struct fixture *f = *state;
        struct session template = wish(), *session = opened(f, &template);
        uint32_t threads[GOV_QOS_THREADS_MAX + 1] = { (uint32_t) gettid() };
        const struct session_spec *given = &f->fake.sessions[session->spec.slot].spec;

        assert_return_code(sessions_set_threads(session, threads, 1, &f->message), 0);
        assert_int_equal(f->mask, SESSION_CHANGED_THREADS);
        assert_int_equal(given->n_threads, 1);
        assert_int_equal(given->threads[0], gettid());
        assert_int_equal(given->target_us, 5000);
        threads[1] = 1; /* a thread of another process, init */
        assert_int_equal(sessions_set_threads(session, threads, 2, &f->message), -EINVAL);
        assert_non_null(strstr(f->message.text, "has no thread 1"));
        assert_int_equal(sessions_set_threads(session, threads, GOV_QOS_THREADS_MAX + 1, &f->message), -EINVAL);
        assert_non_null(strstr(f->message.text, "got 17"));
        assert_int_equal(session->spec.n_threads, 1);
        assert_return_code(sessions_change(session, 7000, 990, 0, &f->message), 0); /* the list of threads is kept */
        assert_int_equal(given->n_threads, 1);
        assert_return_code(sessions_set_threads(session, NULL, 0, &f->message), 0);
        assert_int_equal(given->n_threads, 0);
}

static void test_reports(void **state) {
        static const uint32_t latencies[] = { 1, 6000, 4000 }, partly[] = { 1, 4000, FAKE_BUSY }, busy = FAKE_BUSY;
        struct fixture *f = *state;
        struct session template = wish(), *session = opened(f, &template);
        struct session_counters counters;

        assert_return_code(sessions_report(session, latencies, 3, &taken), 0);
        sessions_look(session, &counters);
        assert_int_equal(counters.samples, 3);
        assert_int_equal(counters.violations, 1);
        assert_int_equal(session->counters.samples, 0); /* until the timer reads the counters */
        assert_int_equal(f->demands, 3);                /* 512, 1024, 512 */
        assert_int_equal(sessions_report(session, &busy, 1, &taken), -EBUSY);
        assert_int_equal(sessions_report(session, partly, 3, &taken), -EBUSY);
        assert_int_equal(taken, 2); /* also within a block */
        assert_int_equal(sessions_report(session, NULL, 0, &taken), 0);
        assert_int_equal(taken, 0);
}

/* Engines take up to 512 latencies per call. */
static void test_long_reports(void **state) {
        struct fixture *f = *state;
        struct session template = wish(), *session = opened(f, &template);
        static uint32_t latencies[1200];
        struct session_counters counters;

        assert_return_code(sessions_report(session, latencies, 1200, &taken), 0);
        assert_int_equal(taken, 1200);
        assert_int_equal(f->fake.longest_report, 512);
        latencies[512] = FAKE_BUSY;
        assert_int_equal(sessions_report(session, latencies, 1200, &taken), -EBUSY);
        assert_int_equal(taken, 512);
        sessions_look(session, &counters);
        assert_int_equal(counters.samples, 1712);
}

/* The timer runs while a session is active and once afterwards, and is not armed again. */
static void test_silence_wakes_nobody(void **state) {
        static const uint32_t sample = 6000, silent = FAKE_SILENT;
        struct fixture *f = *state;
        struct session template = wish(), *session = opened(f, &template);
        unsigned looks;

        assert_int_equal(sd_event_run(f->event, 0), 0);
        assert_return_code(sessions_report(session, &sample, 1, &taken), 0);
        while (f->changed == 0)
                assert_return_code(sd_event_run(f->event, LOOP_DEADLINE_USEC), 0);
        assert_int_equal(f->mask, SESSION_CHANGED_SAMPLES | SESSION_CHANGED_VIOLATIONS | SESSION_CHANGED_ESTIMATE |
                                          SESSION_CHANGED_LEVEL | SESSION_CHANGED_ACTIVE);
        looks = f->fake.looks;
        while (f->fake.looks == looks) /* the session is active and reports nothing */
                assert_return_code(sd_event_run(f->event, LOOP_DEADLINE_USEC), 0);
        assert_int_equal(f->changed, 1);
        f->mask = 0;
        assert_return_code(sessions_report(session, &silent, 1, &taken), 0);
        assert_true(loop_until(f->event, &f->done));
        assert_int_equal(f->mask, SESSION_CHANGED_LEVEL | SESSION_CHANGED_ACTIVE);
        looks = f->fake.looks;
        assert_int_equal(sd_event_run(f->event, 700000), 0); /* no timer is armed */
        assert_int_equal(f->fake.looks, looks);
}

/* When an active session is closed, the timer is disarmed. */
static void test_close_disarms(void **state) {
        static const uint32_t sample = 6000;
        struct fixture *f = *state;
        struct session template = wish(), *session = opened(f, &template);

        assert_return_code(sessions_report(session, &sample, 1, &taken), 0);
        sessions_close(session, "closed");
        assert_int_equal(f->demands, 2); /* its demand is removed */
        assert_int_equal(sd_event_run(f->event, 400000), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void count_opened(const struct session *session, void *userdata) {
        ++*(unsigned *) userdata;
}

/* Removing one watcher does not remove others. */
static void test_two_watchers(void **state) {
        struct fixture *f = *state;
        unsigned n = 0;
        struct sessions_watcher second = { .opened = count_opened, .userdata = &n };
        struct session template = wish();

        sessions_watch(f->sessions, &second);
        (void) opened(f, &template);
        assert_int_equal(f->opened, 1);
        assert_int_equal(n, 1);
        sessions_unwatch(f->sessions, &second);
        sessions_unwatch(f->sessions, &second);
        (void) opened(f, &template);
        assert_int_equal(f->opened, 2);
        assert_int_equal(n, 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_open_and_close),
                TEST(test_ranges),
                TEST(test_texts),
                TEST(test_processes),
                TEST(test_engine_refuses),
                TEST(test_busy_slots),
                TEST(test_no_descriptors_left),
                TEST(test_quotas),
                TEST(test_lower_quota),
                TEST(test_table_is_full),
                TEST(test_owner_gone),
                TEST(test_owner_is_the_configuration),
                TEST(test_process_ends),
                TEST(test_broken),
                TEST(test_service_stops),
                TEST(test_idle_sessions_are_closed),
                TEST(test_targets),
                TEST(test_threads),
                TEST(test_reports),
                TEST(test_long_reports),
                TEST(test_silence_wakes_nobody),
                TEST(test_close_disarms),
                TEST(test_two_watchers),
        };

        return cmocka_run_group_tests_name("sessions", tests, NULL, NULL);
}
