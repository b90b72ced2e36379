/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager when a write fails: of a setting, the ledger, or the state. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/core/manager/manager-case.h"

/* -- settings -- */

static struct gov_driver refusing;
static const char *refused;
static int (*write_of_driver)(void *state, uint32_t row, uint32_t index, const char *value);
static uint32_t n_refused[8];

static int refuse(void *state, uint32_t row, uint32_t index, const char *value) {
        if (strcmp(refusing.rows[row].name, refused) != 0)
                return write_of_driver(state, row, index, value);
        n_refused[index % 8]++;
        return -EBUSY;
}

/* Makes all further writes of this knob fail. */
static void refuse_writes_of(const char *name) {
        struct plugin *plugin = find_knob_of(name, 3)->plugin;

        refused = name;
        refusing = *plugin->driver;
        write_of_driver = refusing.write;
        refusing.write = refuse;
        plugin->driver = &refusing;
        memset(n_refused, 0, sizeof(n_refused));
}

/* Drift detection applies also to a knob whose value could not be set. */
static void check_drift_of_failed(const char *config, uint32_t tries) {
        const uint32_t index = (configure(config), laptop(), find_knob_of("epp", 3)->index);

        refuse_writes_of("epp");
        (void) select_profile("power-saver");
        loop_drain(t.event);
        check_knob("epp", 3, KNOB_FAILED, "balance_performance");
        n_refused[index % 8] = 0;
        for (int i = 0; i < 6; i++)
                foreign_write(in_root(EPP, 3), i % 2 ? "balance_performance" : "balance_power");
        wait_certain();
        assert_int_equal(n_refused[index % 8], tries);
        assert_int_equal(t.manager->counters.values[COUNTER_DRIFT_PUT_BACK], tries);
        assert_int_equal(t.manager->counters.values[COUNTER_DRIFT_LEFT], 1);
        assert_int_equal(t.manager->counters.values[COUNTER_DRIFT], tries + 1);
        assert_true(t.manager->counters.values[COUNTER_WRITES_FAILED] >= 8 + tries);
        check_knob("epp", 3, KNOB_YIELDED, "balance_performance");
        foreign_write(in_root(EPP, 3), "power");
        check_knob("epp", 3, KNOB_OK, "power"); /* the target */
        check_knob("epp", 4, KNOB_FAILED, "balance_performance");
        end_and_remove();
}

static void test_drift_of_what_failed(void **state) {
        check_drift_of_failed("[governord]\ndrift = yield\n", 1);
        check_drift_of_failed("[governord]\ndrift = reassert\ndrift-limit = 2\n", 2);
}

/* A value that was written while others are classified is classified later, after its own delay. */
static void test_later_write_is_judged_later(void **state) {
        struct knob *knob;

        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        knob = (struct knob *) find_knob_of("epp", 4);
        doubts_add(&t.manager->doubts, &t.manager->machine.knobs, (struct knob *) find_knob_of("epp", 3), 0, "");
        doubts_add(&t.manager->doubts, &t.manager->machine.knobs, knob, 0, "");
        knob->written_usec = clock_usec(CLOCK_BOOTTIME) + 10 * LOOP_DEADLINE_USEC;
        while (find_knob_of("epp", 3)->doubtful)
                assert_true(sd_event_run(t.event, LOOP_DEADLINE_USEC) > 0);
        assert_true(knob->doubtful);
        knob->written_usec = clock_usec(CLOCK_BOOTTIME);
        wait_certain();
        assert_false(knob->doubtful);
        check_knob("epp", 4, KNOB_OK, "performance");
}

/* Makes the ledger so large that it rewrites its file. */
static void fill_ledger(void) {
        for (uint32_t i = 0; i < 4000; i++)
                manager_set_demands(t.manager, &(struct cpu_demand){ .cpu = 5, .floor = (int32_t) (300 + i % 2), .ceiling = -1 },
                                    1);
}

static bool choose_what_is_refused(void) {
        if (!choose_performance())
                return false;
        refuse_writes_of("epp");
        (void) select_profile("power-saver");
        fill_ledger();
        return true;
}

/* If a value is rejected, the value before it stays in force, and is still known as a value of the service. */
static void test_refused_value_loses_no_original(void **state) {
        struct snapshot *before;
        struct stat st;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        start_and_kill(choose_what_is_refused);
        check_epp("performance");
        assert_int_equal(stat(scratch_path(t.run, "ledger"), &st), 0);
        assert_true(st.st_size < 40000);
        assert_int_equal(unlink(scratch_path(t.state, "state.ini")), 0);
        start();
        check_epp("balance_performance");
        end();
        check_unchanged(before, false);
}

