/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/write/apply: order, read-back, failures (after which other writes continue), original values, and limits that never
 * cross. */

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/write/apply.h"
#include "tests/unit/fake-machine.h"

static struct fake_machine m;
static struct ledger *ledger;
static struct operations operations;
static struct apply_result result;
static struct apply_context context;

static int set_up(void **state) {
        machine_make(&m);
        operations = (struct operations){};
        assert_int_equal(ledger_open(NULL, "boot", &ledger), 0);
        context = (struct apply_context){ .ledger = ledger, .change = change_new(42, "a test", "test-apply") };
        return 0;
}

static int tear_down(void **state) {
        free(operations.items);
        ledger = ledger_free(ledger);
        context.change = change_unref(context.change);
        machine_remove(&m);
        return 0;
}

static void want(const char *name, uint32_t domain, const char *value, bool give_back) {
        assert_int_equal(operations_add(&operations, machine_knob(&m, name, domain), text_intern(value), give_back), 0);
}

static void carry_out(void) {
        fake_forget(m.fake);
        assert_int_equal(apply(&context, &operations, &result), 0);
        operations.n = 0;
}

static void test_writes_and_remembers(void **state) {
        struct knob *knob;

        machine_start(&m, "");
        want("epp", 1, "power", false);
        carry_out();
        knob = machine_knob(&m, "epp", 1);
        assert_string_equal(machine_hardware(&m, m.epp, 1)->value, "power");
        assert_int_equal(result.done, 1);
        assert_int_equal(result.failed, 0);
        assert_int_equal(knob->state, KNOB_OK);
        assert_string_equal(knob->original, "balance_performance");
        assert_string_equal(knob->value, "power");
        assert_string_equal(knob->changed_from, "balance_performance");
        assert_string_equal(knob->change->cause, "a test");
        assert_string_equal(knob->change->who, "test-apply");
        assert_int_equal(knob->change->usec, 42);
        assert_string_equal(ledger_find(ledger, knob->ledger_id)->original, "balance_performance");
        want("epp", 1, "performance", false);
        carry_out();
        assert_string_equal(knob->original, "balance_performance"); /* the value before the first write of the service */
        assert_int_equal(ledger_count(ledger), 1);
}

static void test_nothing_to_do(void **state) {
        machine_start(&m, "");
        carry_out();
        assert_int_equal(m.fake->n_calls, 0);
}

static void test_order(void **state) {
        static const char *const expected[] = { "policy2 governor=performance", "policy2 epp=power",        "policy2 boost=0",
                                                "policy2 min-freq=900000",      "policy2 max-freq=3000000", "" };

        machine_start(&m, "");
        want("governor", 2, "performance", false);
        want("epp", 2, "power", false);
        want("boost", 2, "0", false);
        want("min-freq", 2, "900000", false);
        want("max-freq", 2, "3000000", false);
        carry_out();
        for (uint32_t i = 0; i < ARRAY_SIZE(expected); i++)
                assert_string_equal(fake_write_text(m.fake, i), expected[i]);
}

/* Every change from one pair of limits to another. */
static void test_limits_never_cross(void **state) {
        static const char *const steps[] = { "800000", "1600000", "2400000", "4000000" };

        machine_start(&m, "");
        for (unsigned int code = 0; code < 256; code++) {
                unsigned int min0 = code % 4, max0 = code / 4 % 4, min1 = code / 16 % 4, max1 = code / 64;

                if (min0 > max0 || min1 > max1)
                        continue;
                strcpy(machine_hardware(&m, m.min, 0)->value, steps[min0]);
                strcpy(machine_hardware(&m, m.max, 0)->value, steps[max0]);
                assert_int_equal(knob_refresh(machine_knob(&m, "min-freq", 0)), 0);
                assert_int_equal(knob_refresh(machine_knob(&m, "max-freq", 0)), 0);
                want("min-freq", 0, steps[min1], false);
                want("max-freq", 0, steps[max1], false);
                carry_out();
                assert_false(m.fake->crossed);
                assert_int_equal(result.failed, 0);
        }
}

