/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dbus/api/power-meter: power from one or several counters, which wrap at different times. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dbus/api/power-meter.h"

#define SECOND UINT64_C(1000000)

static void feed(struct power_meter *meter, uint64_t second, uint64_t first, uint64_t other) {
        const struct energy_counter counters[] = { { "die-0", first, 1000000000 }, { "die-1", other, 1000000000 } };

        power_meter_feed(meter, second * SECOND, counters, 2);
}

static void test_sum_of_counters(void **state) {
        struct power_meter meter = {};

        (void) state;
        assert_true(power_meter_due(&meter, 0));
        feed(&meter, 10, 5000000, 7000000);
        assert_int_equal(meter.period_usec, 0); /* one reading is not enough */
        assert_false(power_meter_due(&meter, 10 * SECOND + 1));
        feed(&meter, 12, 25000000, 17000000);
        assert_int_equal(meter.microwatt, 15000000);
        assert_int_equal(meter.period_usec, 2 * SECOND);
        feed(&meter, 13, 999000000, 18000000);
        feed(&meter, 14, 1000000, 20000000); /* the first one wrapped: 1 J to its end, and 1 J more */
        assert_int_equal(meter.microwatt, 4000000);
}

#define RANGE UINT64_C(262143328850)

static void feed_one(struct power_meter *meter, uint64_t usec, uint64_t energy, uint64_t range) {
        power_meter_feed(meter, usec, &(struct energy_counter){ "", energy, range }, 1);
}

static void check(const struct power_meter *meter, uint64_t microwatt, uint64_t period_usec) {
        assert_int_equal(meter->microwatt, microwatt);
        assert_int_equal(meter->period_usec, period_usec);
}

static void test_at_most_once_a_second(void **state) {
        struct power_meter meter = {};

        (void) state;
        assert_true(power_meter_due(&meter, 5 * SECOND));
        feed_one(&meter, 5 * SECOND, 1000000, RANGE);
        check(&meter, 0, 0); /* one reading is not enough */
        assert_false(power_meter_due(&meter, 5 * SECOND));
        assert_false(power_meter_due(&meter, 6 * SECOND - 1));
        assert_true(power_meter_due(&meter, 6 * SECOND));
        feed_one(&meter, 7 * SECOND, 31000000, RANGE);
        check(&meter, 15000000, 2 * SECOND);
        assert_false(power_meter_due(&meter, 8 * SECOND - 1));
}

static void test_the_counter_wraps(void **state) {
        struct power_meter meter = {};

        (void) state;
        feed_one(&meter, SECOND, RANGE - 5000000, RANGE);
        feed_one(&meter, 2 * SECOND, 10000000, RANGE);
        check(&meter, 15000000, SECOND);
        feed_one(&meter, 3 * SECOND, 9000000, 0); /* after a reset; the range is unknown */
        check(&meter, 0, 0);
}

static void test_other_counters(void **state) {
        const struct energy_counter one = { "die-0", 30000000, 1000000000 }, other = { "package-0", 40000000, 1000000000 },
                                    unknown = { "package-0", 10, 0 };
        struct power_meter meter = {};

        (void) state;
        feed(&meter, 10, 5000000, 7000000);
        power_meter_feed(&meter, 11 * SECOND, &one, 1); /* a die has disappeared */
        assert_int_equal(meter.period_usec, 0);
        power_meter_feed(&meter, 12 * SECOND, &other, 1);
        assert_int_equal(meter.period_usec, 0);
        power_meter_feed(&meter, 13 * SECOND, &unknown, 1); /* wrapped, but its range is unknown */
        assert_int_equal(meter.period_usec, 0);
        power_meter_feed(&meter, 13 * SECOND, &unknown, 1); /* the same time as before */
        assert_int_equal(meter.period_usec, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_at_most_once_a_second),
                cmocka_unit_test(test_the_counter_wraps),
                cmocka_unit_test(test_sum_of_counters),
                cmocka_unit_test(test_other_counters),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
