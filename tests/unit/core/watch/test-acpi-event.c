/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/watch/acpi-event: the parser with valid and invalid messages, and the socket if the running kernel has the family. */

#include "tests/unit/loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/watch/acpi-event.h"
#include "tests/unit/core/watch/netlink-message.h"

struct wire {
        char device_class[20], bus_id[15];
        uint32_t type, data;
};

static int parse(struct message *m, struct acpi_event *ret) {
        return acpi_event_parse(message_header(m), message_header(m)->nlmsg_len, ret);
}

static void make(struct message *m, const struct wire *wire, uint16_t size) {
        message_start(m, 1);
        (void) message_add(m, 1, wire, size, size);
}

static void test_adapter(void **state) {
        const struct wire wire = { "ac_adapter", "ACPI0003:00", 0x80, 1 };
        struct acpi_event event;
        struct message m;

        (void) state;
        make(&m, &wire, sizeof(wire));
        assert_int_equal(parse(&m, &event), 1);
        assert_string_equal(event.device_class, "ac_adapter");
        assert_string_equal(event.bus_id, "ACPI0003:00");
        assert_int_equal(event.type, 0x80);
        assert_int_equal(event.data, 1);
        assert_true(acpi_event_is_power(&event));
}

/* Fields without a NUL, and with control characters. */
static void test_texts(void **state) {
        struct wire wire = { .type = 1 };
        struct acpi_event event;
        struct message m;

        (void) state;
        memset(wire.device_class, 'a', sizeof(wire.device_class));
        memset(wire.bus_id, '\n', sizeof(wire.bus_id));
        make(&m, &wire, sizeof(wire));
        assert_int_equal(parse(&m, &event), 1);
        assert_string_equal(event.device_class, "aaaaaaaaaaaaaaaaaaaa");
        assert_string_equal(event.bus_id, "???????????????");
        assert_false(acpi_event_is_power(&event));
}

static void test_refused(void **state) {
        const struct wire wire = { "battery", "PNP0C0A:00", 0x80, 1 };
        struct acpi_event event = { .type = 4711 };
        struct message m;

        (void) state;
        make(&m, &wire, sizeof(wire) - 1);
        assert_int_equal(parse(&m, &event), -EBADMSG);
        message_start(&m, 1);
        assert_int_equal(parse(&m, &event), -EBADMSG);
        message_start(&m, 2);
        assert_int_equal(parse(&m, &event), 0);
        assert_int_equal(event.type, 4711);
}

static void try(const struct nlmsghdr *message, size_t size) {
        struct acpi_event event;

        if (acpi_event_parse(message, size, &event) > 0)
                assert_in_range(strlen(event.device_class), 0, 20);
}

static void test_torture(void **state) {
        const struct wire wire = { "battery", "PNP0C0A:00", 0x80, 1 };
        struct message m;

        (void) state;
        make(&m, &wire, sizeof(wire));
        message_torture(&m, try);
}

static void heard(const struct acpi_event *event, void *userdata) {
        (void) event, (void) userdata;
}

static void test_socket(void **state) {
        struct acpi_events *events = NULL;
        sd_event *event = NULL;
        int r;

        (void) state;
        assert_return_code(sd_event_new(&event), 0);
        r = acpi_events_new(event, heard, NULL, &events);
        if (r < 0)
                printf("no acpi_event family here: %s\n", strerror(-r));
        loop_drain(event);
        assert_null(acpi_events_free(events));
        sd_event_unref(event);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_adapter), cmocka_unit_test(test_texts),  cmocka_unit_test(test_refused),
                cmocka_unit_test(test_torture), cmocka_unit_test(test_socket),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
