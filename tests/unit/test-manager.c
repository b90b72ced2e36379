/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager without a bus, with the real drivers on simulated machines: what is in force after each wish, and what the hardware
 * files say. Arguments: the folder of the drivers, the folder of the machines. */

#include "tests/unit/loop.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "core/manager-private.h"
#include "tests/unit/scratch.h"

#define POLICY "sys/devices/system/cpu/cpufreq/policy%d/"
#define EPP POLICY "energy_performance_preference"
#define PLATFORM_PROFILE "sys/firmware/acpi/platform_profile"
#define NO_TURBO "sys/devices/system/cpu/intel_pstate/no_turbo"

static const char *driver_dir, *machines_dir;

static struct {
        char directory[64], root[96], state[96], run[96], config[96];
        struct manager_options options;
        sd_event *event;
        struct manager *manager;
        uint32_t changed;
        char ended[64];
        int n_ended;
} t;

/* -- files -- */

static const char *in_root(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *in_root(const char *format, ...) {
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

static void check_file(const char *path, const char *expected) {
        _cleanup_free_ char *text = scratch_read(path, NULL);

        assert_non_null(text);
        text[strcspn(text, "\n")] = '\0';
        assert_string_equal(text, expected);
}

static void check_epp(const char *expected) {
        for (int i = 0; i < 8; i++)
                check_file(in_root(EPP, i), expected);
}

static void put(const char *path, const char *text) {
        scratch_write(path, text, strlen(text));
}

/* As somebody else: this process's own writes are not news to it. */
static void foreign_write(const char *path, const char *text) {
        pid_t pid = fork();
        int status;

        if (pid == 0) {
                int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

                _exit(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t) strlen(text) ? 0 : 1);
        }
        assert_true(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
        loop_drain(t.event);
}

/* Every file below the root as "path\tmtime\tcontent\n", in order. */
struct snapshot {
        char *lines[8192];
        size_t n;
};
static struct snapshot *taking;

static int take_file(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
        _cleanup_free_ char *text = kind == FTW_F ? scratch_read(path, NULL) : NULL;

        if (kind != FTW_F)
                return 0;
        text[strcspn(text, "\n")] = '\0';
        return taking->n == ARRAY_SIZE(taking->lines) || asprintf(&taking->lines[taking->n++], "%s\t%lld.%09ld\t%s", path + strlen(t.root) + 1,
                                                                 (long long) st->st_mtim.tv_sec, st->st_mtim.tv_nsec, text) < 0;
}

static int compare_lines(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

static struct snapshot *take_snapshot(void) {
        taking = calloc(1, sizeof(*taking));
        assert_non_null(taking);
        assert_int_equal(nftw(t.root, take_file, 16, FTW_PHYS), 0);
        qsort(taking->lines, taking->n, sizeof(char *), compare_lines);
        return taking;
}

static void free_snapshot(struct snapshot *snapshot) {
        for (size_t i = 0; i < snapshot->n; i++)
                free(snapshot->lines[i]);
        free(snapshot);
}

/* Compares contents; with `times`, also when they were written. Frees `before`. */
static void check_unchanged(struct snapshot *before, bool times) {
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

static void on_changed(uint32_t mask, void *userdata) {
        t.changed |= mask;
}

static void on_ended(const struct request *request, const char *reason, void *userdata) {
        (void) snprintf(t.ended, sizeof(t.ended), "%s", reason);
        t.n_ended++;
}

static void make(const char *tree, const char *const *defines) {
        char error[256], path[512];

        (void) snprintf(path, sizeof(path), "%s/%s.tree", machines_dir, tree);
        (void) snprintf(t.root, sizeof(t.root), "%s/root", t.directory);
        if (fixture_make(path, t.root, defines, error, sizeof(error)) < 0)
                fail_msg("%s", error);
}

static int try_start(void) {
        assert_int_equal(manager_new(t.event, &t.options, &t.manager), 0);
        manager_listen(t.manager, &(struct listener) { .changed = on_changed, .request_ended = on_ended });
        return manager_start(t.manager);
}

static void start(void) {
        assert_int_equal(try_start(), 0);
        loop_drain(t.event);
        t.changed = 0;
        t.n_ended = 0;
}

/* The dynamic linker knows a plugin by the number of its descriptor, which must not be used again for another one. */
static void end(void) {
        int fds[16], n = 0;

        for (size_t i = 0; t.manager && i < t.manager->n_plugins && n < 16; i++)
                fds[n++] = t.manager->plugins[i]->fd;
        t.manager = manager_free(t.manager);
        while (n > 0) {
                int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

                n--;
                assert_true(dup3(null, fds[n], O_CLOEXEC) == fds[n] || null == fds[n]);
                if (null != fds[n])
                        (void) close(null);
        }
}

static int set_up(void **state) {
        memset(&t, 0, sizeof(t));
        scratch_make(t.directory, sizeof(t.directory));
        (void) snprintf(t.state, sizeof(t.state), "%s/state", t.directory);
        (void) snprintf(t.run, sizeof(t.run), "%s/run", t.directory);
        (void) snprintf(t.config, sizeof(t.config), "%s/config", t.directory);
        assert_int_equal(mkdir(t.config, 0755), 0);
        assert_int_equal(sd_event_new(&t.event), 0);
        t.options = (struct manager_options) {
                .root = t.root, .simulated = true, .driver_dir = driver_dir, .state_dir = t.state, .runtime_dir = t.run,
                .config_dirs = { .vendor = "/nonexistent", .admin = t.config, .trust_any_owner = true },
                .block_drivers = "", .block_actions = "", .use_power_class = true,
        };
        return 0;
}

static int tear_down(void **state) {
        end();
        sd_event_unref(t.event);
        return fixture_remove(t.directory);
}

static void configure(const char *text) {
        put(scratch_path(t.config, "governord.conf"), text);
}

static int select_profile(const char *profile) {
        struct message message;

        return manager_select(t.manager, profile, "test", &message);
}

static uint32_t hold(const char *profile, const char *owner, uint64_t deadline) {
        const struct request template = { .kind = REQUEST_PROFILE, .door = DOOR_PPD, .owner = (char *) owner, .application = (char *) "app",
                                          .reason = (char *) "why", .pidfd = -1, .profile = profile, .deadline_usec = deadline };
        struct message message;
        uint32_t cookie = 0;

        assert_int_equal(manager_request(t.manager, &template, &cookie, &message), 0);
        assert_true(cookie > 0);
        return cookie;
}

static int level(uint32_t scope, uint32_t domain, int floor, int ceiling, uint32_t *ret_cookie) {
        const struct request template = { .kind = REQUEST_LEVEL, .door = DOOR_GOVERNORD, .owner = (char *) ":1.9", .application = (char *) "app",
                                          .reason = (char *) "why", .pidfd = -1, .scope = scope, .domain = domain, .floor = floor,
                                          .ceiling = ceiling };
        struct message message;

        return manager_request(t.manager, &template, ret_cookie, &message);
}

static void check_active(const char *profile, const char *cause) {
        assert_string_equal(manager_active(t.manager)->name, profile);
        assert_string_equal(manager_cause(t.manager), cause);
}

static void laptop(void) {
        make("intel-client-hwp", NULL);
        start();
}

/* -- profiles -- */

static void test_start_applies_saved_profile(void **state) {
        make("intel-client-hwp", NULL);
        assert_int_equal(mkdir(t.state, 0755), 0);
        put(scratch_path(t.state, "state.ini"), "[State]\nProfile=power-saver\n");
        start();
        check_active("power-saver", "start");
        check_epp("power");
        check_file(in_root(PLATFORM_PROFILE), "low-power");
}

static void test_start_without_choice(void **state) {
        laptop();
        check_active("balanced", "start");
        check_epp("balance_performance");
        assert_int_equal(manager_degraded(t.manager), 0);
}

static void test_select_each_and_stop_restores(void **state) {
        static const char *const steps[][3] = {
                { "power-saver", "power", "low-power" }, { "performance", "performance", "performance" },
                { "balanced", "balance_performance", "balanced" }, { "performance", "performance", "performance" },
        };
        struct snapshot *before;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        start();
        for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
                t.changed = 0;
                assert_int_equal(select_profile(steps[i][0]), 0);
                check_active(steps[i][0], "manual");
                check_epp(steps[i][1]);
                check_file(in_root(PLATFORM_PROFILE), steps[i][2]);
                assert_true(t.changed & CHANGED_ACTIVE);
                assert_int_equal(manager_degraded(t.manager), 0);
        }
        end();
        check_unchanged(before, false);
        start(); /* the choice survived */
        check_active("performance", "start");
        check_epp("performance");
}

static void test_unknown_and_unavailable(void **state) {
        struct message message;

        make("vm-no-cpufreq", NULL);
        start();
        assert_int_equal(manager_select(t.manager, "turbo", "test", &message), -ENOENT);
        assert_string_equal(message.text, "Invalid profile name 'turbo'");
        assert_int_equal(manager_select(t.manager, "performance", "test", &message), -EOPNOTSUPP);
        assert_string_equal(message.text, "Cannot switch to unavailable profile 'performance'");
        assert_int_equal(select_profile("power-saver"), 0);
        check_active("power-saver", "manual");
}

static void test_custom_profile(void **state) {
        configure("[profile quiet]\ninherits = power-saver\nepp = balance_power\n");
        laptop();
        assert_int_equal(select_profile("quiet"), 0);
        check_epp("balance_power");
        check_file(in_root(PLATFORM_PROFILE), "low-power");
        assert_int_equal(select_profile("balanced"), 0);
        check_epp("balance_performance");
}

/* -- holds -- */

/* Every set of up to three holds, released in every order. */
static void test_hold_rule(void **state) {
        static const char *const names[] = { "power-saver", "performance" };
        static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

        laptop();
        for (unsigned int kinds = 0; kinds < 8; kinds++)
                for (size_t o = 0; o < 6; o++) {
                        uint32_t cookies[3];
                        bool held[3] = { true, true, true };

                        for (unsigned int i = 0; i < 3; i++)
                                cookies[i] = hold(names[kinds >> i & 1], ":1.5", 0);
                        for (unsigned int released = 0; released <= 3; released++) {
                                const char *expected = "balanced";

                                for (int i = 0; i < 3; i++)
                                        if (held[i] && strcmp(expected, "power-saver") != 0)
                                                expected = names[kinds >> i & 1];
                                assert_string_equal(manager_active(t.manager)->name, expected);
                                if (released < 3) {
                                        assert_int_equal(manager_release(t.manager, cookies[orders[o][released]], ":1.5"), 0);
                                        held[orders[o][released]] = false;
                                }
                        }
                }
        check_epp("balance_performance");
}

static void test_hold_ends(void **state) {
        uint32_t a, b;
        char cause[32];

        laptop();
        a = hold("performance", ":1.5", 0);
        b = hold("performance", ":1.6", 0);
        (void) snprintf(cause, sizeof(cause), "hold:%u", a);
        check_active("performance", cause);
        assert_string_equal(manager_selected(t.manager)->name, "balanced");
        assert_true(manager_request_effective(t.manager, requests_find(manager_requests(t.manager), a)));
        assert_false(manager_request_effective(t.manager, requests_find(manager_requests(t.manager), b)));
        assert_int_equal(manager_release(t.manager, a, ":1.6"), -EPERM);
        assert_int_equal(manager_release(t.manager, 999, NULL), -ENOENT);
        manager_owner_gone(t.manager, ":1.5");
        assert_string_equal(t.ended, "owner-gone");
        check_epp("performance");
        assert_int_equal(manager_release(t.manager, b, NULL), 0);
        assert_string_equal(t.ended, "released");
        check_epp("balance_performance");
        assert_int_equal(t.n_ended, 2);
}

static void test_hold_deadline(void **state) {
        uint64_t until = loop_now() + LOOP_DEADLINE_USEC;

        laptop();
        (void) hold("performance", ":1.5", 1000);
        (void) hold("power-saver", ":1.5", UINT64_MAX); /* never */
        while (t.n_ended == 0 && loop_now() < until)
                assert_true(sd_event_run(t.event, LOOP_DEADLINE_USEC) >= 0);
        assert_string_equal(t.ended, "deadline");
        assert_int_equal(manager_requests(t.manager)->n, 1);
        assert_string_equal(manager_active(t.manager)->name, "power-saver");
}

static void test_manual_choice_ends_holds(void **state) {
        laptop();
        (void) hold("power-saver", ":1.5", 0);
        assert_int_equal(select_profile("power-saver"), 0); /* the held one: the hold stays */
        assert_int_equal(t.n_ended, 0);
        assert_int_equal(manager_requests(t.manager)->n, 1);
        assert_int_equal(select_profile("performance"), 0);
        assert_string_equal(t.ended, "manual-switch");
        assert_int_equal(manager_requests(t.manager)->n, 0);
        check_active("performance", "manual");
}

static void test_too_many_requests(void **state) {
        uint32_t cookie;

        configure("[governord]\nmax-requests-per-client = 3\n");
        laptop();
        for (int i = 0; i < 3; i++)
                assert_int_equal(level(GOV_SCOPE_CPU, 0, 1, -1, &cookie), 0);
        assert_int_equal(level(GOV_SCOPE_CPU, 0, 1, -1, &cookie), -EDQUOT);
}

static void test_process_ends(void **state) {
        struct request template = { .kind = REQUEST_PROFILE, .door = DOOR_PPD, .owner = (char *) ":1.5", .application = (char *) "",
                                    .reason = (char *) "", .profile = "performance" };
        struct message message;
        uint32_t cookie;
        int pipes[2];
        bool gone = false;

        laptop();
        assert_int_equal(pipe(pipes), 0); /* readable when the other end closes, as a pidfd when its process ends */
        template.pidfd = pipes[0];
        assert_int_equal(manager_request(t.manager, &template, &cookie, &message), 0);
        assert_int_equal(write(pipes[1], "x", 1), 1);
        loop_drain(t.event);
        gone = manager_requests(t.manager)->n == 0;
        assert_true(gone);
        check_active("balanced", "manual");
        (void) close(pipes[1]);
}

/* -- levels -- */

static void test_levels(void **state) {
        struct snapshot *before;
        uint32_t a, b;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        start();
        assert_int_equal(level(GOV_SCOPE_CPU, 1, 512, -1, &a), 0);
        check_file(in_root(POLICY "scaling_min_freq", 1), "2100000");
        check_file(in_root(POLICY "scaling_min_freq", 0), "400000");
        assert_int_equal(level(GOV_SCOPE_NODE, 0, -1, 256, &b), 0);
        check_file(in_root(POLICY "scaling_max_freq", 1), "1050000");
        check_file(in_root(POLICY "scaling_min_freq", 1), "1050000"); /* ceilings beat floors */
        check_file(in_root(POLICY "scaling_max_freq", 7), "1050000");
        assert_int_equal(manager_release(t.manager, b, ":1.9"), 0);
        check_file(in_root(POLICY "scaling_max_freq", 1), "4200000");
        check_file(in_root(POLICY "scaling_min_freq", 1), "2100000");
        assert_int_equal(level(GOV_SCOPE_PACKAGE, 0, -1, 512, &b), 0);
        check_file(in_root(POLICY "scaling_max_freq", 5), "2100000");
        manager_owner_gone(t.manager, ":1.9");
        check_file(in_root(POLICY "scaling_max_freq", 5), "4200000");
        check_file(in_root(POLICY "scaling_min_freq", 1), "400000");
        end();
        check_unchanged(before, false);
}

static void test_levels_refused(void **state) {
        static const struct {
                uint32_t scope, domain;
                int floor, ceiling, error;
        } cases[] = {
                { GOV_SCOPE_NODE, 0, -1, -1, -EINVAL },   { GOV_SCOPE_NODE, 0, 1025, -1, -EINVAL }, { GOV_SCOPE_NODE, 0, -2, 5, -EINVAL },
                { GOV_SCOPE_NODE, 0, 5, 4, -EINVAL },     { GOV_SCOPE_NODE, 1, 5, -1, -ENXIO },     { GOV_SCOPE_CPU, 8, 5, -1, -ENXIO },
                { GOV_SCOPE_POLICY, 99, 5, -1, -ENXIO },  { GOV_SCOPE_GPU, 0, 5, -1, -ENXIO },      { 77, 0, 5, -1, -ENXIO },
        };
        uint32_t cookie;

        laptop();
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                assert_int_equal(level(cases[i].scope, cases[i].domain, cases[i].floor, cases[i].ceiling, &cookie), cases[i].error);
        assert_int_equal(manager_requests(t.manager)->n, 0);
}

static void test_lasting_levels(void **state) {
        struct message message;

        laptop();
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_POLICY, 2, -1, 512, &message), 0);
        check_file(in_root(POLICY "scaling_max_freq", 2), "2100000");
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_CPU, 99, -1, 512, &message), -ENXIO);
        end();
        check_file(in_root(POLICY "scaling_max_freq", 2), "4200000");
        start();
        check_file(in_root(POLICY "scaling_max_freq", 2), "2100000");
        assert_int_equal(manager_release(t.manager, manager_requests(t.manager)->items[0]->cookie, NULL), -ENOENT);
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_POLICY, 2, 256, 768, &message), 0);
        assert_int_equal(manager_requests(t.manager)->n, 1);
        check_file(in_root(POLICY "scaling_max_freq", 2), "3150000");
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_POLICY, 2, -1, -1, &message), 0);
        assert_int_equal(manager_requests(t.manager)->n, 0);
        check_file(in_root(POLICY "scaling_max_freq", 2), "4200000");
        end();
        start();
        assert_int_equal(manager_requests(t.manager)->n, 0);
}