static void test_failures_abort_nothing(void **state) {
        static const int errors[] = { -EIO, -EBUSY, -EINVAL, -ENOENT, -EACCES, -ENODEV, -ERANGE };

        machine_start(&m, "");
        for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
                for (uint32_t victim = 0; victim < MACHINE_CPUS; victim++) {
                        machine_hardware(&m, m.epp, victim)->write_error = errors[i];
                        for (uint32_t cpu = 0; cpu < MACHINE_CPUS; cpu++)
                                want("epp", cpu, (i * MACHINE_CPUS + victim) % 2 ? "power" : "performance", false);
                        want("boost", victim, "0", false);
                        carry_out();
                        assert_int_equal(result.done, MACHINE_CPUS);
                        assert_int_equal(result.failed, 1);
                        assert_ptr_equal(result.first_failed, machine_knob(&m, "epp", victim));
                        assert_int_equal(result.first_error, -errors[i]);
                        assert_int_equal(machine_knob(&m, "epp", victim)->state, KNOB_FAILED);
                        assert_int_equal(machine_knob(&m, "epp", victim)->error, -errors[i]);
                        machine_hardware(&m, m.epp, victim)->write_error = 0;
                }
        want("epp", 3, "power", false);
        carry_out();
        assert_int_equal(machine_knob(&m, "epp", 3)->state, KNOB_OK);
        assert_int_equal(machine_knob(&m, "epp", 3)->error, 0);
}

static void test_unreadable_original_is_not_written(void **state) {
        machine_hardware(&m, m.epp, 1)->read_error = -EIO;
        machine_start(&m, "");
        want("epp", 1, "power", false);
        want("epp", 2, "power", false);
        carry_out();
        assert_int_equal(fake_count(m.fake, 'w'), 1);
        assert_int_equal(result.failed, 1);
        assert_int_equal(result.first_error, EIO);
        assert_int_equal(machine_knob(&m, "epp", 1)->failed_at, KNOB_STEP_READ);
        assert_int_equal(machine_knob(&m, "epp", 1)->ledger_id, 0);
        assert_string_equal(machine_hardware(&m, m.epp, 2)->value, "power");
        machine_hardware(&m, m.epp, 1)->read_error = 0;
        machine_hardware(&m, m.epp, 1)->write_error = -EBUSY;
        want("epp", 1, "power", false);
        carry_out();
        assert_int_equal(machine_knob(&m, "epp", 1)->failed_at, KNOB_STEP_WRITE);
}

static void test_original_that_is_no_line_is_not_written(void **state) {
        machine_hardware(&m, m.epp, 1)->shows = "two\nlines";
        machine_start(&m, "");
        want("epp", 1, "power", false);
        want("epp", 2, "power", false);
        carry_out();
        assert_int_equal(fake_count(m.fake, 'w'), 1);
        assert_int_equal(result.first_error, EINVAL);
        assert_int_equal(machine_knob(&m, "epp", 1)->failed_at, KNOB_STEP_UNFIT);
        assert_null(machine_knob(&m, "epp", 1)->original);
        assert_int_equal(ledger_count(ledger), 1);
}

static void test_read_back_differs(void **state) {
        machine_hardware(&m, m.epp, 1)->stuck_at = "balance_power";
        machine_start(&m, "");
        want("epp", 1, "power", false);
        carry_out();
        assert_int_equal(result.failed, 1);
        assert_int_equal(result.first_error, APPLY_ERROR_DIFFERS);
        assert_string_equal(machine_knob(&m, "epp", 1)->value, "balance_power");
        assert_string_equal(machine_knob(&m, "epp", 1)->original, "balance_performance");
        assert_true(machine_knob(&m, "epp", 1)->ledger_id > 0); /* it was changed, so it must be restored later */
}

static int write_and_break(void *state, uint32_t row, uint32_t index, const char *value) {
        machine_hardware(&m, row, index)->read_error = -ENODEV;
        return 0;
}

/* cpufreq shows a new limit only after a worker has applied it. */
static void test_limits_that_settle(void **state) {
        struct knob *knob;

        machine_hardware(&m, m.max, 1)->slow = 2;
        machine_hardware(&m, m.max, 2)->slow = UINT_MAX;
        machine_start(&m, "");
        want("max-freq", 1, "2000000", false);
        want("max-freq", 2, "2000000", false);
        carry_out();
        knob = machine_knob(&m, "max-freq", 1);
        assert_int_equal(knob->state, KNOB_OK);
        assert_string_equal(knob->value, "2000000");
        assert_string_equal(knob->changed_from, "4000000");
        assert_int_equal(ledger_find(ledger, knob->ledger_id)->n_values, 1); /* intermediate values do not count as written */
        assert_int_equal(result.done, 1);
        assert_int_equal(result.failed, 1);
        assert_ptr_equal(result.first_failed, machine_knob(&m, "max-freq", 2));
        assert_int_equal(result.first_error, APPLY_ERROR_DIFFERS);
        assert_int_equal(fake_count(m.fake, 'w'), 2); /* it is read again, but not written again */
}

