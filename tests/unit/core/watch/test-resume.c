/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/watch/resume: which clock changes count as sleep. The lab (tests/vm) tests a real sleep. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/watch/resume.h"

#define MS INT64_C(1000000)

static void test_sleep_is_told_from_a_set_clock(void **state) {
        assert_true(resume_was_asleep(3600 * 1000 * MS, 0));
        assert_true(resume_was_asleep(3600 * 1000 * MS, 5000 * MS)); /* and the clock was corrected at once */
        assert_true(resume_was_asleep(0, 40));                       /* too short for a clock of seconds */
        assert_false(resume_was_asleep(0, 5000 * MS));
        assert_false(resume_was_asleep(40, -5000 * MS));
        assert_false(resume_was_asleep(99 * MS, -100 * MS));
}

static int calls;

static void count(void *userdata) {
        calls++;
}

static void test_awake(void **state) {
        struct resume *resume = NULL;
        sd_event *event = NULL;

        assert_int_equal(sd_event_new(&event), 0);
        assert_int_equal(resume_new(event, count, NULL, &resume), 0);
        assert_int_equal(sd_event_run(event, 0), 0); /* no event, so the service is not woken */
        assert_int_equal(calls, 0);
        assert_null(resume_free(resume));
        assert_null(resume_free(NULL));
        sd_event_unref(event);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sleep_is_told_from_a_set_clock),
                cmocka_unit_test(test_awake),
        };

        return cmocka_run_group_tests_name("resume", tests, NULL, NULL);
}