static void test_levels_of_absent_domains_are_kept(void **state) {
        struct message message;
        _cleanup_free_ char *text = NULL;

        make("intel-client-hwp", NULL);
        assert_int_equal(mkdir(t.state, 0755), 0);
        put(scratch_path(t.state, "state.ini"), "[Levels]\ncpu99=5 10\n");
        start();
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_CPU, 1, -1, 512, &message), 0);
        text = scratch_read(scratch_path(t.state, "state.ini"), NULL);
        assert_non_null(strstr(text, "cpu99=5 10"));
        assert_non_null(strstr(text, "cpu1=-1 512"));
}

/* -- rules -- */

static const char rules[] = "[rule low]\nwhen = battery-below 20\nprofile = power-saver\n"
                            "[rule backup]\nwhen = unit backup.service\nprofile = performance\n"
                            "[rule nobody]\nwhen = idle\nprofile = power-saver\n";

static void test_rules(void **state) {
        configure(rules);
        laptop();
        check_active("balanced", "start");
        manager_set_unit_active(t.manager, "backup.service", true);
        check_active("performance", "rule:backup");
        check_epp("performance");
        manager_set_idle(t.manager, true);
        check_active("performance", "rule:backup"); /* the first one that holds */
        manager_set_external_power(t.manager, true, 15);
        check_active("power-saver", "rule:low");
        manager_set_external_power(t.manager, true, 50);
        check_active("performance", "rule:backup");
        manager_set_unit_active(t.manager, "backup.service", false);
        check_active("power-saver", "rule:nobody");
        manager_set_idle(t.manager, false);
        assert_string_equal(manager_active(t.manager)->name, "balanced");
}

