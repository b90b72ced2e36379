/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices for the actions of power-profiles-daemon, and devices that the driver must not change. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/platform/actions.h"
#include "tests/unit/small-root.h"

#define SUPPLY "sys/class/power_supply/"
#define DRM    "sys/class/drm/"
#define DPM    "device/power_dpm_force_performance_level"
#define PANEL  "amdgpu/panel_power_savings"

static const struct gov_knob_row rows[ROW_COUNT] = {
        [ROW_TRICKLE_CHARGE] = { "trickle-charge", "", GOV_SCOPE_DEVICE, GOV_UNIT_TEXT, GOV_ORDER_ACTION, GOV_KNOB_ACTION },
        [ROW_PANEL_POWER] = { "amdgpu-panel-power", "", GOV_SCOPE_DEVICE, GOV_UNIT_NUMBER, GOV_ORDER_ACTION, GOV_KNOB_ACTION },
        [ROW_DPM] = { "amdgpu-dpm", "", GOV_SCOPE_DEVICE, GOV_UNIT_TEXT, GOV_ORDER_ACTION, GOV_KNOB_ACTION },
};
static const struct gov_driver driver = { .n_rows = ROW_COUNT, .rows = rows };
static const struct knobset_access access_of[ROW_COUNT] = {
        [ROW_TRICKLE_CHARGE] = { NULL, actions_write_charge },
        [ROW_DPM] = { NULL, actions_write_dpm },
};

struct fake_machine {
        struct small_root root;
        struct platform platform;
};

static void look(struct fake_machine *m) {
        assert_int_equal(knobset_init(&m->platform.set, &driver, &m->root.host, access_of), 0);
        assert_int_equal(actions_add(&m->platform), 0);
}

static void machine_remove(struct fake_machine *m) {
        knobset_done(&m->platform.set);
        small_root_remove(&m->root);
}

static void test_devices_only(void **state) {
        struct gov_instance instance;
        struct fake_machine m = {};

        (void) state;
        small_root_make(&m.root);
        small_root_write(&m.root, SUPPLY "BAT0/charge_type", "Fast\n"); /* the machine's own battery */
        small_root_write(&m.root, SUPPLY "mouse/scope", "Device\n");    /* has no charge_type */
        small_root_write(&m.root, SUPPLY "hidpp_battery_0/scope", "Device\n");
        small_root_write(&m.root, SUPPLY "hidpp_battery_0/charge_type", "Standard\n");
        look(&m);
        assert_int_equal(knobset_count(&m.platform, ROW_TRICKLE_CHARGE), 1);
        assert_int_equal(knobset_describe(&m.platform, ROW_TRICKLE_CHARGE, 0, &instance), 0);
        assert_string_equal(instance.label, "hidpp_battery_0");
        assert_string_equal(instance.choices, "Trickle Standard Fast");
        assert_int_equal(knobset_write(&m.platform, ROW_TRICKLE_CHARGE, 0, "Trickle"), 0);
        assert_string_equal(small_root_read(&m.root, SUPPLY "hidpp_battery_0/charge_type"), "Trickle");
        machine_remove(&m);
}

static void test_charge_types_are_the_choices(void **state) {
        struct gov_instance instance;
        struct fake_machine m = {};

        (void) state;
        small_root_make(&m.root);
        small_root_write(&m.root, SUPPLY "pen/scope", "Device\n");
        small_root_write(&m.root, SUPPLY "pen/charge_type", "Standard\n");
        small_root_write(&m.root, SUPPLY "pen/charge_types", "Trickle [Standard] Long_Life\n");
        look(&m);
        assert_int_equal(knobset_describe(&m.platform, ROW_TRICKLE_CHARGE, 0, &instance), 0);
        assert_string_equal(instance.choices, "Trickle Standard Long_Life");
        assert_int_equal(knobset_write(&m.platform, ROW_TRICKLE_CHARGE, 0, "Fast"), -EINVAL);
        machine_remove(&m);
}

