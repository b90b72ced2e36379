/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/manager/drift: classifies a new value of a knob by the state of the knob, its target and its former value. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/manager/drift.h"

/* -- verdicts -- */

static const struct {
        const char *name;
        enum knob_state state;
        const char *wanted, *before, *now, *yielded;
        bool bounds;
        enum verdict verdict;
} verdicts[] = {
        /* clang-format off */
        { "another value",            KNOB_OK,        "100", "100", "200", NULL,  false, VERDICT_FOREIGN },
        { "the wanted one again",     KNOB_OK,        "100", "200", "100", NULL,  false, VERDICT_NOTHING },
        { "the same number",          KNOB_OK,        "100", "200", "0100", NULL, false, VERDICT_NOTHING },
        { "nothing is wanted",        KNOB_UNTOUCHED, NULL,  "100", "200", NULL,  false, VERDICT_NOTHING },
        { "bounds a lower limit",     KNOB_UNTOUCHED, NULL,  "100", "200", NULL,  true,  VERDICT_BOUND },
        { "bounds, and is foreign",   KNOB_OK,        "100", "100", "200", NULL,  true,  VERDICT_FOREIGN },
        { "failed, changed",          KNOB_FAILED,    "100", "300", "200", NULL,  false, VERDICT_FOREIGN },
        { "failed, readable again",   KNOB_FAILED,    "100", NULL,  "200", NULL,  false, VERDICT_NOTHING },
        { "left alone, changed",      KNOB_YIELDED,   "100", "200", "300", "100", false, VERDICT_NOTHING },
        { "left alone, as wanted",    KNOB_YIELDED,   "100", "200", "100", "50",  false, VERDICT_BACK },
        { "left alone, as it was",    KNOB_YIELDED,   "100", "200", "50",  "50",  false, VERDICT_BACK },
        { "left alone, none wanted",  KNOB_YIELDED,   NULL,  "200", "50",  "50",  false, VERDICT_BACK },
        { "left alone, was unknown",  KNOB_YIELDED,   NULL,  "200", "50",  NULL,  true,  VERDICT_BOUND },
        /* clang-format on */
};

static void test_verdicts(void **state) {
        static const struct gov_knob_row row = { .name = "limit" };

        for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
                const struct knob knob = {
                        .row = &row,
                        .state = verdicts[i].state,
                        .wanted = verdicts[i].wanted,
                        .value = verdicts[i].now,
                        .yielded = verdicts[i].yielded,
                        .bounds = verdicts[i].bounds,
                };

                if (drift_judge(&knob, verdicts[i].before) != verdicts[i].verdict)
                        fail_msg("%s: %d instead of %d", verdicts[i].name, drift_judge(&knob, verdicts[i].before),
                                 verdicts[i].verdict);
        }
}

static void test_answers(void **state) {
        const struct config yields = { .drift = DRIFT_YIELD, .drift_limit = 3 },
                            reasserts = { .drift = DRIFT_REASSERT, .drift_limit = 3 };
        const struct knob sound = { .state = KNOB_OK }, failed = { .state = KNOB_FAILED };

        assert_int_equal(drift_answers(&yields, &sound), 0);
        assert_int_equal(drift_answers(&yields, &failed), 1);
        assert_int_equal(drift_answers(&reasserts, &sound), 3);
        assert_int_equal(drift_answers(&reasserts, &failed), 3);
}

/* -- looks -- */

static const char *shown; /* NULL: the file cannot be read */

static int read_it(void *state, uint32_t row, uint32_t index, char *ret, size_t size) {
        if (!shown)
                return -EIO;
        (void) text_format(ret, size, "%s", shown);
        return (int) strlen(ret);
}

static const struct {
        const char *name, *before, *shown;
        bool sensor, unread, who_is_known, last;
        enum sight sight;
} sights[] = {
        /* clang-format off */
        { "a value",                       "100", "200", false, false, true,  false, SIGHT_VALUE },
        { "empty: between two writes",     "100", "",    false, false, true,  false, SIGHT_UNFINISHED },
        { "empty, and stays so",           "100", "",    false, false, true,  true,  SIGHT_VALUE },
        { "was empty before",              "",    "",    false, false, true,  false, SIGHT_VALUE },
        { "not readable",                  "100", NULL,  false, false, false, false, SIGHT_UNFINISHED },
        { "not readable, and stays so",    "100", NULL,  false, false, false, true,  SIGHT_GONE },
        { "was not readable before",       NULL,  NULL,  false, false, false, false, SIGHT_GONE },
        { "readable again",                NULL,  "200", false, false, false, false, SIGHT_VALUE },
        { "written, not read back yet",    "100", "200", false, true,  false, false, SIGHT_UNFINISHED },
        { "the read-back",                 "100", "200", false, true,  false, true,  SIGHT_OWN },
        { "written by another meanwhile",  "100", "200", false, true,  true,  true,  SIGHT_VALUE },
        { "a sensor",                      "0",   "1",   true,  false, false, false, SIGHT_SENSOR },
        { "a sensor that cannot be read",  "0",   NULL,  true,  false, false, true,  SIGHT_SENSOR },
        /* clang-format on */
};

static void test_sights(void **state) {
        static const struct gov_driver driver = { .read = read_it };
        static const struct gov_knob_row setting = { .name = "limit" }, sensor = { .name = "heat", .flags = GOV_KNOB_SENSOR };
        struct plugin plugin = { .name = "test", .driver = &driver };
        char value[GOVERNORD_VALUE_MAX];

        for (size_t i = 0; i < ARRAY_SIZE(sights); i++) {
                const struct knob knob = {
                        .plugin = &plugin,
                        .row = sights[i].sensor ? &sensor : &setting,
                        .value = sights[i].before,
                        .written_usec = sights[i].unread,
                };
                enum sight sight;

                shown = sights[i].shown;
                sight = drift_look(&knob, sights[i].who_is_known, sights[i].last, value);
                if (sight != sights[i].sight)
                        fail_msg("%s: %d instead of %d", sights[i].name, sight, sights[i].sight);
                if (sight == SIGHT_VALUE || sight == SIGHT_OWN)
                        assert_string_equal(value, shown);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_verdicts),
                cmocka_unit_test(test_answers),
                cmocka_unit_test(test_sights),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