static void test_manual_choice_overrides_a_rule(void **state) {
        bool deciding;

        configure(rules);
        laptop();
        manager_set_unit_active(t.manager, "backup.service", true);
        assert_int_equal(select_profile("power-saver"), 0);
        check_active("power-saver", "manual");
        assert_true(manager_rule_holds(t.manager, 1, &deciding));
        assert_false(deciding);
        manager_set_idle(t.manager, true); /* the answer stays the same rule */
        check_active("power-saver", "manual");
        manager_set_unit_active(t.manager, "backup.service", false); /* now it is another */
        check_active("power-saver", "rule:nobody");
        manager_set_unit_active(t.manager, "backup.service", true);
        check_active("performance", "rule:backup");
}

static void test_manual_choice_survives_a_reload(void **state) {
        char *errors = NULL;

        configure(rules);
        laptop();
        manager_set_unit_active(t.manager, "backup.service", true);
        assert_int_equal(select_profile("power-saver"), 0);
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        check_active("power-saver", "manual");
}

static void test_hold_beats_rule(void **state) {
        configure(rules);
        laptop();
        manager_set_unit_active(t.manager, "backup.service", true);
        (void) hold("power-saver", ":1.5", 0);
        assert_string_equal(manager_active(t.manager)->name, "power-saver");
        manager_owner_gone(t.manager, ":1.5");
        check_active("performance", "rule:backup");
}

