/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_MANAGER_CASE_H
#define GOVERNORD_TESTS_MANAGER_CASE_H

/* The fixture of the tests of the manager (test-manager*.c): a manager without a bus, with the real drivers on a simulated machine,
 * made for each test; calls of it; and checks of the machine's files, of single ones or of all before and after. A program has one
 * fixture at a time, `t`. Must be included after <cmocka.h>. */

#include "tests/unit/loop.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/manager/manager-private.h"
#include "tests/unit/scratch.h"

#define POLICY           "sys/devices/system/cpu/cpufreq/policy%d/"
#define EPP              POLICY "energy_performance_preference"
#define PLATFORM_PROFILE "sys/firmware/acpi/platform_profile"
#define LAP_MODE         "sys/devices/platform/thinkpad_acpi/dytc_lapmode"
#define NO_TURBO         "sys/devices/system/cpu/intel_pstate/no_turbo"

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static const char *driver_dir, *machines_dir;

static struct manager_case {
        char directory[64], root[96], state[96], run[96], config[96];
        struct manager_options options;
        sd_event *event;
        struct manager *manager;
        struct listener listener;
        uint32_t changed;
        char ended[64];
        int n_ended;
} t;

/* -- files -- */

static inline __attribute__((format(printf, 1, 2))) const char *in_root(const char *format, ...) {
        static char paths[4][512];
        static unsigned int next;
        char *path = paths[next++ % 4], relative[256];
        va_list args;

        va_start(args, format);
        (void) vsnprintf(relative, sizeof(relative), format, args);
        va_end(args);
        (void) snprintf(path, sizeof(paths[0]), "%s/%s", t.root, relative);
        return path;
}

static inline void check_file(const char *path, const char *expected) {
        _cleanup_free_ char *text = scratch_read(path, NULL);

        assert_non_null(text);
        text[strcspn(text, "\n")] = '\0';
        assert_string_equal(text, expected);
}

static inline void check_epp(const char *expected) {
        for (int i = 0; i < 8; i++)
                check_file(in_root(EPP, i), expected);
}

static inline void put(const char *path, const char *text) {
        scratch_write(path, text, strlen(text));
}

/* Writes as another program, because writes of this process cause no event. */
static inline void foreign_write(const char *path, const char *text) {
        pid_t pid = fork();
        int status;

        if (pid == 0) {
                int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

                _exit(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t) strlen(text) ? 0 : 1);
        }
        assert_true(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
        loop_drain(t.event);
}

/* Waits until the manager has classified all changed values. */
static inline void wait_certain(void) {
        uint64_t until = loop_now() + LOOP_DEADLINE_USEC;

        while (t.manager->doubts.n > 0 && loop_now() < until)
                assert_true(sd_event_run(t.event, LOOP_DEADLINE_USEC) >= 0);
        assert_int_equal(t.manager->doubts.n, 0);
        loop_drain(t.event);
}

static inline const struct knob *find_knob_of(const char *name, uint32_t domain) {
        for (uint32_t i = 0; i < t.manager->machine.knobs.n; i++)
                if (strcmp(t.manager->machine.knobs.items[i].name, name) == 0 && t.manager->machine.knobs.items[i].domain == domain)
                        return &t.manager->machine.knobs.items[i];
        fail_msg("no knob %s %u", name, domain);
        return NULL;
}

static inline void check_knob(const char *name, uint32_t domain, enum knob_state state, const char *value) {
        const struct knob *knob = find_knob_of(name, domain);

        assert_int_equal(knob->state, state);
        assert_string_equal(knob->value, value);
}

/* Every file below the root as "path\tmtime\tcontent", sorted. */
struct snapshot {
        char *lines[8192];
        size_t n;
};
static struct snapshot *taking;

static inline int take_file(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
        _cleanup_free_ char *text = kind == FTW_F ? scratch_read(path, NULL) : NULL;

        if (kind != FTW_F)
                return 0;
        text[strcspn(text, "\n")] = '\0';
        return taking->n == ARRAY_SIZE(taking->lines) ||
               asprintf(&taking->lines[taking->n++], "%s\t%lld.%09ld\t%s", path + strlen(t.root) + 1,
                        (long long) st->st_mtim.tv_sec, st->st_mtim.tv_nsec, text) < 0;
}

