/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket power limit of EPYC servers, with a fake of the firmware. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/amd/hsmp.h"
#include "tests/unit/small-root.h"

enum { ROW_LIMIT, ROW_POWER, N_ROWS };

static const struct gov_knob_row rows[N_ROWS] = {
        [ROW_LIMIT] = { "pl1", "limit", GOV_SCOPE_PACKAGE, GOV_UNIT_MICROWATT, GOV_ORDER_POWER, GOV_KNOB_LIMIT_MAX },
        [ROW_POWER] = { "power", "power", GOV_SCOPE_PACKAGE, GOV_UNIT_MICROWATT, GOV_ORDER_POWER, GOV_KNOB_SENSOR },
};
static const struct gov_driver driver = { .n_rows = N_ROWS, .rows = rows };

struct firmware {
        uint16_t sockets;
        uint32_t max_mw, limit_mw, power_mw;
        uint32_t unknown_id; /* a message that the firmware does not support */
        int error;           /* the result of every message */
        unsigned n_written;
};

static int firmware_get(const struct firmware *firmware, struct hsmp_message *message) {
        assert_int_equal(message->n_arguments, 0);
        assert_int_equal(message->n_responses, 1);
        switch (message->id) {
        case HSMP_GET_PROTO_VER:
                message->words[0] = 5;
                return 0;
        case HSMP_GET_SOCKET_POWER:
                message->words[0] = firmware->power_mw;
                return 0;
        case HSMP_GET_SOCKET_POWER_LIMIT:
                message->words[0] = firmware->limit_mw;
                return 0;
        case HSMP_GET_SOCKET_POWER_LIMIT_MAX:
                message->words[0] = firmware->max_mw;
                return 0;
        }
        fail_msg("message %u", message->id);
        return -EINVAL;
}

static int firmware_send(const struct hsmp *hsmp, struct hsmp_message *message) {
        struct firmware *firmware = hsmp->userdata;

        if (firmware->error < 0)
                return firmware->error;
        if (message->socket >= firmware->sockets)
                return -ENODEV;
        if (message->id == firmware->unknown_id)
                return -ENOMSG;
        if (message->id != HSMP_SET_SOCKET_POWER_LIMIT)
                return firmware_get(firmware, message);
        assert_int_equal(message->n_arguments, 1);
        assert_int_equal(message->n_responses, 0);
        firmware->limit_mw = message->words[0];
        firmware->n_written++;
        return 0;
}

static struct firmware server(void) {
        return (struct firmware){ .sockets = 2, .max_mw = 400000, .limit_mw = 360000, .power_mw = 123456 };
}

static void test_reads_microwatts(void **state) {
        struct firmware firmware = server();
        const struct hsmp hsmp = { .fd = -1, .send = firmware_send, .userdata = &firmware };
        char text[GOVERNORD_VALUE_MAX];

        (void) state;
        assert_int_equal(hsmp_read(&hsmp, HSMP_GET_SOCKET_POWER_LIMIT, 0, text, sizeof(text)), 9);
        assert_string_equal(text, "360000000");
        assert_int_equal(hsmp_read(&hsmp, HSMP_GET_SOCKET_POWER, 1, text, sizeof(text)), 9);
        assert_string_equal(text, "123456000");
        firmware.power_mw = UINT32_MAX;
        assert_true(hsmp_read(&hsmp, HSMP_GET_SOCKET_POWER, 1, text, sizeof(text)) > 0);
        assert_string_equal(text, "4294967295000");
        assert_int_equal(hsmp_read(&hsmp, HSMP_GET_SOCKET_POWER, 1, text, 5), -E2BIG);
        assert_int_equal(hsmp_read(&hsmp, HSMP_GET_SOCKET_POWER, 2, text, sizeof(text)), -ENODEV);
}

static void test_writes_within_the_range(void **state) {
        static const struct {
                const char *value;
                int result;
                uint32_t limit_mw;
        } cases[] = {
                { "300000000", 0, 300000 },           { "300000999", 0, 300000 },
                { "400000000", 0, 400000 },           { "400001000", -ERANGE, 360000 },
                { "999", -ERANGE, 360000 },           { "0", -ERANGE, 360000 },
                { "-1000000", -ERANGE, 360000 },      { "9223372036854775807", -ERANGE, 360000 },
                { "4295267296000", -ERANGE, 360000 }, /* 300 W when cut to 32 bits of milliwatts */
                { "300 W", -EINVAL, 360000 },         { "", -EINVAL, 360000 },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct firmware firmware = server();
                const struct hsmp hsmp = { .fd = -1, .send = firmware_send, .userdata = &firmware };

                assert_int_equal(hsmp_write_limit(&hsmp, 1, cases[i].value), cases[i].result);
                assert_int_equal(firmware.limit_mw, cases[i].limit_mw);
                assert_int_equal(firmware.n_written, cases[i].result == 0);
        }
}