static void test_battery_awareness(void **state) {
        laptop();
        assert_true(manager_battery_aware(t.manager));
        manager_set_external_power(t.manager, true, 60);
        check_epp("balance_power");
        assert_int_equal(manager_set_battery_aware(t.manager, false), 0);
        check_epp("balance_performance");
        assert_int_equal(manager_set_battery_aware(t.manager, false), -EALREADY);
        end();
        start();
        assert_false(manager_battery_aware(t.manager));
}

static void test_battery_from_files(void **state) {
        struct power_view power;

        make("intel-client-hwp", (const char *const[]) { "ONLINE=0", "BATTERY=Discharging", "CAPACITY=40", NULL });
        start();
        manager_power(t.manager, &power);
        assert_string_equal(power.source, "battery");
        assert_int_equal(power.percent, 40);
        check_epp("balance_power");
}

static void test_actions(void **state) {
        const struct action *actions;
        size_t n;

        t.options.block_actions = "amdgpu_dpm";
        laptop();
        n = manager_actions(t.manager, &actions);
        assert_int_equal(n, 2);
        assert_string_equal(actions[0].name, "trickle_charge");
        assert_true(actions[0].enabled);
        assert_int_equal(manager_set_action(t.manager, "nonsense", true), -ENOENT);
        assert_int_equal(manager_set_action(t.manager, "amdgpu_panel_power", true), 0);
        assert_false(actions[1].enabled); /* not on this machine */
        assert_true(actions[1].wanted);
        assert_int_equal(manager_set_action(t.manager, "trickle_charge", false), 0);
        end();
        start();
        (void) manager_actions(t.manager, &actions);
        assert_false(actions[0].enabled);
        assert_true(actions[1].wanted);
}

/* -- degradation -- */

static void test_lap(void **state) {
        make("intel-client-hwp", (const char *const[]) { "LAPMODE=1", NULL });
        start();
        assert_int_equal(manager_degraded(t.manager), DEGRADED_LAP);
}

static void test_heat_and_our_own_turbo(void **state) {
        configure("[profile cool]\ninherits = power-saver\nintel.boost = 0\n");
        laptop();
        assert_int_equal(select_profile("cool"), 0);
        check_file(in_root(NO_TURBO), "1");
        assert_int_equal(manager_degraded(t.manager), 0); /* our own */
        assert_int_equal(select_profile("balanced"), 0);
        check_file(in_root(NO_TURBO), "0");
        foreign_write(in_root(NO_TURBO), "1");
        assert_int_equal(manager_degraded(t.manager), DEGRADED_HEAT);
        assert_true(t.changed & CHANGED_DEGRADED);
        foreign_write(in_root(NO_TURBO), "0");
        assert_int_equal(manager_degraded(t.manager), 0);
}

/* -- others -- */

static void test_firmware_key(void **state) {
        laptop();
        (void) hold("power-saver", ":1.5", 0);
        foreign_write(in_root(PLATFORM_PROFILE), "performance");
        check_active("performance", "firmware");
        check_epp("performance");
        assert_string_equal(t.ended, "manual-switch");
        end();
        check_file(in_root(PLATFORM_PROFILE), "performance"); /* the user's own wish stays */
        check_epp("balance_performance");
        start();
        check_active("performance", "start");
}