/* Demands are written without waiting for the result, but a rejected value is shown as failed. */
static void test_refused_demand_is_shown(void **state) {
        struct cpu_demand demand = { .cpu = 3, .floor = 512, .ceiling = -1 };

        laptop();
        refuse_writes_of("min-freq");
        manager_set_demands(t.manager, &demand, 1);
        check_knob("min-freq", 3, KNOB_FAILED, "400000");
        assert_true(manager_degraded(t.manager) & DEGRADED_KNOBS);
        assert_true(t.changed & CHANGED_DEGRADED);
        t.changed = 0;
        refused = "";
        demand.floor = 600;
        manager_set_demands(t.manager, &demand, 1);
        wait_certain();
        check_knob("min-freq", 3, KNOB_OK, "2460938");
        assert_false(manager_degraded(t.manager) & DEGRADED_KNOBS);
        assert_true(t.changed & CHANGED_DEGRADED);
}

/* -- ledger and state -- */

static void test_no_ledger_no_start(void **state) {
        struct snapshot *before;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        put(t.run, "a file");
        assert_true(try_start() < 0);
        end();
        check_unchanged(before, true);
}

/* Makes writes of the ledger fail, as on a full disk. */
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
        assert_int_equal(manager_degraded(t.manager), DEGRADED_NOT_SAVED);
        assert_int_equal(chmod(t.run, 0755), 0);
        assert_int_equal(select_profile("performance"), 0); /* a new file can be written */
        assert_int_equal(manager_degraded(t.manager), 0);
}

/* Original values can be restored without space for the ledger, even if other entries cannot be written. */
static void test_stop_without_ledger(void **state) {
        struct snapshot *before;

        make("intel-client-hwp", NULL);
        before = take_snapshot();
        start();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        foreign_write(in_root(EPP, 3), "balance_performance"); /* its entry is removed at the end */
        lose_ledger();
        end();
        check_unchanged(before, false);
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
        assert_int_equal(manager_set_level(t.manager, GOV_SCOPE_NODE, 0, -1, 512, "a test", &message), -ENOSPC);
        assert_non_null(strstr(message.text, "Cannot record original values"));
        assert_int_equal(manager_requests(t.manager)->n, 0);
        assert_int_equal(t.manager->state.n_levels, 0);
        check_unchanged(before, true);
        assert_null(find_knob_of("max-freq", 3)->wanted); /* otherwise the present value would count as drift */
}

/* The choice by the key is not lost: the next event applies it. */
static void test_firmware_key_without_ledger(void **state) {
        char *errors = NULL;

        laptop();
        lose_ledger();
        foreign_write(in_root(PLATFORM_PROFILE), "performance");
        check_active("balanced", "failed");
        assert_string_equal(manager_selected(t.manager)->name, "performance");
        assert_int_equal(manager_reload(t.manager, &errors), 0); /* the file can be replaced */
        loop_drain(t.event);
        check_active("performance", "firmware");
        check_epp("performance");
}

/* The switch at the end of one hold fails, so the other hold has no effect yet. */
static void test_hold_without_ledger(void **state) {
        uint32_t second;

        laptop();
        (void) hold("power-saver", ":1.5", 0);
        second = hold("performance", ":1.6", 0);
        loop_drain(t.event);
        lose_ledger();
        manager_owner_gone(t.manager, ":1.5");
        check_epp("power");
        check_active("power-saver", "failed");
        assert_true(t.changed & CHANGED_ACTIVE);
        manager_weigh_requests(t.manager);
        assert_int_equal(requests_find(manager_requests(t.manager), second)->floor_effect, EFFECT_FAILED);
        assert_int_equal(select_profile("performance"), 0); /* the file can be replaced */
        manager_weigh_requests(t.manager);
        check_epp("performance");
        check_active("performance", "manual");
}

/* The switch is tried again at the next event. Until then, the cause is "failed", not the hold that has ended. */
static void test_end_of_the_last_hold_without_ledger(void **state) {
        char *errors = NULL;

        laptop();
        (void) hold("power-saver", ":1.5", 0);
        loop_drain(t.event);
        lose_ledger();
        manager_owner_gone(t.manager, ":1.5");
        check_active("power-saver", "failed");
        assert_int_equal(manager_degraded(t.manager), DEGRADED_NOT_SAVED);
        assert_int_equal(manager_reload(t.manager, &errors), 0); /* the file can be replaced */
        loop_drain(t.event);
        check_active("balanced", "start");
        check_epp("balance_performance");
        assert_int_equal(manager_degraded(t.manager), 0);
}

/* A failed switch is tried again after a change of requests, rules or the configuration, but not when the percentage of the battery
 * changes. */
static void test_failed_switch_waits(void **state) {
        laptop();
        (void) hold("power-saver", ":1.5", 0);
        loop_drain(t.event);
        lose_ledger();
        manager_owner_gone(t.manager, ":1.5");
        check_active("power-saver", "failed");
        manager_set_external_power(t.manager, false, 59); /* the file can be replaced */
        check_active("power-saver", "failed");
        assert_int_equal(select_profile("balanced"), 0);
        check_active("balanced", "manual");
}

