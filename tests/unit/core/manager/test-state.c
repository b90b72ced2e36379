/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/manager/state: choices are saved and loaded, a full disk does not destroy them, and damaged lines are counted and
 * skipped. */

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/config/profile.h"
#include "core/manager/state.h"
#include "tests/unit/scratch.h"

static char directory[64];

static int set_up(void **state) {
        scratch_make(directory, sizeof(directory));
        return 0;
}

static int tear_down(void **state) {
        return fixture_remove(directory);
}

static const char *path(void) {
        return scratch_path(directory, "state.ini");
}

static uint32_t load_text(const char *text, struct state *ret) {
        struct state_trouble trouble = { .n_bad = 99 };

        scratch_write(path(), text, strlen(text));
        assert_int_equal(state_load(path(), ret, &trouble), 0);
        return trouble.n_bad;
}

static struct state full_state(void) {
        struct state state = {
                .profile = "my profile", .cpu_driver = "intel_pstate", .platform_driver = "placeholder", .battery_aware = 0
        };

        for (uint32_t i = 0; i < STATE_ACTIONS_MAX; i++) {
                (void) snprintf(state.actions[i].name, sizeof(state.actions[i].name), "action_%u", i);
                state.actions[i].enabled = i % 2 == 0;
        }
        state.n_actions = STATE_ACTIONS_MAX;
        for (uint32_t i = 0; i < STATE_LEVELS_MAX; i++)
                state.levels[i] = (struct state_level){
                        .scope = GOV_SCOPE_CPU, .domain = i, .floor = (int) i - 1, .ceiling = 1024
                };
        state.levels[0].scope = GOV_SCOPE_NODE;
        state.levels[1] = (struct state_level){ .scope = GOV_SCOPE_PACKAGE, .domain = 1, .floor = 7, .ceiling = -1 };
        state.n_levels = STATE_LEVELS_MAX;
        return state;
}

static void test_round_trip(void **unused) {
        const struct state state = full_state();
        struct state again;
        struct state_trouble trouble;

        assert_int_equal(state_save(path(), &state), 0);
        assert_int_equal(state_load(path(), &again, &trouble), 0);
        assert_int_equal(trouble.n_bad, 0);
        assert_string_equal(again.profile, state.profile);
        assert_string_equal(again.cpu_driver, state.cpu_driver);
        assert_string_equal(again.platform_driver, state.platform_driver);
        assert_int_equal(again.battery_aware, 0);
        assert_int_equal(again.n_actions, state.n_actions);
        assert_memory_equal(again.actions, state.actions, sizeof(state.actions));
        assert_int_equal(again.n_levels, state.n_levels);
        assert_memory_equal(again.levels, state.levels, sizeof(state.levels));
}

static void test_nothing_chosen(void **unused) {
        const struct state state = { .battery_aware = -1 };
        struct state again;
        struct state_trouble trouble;

        assert_int_equal(state_save(path(), &state), 0);
        assert_int_equal(state_load(path(), &again, &trouble), 0);
        assert_int_equal(trouble.n_bad, 0);
        assert_memory_equal(&again, &state, sizeof(state));
}

static void test_no_file(void **unused) {
        struct state state;
        struct state_trouble trouble;

        assert_int_equal(state_load(path(), &state, &trouble), -ENOENT);
        assert_string_equal(state.profile, "");
        assert_int_equal(state.battery_aware, -1);
}

/* A file of power-profiles-daemon 0.30, and sections that neither service knows. */
static void test_file_of_ppd(void **unused) {
        struct state state;
        uint32_t bad = load_text(
                "[State]\nCpuDriver=intel_pstate\nPlatformDriver=platform_profile\nProfile=power-saver\nbattery_aware=true\n\n"
                "[Actions]\ntrickle_charge=true\namdgpu_panel_power=false\n\n[Foreign]\nkey=value\nother=1\n",
                &state);

        assert_int_equal(bad, 2);
        assert_string_equal(state.profile, "power-saver");
        assert_int_equal(state.battery_aware, 1);
        assert_int_equal(state.n_actions, 2);
        assert_string_equal(state.actions[0].name, "trickle_charge");
        assert_true(state.actions[0].enabled);
        assert_false(state.actions[1].enabled);
}