static void test_drift_is_left_alone(void **state) {
        uint32_t cookie;

        configure("[governord]\ndrift = yield\n");
        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        foreign_write(in_root(EPP, 3), "power");
        check_file(in_root(EPP, 3), "power");
        assert_int_equal(level(GOV_SCOPE_CPU, 3, 512, -1, &cookie), 0); /* no choice of a profile */
        check_file(in_root(EPP, 3), "power");
        assert_int_equal(select_profile("performance"), 0);
        check_epp("performance");
        loop_drain(t.event);
        foreign_write(in_root(EPP, 3), "power");
        end();
        for (int i = 0; i < 8; i++)
                check_file(in_root(EPP, i), i == 3 ? "power" : "balance_performance");
}

static void test_drift_is_answered_a_few_times(void **state) {
        configure("[governord]\ndrift = reassert\ndrift-limit = 2\n");
        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        for (int round = 0; round < 4; round++) /* by turns, so that one knob's answers must not forgive the other's */
                for (int cpu = 3; cpu < 5; cpu++) {
                        foreign_write(in_root(EPP, cpu), "power");
                        check_file(in_root(EPP, cpu), round < 2 ? "performance" : "power");
                }
}

static void move(int policy, bool away) {
        (void) !rename(away ? in_root("sys/devices/system/cpu/cpufreq/policy%d", policy) : in_root("gone%d", policy),
                       away ? in_root("gone%d", policy) : in_root("sys/devices/system/cpu/cpufreq/policy%d", policy));
}

static void test_cpu_leaves_and_returns(void **state) {
        struct snapshot *before;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        start();
        assert_int_equal(select_profile("performance"), 0);
        move(6, true);
        manager_reprobe(t.manager, "test");
        loop_drain(t.event);
        assert_int_equal(select_profile("power-saver"), 0);
        move(6, false);
        put(in_root(EPP, 6), "default"); /* as the kernel leaves a CPU that comes up */
        manager_reprobe(t.manager, "test");
        loop_drain(t.event);
        check_epp("power");
        end();
        check_unchanged(before, false);
}

static const char *intel_mode(void) {
        for (size_t i = 0; i < t.manager->n_plugins; i++)
                if (strcmp(t.manager->plugins[i]->name, "intel") == 0)
                        return t.manager->plugins[i]->mode;
        return "";
}

static void test_mode_switch(void **state) {
        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        assert_string_equal(intel_mode(), "active");
        for (int i = 0; i < 8; i++) {
                put(in_root(POLICY "scaling_driver", i), "intel_cpufreq\n");
                put(in_root(POLICY "scaling_governor", i), "schedutil\n");
                put(in_root(POLICY "scaling_available_governors", i), "performance schedutil\n");
        }
        foreign_write(in_root("sys/devices/system/cpu/intel_pstate/status"), "passive\n");
        assert_string_equal(intel_mode(), "passive");
        check_file(in_root(POLICY "scaling_governor", 0), "performance");
        end();
        check_file(in_root(POLICY "scaling_governor", 0), "schedutil");
        check_epp("balance_performance");
}

static void test_restores_after_a_kill(void **state) {
        struct snapshot *before;
        pid_t pid;
        int status;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        pid = fork();
        if (pid == 0) {
                (void) sd_event_new(&t.event); /* a loop is of one process */
                start();
                if (select_profile("performance") == 0)
                        (void) raise(SIGKILL);
                _exit(1);
        }
        assert_true(pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
        check_epp("performance");
        assert_int_equal(unlink(scratch_path(t.state, "state.ini")), 0);
        put(in_root(EPP, 5), "power\n"); /* somebody else's meanwhile: stays */
        start();
        check_active("balanced", "start");
        end();
        check_file(in_root(EPP, 5), "power");
        put(in_root(EPP, 5), "balance_performance\n");
        check_unchanged(before, false);
}

/* Whether a value that cannot be read is still ours nobody knows: its original is kept. */
static void test_unreadable_keeps_its_original(void **state) {
        struct snapshot *before;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        for (int readable_again = 0; readable_again < 2; readable_again++) {
                start();
                assert_int_equal(select_profile("performance"), 0);
                scratch_write(in_root(EPP, 3), "\0", 1);
                end();
                assert_int_equal(unlink(scratch_path(t.state, "state.ini")), 0);
                if (readable_again)
                        put(in_root(EPP, 3), "performance\n");
                start();
                check_epp("balance_performance");
                end();
        }
        check_unchanged(before, false);
}

/* -- what cannot be written -- */

static void test_no_ledger_no_start(void **state) {
        struct snapshot *before;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        put(t.run, "a file");
        assert_true(try_start() < 0);
        end();
        check_unchanged(before, true);
}

/* As on a full disk. */
static void lose_ledger(void) {
        int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

        for (int fd = 3; fd < 1024; fd++) {
                char link[64], target[256] = "";

                (void) snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
                if (readlink(link, target, sizeof(target) - 1) > 0 && strcmp(target, scratch_path(t.run, "ledger")) == 0)
                        assert_int_equal(dup2(full, fd), fd);
        }
        (void) close(full);
}

static void test_ledger_lost_later(void **state) {
        struct snapshot *before;
        struct message message;

        laptop();
        before = take_snapshot();
        lose_ledger();
        assert_int_equal(chmod(t.run, 0555), 0);
        assert_int_equal(manager_select(t.manager, "performance", "test", &message), -ENOSPC);
        assert_non_null(strstr(message.text, "Cannot record original values"));
        check_active("balanced", "start");
        check_unchanged(before, true);
}

static void test_state_not_saved(void **state) {
        laptop();
        assert_int_equal(fixture_remove(t.state), 0);
        put(t.state, "a file in its place");
        assert_int_equal(select_profile("performance"), 0);
        assert_int_equal(manager_degraded(t.manager), DEGRADED_NOT_SAVED);
        check_epp("performance");
        assert_int_equal(unlink(t.state), 0);
        assert_int_equal(mkdir(t.state, 0755), 0);
        assert_int_equal(manager_set_action(t.manager, "trickle_charge", false), 0);
        assert_int_equal(manager_degraded(t.manager), 0);
        end();
        start();
        check_active("performance", "start");
}

static void test_level_without_ledger(void **state) {
        struct message message;
        struct snapshot *before;

        laptop();
        before = take_snapshot();
        lose_ledger();
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_NODE, 0, -1, 512, &message), -ENOSPC);
        assert_non_null(strstr(message.text, "Cannot record original values"));
        assert_int_equal(manager_requests(t.manager)->n, 0);
        assert_int_equal(t.manager->state.n_levels, 0);
        check_unchanged(before, true);
}

