/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware's power profile: the old file, the handlers, and files that appear later. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/platform/profile.h"
#include "tests/unit/small-root.h"

#define PROFILE "sys/firmware/acpi/platform_profile"
#define CHOICES "sys/firmware/acpi/platform_profile_choices"

static const struct gov_knob_row rows[ROW_COUNT] = {
        [ROW_PROFILE] = { "platform-profile", "one", GOV_SCOPE_NODE, GOV_UNIT_TEXT, GOV_ORDER_PLATFORM, GOV_KNOB_FIRMWARE },
};
static const struct gov_driver driver = { .n_rows = ROW_COUNT, .rows = rows };

struct fake_machine {
        struct small_root root;
        struct platform platform;
};

static void put_handler(const struct fake_machine *m, unsigned number, const char *name, const char *choices) {
        char path[128];

        (void) snprintf(path, sizeof(path), "sys/class/platform-profile/platform-profile-%u/name", number);
        small_root_write(&m->root, path, name);
        (void) snprintf(path, sizeof(path), "sys/class/platform-profile/platform-profile-%u/choices", number);
        small_root_write(&m->root, path, choices);
        (void) snprintf(path, sizeof(path), "sys/class/platform-profile/platform-profile-%u/profile", number);
        small_root_write(&m->root, path, "balanced\n");
}

static void put_main(const struct fake_machine *m, const char *choices) {
        small_root_write(&m->root, PROFILE, "balanced\n");
        small_root_write(&m->root, CHOICES, choices);
}

static void look(struct fake_machine *m) {
        assert_int_equal(knobset_init(&m->platform.set, &driver, &m->root.host, NULL), 0);
        assert_int_equal(profile_add(&m->platform), 0);
}

static void expect(struct fake_machine *m, int profiles) {
        assert_int_equal(knobset_count(&m->platform, ROW_PROFILE), profiles);
        knobset_done(&m->platform.set);
        small_root_remove(&m->root);
}

static void test_kernel_spellings_pass_through(void **state) {
        struct gov_instance instance;
        struct fake_machine m = {};

        (void) state;
        small_root_make(&m.root);
        put_main(&m, "low-power cool\nquiet balanced balanced-performance performance max-power\n");
        look(&m);
        assert_int_equal(knobset_describe(&m.platform, ROW_PROFILE, 0, &instance), 0);
        assert_string_equal(instance.choices, "low-power cool quiet balanced balanced-performance performance max-power");
        assert_int_equal(knobset_write(&m.platform, ROW_PROFILE, 0, "balanced-performance"), 0);
        assert_string_equal(small_root_read(&m.root, PROFILE), "balanced-performance");
        expect(&m, 1);
}

static void test_custom_is_read_but_not_offered(void **state) {
        char value[GOVERNORD_VALUE_MAX];
        struct fake_machine m = {};

        (void) state;
        small_root_make(&m.root);
        put_main(&m, "low-power balanced performance\n");
        small_root_write(&m.root, PROFILE, "custom\n");
        look(&m);
        assert_int_equal(knobset_read(&m.platform, ROW_PROFILE, 0, value, sizeof(value)), 6);
        assert_string_equal(value, "custom");
        assert_int_equal(knobset_write(&m.platform, ROW_PROFILE, 0, "custom"), -EINVAL);
        assert_string_equal(small_root_read(&m.root, PROFILE), "custom");
        expect(&m, 1);
}

static void check_knob(struct fake_machine *m, uint32_t index, const char *path, const char *label, const char *choices) {
        struct gov_instance instance;

        assert_int_equal(knobset_describe(&m->platform, ROW_PROFILE, index, &instance), 0);
        assert_int_equal(instance.domain, 0); /* the domain is the whole machine */
        assert_string_equal(instance.path, path);
        assert_string_equal(instance.label, label);
        assert_string_equal(instance.choices, choices);
}

