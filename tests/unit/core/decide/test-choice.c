/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/decide/choice: which profile is in force, after each event of several sequences. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/decide/choice.h"
#include "tests/unit/core/config/config-case.h"

#define SECOND UINT64_C(1000000)

static const char rules[] =
        "[profile quiet]\ninherits = power-saver\n[rule night]\nwhen = idle\nprofile = quiet\n[rule game]\nwhen = ac\nprofile = performance\n";

static struct scene {
        struct config *config;
        struct requests requests;
        struct choice choice;
        bool available[PROFILE_BASE_COUNT];
        uint64_t now_usec;
} scene;

static int set_up(void **state) {
        scene = (struct scene){ .config = load_config(rules), .available = { true, true, true }, .now_usec = 100 * SECOND };
        scene.choice.selected = config_profile(scene.config, "balanced");
        return 0;
}

static int tear_down(void **state) {
        requests_clear(&scene.requests);
        config_free(scene.config);
        return 0;
}

static void hold(const char *profile) {
        struct request *request;

        if (profile[0])
                assert_int_equal(requests_add(&scene.requests,
                                              &(struct request){ .kind = REQUEST_PROFILE, .pidfd = -1, .profile = profile },
                                              &request),
                                 0);
        else
                requests_clear(&scene.requests);
}

static void set_rule(const char *name) {
        const struct rule *rule = NULL;

        for (size_t i = 0; i < scene.config->n_rules; i++)
                if (strcmp(scene.config->rules[i].name, name) == 0)
                        rule = &scene.config->rules[i];
        (void) choice_set_rule(&scene.choice, rule);
}

/* The firmware changes the profile: shortly after a change of circumstances it imposes it; otherwise a key was pressed. */
static void firmware(const char *profile) {
        enum circumstance by;

        if (choice_is_answered(&scene.choice, scene.now_usec, &by))
                choice_impose(&scene.choice, config_profile(scene.config, profile), by);
        else
                choice_select_by_key(&scene.choice, config_profile(scene.config, profile), scene.now_usec);
}

static void happen(const char *event) {
        const char *what = strchr(event, ' ') ? strchr(event, ' ') + 1 : "";

        if (strncmp(event, "select ", 7) == 0)
                choice_select(&scene.choice, config_profile(scene.config, what), ORIGIN_MANUAL);
        else if (strncmp(event, "hold", 4) == 0)
                hold(what);
        else if (strncmp(event, "rule", 4) == 0)
                set_rule(what);
        else if (strncmp(event, "firmware ", 9) == 0)
                firmware(what);
        else if (strcmp(event, "performance goes") == 0 || strcmp(event, "performance comes") == 0)
                scene.available[PROFILE_PERFORMANCE] = event[12] == 'c';
        else if (strncmp(event, "lap ", 4) == 0)
                (void) choice_set_circumstance(&scene.choice, ON_LAP, strcmp(what, "on") == 0, true, scene.now_usec);
        else if (strncmp(event, "battery ", 8) == 0)
                (void) choice_set_circumstance(&scene.choice, ON_BATTERY, strcmp(what, "on") == 0, true, scene.now_usec);
        else if (strncmp(event, "later", 5) == 0)
                scene.now_usec += 3 * SECOND;
        else
                fail_msg("what is %s?", event);
}

struct step {
        const char *event, *profile, *cause;
};

static void tell(const struct step *steps) {
        for (size_t i = 0; steps[i].event; i++) {
                struct decision decision;
                char cause[sizeof(decision.cause)];

                scene.now_usec += SECOND / 100;
                happen(steps[i].event);
                choice_decide(&scene.choice, &scene.requests, scene.config, scene.available, &decision);
                memcpy(cause, decision.cause, sizeof(cause));
                if (strncmp(cause, "hold:", 5) == 0)
                        cause[4] = '\0'; /* without the cookie, which continues from test to test */
                if (strcmp(decision.profile->name, steps[i].profile) != 0 || strcmp(cause, steps[i].cause) != 0)
                        fail_msg("step %zu, %s: %s (%s), expected %s (%s)", i, steps[i].event, decision.profile->name, cause,
                                 steps[i].profile, steps[i].cause);
        }
}

static void test_order(void **state) {
        tell((const struct step[]){
                { "later", "balanced", "start" },
                { "select performance", "performance", "manual" },
                { "rule night", "quiet", "rule:night" },
                { "hold performance", "performance", "hold" },
                { "hold power-saver", "power-saver", "hold" },
                { "hold", "quiet", "rule:night" },
                { "rule", "performance", "manual" },
                { NULL, NULL, NULL },
        });
}