/* Values that no longer read: their knobs are not written. */
static void break_knobs(void) {
        for (uint32_t i = 0; i < t.manager->knobs.n; i++)
                if (strcmp(t.manager->knobs.items[i].name, "epp") == 0 || strcmp(t.manager->knobs.items[i].name, "epb") == 0)
                        t.manager->knobs.items[i].index = t.manager->knobs.items[i].index + 10000;
}

static void test_end_of_a_hold_that_cannot_be_carried_out(void **state) {
        t.options.block_drivers = "platform";
        laptop();
        (void) hold("performance", ":1.5", 0);
        loop_drain(t.event);
        break_knobs();
        manager_owner_gone(t.manager, ":1.5");
        check_active("balanced", "manual");
        assert_true(manager_degraded(t.manager) & DEGRADED_KNOBS);
}

static void test_nothing_can_be_set(void **state) {
        struct message message;
        struct snapshot *before;

        t.options.block_drivers = "platform";
        laptop();
        before = take_snapshot();
        break_knobs();
        assert_true(manager_select(t.manager, "performance", "test", &message) < 0);
        assert_non_null(strstr(message.text, "Failed to activate profile 'performance'"));
        check_active("balanced", "start");
        check_unchanged(before, true);
}

/* -- dry run -- */

/* Files in which the driver writes another word than the knob's: turbo upside down, EPP as a number. */
static bool is_translated(const char *path) {
        return strncmp(path, NO_TURBO, strlen(NO_TURBO)) == 0 || strstr(path, "energy_performance_preference_val");
}

/* Lines of "would write PATH: "OLD" -> "NEW" (...)" as "PATH\tNEW", sorted, into `ret`. */
static size_t parse_dry_run(char *text, char **ret, size_t room) {
        size_t n = 0;

        for (char *line = strtok(text, "\n"); line && n < room; line = strtok(NULL, "\n")) {
                char path[256], old[64], new[64];

                if (sscanf(line, "would write %255[^:]: \"%63[^\"]\" -> \"%63[^\"]\"", path, old, new) == 3)
                        assert_true(asprintf(&ret[n++], "%s\t%s", path, is_translated(path) ? "" : new) > 0);
        }
        qsort(ret, n, sizeof(char *), compare_lines);
        return n;
}

static char *capture_dry_run(const char *profile) {
        const char *path = scratch_path(t.directory, "printed");
        int out = dup(STDOUT_FILENO), file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        (void) fflush(stdout);
        assert_true(dup2(file, STDOUT_FILENO) >= 0);
        assert_int_equal(manager_print_plan(t.manager, profile), 0);
        (void) fflush(stdout);
        assert_true(dup2(out, STDOUT_FILENO) >= 0);
        (void) close(out);
        (void) close(file);
        return scratch_read(path, NULL);
}

static void check_dry_run(const char *tree, const char *profile) {
        static char *printed[4096], *written[4096];
        struct snapshot *before, *after;
        size_t n_printed, n_written = 0;
        char *text;

        make(tree, NULL);
        before = take_snapshot();
        t.options.dry_run = true;
        start();
        text = capture_dry_run(profile);
        end();
        after = take_snapshot();
        assert_int_equal(before->n, after->n);
        for (size_t i = 0; i < before->n; i++)
                assert_string_equal(before->lines[i], after->lines[i]); /* not even touched */
        assert_int_equal(access(t.run, F_OK), -1);
        assert_int_equal(access(t.state, F_OK), -1);
        free_snapshot(after);
        n_printed = parse_dry_run(text, printed, 4096);
        free(text);

        t.options.dry_run = false;
        assert_int_equal(mkdir(t.state, 0755), 0);
        (void) snprintf(t.ended, sizeof(t.ended), "[State]\nProfile=%s\n", profile);
        put(scratch_path(t.state, "state.ini"), t.ended);
        start();
        after = take_snapshot();
        for (size_t i = 0; i < before->n; i++) {
                int path = (int) strcspn(before->lines[i], "\t");
                const char *value = strrchr(after->lines[i], '\t') + 1;

                if (strcmp(strrchr(before->lines[i], '\t') + 1, value) != 0)
                        assert_true(asprintf(&written[n_written++], "%.*s\t%s", path, before->lines[i],
                                             is_translated(before->lines[i]) ? "" : value) > 0);
        }
        qsort(written, n_written, sizeof(char *), compare_lines);
        for (size_t i = 0; i < MIN(n_printed, n_written); i++)
                assert_string_equal(printed[i], written[i]);
        assert_int_equal(n_printed, n_written);
        for (size_t i = 0; i < n_printed; i++) {
                free(printed[i]);
                free(written[i]);
        }
        free_snapshot(before);
        free_snapshot(after);
        end();
        assert_int_equal(fixture_remove(t.root), 0);
        assert_int_equal(fixture_remove(t.state), 0);
        assert_int_equal(fixture_remove(t.run), 0);
}

static void test_dry_run_prints_what_is_written(void **state) {
        static const char *const trees[] = { "intel-client-hwp", "intel-passive", "amd-client-epp", "amd-passive", "arm64-cppc-server",
                                             "vm-no-cpufreq" };

        for (size_t i = 0; i < ARRAY_SIZE(trees); i++) {
                check_dry_run(trees[i], "power-saver");
                if (strcmp(trees[i], "vm-no-cpufreq") != 0)
                        check_dry_run(trees[i], "performance");
        }
}

static void test_dry_run_knows_the_rules(void **state) {
        configure("[rule always]\nwhen = ac\nprofile = performance\n");
        t.options.dry_run = true;
        laptop();
        free(capture_dry_run(NULL));
        assert_string_equal(manager_active(t.manager)->name, "performance");
}

/* -- configuration -- */

