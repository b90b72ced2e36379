/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/watch/power-class and core/watch/power-source on simulated machines: a table of power supplies with the expected source,
 * changes of files, and data of UPower. */

#include "tests/unit/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/watch/power-source.h"

struct fixture {
        sd_event *event;
        struct power_source *source;
        char root[64];
        int root_fd;
        bool called;
        unsigned calls;
        struct power_state last;
};

static void heard(const struct power_state *state, void *userdata) {
        struct fixture *f = userdata;

        f->last = *state;
        f->called = true;
        f->calls++;
}

/* Executes an assignment such as "AC/online=1"; makes the folder if necessary. */
static void put(const struct fixture *f, const char *assignment) {
        char path[160], command[256];
        const char *equal = strchr(assignment, '=');
        int fd, length;

        length = snprintf(path, sizeof(path), "%s/" POWER_CLASS_DIR "/%.*s", f->root, (int) (equal - assignment), assignment);
        assert_in_range(length, 1, sizeof(path) - 1);
        (void) snprintf(command, sizeof(command), "mkdir -p $(dirname %s)", path);
        if (access(path, F_OK) < 0)
                assert_int_equal(system(command), 0);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, equal + 1, strlen(equal + 1)), strlen(equal + 1));
        (void) close(fd);
}

static void put_by_child(const struct fixture *f, const char *assignment) {
        pid_t pid = fork();

        if (pid == 0) {
                put(f, assignment);
                _exit(0);
        }
        assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void start(struct fixture *f, bool use_class) {
        struct power_source_options options = { f->root_fd, f->root, use_class, true };

        assert_return_code(power_source_new(f->event, &options, heard, f, &f->source), 0);
}

static int set_up(void **state) {
        struct fixture *f = calloc(1, sizeof(*f));

        assert_non_null(f);
        (void) snprintf(f->root, sizeof(f->root), "/tmp/test-power-XXXXXX");
        assert_non_null(mkdtemp(f->root));
        f->root_fd = open(f->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(f->root_fd >= 0);
        assert_return_code(sd_event_new(&f->event), 0);
        *state = f;
        return 0;
}

static int tear_down(void **state) {
        struct fixture *f = *state;
        char command[96];

        f->source = power_source_free(f->source);
        sd_event_unref(f->event);
        (void) close(f->root_fd);
        (void) snprintf(command, sizeof(command), "rm -r %s", f->root);
        assert_int_equal(system(command), 0);
        free(f);
        return 0;
}

/* clang-format off */
static const struct {
        const char *what;
        const char *files[12];
        bool on_battery, known;
        int percent;
} table[] = {
        { "nothing", { NULL }, false, false, -1 },
        { "mains on", { "AC/type=Mains", "AC/online=1" }, false, true, -1 },
        { "mains off, no battery: a desktop with a strange driver", { "AC/type=Mains", "AC/online=0" }, false, true, -1 },
        { "laptop, plugged",
          { "AC/type=Mains", "AC/online=1", "B/type=Battery", "B/status=Charging", "B/capacity=40" }, false, true, 40 },
        { "laptop, unplugged", { "AC/type=Mains", "AC/online=0", "B/type=Battery", "B/status=Discharging", "B/capacity=41" },
          true, true, 41 },
        { "just unplugged: the battery has not said it yet",
          { "AC/type=Mains", "AC/online=0", "B/type=Battery", "B/status=Full", "B/capacity=100" }, false, true, 100 },
        { "rests at its threshold, fed by a port without a driver",
          { "AC/type=Mains", "AC/online=0", "B/type=Battery", "B/status=Not charging", "B/capacity=80" }, false, true, 80 },
        { "unplugged, and the battery never says what it does",
          { "AC/type=Mains", "AC/online=0", "B/type=Battery", "B/status=Unknown", "B/capacity=60" }, true, true, 60 },
        { "unplugged, and the battery has no status",
          { "AC/type=Mains", "AC/online=0", "B/type=Battery", "B/capacity=60" }, true, true, 60 },
        { "two batteries, one rests and one says nothing",
          { "AC/type=Mains", "AC/online=0", "A/type=Battery", "A/status=Unknown", "B/type=Battery", "B/status=Not charging" },
          false, true, -1 },
        { "charges from a port without a driver",
          { "AC/type=Mains", "AC/online=0", "B/type=Battery", "B/status=Charging" }, false, true, -1 },
        { "USB-C supplies",
          { "AC/type=Mains", "AC/online=0", "U/type=USB", "U/online=1", "B/type=Battery", "B/status=Not charging" }, false, true, -1 },
        { "plugged, but drains", { "AC/type=Mains", "AC/online=1", "B/type=Battery", "B/status=Discharging" }, false, true, -1 },
        { "battery only, no adapter known", { "B/type=Battery", "B/status=Discharging", "B/capacity=9" }, true, true, 9 },
        { "battery only, full", { "B/type=Battery", "B/status=Full", "B/capacity=100" }, false, true, 100 },
        { "a mouse", { "M/type=Battery", "M/scope=Device", "M/status=Discharging", "M/capacity=3" }, false, false, -1 },
        { "a mouse and mains", { "AC/type=Mains", "AC/online=1", "M/type=Battery", "M/scope=Device", "M/capacity=3" }, false, true, -1 },
        { "empty bay", { "AC/type=Mains", "AC/online=0", "B/type=Battery", "B/present=0", "B/status=Unknown" }, false, true, -1 },
        { "two batteries by energy",
          { "A/type=Battery", "A/capacity=100", "A/energy_full=10000000", "A/status=Full", "B/type=Battery", "B/capacity=0",
                "B/energy_full=30000000", "B/status=Discharging" }, true, true, 25 },
        { "mixed units: alike", { "A/type=Battery", "A/capacity=100", "A/energy_full=10000000", "B/type=Battery", "B/capacity=0",
                "B/charge_full=30000000" }, false, true, 50 },
        { "one without size: alike",
          { "A/type=Battery", "A/capacity=100", "A/energy_full=10000000", "B/type=Battery", "B/capacity=50" }, false, true, 75 },
        { "no capacity file",
          { "B/type=Battery", "B/charge_full=4000000", "B/charge_now=1000000", "B/status=Discharging" }, true, true, 25 },
        { "nonsense",
          { "B/type=Battery", "B/capacity=999", "B/energy_full=-3", "B/status=\001\002", "C/type=", "D/online=x" }, false, true, 100 },
        { "huge", { "B/type=Battery", "B/charge_full=9223372036854775807", "B/charge_now=9223372036854775807" }, false, true, -1 },
};
/* clang-format on */

static void test_table(void **state) {
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                struct power_state power;

                assert_int_equal(set_up(state), 0);
                for (size_t j = 0; table[i].files[j]; j++)
                        put(*state, table[i].files[j]);
                power_class_read(((struct fixture *) *state)->root_fd, &power);
                if (power.on_battery != table[i].on_battery || power.known != table[i].known || power.percent != table[i].percent)
                        fail_msg("%s: %d %d %d", table[i].what, power.on_battery, power.known, power.percent);
                assert_int_equal(tear_down(state), 0);
        }
}

static void laptop(const struct fixture *f) {
        put(f, "AC/type=Mains");
        put(f, "AC/online=1");
        put(f, "BAT0/type=Battery");
        put(f, "BAT0/status=Charging");
        put(f, "BAT0/capacity=50");
}

static void test_files_change(void **state) {
        struct fixture *f = *state;

        laptop(f);
        start(f, true);
        assert_false(power_source_state(f->source)->on_battery);
        assert_int_equal(power_source_state(f->source)->percent, 50);
        put_by_child(f, "BAT0/status=Discharging");
        put_by_child(f, "AC/online=0");
        assert_true(loop_until(f->event, &f->called));
        loop_drain(f->event);
        assert_int_equal(f->calls, 1);
        assert_true(f->last.on_battery);
        f->called = false;
        put_by_child(f, "BAT0/capacity=19");
        assert_true(loop_until(f->event, &f->called));
        loop_drain(f->event);
        assert_int_equal(power_source_state(f->source)->percent, 19);
}

static void test_upower_wins(void **state) {
        struct fixture *f = *state;

        laptop(f);
        start(f, true);
        power_source_set_external(f->source, true, 12);
        assert_int_equal(f->calls, 1);
        assert_true(f->last.on_battery);
        assert_int_equal(f->last.percent, 12);
        power_source_set_external(f->source, true, 12);
        assert_int_equal(f->calls, 1); /* nothing has changed */
        put(f, "BAT0/capacity=51");
        power_source_refresh(f->source);
        assert_int_equal(f->calls, 1);
        power_source_set_external(f->source, false, 4711);
        assert_int_equal(f->last.percent, -1);
        power_source_clear_external(f->source);
        assert_int_equal(f->last.percent, 51);
        assert_false(f->last.on_battery);
}

static void test_new_battery(void **state) {
        struct fixture *f = *state;

        start(f, true);
        assert_false(power_source_state(f->source)->known);
        put(f, "BAT0/type=Battery");
        put(f, "BAT0/status=Discharging");
        power_source_refresh(f->source);
        assert_true(f->last.on_battery && f->last.known);
        put_by_child(f, "BAT0/status=Charging"); /* the file is watched since the refresh */
        f->called = false;
        assert_true(loop_until(f->event, &f->called));
        assert_false(f->last.on_battery);
}

static void test_without_class(void **state) {
        struct fixture *f = *state;

        laptop(f);
        put(f, "AC/online=0");
        start(f, false);
        assert_false(power_source_state(f->source)->known);
        assert_false(power_source_state(f->source)->on_battery);
        assert_int_equal(power_source_state(f->source)->percent, -1);
        assert_null(power_source_free(NULL));
}

/* On the real machine, which may lack udev or ACPI. */
static void test_real(void **state) {
        struct fixture *f = *state;
        int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct power_source_options options = { root_fd, "/", true, false };

        assert_return_code(power_source_new(f->event, &options, heard, f, &f->source), 0);
        loop_drain(f->event);
        f->source = power_source_free(f->source);
        (void) close(root_fd);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_table),
                cmocka_unit_test_setup_teardown(test_files_change, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_upower_wins, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_new_battery, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_without_class, set_up, tear_down),
                cmocka_unit_test_setup_teardown(test_real, set_up, tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
