/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager with a driver in another process, which confirms writes later or never. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>

#include <cmocka.h>

#include "tests/unit/core/manager/manager-case.h"

#define THERE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down_there)

/* Simulates the other process: calls are queued here until the event loop or a test executes them. */
static struct {
        struct gov_driver driver; /* the driver intel, with a descriptor added */
        const struct gov_driver *intel;
        struct plugin *plugin;
        struct access_call calls[64];
        uint32_t n, n_done;
        int fd;
        bool hangs;
} there;

static int send_there(const struct access_call *call, void *userdata) {
        assert_true(there.n < ARRAY_SIZE(there.calls));
        there.calls[there.n++] = *call;
        assert_int_equal(eventfd_write(there.fd, 1), 0);
        return 0;
}

static void answer_next(void) {
        const struct access_call call = there.calls[there.n_done++];
        char shown[GOVERNORD_VALUE_MAX];
        int r = there.intel->write(there.plugin->driver_state, call.row, call.index, call.value);
        int length = there.intel->read(there.plugin->driver_state, call.row, call.index, shown, sizeof(shown));

        (void) access_answer(there.plugin, call.cookie, r, length < 0 ? NULL : shown);
}

static int get_fd_there(void *state) {
        return there.fd;
}

static int dispatch_there(void *state) {
        eventfd_t count;

        (void) eventfd_read(there.fd, &count);
        while (!there.hangs && there.n_done < there.n)
                answer_next();
        return GOV_DISPATCH_NOTHING;
}

static const struct access_transport transport = { .driver = &there.driver, .send = send_there };

/* A laptop. The driver of its CPUs is in another process, which does not answer at first; the driver of its firmware is in this
 * process. */
static void laptop_driven_elsewhere(void) {
        memset(&there, 0, sizeof(there));
        there.hangs = true;
        there.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        assert_true(there.fd >= 0);
        laptop();
        for (size_t i = 0; i < t.manager->machine.n_plugins; i++)
                if (strcmp(t.manager->machine.plugins[i]->name, "intel") == 0)
                        there.plugin = t.manager->machine.plugins[i];
        assert_non_null(there.plugin);
        there.intel = there.plugin->driver;
        there.driver = *there.intel;
        there.driver.get_fd = get_fd_there;
        there.driver.dispatch = dispatch_there;
        there.plugin->driver = &there.driver;
        there.plugin->transport = &transport;
}

static int view_epp(const struct knob_view *knob, void *userdata) {
        if (strcmp(knob->knob, "epp") == 0)
                (void) snprintf(userdata, 512, "%s %s: %s", knob->value, knob->state, knob->message);
        return 0;
}

static void check_view(const char *expected) {
        char text[512] = "";

        assert_int_equal(manager_each_knob(t.manager, GOV_SCOPE_CPU, 3, true, view_epp, text), 0);
        assert_memory_equal(text, expected, strlen(expected));
}

/* The calls at the end also go through the simulated process. */
static int tear_down_there(void **state) {
        int r = tear_down(state);

        (void) close(there.fd);
        return r;
}

static void answer_all(void) {
        while (there.n_done < there.n)
                answer_next();
}

static char changed[256];

static void on_knobs_changed(const struct change_summary *summary, void *userdata) {
        size_t length = strlen(changed);

        (void) snprintf(changed + length, sizeof(changed) - length, "%s=%s x%u ", summary->knob, summary->new_value,
                        summary->domains);
}

/* The caller does not wait for confirmations. No knob is shown as ok before its write is confirmed. */
static void test_switch(void **state) {
        laptop_driven_elsewhere();
        changed[0] = '\0';
        t.listener.knobs_changed = on_knobs_changed;
        assert_int_equal(select_profile("performance"), 0);
        check_active("performance", "manual");
        check_epp("balance_performance");
        assert_null(strstr(changed, "epp="));
        check_view("balance_performance pending: \"performance\" was sent");
        assert_true(there.n >= 8);
        answer_all();
        check_epp("performance");
        check_view("performance ok: ");
        assert_int_equal(manager_degraded(t.manager), 0);
        loop_drain(t.event);
        assert_non_null(strstr(changed, "epp=performance x8 "));
}