static void test_garbage_lines(void **unused) {
        static const char *const garbage[] = {
                "[State]\nbattery_aware=perhaps\n",
                "[State]\nUnknown=1\n",
                "[State]\nno equals sign\n",
                "key=before any section\n",
                "[Actions]\ntrickle_charge=maybe\n",
                "[Actions]\na_name_of_more_than_thirty_two_bytes_is_none=true\n",
                "[Levels]\nmoon0=1 2\n",
                "[Levels]\ncpu1=1\n",
                "[Levels]\ncpu1=-2 5\n",
                "[Levels]\ncpu1=1 1025\n",
                "[Levels]\ncpu1=x y\n",
                "[Levels]\ncpu1=\n",
                "[Levels]\ncpu1=99999999999999999999 1\n",
                "[State\n",
        };

        for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
                struct state state;
                char text[256];

                (void) snprintf(text, sizeof(text), "%s[State]\nProfile=performance\n", garbage[i]);
                assert_int_equal(load_text(text, &state), 1);
                assert_string_equal(state.profile, "performance");
                assert_int_equal(state.n_actions, 0);
                assert_int_equal(state.n_levels, 0);
                assert_int_equal(state.battery_aware, -1);
        }
}

/* One damaged line at any place, also in place of a heading, is reported with its number, and no other line is lost. */
static void test_one_bad_line_costs_nothing_else(void **unused) {
        static const char
                text[] = "# governord-state 1\n[State]\nProfile=performance\nbattery_aware=false\n[Actions]\ntrickle_charge=true\n"
                         "[Levels]\ncpu3=256 512\n";

        for (const char *p = text;; p = strchr(p, '\n') + 1) {
                char damaged[512];
                struct state state;
                struct state_trouble trouble;
                bool heading = *p == '[';

                (void) snprintf(damaged, sizeof(damaged), "%.*s%s%s", (int) (p - text), text, heading ? "[\xff" : "\xfe = = #\n",
                                p);
                scratch_write(path(), damaged, strlen(damaged));
                assert_int_equal(state_load(path(), &state, &trouble), 0);
                assert_int_equal(trouble.n_bad, 1);
                assert_string_equal(state.profile, "performance");
                assert_int_equal(state.battery_aware, 0);
                assert_int_equal(state.n_actions, 1);
                assert_int_equal(state.n_levels, 1);
                assert_int_equal(state.levels[0].ceiling, 512);
                if (*p == '\0')
                        break;
        }
        assert_int_equal(load_text("[State]\nx\ny\nProfile=balanced\nz\n", &(struct state){}), 3);
}

static void test_versions(void **unused) {
        _cleanup_free_ char *written = NULL;
        struct state state = { .battery_aware = -1 };
        struct state_trouble trouble;

        assert_int_equal(state_save(path(), &state), 0);
        written = scratch_read(path(), NULL);
        assert_int_equal(strncmp(written, "# governord-state 1\n", strlen("# governord-state 1\n")), 0);
        assert_int_equal(load_text("[State]\nProfile=balanced\n", &state), 0); /* of governord 0.1 or power-profiles-daemon */
        scratch_write(path(), "# governord-state 2\n[State]\nProfile=balanced\nMood=good\n", 54);
        assert_int_equal(state_load(path(), &state, &trouble), 0);
        assert_int_equal(trouble.version, 2);
        assert_string_equal(state.profile, "balanced");
}