static uint32_t reads_of(const struct fake_knob *knob) {
        uint32_t n = 0;

        for (uint32_t i = 0; i < m.fake->n_calls; i++)
                n += m.fake->calls[i].operation == 'r' && m.fake->calls[i].knob == knob;
        return n;
}

/* The event loop is blocked while a batch waits for values to settle, so a batch waits only once, and not once for each order. */
static void test_waits_once_for_all_that_settle(void **state) {
        uint32_t row = fake_row(m.fake, "late", GOV_SCOPE_POLICY, GOV_UNIT_KHZ, GOV_ORDER_PLATFORM, GOV_KNOB_SETTLES);
        struct fake_knob *late;

        machine_add_knobs(&m, row, "1", 1, 9, "");
        late = machine_hardware(&m, row, 1);
        late->slow = machine_hardware(&m, m.max, 2)->slow = UINT_MAX;
        machine_start(&m, "");
        want("max-freq", 2, "2000000", false);
        want("late", 1, "7", false);
        carry_out();
        assert_int_equal(result.failed, 2);
        assert_true(reads_of(machine_hardware(&m, m.max, 2)) > 4); /* original, read-back, and several later reads */
        assert_int_equal(reads_of(late), 3);                       /* original, read-back, and one later read */
}

/* Kernels reject boost = 0 for a policy while boost is off globally, although the value is in force. */
static void test_refused_but_in_force(void **state) {
        machine_start(&m, "");
        (void) strcpy(machine_hardware(&m, m.boost, 1)->value, "0"); /* changed by the kernel, not noticed by the service */
        machine_hardware(&m, m.boost, 1)->write_error = -EINVAL;
        machine_hardware(&m, m.boost, 2)->write_error = -EINVAL;
        want("boost", 1, "0", false);
        want("boost", 2, "0", false);
        carry_out();
        assert_int_equal(result.done, 1);
        assert_int_equal(machine_knob(&m, "boost", 1)->state, KNOB_OK);
        assert_ptr_equal(result.first_failed, machine_knob(&m, "boost", 2));
        assert_int_equal(result.first_error, EINVAL);
}

static void test_read_back_fails(void **state) {
        m.fake->driver.write = write_and_break;
        machine_start(&m, "");
        want("epp", 1, "power", false);
        carry_out();
        assert_int_equal(result.first_error, ENODEV);
        assert_int_equal(machine_knob(&m, "epp", 1)->failed_at, KNOB_STEP_READ_BACK);
        assert_null(machine_knob(&m, "epp", 1)->value);
}

static const char *latest_value(const struct knob *knob) {
        const struct ledger_entry *entry = ledger_find(ledger, knob->ledger_id);

        return entry->values[entry->n_values - 1];
}

/* The latest value in the ledger is the last one that was written without an error. */
static void test_refused_write_is_not_the_latest(void **state) {
        const struct knob *knob;

        machine_start(&m, "");
        knob = machine_knob(&m, "epp", 1);
        want("epp", 1, "power", false);
        carry_out();
        machine_hardware(&m, m.epp, 1)->write_error = -EBUSY;
        for (int unreadable = 0; unreadable < 2; unreadable++) {
                machine_hardware(&m, m.epp, 1)->read_error = unreadable ? -EBUSY : 0;
                want("epp", 1, "performance", false);
                carry_out();
                assert_int_equal(result.failed, 1);
                assert_string_equal(latest_value(knob), "power");
                want("epp", 1, "balance_power", false);
                carry_out();
                assert_string_equal(latest_value(knob), "power");
        }
        want("epp", 1, knob->original, true); /* the original value is not one of the written values */
        carry_out();
        assert_string_equal(latest_value(knob), "power");
        m.fake->driver.write = write_and_break; /* the write succeeds, but the value cannot be read back */
        machine_hardware(&m, m.epp, 1)->write_error = machine_hardware(&m, m.epp, 1)->read_error = 0;
        want("epp", 1, "performance", false);
        carry_out();
        assert_string_equal(latest_value(knob), "performance");
}

static void test_driver_that_cannot_write(void **state) {
        m.fake->driver.write = NULL;
        machine_start(&m, "");
        want("epp", 1, "power", false);
        carry_out();
        assert_int_equal(result.first_error, EOPNOTSUPP);
}

