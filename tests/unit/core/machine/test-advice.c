/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/machine/advice: exactly the lines that can have no effect are reported, each with file and line. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "core/config/config-text-load.h"
#include "core/machine/advice.h"

static const struct gov_knob_row intel_rows[] = {
        { .name = "epp", .scope = GOV_SCOPE_POLICY, .unit = GOV_UNIT_TEXT, .flags = GOV_KNOB_NAMED },
        { .name = "epb", .scope = GOV_SCOPE_CPU, .unit = GOV_UNIT_NUMBER },
        { .name = "boost", .scope = GOV_SCOPE_NODE, .unit = GOV_UNIT_BOOL },
        { .name = "max-freq", .scope = GOV_SCOPE_POLICY, .unit = GOV_UNIT_KHZ },
        { .name = "pl1", .scope = GOV_SCOPE_PACKAGE, .unit = GOV_UNIT_MICROWATT, .flags = GOV_KNOB_OPT_IN },
        { .name = "energy", .scope = GOV_SCOPE_PACKAGE, .unit = GOV_UNIT_MICROJOULE, .flags = GOV_KNOB_SENSOR },
};
static const struct gov_knob_row platform_rows[] = {
        { .name = "platform-profile", .scope = GOV_SCOPE_NODE, .unit = GOV_UNIT_TEXT },
        { .name = "amdgpu-panel-power", .scope = GOV_SCOPE_DEVICE, .unit = GOV_UNIT_NUMBER, .flags = GOV_KNOB_ACTION },
};
/* These drivers have only tables; they have no functions that could be called. */
static const struct gov_driver intel = {
        .name = "intel", .rows = intel_rows, .n_rows = ARRAY_SIZE(intel_rows), .options = "limit-unit log-level"
};
static const struct gov_driver platform = { .name = "platform", .rows = platform_rows, .n_rows = ARRAY_SIZE(platform_rows) };

static void append(const char *origin, const char *reason, void *userdata) {
        char *text = userdata;

        (void) snprintf(text + strlen(text), 4096 - strlen(text), "%s: %s\n", origin, reason);
}

static void check(const char *config_text, const char *expected) {
        const struct gov_driver *items[] = { &intel, &platform };
        const struct known_drivers drivers = { items, ARRAY_SIZE(items) };
        _cleanup_free_ char *errors = NULL;
        struct config *config = NULL;
        char text[4096] = "";

        if (config_load_text("t", config_text, strlen(config_text), &config, &errors) < 0)
                fail_msg("%s", errors);
        advice_on_config(config, &drivers, append, text);
        config_free(config);
        assert_string_equal(text, expected);
}

static void test_knobs(void **state) {
        check("[profile q]\ncpu-frequency = 3GHz\n", "t:2: no driver has a knob \"cpu-frequency\"\n");
        check("[profile q]\nmax-frek = 3GHz\n", "t:2: no driver has a knob \"max-frek\", did you mean \"max-freq\"?\n");
        check("[profile q]\nintel.ep = power\n", "t:2: driver intel has no knob \"ep\", did you mean \"epp\" or \"epb\"?\n");
        check("[profile q]\nebp = 15\n", "t:2: no driver has a knob \"ebp\", did you mean \"epp\" or \"epb\"?\n");
        check("[profile q]\nmax-fqer = 3GHz\n", "t:2: no driver has a knob \"max-fqer\", did you mean \"max-freq\"?\n");
        check("[profile q]\nintl.epp = power\n", "t:2: there is no driver \"intl\", did you mean \"intel\"?\n");
        check("[profile q]\nplatform.epp = power\n", "t:2: driver platform has no knob \"epp\"\n");
        check("[profile q]\nenergy = 1\n", "t:2: energy is read-only\n");
}

/* At most three of the most similar words are suggested, each once. Two swapped neighbouring letters count as one mistake. */
static void test_suggest(void **state) {
        char hint[SUGGEST_MAX];

        assert_string_equal(suggest(hint, "ebp", "epp epb epp"), ", did you mean \"epp\" or \"epb\"?");
        assert_string_equal(suggest(hint, "max-frequency", "max-freq min-freq"), ", did you mean \"max-freq\"?");
        assert_string_equal(suggest(hint, "Perf", "performance perfo powersave"), ", did you mean \"perfo\"?");
        assert_string_equal(suggest(hint, "pe", "performance"), "");
        assert_string_equal(suggest(hint, "knb", "kna knc knd kne"), ", did you mean \"kna\", \"knc\" or \"knd\"?");
        assert_string_equal(suggest(hint, "balacned", "balances balanced"), ", did you mean \"balanced\"?");
        assert_string_equal(suggest(hint, "", "a ab"), "");
        assert_string_equal(suggest(hint, "abcdef", "fedcba"), "");
        assert_int_equal(suggest_distance("ab", 2, "ba", 2), 1);
        assert_int_equal(suggest_distance("abcd", 4, "badc", 4), 2);
        assert_int_equal(suggest_distance("", 0, "abc", 3), 3);
}