static void test_reload(void **state) {
        char *errors = NULL;

        laptop();
        configure("[profile power-saver]\nepp = balance_power\n");
        assert_int_equal(select_profile("power-saver"), 0);
        check_epp("power");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        assert_null(errors);
        check_epp("balance_power");
        configure("[profile power-saver]\nepp\n[nonsense]\n");
        assert_true(manager_reload(t.manager, &errors) < 0);
        assert_non_null(strstr(errors, "governord.conf:"));
        free(errors);
        check_epp("balance_power");
        check_active("power-saver", "manual");
        assert_int_equal(select_profile("balanced"), 0);
        assert_int_equal(select_profile("power-saver"), 0);
        check_epp("balance_power"); /* the last good one */
}

static void test_start_with_broken_configuration(void **state) {
        configure("[profile power-saver]\nepp\n");
        laptop();
        check_active("balanced", "start");
        assert_int_equal(select_profile("power-saver"), 0);
        check_epp("power");
}

static void test_reload_without_the_active_profile(void **state) {
        char *errors = NULL;

        configure("[profile quiet]\ninherits = power-saver\nepp = balance_power\n[profile loud]\ninherits = performance\n");
        laptop();
        assert_int_equal(select_profile("quiet"), 0);
        (void) hold("loud", ":1.5", 0);
        configure("");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        assert_string_equal(manager_active(t.manager)->name, "power-saver");
        check_epp("power");
        manager_owner_gone(t.manager, ":1.5");
        assert_string_equal(manager_active(t.manager)->name, "power-saver");
}

static void test_reload_during_a_hold(void **state) {
        char *errors = NULL;

        laptop();
        (void) hold("performance", ":1.5", 0);
        loop_drain(t.event);
        foreign_write(in_root(EPP, 2), "balance_power\n");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        check_active("performance", "hold:1");
        check_file(in_root(EPP, 2), "balance_power"); /* no choice of a profile */
        check_file(in_root(EPP, 3), "performance");
}

static void test_reload_blocks_and_unblocks_drivers(void **state) {
        char *errors = NULL;

        configure("[governord]\nblock = intel\n");
        laptop();
        assert_int_equal(select_profile("performance"), 0);
        check_epp("balance_performance");
        configure("");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        loop_drain(t.event);
        check_epp("performance");
        configure("[governord]\nblock = intel\n");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        loop_drain(t.event);
        check_epp("balance_performance");
}

static void test_reload_forgets_units(void **state) {
        static const char rule[] = "[rule batch]\nwhen = unit backup.service\nprofile = power-saver\n";
        char *errors = NULL;

        configure(rule);
        laptop();
        manager_set_unit_active(t.manager, "backup.service", true);
        check_active("power-saver", "rule:batch");
        configure("");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        manager_forget_units(t.manager); /* as the bus does, which follows no unit now */
        configure(rule);
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        assert_string_equal(manager_active(t.manager)->name, "balanced");
}

static void test_blocked_after_it_was_set(void **state) {
        char *errors = NULL;

        laptop();
        assert_int_equal(select_profile("performance"), 0);
        configure("[governord]\nblock = epp\n");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        check_epp("balance_performance");
        check_file(in_root(PLATFORM_PROFILE), "performance");
}

/* -- views -- */

struct counting {
        int n;
        const char *knob, *want;
        bool found;
};

static int count_explained(const struct explain_view *view, void *userdata) {
        struct counting *c = userdata;

        c->n++;
        if (strcmp(view->knob, c->knob) == 0 && strcmp(view->then, c->want) == 0 && view->limiter[0])
                c->found = true;
        return 0;
}

static int count_changes(const struct change_view *view, void *userdata) {
        struct counting *c = userdata;

        c->n++;
        if (strcmp(view->knob, c->knob) == 0 && strcmp(view->new_value, c->want) == 0 && strcmp(view->who, "test") == 0)
                c->found = true;
        return 0;
}

static int count_knobs(const struct knob_view *view, void *userdata) {
        struct counting *c = userdata;

        c->n++;
        if (strcmp(view->knob, c->knob) == 0 && strcmp(view->wanted, c->want) == 0 && strcmp(view->value, c->want) == 0)
                c->found = true;
        return 0;
}

static int count_cpus(const struct cpu_view *view, void *userdata) {
        struct counting *c = userdata;

        c->n++;
        if (view->floor == 256 && view->ceiling == 1024 && view->cpu == 3)
                c->found = true;
        return 0;
}

static int count_drivers(const struct driver_view *view, void *userdata) {
        struct counting *c = userdata;

        c->n++;
        if (strcmp(view->backend, "intel_pstate") == 0 && strcmp(view->mode, "active") == 0 && view->n_knobs > 0)
                c->found = true;
        return 0;
}

static int refuse_knob(const struct knob_view *view, void *userdata) {
        return -ECANCELED;
}

static void test_views(void **state) {
        struct counting explained = { .knob = "epp", .want = "power" }, level_explained = { .knob = "max-freq", .want = "2100000" };
        struct counting changes = { .knob = "epp", .want = "performance" }, knobs = changes, cpus = {}, drivers = {};
        const uint32_t *packages;
        uint32_t cookie;
        uint64_t energy, range;

        laptop();
        assert_int_equal(select_profile("performance"), 0);
        assert_int_equal(level(GOV_SCOPE_CPU, 3, 256, -1, &cookie), 0);
        assert_int_equal(manager_explain(t.manager, "power-saver", count_explained, &explained), 0);
        assert_true(explained.found);
        assert_int_equal(manager_explain(t.manager, "512", count_explained, &level_explained), 0);
        assert_true(level_explained.found);
        assert_int_equal(manager_explain(t.manager, "1025", count_explained, &explained), -ENOENT);
        assert_int_equal(manager_explain(t.manager, "nothing", count_explained, &explained), -ENOENT);
        assert_int_equal(manager_why(t.manager, GOV_SCOPE_POLICY, 1, count_changes, &changes), 0);
        assert_true(changes.found);
        assert_int_equal(manager_why(t.manager, GOV_SCOPE_POLICY, 77, count_changes, &changes), -ENXIO);
        assert_int_equal(manager_each_knob(t.manager, GOV_SCOPE_CPU, 1, false, count_knobs, &knobs), 0);
        assert_true(knobs.found);
        assert_int_equal(manager_each_knob(t.manager, GOV_SCOPE_CPU, 99, false, count_knobs, &knobs), -ENXIO);
        assert_int_equal(manager_each_knob(t.manager, GOV_SCOPE_COUNT, 0, false, refuse_knob, NULL), -ECANCELED);
        assert_int_equal(manager_each_cpu(t.manager, count_cpus, &cpus), 0);
        assert_true(cpus.found);
        assert_int_equal(cpus.n, 8);
        assert_int_equal(manager_each_driver(t.manager, count_drivers, &drivers), 0);
        assert_true(drivers.found);
        assert_int_equal(manager_packages(t.manager, &packages), 1);
        assert_int_equal(manager_package_energy(t.manager, 0, &energy, &range), 0);
        assert_int_equal(manager_package_energy(t.manager, 7, &energy, &range), -ENODATA);
        assert_non_null(strstr(manager_cpu_model(t.manager), "i5-1135G7"));
}

