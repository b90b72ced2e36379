/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager on unusual machines: several firmware profiles, limits above the firmware's maximum, drivers that are loaded late,
 * long lists of CPUs, packages with several dies. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/manager/events.h"
#include "tests/unit/core/manager/manager-case.h"

#define CPU_DIR "sys/devices/system/cpu"
#define CLASS   "sys/class/platform-profile"

static __attribute__((format(printf, 2, 3))) void put_in_root(const char *text, const char *format, ...) {
        char relative[256], path[512];
        va_list args;

        va_start(args, format);
        (void) vsnprintf(relative, sizeof(relative), format, args);
        va_end(args);
        (void) snprintf(path, sizeof(path), "%s/%s", t.root, relative);
        for (char *slash = strchr(path + strlen(t.root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                (void) mkdir(path, 0755);
                *slash = '/';
        }
        put(path, text);
}

/* -- firmware profiles -- */

static void add_handler(int number, const char *name, const char *choices, const char *profile) {
        put_in_root(name, CLASS "/platform-profile-%d/name", number);
        put_in_root(choices, CLASS "/platform-profile-%d/choices", number);
        put_in_root(profile, CLASS "/platform-profile-%d/profile", number);
}

/* The old file represents both handlers: it offers the profiles that both have, and has the value "custom" while they differ. */
static void two_handlers(void) {
        static const char *const defines[] = { "CHOICES=balanced performance", "PROFILE=custom", NULL };

        make("amd-client-epp", defines);
        add_handler(0, "asus-wmi\n", "quiet balanced performance\n", "quiet\n");
        add_handler(1, "amd-pmf\n", "low-power balanced performance\n", "balanced\n");
}

static void check_handlers(const char *first, const char *second) {
        check_file(in_root(CLASS "/platform-profile-0/profile"), first);
        check_file(in_root(CLASS "/platform-profile-1/profile"), second);
}

static void test_two_handlers(void **state) {
        two_handlers();
        start();
        check_handlers("balanced", "balanced");
        assert_int_equal(select_profile("performance"), 0);
        check_handlers("performance", "performance");
        assert_int_equal(select_profile("power-saver"), 0);
        check_handlers("quiet", "low-power");
        check_file(in_root(PLATFORM_PROFILE), "custom"); /* each handler has another value */
        assert_int_equal(manager_degraded(t.manager), 0);
        end();
        check_handlers("quiet", "balanced");
}

static void test_two_handlers_after_a_kill(void **state) {
        two_handlers();
        start_and_kill(choose_performance);
        check_handlers("performance", "performance");
        start();
        end();
        check_handlers("quiet", "balanced");
}

static void test_a_key_moves_all_handlers(void **state) {
        two_handlers();
        start();
        foreign_write(in_root(CLASS "/platform-profile-0/profile"), "performance");
        check_active("performance", "firmware");
        check_handlers("performance", "performance");
}

/* The module of the second handler is loaded later: the original value of the first handler is not lost. */
static void test_second_handler_comes_late(void **state) {
        static const char *const defines[] = { "CHOICES=quiet balanced performance", "PROFILE=quiet", NULL };

        make("amd-client-epp", defines);
        add_handler(0, "asus-wmi\n", "quiet balanced performance\n", "quiet\n");
        start();
        assert_int_equal(select_profile("performance"), 0);
        add_handler(1, "amd-pmf\n", "low-power balanced performance\n", "balanced\n");
        manager_reprobe(t.manager, "test");
        check_handlers("performance", "performance");
        end();
        check_handlers("quiet", "balanced");
}

/* If the firmware has neither low-power nor quiet, power-saver sets the lowest profile that it has, and does not leave
 * "performance" in place. */
static void test_no_power_saver_in_firmware(void **state) {
        static const char *const defines[] = { "CHOICES=balanced performance", "PROFILE=performance", NULL };

        make("amd-client-epp", defines);
        start();
        assert_int_equal(select_profile("performance"), 0);
        check_file(in_root(PLATFORM_PROFILE), "performance");
        assert_int_equal(select_profile("power-saver"), 0);
        check_file(in_root(PLATFORM_PROFILE), "balanced");
        foreign_write(in_root(PLATFORM_PROFILE), "performance");
        check_active("performance", "firmware");
        foreign_write(in_root(PLATFORM_PROFILE), "balanced");
        check_active("balanced", "firmware"); /* not power-saver, although it has the same value */
}

static int find_message(const struct knob_view *knob, void *userdata) {
        if (strcmp(knob->knob, "platform-profile") == 0)
                (void) snprintf(userdata, 512, "%s: %s", knob->state, knob->message);
        return 0;
}

/* An original value that the kernel rejects: the message names the value. */
static void test_original_cannot_be_put_back(void **state) {
        static const char *const defines[] = { "CHOICES=low-power balanced performance", "PROFILE=custom", NULL };
        char message[512] = "";

        configure("[profile balanced]\nplatform-profile = leave\n[profile power-saver]\nplatform-profile = low-power\n");
        make("amd-client-epp", defines);
        start();
        assert_int_equal(select_profile("power-saver"), 0);
        check_file(in_root(PLATFORM_PROFILE), "low-power");
        assert_int_equal(select_profile("balanced"), 0);
        assert_int_equal(manager_each_knob(t.manager, GOV_SCOPE_NODE, 0, false, find_message, message), 0);
        assert_non_null(strstr(message, "failed: "));
        assert_non_null(strstr(message, "could not write \"custom\""));
}

/* -- power limits -- */

#define RAPL "sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/constraint_0_"

/* PL1 is 135 W, although the maximum of the firmware is 55 W. */
static void big_laptop(const char *config) {
        configure(config);
        make("intel-client-hwp", NULL);
        put(in_root(RAPL "power_limit_uw"), "135000000\n");
        put(in_root(RAPL "max_power_uw"), "55000000\n");
        start();
}

static void check_pl1(const char *expected) {
        check_file(in_root(RAPL "power_limit_uw"), expected);
}

static void test_limit_above_the_recommended(void **state) {
        big_laptop("[profile power-saver]\npl1 = 20%\n[profile balanced]\npl1 = 90W\n[profile performance]\npl1 = 100%\n"
                   "[profile most]\ninherits = performance\npl1 = max\n");
        check_pl1("90000000");
        assert_int_equal(select_profile("performance"), 0);
        check_pl1("135000000");
        assert_int_equal(select_profile("power-saver"), 0);
        check_pl1("27000000");
        manager_reprobe(t.manager, "test"); /* the service has set the present value */
        assert_int_equal(select_profile("most"), 0);
        check_pl1("135000000");
        assert_int_equal(manager_degraded(t.manager), 0);
        end();
        check_pl1("135000000");
}

static int find_pl1(const struct knob_view *knob, void *userdata) {
        if (strcmp(knob->knob, "pl1") == 0 && !strstr(knob->label, "mmio"))
                (void) snprintf(userdata, 512, "%s: %s", knob->state, knob->message);
        return 0;
}

/* A value that exceeds the register: the driver rejects it, and the knob is shown as failed. */
static void test_limit_above_the_register(void **state) {
        char message[512] = "";

        big_laptop("[profile balanced]\npl1 = 40000W\n");
        check_pl1("135000000");
        assert_int_equal(manager_each_knob(t.manager, GOV_SCOPE_PACKAGE, 0, false, find_pl1, message), 0);
        assert_non_null(strstr(message, "failed: "));
        assert_non_null(strstr(message, "40000000000"));
        assert_int_equal(manager_degraded(t.manager) & DEGRADED_KNOBS, DEGRADED_KNOBS);
}

/* -- energy -- */

static void add_zone(const char *zone, const char *name, const char *energy) {
        put_in_root(name, "sys/class/powercap/%s/name", zone);
        put_in_root("0\n", "sys/class/powercap/%s/enabled", zone);
        put_in_root(energy, "sys/class/powercap/%s/energy_uj", zone);
        put_in_root("262143328850\n", "sys/class/powercap/%s/max_energy_range_uj", zone);
}

/* Each of the two dies of package 0 is counted once, although one of them also has a memory-mapped counter. */
static void test_energy_of_all_dies(void **state) {
        struct energy_counter counters[ENERGY_COUNTERS_MAX];
        struct message message = {};

        make("intel-server", NULL);
        put(in_root("sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/name"), "package-0-die-0\n");
        put(in_root("sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/energy_uj"), "1000\n");
        add_zone("intel-rapl:7", "package-0-die-1\n", "2000\n");
        add_zone("intel-rapl-mmio:0", "package-0-die-0\n", "1000\n");
        start();
        assert_int_equal(manager_package_energy(t.manager, 0, counters, NULL), 2);
        assert_int_equal(counters[0].energy_uj + counters[1].energy_uj, 3000);
        assert_int_equal(manager_package_energy(t.manager, 1, counters, NULL), 1);
        put_in_root("nonsense\n", "sys/class/powercap/intel-rapl:7/energy_uj");
        assert_int_equal(manager_package_energy(t.manager, 0, counters, &message), -EBADMSG);
        assert_string_equal(message.text,
                            "The energy counter package0 energy (package-0-die-1) cannot be read: its content is not a number");
}

/* -- drivers that come late -- */

/* Removes or restores the files of cpufreq and the CPUs' links to them, as if the module of the driver was loaded late. */
static void move_policies(bool away) {
        static const char *const where[] = { CPU_DIR "/cpufreq", "later" };

        for (int cpu = 0; cpu < 256; cpu++) {
                char here[512], there[512];

                (void) snprintf(here, sizeof(here), "%s", in_root(CPU_DIR "/cpu%d/cpufreq", cpu));
                (void) snprintf(there, sizeof(there), "%s", in_root("later-link%d", cpu));
                (void) !(away ? rename(here, there) : rename(there, here));
        }
        if (!away)
                assert_int_equal(rmdir(in_root("%s", where[0])), 0);
        assert_int_equal(rename(in_root("%s", where[!away]), in_root("%s", where[away])), 0);
        if (away)
                assert_int_equal(mkdir(in_root("%s", where[0]), 0755), 0);
}

static int find_driver(const struct driver_view *driver, void *userdata) {
        if (strcmp(driver->name, "cpufreq") == 0)
                (void) snprintf(userdata, 512, "%s: %s", driver->state, driver->note);
        return 0;
}

static void start_without_policies(const char *tree) {
        char note[512] = "";

        make(tree, NULL);
        move_policies(true);
        start();
        assert_int_equal(manager_each_driver(t.manager, find_driver, note), 0);
        assert_non_null(strstr(note, "later: waits for a cpufreq driver"));
        assert_int_equal(select_profile("performance"), -EOPNOTSUPP);
        move_policies(false);
}

static void test_policies_come_late(void **state) {
        struct snapshot *before;

        make("arm64-biglittle-scmi", NULL);
        before = take_snapshot();
        assert_int_equal(fixture_remove(t.root), 0);
        start_without_policies("arm64-biglittle-scmi");
        assert_int_equal(select_profile("performance"), 0);
        check_file(in_root(POLICY "scaling_governor", 0), "performance");
        check_file(in_root(POLICY "scaling_governor", 4), "performance");
        end();
        check_unchanged(before, false);
}

static void test_hold_finds_late_policies(void **state) {
        start_without_policies("cpufreq-dt-board");
        (void) hold("performance", ":1.5", 0);
        check_file(in_root(POLICY "scaling_governor", 0), "performance");
}

static enum request_effect effect_of_hold(uint32_t cookie) {
        manager_weigh_requests(t.manager);
        return requests_find(manager_requests(t.manager), cookie)->floor_effect;
}

/* The hardware that performance needs disappears and returns: a profile that is not available is not in force. */
static void test_unavailable_is_not_in_force(void **state) {
        uint32_t a, b;

        make("cpufreq-dt-board", NULL);
        start();
        assert_int_equal(select_profile("performance"), 0);
        move_policies(true);
        manager_reprobe(t.manager, "test");
        check_active("balanced", "unavailable");
        assert_string_equal(manager_selected(t.manager)->name, "performance");
        move_policies(false);
        manager_reprobe(t.manager, "test");
        check_active("performance", "manual");
        assert_int_equal(select_profile("power-saver"), 0);
        a = hold("performance", ":1.5", 0);
        b = hold("balanced", ":1.5", 0);
        check_active("performance", "hold:1");
        move_policies(true);
        manager_reprobe(t.manager, "test");
        check_active("balanced", "hold:2");
        assert_int_equal(effect_of_hold(a), EFFECT_UNAVAILABLE);
        assert_int_equal(effect_of_hold(b), EFFECT_YES);
        assert_int_equal(manager_release(t.manager, b, ":1.5", "a test"), 0);
        check_active("power-saver", "manual");
        assert_int_equal(effect_of_hold(a), EFFECT_UNAVAILABLE);
        move_policies(false);
        manager_reprobe(t.manager, "test");
        check_active("performance", "hold:1");
        assert_int_equal(effect_of_hold(a), EFFECT_YES);
}

static void test_reload_finds_late_policies(void **state) {
        char *errors = NULL;

        configure("[profile balanced]\ncpufreq.governor = performance\n");
        start_without_policies("cpufreq-dt-board");
        assert_int_equal(manager_reload(t.manager, &errors), 0);
        loop_drain(t.event);
        check_file(in_root(POLICY "scaling_governor", 0), "performance");
}

/* After an event of a kernel driver, the service waits before it probes, because other files of the driver may appear. */
static void test_late_policies_settle(void **state) {
        uint64_t until = loop_now() + LOOP_DEADLINE_USEC;

        configure("[profile balanced]\ncpufreq.governor = performance\n");
        start_without_policies("cpufreq-dt-board");
        events_probe_late_drivers(t.manager, false);
        assert_int_equal(select_profile("performance"), -EOPNOTSUPP); /* not yet */
        while (!manager_profile_available(t.manager, config_profile(t.manager->config, "performance")) && loop_now() < until)
                assert_true(sd_event_run(t.event, LOOP_DEADLINE_USEC) >= 0);
        check_file(in_root(POLICY "scaling_governor", 0), "performance");
        assert_int_equal(select_profile("performance"), 0);
}

/* -- long lists -- */

static void long_list(char *text, size_t size, int last, int step) {
        size_t n = 0;

        for (int i = 0; i <= last; i += step)
                n += (size_t) snprintf(text + n, size - n, "%s%d", i ? "," : "", i);
        (void) snprintf(text + n, size - n, "\n");
}

static void drop_odd_cpus(int last) {
        for (int i = 1; i <= last; i += 2) {
                assert_int_equal(unlink(in_root(CPU_DIR "/cpu%d/cpufreq", i)), 0);
                assert_int_equal(rename(in_root(CPU_DIR "/cpufreq/policy%d", i), in_root("gone%d", i)), 0);
        }
}

static int count_online(const struct cpu_view *cpu, void *userdata) {
        *(int *) userdata += cpu->online;
        return 0;
}

/* 2048 CPUs, of which the second thread of each core is offline, so that the list of online CPUs is longer than a page. */
static void test_list_longer_than_a_page(void **state) {
        static const char *const defines[] = { "LAST=2047", NULL };
        static char list[65536];
        uint32_t cookie;
        int n = 0;

        make("bench-intel-epp", defines);
        long_list(list, sizeof(list), 2047, 2);
        put(in_root(CPU_DIR "/online"), list);
        drop_odd_cpus(2047);
        start();
        assert_int_equal(manager_each_cpu(t.manager, count_online, &n), 0);
        assert_int_equal(n, 1024);
        assert_int_equal(level(GOV_SCOPE_NODE, 0, -1, 512, &cookie), 0);
        check_file(in_root(POLICY "scaling_max_freq", 2046), "1900000");
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                TEST(test_two_handlers),
                TEST(test_two_handlers_after_a_kill),
                TEST(test_a_key_moves_all_handlers),
                TEST(test_second_handler_comes_late),
                TEST(test_no_power_saver_in_firmware),
                TEST(test_original_cannot_be_put_back),
                TEST(test_limit_above_the_recommended),
                TEST(test_limit_above_the_register),
                TEST(test_energy_of_all_dies),
                TEST(test_policies_come_late),
                TEST(test_hold_finds_late_policies),
                TEST(test_unavailable_is_not_in_force),
                TEST(test_reload_finds_late_policies),
                TEST(test_late_policies_settle),
                TEST(test_list_longer_than_a_page),
        };

        if (!take_arguments(argv[0], argc, argv))
                return 2;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
