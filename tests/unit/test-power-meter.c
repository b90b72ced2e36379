/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dbus/power-meter: power from an energy counter, with the test's own clock. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dbus/power-meter.h"

#define SECOND UINT64_C(1000000)
#define RANGE UINT64_C(262143328850)

static void check(const struct power_meter *meter, uint64_t microwatt, uint64_t period_usec) {
        assert_int_equal(meter->microwatt, microwatt);
        assert_int_equal(meter->period_usec, period_usec);
}

static void test_at_most_once_a_second(void **state) {
        struct power_meter meter = {};

        (void) state;
        assert_true(power_meter_due(&meter, 5 * SECOND));
        power_meter_feed(&meter, 5 * SECOND, 1000000, RANGE);
        check(&meter, 0, 0); /* one reading is no power */
        assert_false(power_meter_due(&meter, 5 * SECOND));
        assert_false(power_meter_due(&meter, 6 * SECOND - 1));
        assert_true(power_meter_due(&meter, 6 * SECOND));
        power_meter_feed(&meter, 7 * SECOND, 31000000, RANGE);
        check(&meter, 15000000, 2 * SECOND);
        assert_false(power_meter_due(&meter, 8 * SECOND - 1));
}

static void test_the_counter_wraps(void **state) {
        struct power_meter meter = {};

        (void) state;
        power_meter_feed(&meter, SECOND, RANGE - 5000000, RANGE);
        power_meter_feed(&meter, 2 * SECOND, 10000000, RANGE);
        check(&meter, 15000000, SECOND);
        power_meter_feed(&meter, 3 * SECOND, 9000000, 0); /* it was reset: the range is unknown */
        check(&meter, 0, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_at_most_once_a_second),
                cmocka_unit_test(test_the_counter_wraps),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
