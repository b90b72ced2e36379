/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/write/restore: original values of devices that return with another number, while the service runs and after a kill. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/write/restore.h"
#include "tests/unit/fake-machine.h"

static struct fake_machine m;
static struct ledger *ledger;

static void name_device(uint32_t domain, const char *identity, const char *value) {
        struct fake_knob *hardware = machine_hardware(&m, m.epp, domain);

        (void) snprintf(hardware->facts.identity, sizeof(hardware->facts.identity), "%s", identity);
        (void) snprintf(hardware->value, sizeof(hardware->value), "%s", value);
}

static void set(uint32_t domain, const char *value) {
        struct operations operations = {};
        struct apply_result result;
        struct change *change = change_new(42, "a test", "test-restore");
        const struct apply_context context = { .ledger = ledger, .change = change };

        assert_int_equal(operations_add(&operations, machine_knob(&m, "epp", domain), text_intern(value), false), 0);
        assert_int_equal(apply(&context, &operations, &result), 0);
        assert_int_equal(result.done, 1);
        free(operations.items);
        (void) change_unref(change);
}

static int set_up(void **state) {
        machine_make(&m);
        assert_int_equal(ledger_open(NULL, "boot", &ledger), 0);
        name_device(0, "GPU-A", "balance_performance");
        name_device(1, "GPU-B", "performance");
        machine_start(&m, "");
        set(0, "power");
        name_device(0, "GPU-B", "performance"); /* the two devices have exchanged their numbers */
        name_device(1, "GPU-A", "power");
        return 0;
}

static int tear_down(void **state) {
        ledger = ledger_free(ledger);
        machine_remove(&m);
        return 0;
}

static void find_again(bool inherit) {
        struct plugin *plugins[] = { &m.fake->plugin };

        if (!inherit)
                knobs_done(&m.knobs);
        assert_int_equal(knobs_update(&m.knobs, plugins, 1, &m.topology), 0);
        restore_adopt(ledger, &m.knobs);
}

static void check_moved(void) {
        struct operations operations = {};

        assert_int_equal(machine_knob(&m, "epp", 0)->ledger_id, 0);
        assert_null(machine_knob(&m, "epp", 0)->original);
        assert_string_equal(machine_knob(&m, "epp", 1)->original, "balance_performance");
        restore_all(ledger, &m.knobs, &operations);
        assert_int_equal(operations.n, 1);
        assert_ptr_equal(operations.items[0].knob, machine_knob(&m, "epp", 1));
        assert_string_equal(operations.items[0].value, "balance_performance");
        free(operations.items);
}

static void test_device_moves_while_running(void **state) {
        find_again(true);
        assert_int_equal(machine_knob(&m, "epp", 0)->state, KNOB_UNTOUCHED);
        assert_int_equal(machine_knob(&m, "epp", 1)->state, KNOB_OK);
        check_moved();
}

static void test_device_moves_before_the_next_start(void **state) {
        find_again(false);
        check_moved();
}

/* The original value is not written to another device with the same number. */
static void test_device_is_replaced(void **state) {
        struct operations operations = {};

        name_device(0, "GPU-C", "power");
        name_device(1, "GPU-B", "performance");
        find_again(false);
        assert_int_equal(restore_left(ledger, &m.knobs, &operations), 0);
        assert_int_equal(operations.n, 0);
        assert_int_equal(ledger_count(ledger), 1); /* the device may return */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_device_moves_while_running),
                TEST(test_device_moves_before_the_next_start),
                TEST(test_device_is_replaced),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