static void test_custom_charge_is_left_alone(void **state) {
        struct gov_instance instance;
        struct fake_machine m = {};

        (void) state;
        small_root_make(&m.root);
        small_root_write(&m.root, SUPPLY "a/scope", "Device\n");
        small_root_write(&m.root, SUPPLY "a/charge_type", "Custom\n");
        small_root_write(&m.root, SUPPLY "b/scope", "Device\n");
        small_root_write(&m.root, SUPPLY "b/charge_type", "Fast\n");
        look(&m);
        assert_int_equal(knobset_describe(&m.platform, ROW_TRICKLE_CHARGE, 0, &instance), 0);
        assert_int_equal(instance.flags, 0); /* its value may change later */
        assert_true(instance.note[0] != '\0');
        assert_int_equal(knobset_write(&m.platform, ROW_TRICKLE_CHARGE, 0, "Fast"), -EBUSY);
        small_root_write(&m.root, SUPPLY "b/charge_type", "Adaptive"); /* set by another program after the probe */
        assert_int_equal(knobset_write(&m.platform, ROW_TRICKLE_CHARGE, 1, "Trickle"), -EBUSY);
        assert_string_equal(small_root_read(&m.root, SUPPLY "b/charge_type"), "Adaptive");
        machine_remove(&m);
}

static void put_graphics(const struct fake_machine *m, const char *vendor) {
        char cpuinfo[128];

        (void) snprintf(cpuinfo, sizeof(cpuinfo), "processor\t: 0\nvendor_id\t: %s\n", vendor);
        small_root_write(&m->root, "proc/cpuinfo", cpuinfo);
        small_root_write(&m->root, DRM "card1/" DPM, "auto\n");
        small_root_write(&m->root, DRM "card1-eDP-1/status", "connected\n");
        small_root_write(&m->root, DRM "card1-eDP-1/" PANEL, "0\n");
        small_root_write(&m->root, DRM "card1-eDP-2/status", "disconnected\n");
        small_root_write(&m->root, DRM "card1-eDP-2/" PANEL, "0\n");
        small_root_write(&m->root, DRM "card1-DP-1/status", "connected\n"); /* not an internal panel */
        small_root_write(&m->root, DRM "card10/" DPM, "manual\n");
        small_root_write(&m->root, DRM "renderD128/" DPM, "auto\n"); /* another node of the same device */
}

static void test_graphics(void **state) {
        struct gov_instance instance;
        struct fake_machine m = {};

        (void) state;
        small_root_make(&m.root);
        put_graphics(&m, "AuthenticAMD");
        look(&m);
        assert_int_equal(knobset_count(&m.platform, ROW_PANEL_POWER), 1);
        assert_int_equal(knobset_count(&m.platform, ROW_DPM), 2);
        assert_int_equal(knobset_describe(&m.platform, ROW_PANEL_POWER, 0, &instance), 0);
        assert_string_equal(instance.label, "card1-eDP-1");
        assert_int_equal(knobset_write(&m.platform, ROW_PANEL_POWER, 0, "4"), 0);
        assert_true(instance.min == 0 && instance.max == 4);
        assert_int_equal(knobset_write(&m.platform, ROW_DPM, 0, "low"), 0);
        assert_int_equal(knobset_write(&m.platform, ROW_DPM, 0, "manual"), -EINVAL);
        assert_int_equal(knobset_describe(&m.platform, ROW_DPM, 1, &instance), 0);
        assert_string_equal(instance.note, "the levels manual and perf_determinism are not overwritten");
        assert_int_equal(knobset_write(&m.platform, ROW_DPM, 1, "low"), -EBUSY);
        small_root_write(&m.root, DRM "card1/" DPM, "manual\n");
        assert_int_equal(knobset_write(&m.platform, ROW_DPM, 0, "auto"), -EBUSY);
        machine_remove(&m);
}

static void test_panel_needs_amd_cpu(void **state) {
        struct fake_machine m = {};

        (void) state;
        small_root_make(&m.root);
        put_graphics(&m, "GenuineIntel");
        look(&m);
        assert_int_equal(knobset_count(&m.platform, ROW_PANEL_POWER), 0);
        assert_int_equal(knobset_count(&m.platform, ROW_DPM), 2);
        machine_remove(&m);
}

static void test_nothing_at_all(void **state) {
        struct fake_machine m = {};

        (void) state;
        small_root_make(&m.root);
        look(&m);
        assert_int_equal(knobset_total(&m.platform.set), 0);
        machine_remove(&m);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_devices_only),
                cmocka_unit_test(test_charge_types_are_the_choices),
                cmocka_unit_test(test_custom_charge_is_left_alone),
                cmocka_unit_test(test_graphics),
                cmocka_unit_test(test_panel_needs_amd_cpu),
                cmocka_unit_test(test_nothing_at_all),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