/* A choice fails, and the same turn has noticed the end of lap mode, of which there is no further event. */
static void test_lap_mode_ends_while_a_choice_fails(void **state) {
        struct message message;

        laptop();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        foreign_write(in_root(LAP_MODE), "1");
        foreign_write(in_root(PLATFORM_PROFILE), "balanced");
        check_active("balanced", "firmware");
        put(in_root(LAP_MODE), "0\n"); /* writes of this process cause no event */
        lose_ledger();
        assert_int_equal(chmod(t.run, 0555), 0);
        assert_int_equal(manager_select(t.manager, "power-saver", "test", &message), -ENOSPC);
        assert_int_equal(chmod(t.run, 0755), 0);
        manager_set_external_power(t.manager, false, 58);
        assert_null(t.manager->choice.imposed);
        assert_string_equal(manager_selected(t.manager)->name, "performance");
        check_active("performance", "manual");
}

/* -- memory -- */

static uint32_t allocations_left = UINT32_MAX;
void *__real_reallocarray(void *memory, size_t n, size_t size);
void *__wrap_reallocarray(void *memory, size_t n, size_t size);
void *__wrap_reallocarray(void *memory, size_t n, size_t size) {
        if (allocations_left == 0)
                return NULL;
        allocations_left -= allocations_left < UINT32_MAX;
        return __real_reallocarray(memory, n, size);
}

/* If any allocation fails during a probe, no decision is based on incomplete data, and no state is lost. */
static void test_no_memory_for_a_probe(void **state) {
        struct snapshot *pristine, *before;

        make("intel-client-hwp", NULL);
        pristine = take_snapshot();
        start();
        assert_int_equal(select_profile("performance"), 0);
        loop_drain(t.event);
        for (uint32_t n = 0; n < 40; n++) {
                uint32_t entries = ledger_count(t.manager->ledger);

                before = take_snapshot();
                allocations_left = n;
                manager_reprobe(t.manager, "a test");
                allocations_left = UINT32_MAX;
                check_active("performance", "manual");
                check_unchanged(before, true);
                assert_int_equal(ledger_count(t.manager->ledger), entries);
                manager_reprobe(t.manager, "a test with memory");
                loop_drain(t.event);
                check_epp("performance");
        }
        end();
        check_unchanged(pristine, false);
}

/* Makes values unreadable, so that their knobs are not written. */
static void break_knobs(void) {
        for (uint32_t i = 0; i < t.manager->machine.knobs.n; i++)
                if (strcmp(t.manager->machine.knobs.items[i].name, "epp") == 0 ||
                    strcmp(t.manager->machine.knobs.items[i].name, "epb") == 0)
                        t.manager->machine.knobs.items[i].index = t.manager->machine.knobs.items[i].index + 10000;
}

static void test_end_of_a_hold_that_cannot_be_carried_out(void **state) {
        t.options.block_drivers = "platform";
        laptop();
        (void) hold("performance", ":1.5", 0);
        loop_drain(t.event);
        break_knobs();
        manager_owner_gone(t.manager, ":1.5");
        check_active("balanced", "start");
        assert_true(manager_degraded(t.manager) & DEGRADED_KNOBS);
}

/* A blocked knob has no target, so it is not shown as failed. */
static void test_blocked_after_it_failed(void **state) {
        char *errors = NULL;

        laptop();
        break_knobs();
        (void) select_profile("performance");
        check_knob("platform-profile", 0, KNOB_OK, "performance");
        assert_true(manager_degraded(t.manager) & DEGRADED_KNOBS);
        configure("[governord]\nblock = epp epb\n");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        loop_drain(t.event);
        assert_int_equal(manager_degraded(t.manager), 0);
        check_knob("epp", 3, KNOB_UNTOUCHED, "balance_performance");
        assert_null(find_knob_of("epp", 3)->wanted);
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

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                TEST(test_failed_switch_waits),
                TEST(test_lap_mode_ends_while_a_choice_fails),
                TEST(test_no_memory_for_a_probe),
                TEST(test_drift_of_what_failed),
                TEST(test_later_write_is_judged_later),
                TEST(test_refused_value_loses_no_original),
                TEST(test_refused_demand_is_shown),
                TEST(test_no_ledger_no_start),
                TEST(test_ledger_lost_later),
                TEST(test_stop_without_ledger),
                TEST(test_state_not_saved),
                TEST(test_level_without_ledger),
                TEST(test_firmware_key_without_ledger),
                TEST(test_hold_without_ledger),
                TEST(test_end_of_the_last_hold_without_ledger),
                TEST(test_end_of_a_hold_that_cannot_be_carried_out),
                TEST(test_blocked_after_it_failed),
                TEST(test_nothing_can_be_set),
        };

        if (!take_arguments("test-manager-refused", argc, argv))
                return 2;
        return cmocka_run_group_tests_name("manager-refused", tests, NULL, NULL);
}