/* A handler is used through its own file even if it is the only one, because another one may appear. */
static void test_one_handler(void **state) {
        struct fake_machine m = {};

        (void) state;
        small_root_make(&m.root);
        put_main(&m, "balanced performance\n");
        put_handler(&m, 0, "thinkpad-acpi\n", "low-power balanced performance\n");
        look(&m);
        check_knob(&m, 0, "sys/class/platform-profile/platform-profile-0/profile", "thinkpad-acpi",
                   "low-power balanced performance");
        expect(&m, 1);
}

static void test_several_handlers(void **state) {
        struct fake_machine m = {};

        (void) state;
        small_root_make(&m.root);
        put_main(&m, "balanced performance\n");
        put_handler(&m, 0, "asus-wmi\n", "quiet balanced performance\n");
        put_handler(&m, 3, "amd-pmf\n", "low-power balanced performance\n");
        look(&m);
        check_knob(&m, 0, "sys/class/platform-profile/platform-profile-0/profile", "asus-wmi", "quiet balanced performance");
        check_knob(&m, 1, "sys/class/platform-profile/platform-profile-3/profile", "amd-pmf", "low-power balanced performance");
        expect(&m, 2);
}

static void test_handler_alone(void **state) {
        struct fake_machine m = {};

        (void) state;
        small_root_make(&m.root);
        put_handler(&m, 0, "asus-wmi\n", "quiet balanced performance\n");
        look(&m);
        expect(&m, 1);
}

static void test_handler_without_choices(void **state) {
        struct fake_machine m = {};

        (void) state;
        small_root_make(&m.root);
        put_main(&m, "balanced performance\n");
        small_root_write(&m.root, "sys/class/platform-profile/platform-profile-0/profile", "balanced\n");
        look(&m);
        check_knob(&m, 0, PROFILE, "", "balanced performance");
        expect(&m, 1);
}

static void test_needs_choices(void **state) {
        struct fake_machine m = {};

        (void) state;
        small_root_make(&m.root);
        small_root_write(&m.root, PROFILE, "balanced\n");
        look(&m);
        expect(&m, 0);
}

static void test_watch_notices_late_profile(void **state) {
        struct fake_machine m = {};
        struct watch watch;

        (void) state;
        small_root_make(&m.root);
        small_root_write(&m.root, "sys/firmware/acpi/pm_profile", "2\n");
        watch_start(&watch, &m.root.host);
        assert_true(watch.fd >= 0);
        assert_int_equal(watch_dispatch(&watch), 0);
        small_root_write(&m.root, CHOICES, "balanced performance\n");
        assert_int_equal(watch_dispatch(&watch), 0); /* the profile does not exist yet */
        small_root_write(&m.root, PROFILE, "balanced\n");
        assert_int_equal(watch_dispatch(&watch), 2);
        watch_stop(&watch);
        watch_start(&watch, &m.root.host);
        small_root_write(&m.root, PROFILE, "performance\n"); /* a change of the value is not an event */
        assert_int_equal(watch_dispatch(&watch), 0);
        small_root_write(&m.root, CHOICES, "low-power balanced performance\n");
        assert_int_equal(watch_dispatch(&watch), 2);
        watch_stop(&watch);
        small_root_remove(&m.root);
}

static void test_watch_without_firmware_directory(void **state) {
        struct fake_machine m = {};
        struct watch watch;

        (void) state;
        small_root_make(&m.root);
        watch_start(&watch, &m.root.host);
        assert_int_equal(watch.fd, -1);
        assert_int_equal(watch_dispatch(&watch), 0);
        watch_stop(&watch);
        small_root_remove(&m.root);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_kernel_spellings_pass_through),
                cmocka_unit_test(test_custom_is_read_but_not_offered),
                cmocka_unit_test(test_one_handler),
                cmocka_unit_test(test_several_handlers),
                cmocka_unit_test(test_handler_alone),
                cmocka_unit_test(test_handler_without_choices),
                cmocka_unit_test(test_needs_choices),
                cmocka_unit_test(test_watch_notices_late_profile),
                cmocka_unit_test(test_watch_without_firmware_directory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