/* Keys that belong to other sections and are not knobs. */
static void test_keys_elsewhere(void **state) {
        check("[profile q]\ndrift = reassert\n", "t:2: drift is a key of section [governord] and has no effect in a profile\n");
        check("[profile q]\nenable = epb\n", "t:2: enable is a key of section [governord] and has no effect in a profile\n");
        check("[profile q]\nintel.drift = 1\n", "t:2: driver intel has no knob \"drift\"\n");
}

static void test_values(void **state) {
        check("[profile q]\nepp = powr\n", "t:2: value \"powr\" is unknown for epp, did you mean \"power\"?\n");
        check("[profile q]\nepp = balance_perfomance\n",
              "t:2: value \"balance_perfomance\" is unknown for epp, did you mean \"balance_performance\"?\n");
        check("[profile q]\nplatform-profile = balancd\n",
              "t:2: value \"balancd\" is unknown for platform-profile, did you mean \"balanced\"?\n");
        check("[profile q]\nmax-freq = 20W\n", "t:2: max-freq must be a frequency (kHz, MHz, GHz or %); \"20W\" is not valid\n");
        check("[profile q]\nepp = 20W\n", "t:2: epp must be a word or a number without a unit; \"20W\" is not valid\n");
        check("[profile q]\npl1 = 2GHz\n", "t:2: pl1 must be a power (uW, mW, W or %); \"2GHz\" is not valid\n");
        check("[profile q]\nboost = 50%\n", "t:2: boost must be a switch (on or off); \"50%\" is not valid\n");
        check("[profile q]\nboost = of\n", "t:2: boost must be a switch (on or off); \"of\" is not valid\n");
        check("[profile q]\nboost = of off\n", "");
        check("[profile q]\nmax-freq = fast\n", "");
        check("[profile q]\nmax-freq = 20W 3GHz\n", "");
}

static void test_names(void **state) {
        check("[driver nosuch]\nx = y\n", "t:2: there is no driver \"nosuch\"\n");
        check("[driver intl]\nx = y\n", "t:2: there is no driver \"intl\", did you mean \"intel\"?\n");
        check("[driver intel]\nlimit-units = y\n",
              "t:2: driver intel has no option \"limit-units\", did you mean \"limit-unit\"?\n");
        check("[driver intel]\nlimit = y\n", "t:2: driver intel has no option \"limit\", did you mean \"limit-unit\"?\n");
        check("[driver platform]\nlimit-unit = y\n", "t:2: driver platform has no option \"limit-unit\"\n");
        check("[governord]\nenable = pl1 pl2\n", "t:2: enable: \"pl2\" names no driver, knob or action, did you mean \"pl1\"?\n");
        check("[governord]\nenable = intel intel.pl1\n", "");
        check("[governord]\nenable = boost platform amdgpu_panel_power\n",
              "t:2: enable: \"boost\" is enabled without this\n"
              "t:2: enable: \"platform\" is enabled without this\n"
              "t:2: enable: \"amdgpu_panel_power\" is an action; \"powerprofilesctl configure-action\" enables it\n");
        check("[governord]\nblock = intel.pl1 intel.pll platform trickle_charge\n",
              "t:2: block: \"intel.pll\" names no driver, knob or action\n");
}

/* Lines that are not reported: those of the defaults, and names, numbers, percentages and words of every driver. */
static void test_no_false_alarm(void **state) {
        check("", "");
        check("[profile q]\nepp = power default userspace_of_tomorrow 15 leave\nmax-freq@battery = 60% 2.4GHz 2400000 min\nintel.pl1 = 15W 50%\n"
              "platform-profile = low-power quiet custom (balanced)\namdgpu-panel-power = 2\n[driver intel]\nlog-level = y\n",
              "");
}

/* Three mistakes cause three messages; an inherited line is reported once. */
static void test_each_once(void **state) {
        check("[profile q]\nepp = powr\nmax-frek = 1GHz\nintel.boots = 1\n[profile r]\ninherits = q\n[profile balanced]\nfoo = 1\n",
              "t:8: no driver has a knob \"foo\"\n"
              "t:2: value \"powr\" is unknown for epp, did you mean \"power\"?\n"
              "t:3: no driver has a knob \"max-frek\", did you mean \"max-freq\"?\n"
              "t:4: driver intel has no knob \"boots\", did you mean \"boost\"?\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_knobs),          cmocka_unit_test(test_values),    cmocka_unit_test(test_names),
                cmocka_unit_test(test_no_false_alarm), cmocka_unit_test(test_each_once), cmocka_unit_test(test_keys_elsewhere),
                cmocka_unit_test(test_suggest),
        };

        return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