static void test_keep(void **unused) {
        static const char bad[] = "[State]\nwhat\n";
        const struct state state = { .profile = "balanced", .battery_aware = -1 };
        _cleanup_free_ char *kept = NULL, *later = NULL;
        char name[512];

        scratch_write(path(), bad, strlen(bad));
        assert_int_equal(state_keep(path(), 0, name, sizeof(name)), 0);
        assert_int_equal(state_keep(path(), 0, name, sizeof(name)), 0);
        assert_string_equal(name, scratch_path(directory, "state.ini.bad"));
        assert_int_equal(state_keep(path(), 2, name, sizeof(name)), 0);
        assert_int_equal(state_save(path(), &state), 0);
        kept = scratch_read(scratch_path(directory, "state.ini.bad"), NULL);
        later = scratch_read(scratch_path(directory, "state.ini.version-2"), NULL);
        assert_string_equal(kept, bad);
        assert_string_equal(later, bad);
}

static void test_too_many(void **unused) {
        _cleanup_free_ char *text = calloc(1, 64 * 1024);
        struct state state;
        size_t n = 0;

        n += (size_t) sprintf(text, "[Levels]\n");
        for (int i = 0; i < STATE_LEVELS_MAX + 5; i++)
                n += (size_t) sprintf(text + n, "cpu%d=1 2\n", i);
        n += (size_t) sprintf(text + n, "[Actions]\n");
        for (int i = 0; i < STATE_ACTIONS_MAX + 5; i++)
                n += (size_t) sprintf(text + n, "action%d=true\n", i);
        assert_int_equal(load_text(text, &state), 10);
        assert_int_equal(state.n_levels, STATE_LEVELS_MAX);
        assert_int_equal(state.n_actions, STATE_ACTIONS_MAX);
}

static void test_too_long_profile(void **unused) {
        struct state state;
        char text[512] = "[State]\nProfile=";

        memset(text + strlen(text), 'x', 100);
        assert_int_equal(load_text(text, &state), 1);
        assert_string_equal(state.profile, "");
}

static void test_binary(void **unused) {
        struct state state;
        char bytes[1024];
        struct state_trouble trouble;

        for (unsigned int seed = 0; seed < 64; seed++) {
                for (size_t i = 0; i < sizeof(bytes); i++)
                        bytes[i] = (char) ((i * 2654435761u + seed * 40503u) >> 7);
                scratch_write(path(), bytes, sizeof(bytes));
                assert_int_equal(state_load(path(), &state, &trouble), 0);
                assert_string_equal(state.profile, "");
        }
}

/* For any amount of free space, either the new file is complete or the old one still exists, and no partial file is left. */
static void test_full_disk(void **unused) {
        const struct state old = { .profile = "performance", .battery_aware = 1 }, new = full_state();
        struct rlimit limit;
        struct state_trouble trouble;

        (void) signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
        assert_int_equal(state_save(path(), &old), 0);
        for (rlim_t room = 0; room < 1400; room += 7) {
                struct state again;
                int r;

                assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ .rlim_cur = room, .rlim_max = limit.rlim_max }), 0);
                r = state_save(path(), &new);
                assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
                assert_int_equal(state_load(path(), &again, &trouble), 0);
                assert_int_equal(trouble.n_bad, 0);
                assert_string_equal(again.profile, r < 0 ? "performance" : "my profile");
                if (r < 0)
                        assert_int_equal(r, -EFBIG);
                assert_int_equal(access(scratch_path(directory, "state.ini.new"), F_OK), -1);
        }
}

static void test_missing_folder(void **unused) {
        const struct state state = {};

        assert_int_equal(state_save(scratch_path(directory, "none/state.ini"), &state), -ENOENT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_round_trip),
                TEST(test_nothing_chosen),
                TEST(test_no_file),
                TEST(test_file_of_ppd),
                TEST(test_garbage_lines),
                TEST(test_too_many),
                TEST(test_too_long_profile),
                TEST(test_binary),
                TEST(test_full_disk),
                TEST(test_missing_folder),
                TEST(test_one_bad_line_costs_nothing_else),
                TEST(test_versions),
                TEST(test_keep),
        };

        return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