/* A manual choice overrides the current rule until another rule applies. */
static void test_override(void **state) {
        tell((const struct step[]){
                { "rule game", "performance", "rule:game" },
                { "select balanced", "balanced", "manual" },
                { "rule game", "balanced", "manual" },
                { "rule night", "quiet", "rule:night" },
                { "rule game", "performance", "rule:game" },
                { NULL, NULL, NULL },
        });
}

static void test_what_is_not_on_offer(void **state) {
        tell((const struct step[]){
                { "select performance", "performance", "manual" },
                { "performance goes", "balanced", "unavailable" },
                { "hold performance", "balanced", "unavailable" },
                { "performance comes", "performance", "hold" },
                { "hold", "performance", "manual" },
                { NULL, NULL, NULL },
        });
}

/* An imposed profile ends with the circumstance that caused it; a key is a choice. */
static void test_imposed(void **state) {
        tell((const struct step[]){
                { "select performance", "performance", "manual" },
                { "lap on", "performance", "manual" },
                { "firmware balanced", "balanced", "firmware" },
                { "later", "balanced", "firmware" },
                { "battery on", "balanced", "firmware" },
                { "lap off", "performance", "manual" },
                { "later", "performance", "manual" },
                { "firmware power-saver", "power-saver", "firmware" },
                { "later", "power-saver", "firmware" },
                { "lap on", "power-saver", "firmware" },
                { "lap off", "power-saver", "firmware" },
                { NULL, NULL, NULL },
        });
        assert_string_equal(scene.choice.selected->name, "power-saver");
}

/* If the circumstance is seen after the change of the firmware, the former choice is selected again, and the same rule stays
 * overridden. */
static void test_answer_is_seen_first(void **state) {
        tell((const struct step[]){
                { "rule game", "performance", "rule:game" },
                { "select performance", "performance", "manual" },
                { "firmware balanced", "balanced", "firmware" },
                { "battery on", "balanced", "firmware" },
                { "later", "balanced", "firmware" },
                { "battery off", "performance", "manual" },
                { NULL, NULL, NULL },
        });
}

/* A choice ends a profile that the firmware has imposed. */
static void test_choice_ends_imposed(void **state) {
        tell((const struct step[]){
                { "select performance", "performance", "manual" },
                { "lap on", "performance", "manual" },
                { "firmware balanced", "balanced", "firmware" },
                { "select power-saver", "power-saver", "manual" },
                { "lap off", "power-saver", "manual" },
                { NULL, NULL, NULL },
        });
}

/* Circumstances that are found before the service has started do not count as changes. */
static void test_start(void **state) {
        assert_int_equal(choice_set_circumstance(&scene.choice, ON_BATTERY, true, false, scene.now_usec), CIRCUMSTANCE_SAME);
        assert_int_equal(choice_set_circumstance(&scene.choice, ON_BATTERY, true, true, scene.now_usec), CIRCUMSTANCE_SAME);
        assert_int_equal(scene.choice.circumstance_usec[ON_BATTERY], 0);
}

/* A new configuration: profiles and rules are found by name, and a missing profile is replaced by its base. */
static void test_new_configuration(void **state) {
        struct config *same = load_config(rules), *without = load_config("[rule game]\nwhen = ac\nprofile = performance\n");

        set_rule("game");
        choice_select(&scene.choice, config_profile(scene.config, "quiet"), ORIGIN_MANUAL);
        assert_true(choice_adopt_config(&scene.choice, same));
        assert_ptr_equal(scene.choice.selected, config_profile(same, "quiet"));
        assert_ptr_equal(scene.choice.deciding, &same->rules[1]);
        assert_null(choice_rule_profile(&scene.choice, same)); /* still overridden */
        assert_false(choice_adopt_config(&scene.choice, without));
        assert_ptr_equal(scene.choice.selected, config_profile(without, "power-saver"));
        assert_ptr_equal(scene.choice.deciding, &without->rules[0]);
        config_free(same);
        config_free(without);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_order),
                TEST(test_override),
                TEST(test_what_is_not_on_offer),
                TEST(test_imposed),
                TEST(test_answer_is_seen_first),
                TEST(test_choice_ends_imposed),
                TEST(test_start),
                TEST(test_new_configuration),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