/* The last choice is in force in the end, even if confirmations of former ones are outstanding. */
static void test_switch_back_before_the_answer(void **state) {
        laptop_driven_elsewhere();
        assert_int_equal(select_profile("performance"), 0);
        assert_int_equal(select_profile("balanced"), 0);
        check_active("balanced", "manual");
        answer_all();
        check_epp("balance_performance");
        loop_drain(t.event);
        assert_int_equal(manager_degraded(t.manager), 0);
        assert_int_equal(select_profile("performance"), 0);
        assert_int_equal(select_profile("performance"), 0); /* nothing is sent again */
        check_view("balance_performance pending: ");
        answer_all();
        check_epp("performance");
}

/* The event loop receives the confirmations. */
static void test_answers_by_the_loop(void **state) {
        laptop_driven_elsewhere();
        later_watch(&t.manager->later); /* watches the descriptor, which the driver did not have before */
        loop_drain(t.event);
        there.hangs = false;
        assert_int_equal(select_profile("performance"), 0);
        check_epp("balance_performance");
        loop_drain(t.event);
        check_epp("performance");
        check_view("performance ok: ");
}

static void test_failure_that_comes_later(void **state) {
        laptop_driven_elsewhere();
        assert_int_equal(select_profile("performance"), 0);
        t.changed = 0;
        machine_expire(&t.manager->machine, UINT64_MAX);
        loop_drain(t.event);
        check_active("performance", "manual");
        check_view("balance_performance failed: policy3 epp: could not write \"performance\"");
        assert_int_equal(manager_degraded(t.manager) & DEGRADED_KNOBS, DEGRADED_KNOBS);
        assert_true(t.changed & CHANGED_DEGRADED);
        assert_int_equal(select_profile("power-saver"), 0); /* other drivers are still written */
        check_file(in_root(PLATFORM_PROFILE), "low-power");
        manager_reprobe(t.manager, "the driver answers again");
        there.n_done = there.n;
        assert_int_equal(select_profile("performance"), 0);
        answer_all();
        check_epp("performance");
        check_view("performance ok: ");
}

/* An original value is sent only once, even if the knobs are evaluated again before the confirmation. */
static void test_restore_under_way(void **state) {
        _cleanup_free_ char *original = NULL;
        uint32_t cookie, n;

        laptop_driven_elsewhere();
        original = scratch_read(in_root(POLICY "scaling_max_freq", 3), NULL);
        original[strcspn(original, "\n")] = '\0';
        assert_int_equal(level(GOV_SCOPE_NODE, 0, -1, 512, &cookie), 0);
        answer_all();
        assert_int_equal(manager_release(t.manager, cookie, ":1.9", "a test"), 0);
        n = there.n;
        assert_true(n > there.n_done);
        manager_reprobe(t.manager, "a test");
        assert_int_equal(there.n, n);
        answer_all();
        check_file(in_root(POLICY "scaling_max_freq", 3), original);
}

/* The end of the service waits for confirmations, and all original values are restored. */
static void test_stop(void **state) {
        laptop_driven_elsewhere();
        assert_int_equal(select_profile("performance"), 0);
        there.hangs = false;
        end();
        check_epp("balance_performance");
        check_file(scratch_path(t.run, "ledger"), "governord-ledger 1 simulated"); /* without any entry */
}

/* A driver that does not answer delays the end only for a limited time. The next start restores the values that may have been
 * written. */
static void test_stop_of_one_that_hangs(void **state) {
        uint64_t began = loop_now();

        laptop_driven_elsewhere();
        assert_int_equal(select_profile("performance"), 0);
        end();
        assert_true(loop_now() - began < LOOP_DEADLINE_USEC);
        there.n_done = 0;
        for (int i = 0; i < 8; i++)
                put(in_root(EPP, i), "performance"); /* the writes were executed late */
        start();
        check_epp("performance"); /* the saved choice */
        end();
        check_epp("balance_performance");
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                THERE(test_switch),
                THERE(test_switch_back_before_the_answer),
                THERE(test_answers_by_the_loop),
                THERE(test_failure_that_comes_later),
                THERE(test_restore_under_way),
                THERE(test_stop),
                THERE(test_stop_of_one_that_hangs),
        };

        if (!take_arguments("test-manager-elsewhere", argc, argv))
                return 2;
        return cmocka_run_group_tests_name("manager-elsewhere", tests, NULL, NULL);
}
