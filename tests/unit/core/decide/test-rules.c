/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/decide/rules: conditions, and the first rule whose profile is available. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/decide/rules.h"
#include "tests/unit/core/config/config-case.h"

static const bool everything[PROFILE_BASE_COUNT] = { true, true, true };
static const bool no_performance[PROFILE_BASE_COUNT] = { true, true, false };

/* Each letter is a fact: b on battery, i idle, u the unit is active, p the program runs. A number is the percentage of the
 * battery. */
static struct surroundings make_surroundings(const char *text, struct names_on *units, struct names_on *programs) {
        const struct surroundings around = {
                .on_battery = strchr(text, 'b'),
                .idle = strchr(text, 'i'),
                .units = units,
                .programs = programs,
                .percent = strpbrk(text, "0123456789") ? atoi(strpbrk(text, "0123456789")) : -1,
        };

        units->n = programs->n = 0;
        (void) names_set(units, "other.service", true);
        (void) names_set(units, "backup.service", strchr(text, 'u'));
        (void) names_set(programs, "/usr/bin/other", true);
        (void) names_set(programs, "/usr/bin/game", strchr(text, 'p'));
        return around;
}

static void test_conditions(void **state) {
        static const struct {
                const char *when, *around;
                bool holds;
        } cases[] = {
                { "ac", "", true },
                { "ac", "b", false },
                { "battery", "b", true },
                { "battery", "", false },
                { "battery-below 20", "b19", true },
                { "battery-below 20", "b20", false },
                { "battery-below 20", "19", true },
                { "battery-below 20", "b", false }, /* does not hold for an unknown percentage */
                { "exe /usr/bin/game", "p", true },
                { "exe /usr/bin/game", "", false },
                { "unit backup.service", "u", true },
                { "unit backup.service", "p", false },
                { "idle", "i", true },
                { "idle", "", false },
                { "battery\nwhen = idle", "bi", true },
                { "battery\nwhen = idle", "b", false },
                { "battery\nwhen = idle", "i", false },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                static struct names_on units, programs;
                const struct surroundings around = make_surroundings(cases[i].around, &units, &programs);
                struct config *config;
                char text[256];

                assert_int_equal(TEXT_FORMAT(text, "[rule r]\nwhen = %s\nprofile = power-saver\n", cases[i].when), 0);
                config = load_config(text);
                if (rule_holds(&config->rules[0], &around) != cases[i].holds)
                        fail_msg("%s with \"%s\"", cases[i].when, cases[i].around);
                assert_ptr_equal(rules_decide(config, &around, everything), cases[i].holds ? &config->rules[0] : NULL);
                config_free(config);
        }
}

/* Rules are evaluated in the order of the file. A rule whose profile is not available is skipped. */
static void test_first_that_holds(void **state) {
        struct config *config = load_config("[profile fast]\ninherits = performance\n[rule a]\nwhen = idle\nprofile = power-saver\n"
                                            "[rule b]\nwhen = ac\nprofile = fast\n[rule c]\nwhen = ac\nprofile = balanced\n");
        static const struct {
                const char *around;
                const bool *available;
                int rule; /* -1: none */
        } cases[] = {
                { "", everything, 1 },      { "i", everything, 0 },  { "", no_performance, 2 },
                { "i", no_performance, 0 }, { "b", everything, -1 }, { "bi", everything, 0 },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                static struct names_on units, programs;
                const struct surroundings around = make_surroundings(cases[i].around, &units, &programs);

                assert_ptr_equal(rules_decide(config, &around, cases[i].available),
                                 cases[i].rule < 0 ? NULL : &config->rules[cases[i].rule]);
        }
        config_free(config);
}

static void test_names(void **state) {
        static struct names_on names;
        char name[24];

        assert_true(names_set(&names, "a", true));
        assert_false(names_set(&names, "a", true));
        assert_true(names_set(&names, "b", true));
        assert_true(names_set(&names, "a", false));
        assert_false(names_set(&names, "a", false));
        assert_int_equal(names.n, 1);
        for (uint32_t i = 0; i < 2 * NAMES_MAX; i++) {
                assert_int_equal(TEXT_FORMAT(name, "name %u", i), 0);
                assert_int_equal(names_set(&names, name, true), i < NAMES_MAX - 1);
        }
        assert_int_equal(names.n, NAMES_MAX);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_conditions),
                cmocka_unit_test(test_first_that_holds),
                cmocka_unit_test(test_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