static void test_adds_what_answers(void **state) {
        struct small_root root;
        struct firmware firmware = server();
        const struct hsmp hsmp = { .fd = -1, .send = firmware_send, .userdata = &firmware };
        struct gov_instance instance;
        struct knobset set;

        (void) state;
        small_root_make(&root);
        assert_int_equal(knobset_init(&set, &driver, &root.host, NULL), 0);
        assert_int_equal(hsmp_add(&hsmp, &set, ROW_LIMIT, ROW_POWER), 2);
        assert_int_equal(knobset_count(&set, ROW_LIMIT), 2);
        assert_int_equal(knobset_count(&set, ROW_POWER), 2);
        assert_int_equal(knobset_describe(&set, ROW_LIMIT, 1, &instance), 0);
        assert_int_equal(instance.domain, 1);
        assert_int_equal(instance.max, 400000000);
        assert_int_equal(instance.flags, 0);
        knobset_done(&set);
        small_root_remove(&root);
}

/* A firmware without the message for the limit still reports the power. */
static void test_adds_power_alone(void **state) {
        struct small_root root;
        struct firmware firmware = server();
        const struct hsmp hsmp = { .fd = -1, .send = firmware_send, .userdata = &firmware };
        char text[GOVERNORD_VALUE_MAX];
        struct knobset set;

        (void) state;
        firmware.unknown_id = HSMP_GET_SOCKET_POWER_LIMIT_MAX;
        small_root_make(&root);
        assert_int_equal(knobset_init(&set, &driver, &root.host, NULL), 0);
        assert_int_equal(hsmp_add(&hsmp, &set, ROW_LIMIT, ROW_POWER), 2);
        assert_int_equal(knobset_count(&set, ROW_LIMIT), 0);
        assert_int_equal(knobset_count(&set, ROW_POWER), 2);
        assert_int_equal(hsmp_read(&hsmp, HSMP_GET_SOCKET_POWER_LIMIT_MAX, 0, text, sizeof(text)), -EOPNOTSUPP);
        knobset_done(&set);
        small_root_remove(&root);
}

static void test_nothing_without_mailbox(void **state) {
        struct small_root root;
        struct firmware firmware = server();
        struct hsmp hsmp = { .fd = -1, .send = firmware_send, .userdata = &firmware };
        struct knobset set;

        (void) state;
        small_root_make(&root);
        assert_int_equal(knobset_init(&set, &driver, &root.host, NULL), 0);
        firmware.error = -ETIMEDOUT;
        assert_int_equal(hsmp_add(&hsmp, &set, ROW_LIMIT, ROW_POWER), 0);
        small_root_write(&root, "dev/hsmp", "");
        hsmp_open(&hsmp, &root.host); /* never opened on a simulated machine */
        assert_null(hsmp.send);
        assert_int_equal(hsmp_add(&hsmp, &set, ROW_LIMIT, ROW_POWER), 0);
        assert_int_equal(hsmp_write_limit(&hsmp, 0, "300000000"), -ENODEV);
        hsmp_close(&hsmp);
        knobset_done(&set);
        small_root_remove(&root);
}

/* An ordinary file in place of the device does not support the ioctl. */
static void test_file_is_no_mailbox(void **state) {
        struct small_root root;
        struct hsmp hsmp;
        char text[GOVERNORD_VALUE_MAX];

        (void) state;
        small_root_make(&root);
        root.host.simulated = 0;
        small_root_write(&root, "dev/hsmp", "");
        hsmp_open(&hsmp, &root.host);
        assert_int_equal(hsmp_read(&hsmp, HSMP_GET_PROTO_VER, 0, text, sizeof(text)), -ENOTTY);
        hsmp_close(&hsmp);
        assert_int_equal(hsmp.fd, -1);
        small_root_remove(&root);
}

int main(void) {
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_reads_microwatts),        cmocka_unit_test(test_writes_within_the_range),
                cmocka_unit_test(test_adds_what_answers),       cmocka_unit_test(test_adds_power_alone),
                cmocka_unit_test(test_nothing_without_mailbox), cmocka_unit_test(test_file_is_no_mailbox),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
