/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/watch/thermal: the parser with right and wrong messages, and the socket where this kernel has the family. */

#include "tests/unit/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/thermal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/watch/thermal.h"
#include "tests/unit/core/watch/netlink-message.h"

static struct thermal_event events[64];
static size_t n_events;

static void heard(const struct thermal_event *event, void *userdata) {
        (void) userdata;
        if (n_events < 64)
                events[n_events] = *event;
        n_events++;
}

static int parse(struct message *m) {
        n_events = 0;
        return thermal_parse(message_header(m), message_header(m)->nlmsg_len, heard, NULL);
}

static void trip(struct message *m, uint8_t command) {
        message_start(m, command);
        message_u32(m, THERMAL_GENL_ATTR_TZ_ID, 3);
        message_u32(m, THERMAL_GENL_ATTR_TZ_TRIP_ID, 1);
        message_u32(m, THERMAL_GENL_ATTR_TZ_TEMP, 95000);
}

static uint32_t capabilities(struct message *m, uint32_t cpus) {
        uint32_t nest;

        message_start(m, THERMAL_GENL_EVENT_CPU_CAPABILITY_CHANGE);
        nest = message_add(m, THERMAL_GENL_ATTR_CPU_CAPABILITY, NULL, 0, 0);
        for (uint32_t i = 0; i < cpus; i++) {
                message_u32(m, THERMAL_GENL_ATTR_CPU_CAPABILITY_ID, i);
                message_u32(m, THERMAL_GENL_ATTR_CPU_CAPABILITY_PERFORMANCE, 1000 - i);
                message_u32(m, THERMAL_GENL_ATTR_CPU_CAPABILITY_EFFICIENCY, 500 + i);
        }
        message_nest(m, nest);
        return nest;
}

static void test_trips(void **state) {
        struct message m;

        (void) state;
        trip(&m, THERMAL_GENL_EVENT_TZ_TRIP_UP);
        assert_int_equal(parse(&m), 1);
        assert_int_equal(events[0].kind, THERMAL_EVENT_TRIP_UP);
        assert_int_equal(events[0].id, 3);
        assert_int_equal(events[0].trip, 1);
        assert_int_equal(events[0].millicelsius, 95000);
        trip(&m, THERMAL_GENL_EVENT_TZ_TRIP_DOWN);
        assert_int_equal(parse(&m), 1);
        assert_int_equal(events[0].kind, THERMAL_EVENT_TRIP_DOWN);
        message_start(&m, THERMAL_GENL_EVENT_TZ_TRIP_UP); /* older kernels: no temperature */
        message_u32(&m, THERMAL_GENL_ATTR_TZ_ID, 3);
        assert_int_equal(parse(&m), -EBADMSG);
        message_u32(&m, THERMAL_GENL_ATTR_TZ_TRIP_ID, 1);
        assert_int_equal(parse(&m), 1);
        assert_int_equal(events[0].millicelsius, INT32_MIN);
}

static void test_capabilities(void **state) {
        struct message m;
        uint32_t nest;

        (void) state;
        (void) capabilities(&m, 8);
        assert_int_equal(parse(&m), 8);
        assert_int_equal(n_events, 8);
        assert_int_equal(events[7].kind, THERMAL_EVENT_CPU);
        assert_int_equal(events[7].id, 7);
        assert_int_equal(events[7].performance, 993);
        assert_int_equal(events[7].efficiency, 507);

        (void) capabilities(&m, 0);
        assert_int_equal(parse(&m), 0);
        nest = capabilities(&m, 1);
        message_u32(&m, THERMAL_GENL_ATTR_CPU_CAPABILITY_ID, 1); /* a second one that breaks off */
        message_nest(&m, nest);
        assert_int_equal(parse(&m), -EBADMSG);
        assert_int_equal(n_events, 1);
        nest = capabilities(&m, 1);
        message_u32(&m, THERMAL_GENL_ATTR_CPU_CAPABILITY_PERFORMANCE, 1); /* out of order */
        message_nest(&m, nest);
        assert_int_equal(parse(&m), -EBADMSG);
}

static void test_others(void **state) {
        struct message m;

        (void) state;
        trip(&m, THERMAL_GENL_EVENT_TZ_CREATE);
        assert_int_equal(parse(&m), 0);
        trip(&m, 200);
        assert_int_equal(parse(&m), 0);
        message_start(&m, THERMAL_GENL_EVENT_CPU_CAPABILITY_CHANGE);
        assert_int_equal(parse(&m), -EBADMSG);
        message_start(&m, THERMAL_GENL_EVENT_TZ_TRIP_UP);
        (void) message_add(&m, THERMAL_GENL_ATTR_TZ_ID, "x", 1, 1); /* too short for a number */
        message_u32(&m, THERMAL_GENL_ATTR_TZ_TRIP_ID, 1);
        assert_int_equal(parse(&m), -EBADMSG);
        assert_int_equal(n_events, 0);
}

static void try(const struct nlmsghdr *message, size_t size) {
        (void) thermal_parse(message, size, heard, NULL);
}

static void test_torture(void **state) {
        struct message m;

        (void) state;
        trip(&m, THERMAL_GENL_EVENT_TZ_TRIP_UP);
        message_torture(&m, try);
        (void) capabilities(&m, 4);
        message_torture(&m, try);
}

static void test_zone_types(void **state) {
        (void) state;
        assert_true(thermal_type_is_cpu("x86_pkg_temp"));
        assert_true(thermal_type_is_cpu("TCPU"));
        assert_true(thermal_type_is_cpu("cpu0-thermal"));
        assert_false(thermal_type_is_cpu("iwlwifi_1"));
        assert_false(thermal_type_is_cpu("acpitz"));
        assert_false(thermal_type_is_cpu(""));
}

static void test_socket(void **state) {
        int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), r;
        struct thermal *thermal = NULL;
        sd_event *event = NULL;

        (void) state;
        assert_return_code(sd_event_new(&event), 0);
        r = thermal_new(event, root_fd, heard, NULL, &thermal);
        if (r < 0)
                printf("no thermal family here: %s\n", strerror(-r));
        loop_drain(event);
        assert_null(thermal_free(thermal));
        sd_event_unref(event);
        (void) close(root_fd);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_trips),   cmocka_unit_test(test_capabilities), cmocka_unit_test(test_others),
                cmocka_unit_test(test_torture), cmocka_unit_test(test_zone_types),   cmocka_unit_test(test_socket),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