static void test_explaining_changes_nothing(void **state) {
        struct counting c = { .knob = "", .want = "" };
        struct snapshot *before;

        laptop();
        before = take_snapshot();
        assert_int_equal(manager_explain(t.manager, "performance", count_explained, &c), 0);
        assert_int_equal(manager_explain(t.manager, "0", count_explained, &c), 0);
        check_unchanged(before, true);
        check_active("balanced", "start");
}

static void test_dump(void **state) {
        _cleanup_free_ char *text = NULL;

        laptop();
        assert_int_equal(select_profile("performance"), 0);
        (void) hold("performance", ":1.5", 0);
        assert_int_equal(manager_dump(t.manager, &text), 0);
        assert_non_null(strstr(text, "profile performance"));
        assert_non_null(strstr(text, "driver intel: loaded"));
        assert_non_null(strstr(text, "request 1: performance"));
        assert_non_null(strstr(text, "knob policy7 epp"));
        assert_non_null(strstr(text, "\"balance_performance\" -> \"performance\" by test"));
}

static void test_refused_root(void **state) {
        t.options.root = "/nonexistent";
        assert_int_equal(manager_new(t.event, &t.options, &t.manager), -ENOENT);
        assert_null(t.manager);
}

/* Each machine: every profile that it offers, and back. */
static void test_every_machine(void **state) {
        static const char *const trees[] = { "amd-client-epp", "amd-passive", "amd-server-acpi-cpufreq", "amd-server-venice",
                                             "arm64-biglittle-scmi", "arm64-cppc-server", "cpufreq-dt-board", "intel-hybrid",
                                             "intel-passive", "intel-pre-hwp", "intel-server", "vm-no-cpufreq" };

        for (size_t i = 0; i < ARRAY_SIZE(trees); i++) {
                struct snapshot *before;

                make(trees[i], NULL);
                before = take_snapshot();
                start();
                for (int base = 0; base < PROFILE_BASE_COUNT; base++) {
                        const struct profile *profile = config_profile(manager_config(t.manager), profile_base_names[base]);

                        if (!manager_profile_available(t.manager, profile))
                                continue;
                        if (select_profile(profile->name) < 0)
                                fail_msg("%s refuses %s", trees[i], profile->name);
                        if (manager_degraded(t.manager) & DEGRADED_KNOBS)
                                fail_msg("%s: knobs failed with %s", trees[i], profile->name);
                }
                end();
                check_unchanged(before, false);
                assert_int_equal(fixture_remove(t.root), 0);
                assert_int_equal(fixture_remove(t.state), 0);
        }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                TEST(test_start_applies_saved_profile),
                TEST(test_start_without_choice),
                TEST(test_select_each_and_stop_restores),
                TEST(test_unknown_and_unavailable),
                TEST(test_custom_profile),
                TEST(test_hold_rule),
                TEST(test_hold_ends),
                TEST(test_hold_deadline),
                TEST(test_manual_choice_ends_holds),
                TEST(test_too_many_requests),
                TEST(test_process_ends),
                TEST(test_levels),
                TEST(test_levels_refused),
                TEST(test_lasting_levels),
                TEST(test_levels_of_absent_domains_are_kept),
                TEST(test_rules),
                TEST(test_manual_choice_overrides_a_rule),
                TEST(test_manual_choice_survives_a_reload),
                TEST(test_hold_beats_rule),
                TEST(test_battery_awareness),
                TEST(test_battery_from_files),
                TEST(test_actions),
                TEST(test_lap),
                TEST(test_heat_and_our_own_turbo),
                TEST(test_firmware_key),
                TEST(test_drift_is_left_alone),
                TEST(test_drift_is_answered_a_few_times),
                TEST(test_cpu_leaves_and_returns),
                TEST(test_mode_switch),
                TEST(test_restores_after_a_kill),
                TEST(test_unreadable_keeps_its_original),
                TEST(test_no_ledger_no_start),
                TEST(test_ledger_lost_later),
                TEST(test_state_not_saved),
                TEST(test_level_without_ledger),
                TEST(test_end_of_a_hold_that_cannot_be_carried_out),
                TEST(test_nothing_can_be_set),
                TEST(test_dry_run_prints_what_is_written),
                TEST(test_dry_run_knows_the_rules),
                TEST(test_reload),
                TEST(test_start_with_broken_configuration),
                TEST(test_reload_without_the_active_profile),
                TEST(test_reload_during_a_hold),
                TEST(test_reload_blocks_and_unblocks_drivers),
                TEST(test_reload_forgets_units),
                TEST(test_blocked_after_it_was_set),
                TEST(test_views),
                TEST(test_explaining_changes_nothing),
                TEST(test_dump),
                TEST(test_refused_root),
                TEST(test_every_machine),
        };

        if (argc != 3) {
                fprintf(stderr, "usage: test-manager DRIVERS MACHINES\n");
                return 2;
        }
        driver_dir = argv[1];
        machines_dir = argv[2];
        log_open("test-manager", getenv("TEST_VERBOSE") ? 7 : 2, false);
        return cmocka_run_group_tests_name("manager", tests, NULL, NULL);
}