static void test_give_back(void **state) {
        struct knob *knob;

        machine_start(&m, "");
        knob = machine_knob(&m, "epp", 1);
        want("epp", 1, "power", false);
        carry_out();
        machine_hardware(&m, m.epp, 1)->write_error = -EBUSY;
        want("epp", 1, knob->original, true);
        carry_out();
        assert_int_equal(knob->state, KNOB_FAILED); /* and the original value is kept */
        assert_string_equal(knob->original, "balance_performance");
        assert_int_equal(ledger_count(ledger), 1);
        machine_hardware(&m, m.epp, 1)->write_error = 0;
        want("epp", 1, knob->original, true);
        carry_out();
        assert_string_equal(machine_hardware(&m, m.epp, 1)->value, "balance_performance");
        assert_int_equal(knob->state, KNOB_UNTOUCHED);
        assert_null(knob->original);
        assert_null(knob->wanted);
        assert_int_equal(knob->ledger_id, 0);
        assert_int_equal(ledger_count(ledger), 0);
}

/* The value is read again before it is recorded, because another program may have changed it. */
static void test_original_is_fresh(void **state) {
        machine_start(&m, "");
        strcpy(machine_hardware(&m, m.epp, 0)->value, "balance_power");
        want("epp", 0, "power", false);
        carry_out();
        assert_string_equal(machine_knob(&m, "epp", 0)->original, "balance_power");
}