static inline int compare_lines(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

static inline struct snapshot *take_snapshot(void) {
        taking = calloc(1, sizeof(*taking));
        assert_non_null(taking);
        assert_int_equal(nftw(t.root, take_file, 16, FTW_PHYS), 0);
        qsort(taking->lines, taking->n, sizeof(char *), compare_lines);
        return taking;
}

static inline void free_snapshot(struct snapshot *snapshot) {
        for (size_t i = 0; i < snapshot->n; i++)
                free(snapshot->lines[i]);
        free(snapshot);
}

/* Compares the contents of all files, and with `times` also their modification times. Frees `before`. */
static inline void check_unchanged(struct snapshot *before, bool times) {
        struct snapshot *now = take_snapshot();

        assert_int_equal(now->n, before->n);
        for (size_t i = 0; i < now->n; i++) {
                char *old = before->lines[i], *new = now->lines[i];

                if (times)
                        assert_string_equal(old, new);
                assert_memory_equal(old, new, strcspn(old, "\t") + 1);
                assert_string_equal(strrchr(old, '\t'), strrchr(new, '\t'));
        }
        free_snapshot(now);
        free_snapshot(before);
}

/* -- the manager -- */

static inline void on_changed(uint32_t mask, void *userdata) {
        t.changed |= mask;
}

static inline void on_ended(const struct request *request, const char *reason, void *userdata) {
        (void) snprintf(t.ended, sizeof(t.ended), "%s", reason);
        t.n_ended++;
}

static inline void make(const char *tree, const char *const *defines) {
        char error[256], path[512];

        (void) snprintf(path, sizeof(path), "%s/%s.tree", machines_dir, tree);
        (void) snprintf(t.root, sizeof(t.root), "%s/root", t.directory);
        if (fixture_make(path, t.root, defines, error, sizeof(error)) < 0)
                fail_msg("%s", error);
}

static inline int try_start(void) {
        assert_int_equal(manager_new(t.event, &t.options, &t.manager), 0);
        t.listener = (struct listener){ .changed = on_changed, .request_ended = on_ended };
        manager_listen(t.manager, &t.listener);
        return manager_start(t.manager);
}

static inline void start(void) {
        assert_int_equal(try_start(), 0);
        loop_drain(t.event);
        t.changed = 0;
        t.n_ended = 0;
}

/* The dynamic linker identifies a plugin by the number of its descriptor, so the number must not be used again for another
 * plugin. */
static inline void end(void) {
        int fds[16], n = 0;

        for (size_t i = 0; t.manager && i < t.manager->machine.n_plugins && n < 16; i++)
                fds[n++] = t.manager->machine.plugins[i]->fd;
        t.manager = manager_free(t.manager);
        while (n > 0) {
                int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

                n--;
                assert_true(dup3(null, fds[n], O_CLOEXEC) == fds[n] || null == fds[n]);
                if (null != fds[n])
                        (void) close(null);
        }
}

static inline int set_up(void **state) {
        memset(&t, 0, sizeof(t));
        scratch_make(t.directory, sizeof(t.directory));
        (void) snprintf(t.state, sizeof(t.state), "%s/state", t.directory);
        (void) snprintf(t.run, sizeof(t.run), "%s/run", t.directory);
        (void) snprintf(t.config, sizeof(t.config), "%s/config", t.directory);
        assert_int_equal(mkdir(t.config, 0755), 0);
        assert_int_equal(sd_event_new(&t.event), 0);
        t.options = (struct manager_options){
                .root = t.root,
                .simulated = true,
                .driver_dir = driver_dir,
                .state_dir = t.state,
                .runtime_dir = t.run,
                .config_dirs = { .vendor = "/nonexistent", .admin = t.config, .trust_any_owner = true },
                .block_drivers = "",
                .block_actions = "",
                .use_power_class = true,
        };
        return 0;
}

static inline int tear_down(void **state) {
        end();
        sd_event_unref(t.event);
        return fixture_remove(t.directory);
}

static inline void configure(const char *text) {
        put(scratch_path(t.config, "governord.conf"), text);
}

static inline int select_profile(const char *profile) {
        struct message message;

        return manager_select(t.manager, profile, "test", &message);
}

static inline bool choose_performance(void) {
        return select_profile("performance") == 0;
}

/* Runs a manager in a separate process, which is killed after `change` has returned true. Its files and its ledger are kept. */
static inline void start_and_kill(bool (*change)(void)) {
        pid_t pid = fork();
        int status;

        if (pid == 0) {
                (void) sd_event_new(&t.event); /* an event loop cannot be used after fork() */
                start();
                if (change())
                        (void) raise(SIGKILL);
                _exit(1);
        }
        assert_true(pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
}

/* Ends the manager, before the test makes another machine. */
static inline void end_and_remove(void) {
        end();
        assert_int_equal(fixture_remove(t.root), 0);
        assert_int_equal(fixture_remove(t.state), 0);
        assert_int_equal(fixture_remove(t.run), 0);
}

static inline uint32_t hold(const char *profile, const char *owner, uint64_t deadline) {
        const struct request template = { .kind = REQUEST_PROFILE,
                                          .door = DOOR_PPD,
                                          .owner = (char *) owner,
                                          .application = (char *) "app",
                                          .reason = (char *) "why",
                                          .pidfd = -1,
                                          .profile = profile,
                                          .deadline_usec = deadline };
        struct message message;
        uint32_t cookie = 0;

        assert_int_equal(manager_request(t.manager, &template, &cookie, &message), 0);
        assert_true(cookie > 0);
        return cookie;
}

static inline int level(uint32_t scope, uint32_t domain, int floor, int ceiling, uint32_t *ret_cookie) {
        const struct request template = { .kind = REQUEST_LEVEL,
                                          .door = DOOR_GOVERNORD,
                                          .owner = (char *) ":1.9",
                                          .application = (char *) "app",
                                          .reason = (char *) "why",
                                          .pidfd = -1,
                                          .scope = scope,
                                          .domain = domain,
                                          .floor = floor,
                                          .ceiling = ceiling };
        struct message message;

        return manager_request(t.manager, &template, ret_cookie, &message);
}

static inline void check_active(const char *profile, const char *cause) {
        assert_string_equal(manager_active(t.manager)->name, profile);
        assert_string_equal(manager_cause(t.manager), cause);
}

static inline void laptop(void) {
        make("intel-client-hwp", NULL);
        start();
}

/* The arguments of each of these programs are the folder of the drivers and the folder of the machines. Prints an error and returns
 * false if they are missing. */
static inline bool take_arguments(const char *program, int argc, char **argv) {
        if (argc != 3) {
                fprintf(stderr, "usage: %s DRIVERS MACHINES\n", program);
                return false;
        }
        driver_dir = argv[1];
        machines_dir = argv[2];
        log_open(program, getenv("TEST_VERBOSE") ? 7 : 2, false);
        return true;
}

#endif
