/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/watch/thermal: the parser with valid and invalid messages, and the socket if the running kernel has the family. */

#include "tests/unit/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/thermal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "core/watch/genl.h"
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

static void test_trips(void **state) {
        struct message m;

        (void) state;
        trip(&m, THERMAL_GENL_EVENT_TZ_TRIP_UP);
        assert_int_equal(parse(&m), 1);
        assert_int_equal(events[0].kind, THERMAL_EVENT_TRIP_UP);
        assert_int_equal(events[0].zone, 3);
        assert_int_equal(events[0].trip, 1);
        assert_int_equal(events[0].millicelsius, 95000);
        trip(&m, THERMAL_GENL_EVENT_TZ_TRIP_DOWN);
        assert_int_equal(parse(&m), 1);
        assert_int_equal(events[0].kind, THERMAL_EVENT_TRIP_DOWN);
        message_start(&m, THERMAL_GENL_EVENT_TZ_TRIP_UP); /* older kernels send no temperature */
        message_u32(&m, THERMAL_GENL_ATTR_TZ_ID, 3);
        assert_int_equal(parse(&m), -EBADMSG);
        message_u32(&m, THERMAL_GENL_ATTR_TZ_TRIP_ID, 1);
        assert_int_equal(parse(&m), 1);
        assert_int_equal(events[0].millicelsius, INT32_MIN);
}

static void test_others(void **state) {
        struct message m;

        (void) state;
        trip(&m, THERMAL_GENL_EVENT_TZ_CREATE);
        assert_int_equal(parse(&m), 0);
        trip(&m, THERMAL_GENL_EVENT_CPU_CAPABILITY_CHANGE);
        assert_int_equal(parse(&m), 0);
        trip(&m, 200);
        assert_int_equal(parse(&m), 0);
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

static void send_event(int fd, uint8_t command) {
        struct message m;

        trip(&m, command);
        assert_int_equal(send(fd, m.bytes, message_header(&m)->nlmsg_len, 0), message_header(&m)->nlmsg_len);
}

/* A socket filter drops events about CPU capabilities. It works on datagrams of every family, so a Unix socket is used here. */
static void test_capabilities_are_dropped(void **state) {
        struct message m;
        int pair[2];

        (void) state;
        assert_return_code(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
        assert_int_equal(genl_drop(pair[1], THERMAL_GENL_EVENT_CPU_CAPABILITY_CHANGE), 0);
        send_event(pair[0], THERMAL_GENL_EVENT_CPU_CAPABILITY_CHANGE);
        assert_int_equal(recv(pair[1], m.bytes, sizeof(m.bytes), 0), -1);
        assert_int_equal(errno, EAGAIN);
        send_event(pair[0], THERMAL_GENL_EVENT_TZ_TRIP_UP);
        assert_true(recv(pair[1], m.bytes, sizeof(m.bytes), 0) > 0);
        assert_int_equal(parse(&m), 1);
        (void) close(pair[0]);
        (void) close(pair[1]);
        assert_int_equal(genl_drop(-1, 1), -EBADF);
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
                cmocka_unit_test(test_trips),
                cmocka_unit_test(test_others),
                cmocka_unit_test(test_torture),
                cmocka_unit_test(test_zone_types),
                cmocka_unit_test(test_capabilities_are_dropped),
                cmocka_unit_test(test_socket),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