static void test_lost_ledger_writes_nothing(void **state) {
        char directory[] = "/tmp/governord-apply-XXXXXX";
        struct knob *knob;
        int room = 0;

        machine_start(&m, "");
        assert_non_null(mkdtemp(directory));
        ledger = ledger_free(ledger);
        assert_int_equal(ledger_open(directory, "boot", &ledger), 0);
        context.ledger = ledger;
        /* makes the descriptor of the ledger read-only */
        for (int fd = 3; fd < 64; fd++) {
                char link[64], target[256] = "";

                (void) snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
                if (readlink(link, target, sizeof(target) - 1) > 0 && strstr(target, "governord-apply") &&
                    strstr(target, "/ledger")) {
                        int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

                        assert_true(dup2(full, fd) == fd);
                        (void) close(full);
                        room++;
                }
        }
        assert_int_equal(room, 1);
        want("epp", 1, "power", false);
        fake_forget(m.fake);
        assert_int_equal(apply(&context, &operations, &result), -ENOSPC);
        knob = machine_knob(&m, "epp", 1);
        assert_int_equal(fake_count(m.fake, 'w'), 0);
        assert_int_equal(knob->ledger_id, 0);
        assert_null(knob->original);
        carry_out(); /* the file is replaced, which succeeds */
        assert_int_equal(result.failed, 0);
        assert_int_equal(fixture_remove(directory), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

/* -- a driver in another process -- */

static struct access_call sent[16];
static uint32_t n_sent;
static char told[256];

static int send_there(const struct access_call *call, void *userdata) {
        assert_true(n_sent < ARRAY_SIZE(sent));
        sent[n_sent++] = *call;
        return 0;
}

static const struct access_transport transport = { .send = send_there };

static void remember_answer(const struct operation *operation, struct change *change, void *userdata) {
        size_t length = strlen(told);

        assert_ptr_equal(userdata, &m);
        (void) snprintf(told + length, sizeof(told) - length, "%s=%s:%d ", operation->knob->name, operation->value,
                        operation->knob->state);
        assert_string_equal(change->cause, "a test");
}

static void move_away(void) {
        n_sent = 0;
        told[0] = '\0';
        m.fake->plugin.transport = &transport;
        context.answered = remember_answer;
        context.userdata = &m;
        machine_start(&m, "");
}

/* Executes the n-th call, like the other process. */
static void answer(uint32_t n) {
        char shown[GOVERNORD_VALUE_MAX];
        int r = m.fake->driver.write(m.fake, sent[n].row, sent[n].index, sent[n].value);

        assert_true(m.fake->driver.read(m.fake, sent[n].row, sent[n].index, shown, sizeof(shown)) >= 0);
        assert_int_equal(access_answer(&m.fake->plugin, sent[n].cookie, r, shown), 0);
}

/* A value is not reported before it is confirmed, and the original value is in the ledger before the call is sent. */
static void test_pending(void **state) {
        struct knob *knob;

        move_away();
        want("epp", 1, "power", false);
        carry_out();
        knob = machine_knob(&m, "epp", 1);
        assert_int_equal(result.pending, 1);
        assert_int_equal(result.done + result.failed, 0);
        assert_int_equal(knob->state, KNOB_UNTOUCHED);
        assert_string_equal(knob->value, "balance_performance");
        assert_string_equal(knob_expected(knob), "power");
        assert_string_equal(ledger_find(ledger, knob->ledger_id)->original, "balance_performance");
        answer(0);
        assert_int_equal(knob->state, KNOB_OK);
        assert_string_equal(knob->value, "power");
        assert_null(knob->pending);
        assert_string_equal(knob->change->cause, "a test");
        assert_string_equal(told, "epp=power:1 ");
}

static void test_pending_is_given_back(void **state) {
        struct knob *knob;

        move_away();
        want("epp", 1, "power", false);
        carry_out();
        knob = machine_knob(&m, "epp", 1);
        want("epp", 1, knob->original, true); /* before the first call is confirmed */
        carry_out();
        answer(0);
        assert_string_equal(knob_expected(knob), "balance_performance");
        assert_string_equal(told, ""); /* another write is pending */
        assert_true(knob->ledger_id > 0);
        answer(1);
        assert_int_equal(knob->ledger_id, 0);
        assert_int_equal(ledger_count(ledger), 0);
        assert_string_equal(machine_hardware(&m, m.epp, 1)->value, "balance_performance");
        assert_string_equal(told, "epp=balance_performance:0 ");
}

static void test_pending_fails(void **state) {
        struct knob *knob;

        move_away();
        machine_hardware(&m, m.epp, 1)->write_error = -EIO;
        want("epp", 1, "power", false);
        want("boost", 1, "0", false);
        carry_out();
        machine_hardware(&m, m.boost, 1)->stuck_at = "1";
        answer(0);
        answer(1);
        knob = machine_knob(&m, "epp", 1);
        assert_int_equal(knob->state, KNOB_FAILED);
        assert_int_equal(knob->error, EIO);
        assert_int_equal(knob->failed_at, KNOB_STEP_WRITE);
        assert_string_equal(knob->value, "balance_performance");
        knob = machine_knob(&m, "boost", 1);
        assert_int_equal(knob->state, KNOB_FAILED);
        assert_int_equal(knob->error, APPLY_ERROR_DIFFERS);
        assert_string_equal(told, "epp=power:2 boost=0:2 ");
}

/* It is unknown whether the write was executed, so the original value stays in the ledger. */
static void test_pending_is_never_answered(void **state) {
        struct knob *knob;

        move_away();
        want("epp", 1, "power", false);
        carry_out();
        access_expire(&m.fake->plugin, UINT64_MAX);
        knob = machine_knob(&m, "epp", 1);
        assert_int_equal(knob->state, KNOB_FAILED);
        assert_int_equal(knob->error, ETIMEDOUT);
        assert_null(knob->value);
        assert_null(knob->pending);
        assert_string_equal(ledger_find(ledger, knob->ledger_id)->original, "balance_performance");
        want("epp", 2, "power", false);
        carry_out();
        assert_int_equal(result.failed, 1);
        assert_int_equal(machine_knob(&m, "epp", 2)->error, EHOSTDOWN);
        assert_int_equal(n_sent, 1);
}

/* A probe before the confirmations changes the positions of knobs and removes one. */
static void test_pending_outlives_the_knobs(void **state) {
        struct plugin *plugins[] = { &m.fake->plugin };

        move_away();
        want("epp", 1, "power", false);
        want("epp", 2, "power", false);
        carry_out();
        machine_hardware(&m, m.epp, 0)->facts.domain = 8;
        machine_hardware(&m, m.epp, 1)->facts.domain = 9;
        (void) snprintf(machine_hardware(&m, m.epp, 9)->facts.path, 32, "sys/fake/epp9");
        assert_int_equal(knobs_update(&m.knobs, plugins, 1, &m.topology), 0);
        answer(0);
        answer(1);
        assert_string_equal(told, "epp=power:1 ");
        assert_string_equal(machine_knob(&m, "epp", 2)->value, "power");
        assert_int_equal(machine_knob(&m, "epp", 2)->state, KNOB_OK);
        assert_int_equal(machine_knob(&m, "epp", 9)->state, KNOB_UNTOUCHED);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_writes_and_remembers),
                TEST(test_nothing_to_do),
                TEST(test_order),
                TEST(test_limits_never_cross),
                TEST(test_failures_abort_nothing),
                TEST(test_unreadable_original_is_not_written),
                TEST(test_original_that_is_no_line_is_not_written),
                TEST(test_read_back_differs),
                TEST(test_limits_that_settle),
                TEST(test_waits_once_for_all_that_settle),
                TEST(test_refused_but_in_force),
                TEST(test_read_back_fails),
                TEST(test_refused_write_is_not_the_latest),
                TEST(test_driver_that_cannot_write),
                TEST(test_give_back),
                TEST(test_original_is_fresh),
                TEST(test_lost_ledger_writes_nothing),
                TEST(test_pending),
                TEST(test_pending_is_given_back),
                TEST(test_pending_fails),
                TEST(test_pending_is_never_answered),
                TEST(test_pending_outlives_the_knobs),
        };

        return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
