/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/watch/hotplug with uevents in the format of udevd, in separate namespaces. Skipped if namespaces are not permitted. */

#include "tests/unit/loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/watch/hotplug.h"

static struct {
        char subsystem[32], action[32], devpath[64];
        uint32_t count;
} calls[8];
static unsigned n_calls;
static bool cpu_called, drm_called;

static void heard(const char *subsystem, const char *action, const char *devpath, uint32_t count, void *userdata) {
        (void) userdata;
        assert_in_range(n_calls, 0, 7);
        (void) snprintf(calls[n_calls].subsystem, sizeof(calls[0].subsystem), "%s", subsystem);
        (void) snprintf(calls[n_calls].action, sizeof(calls[0].action), "%s", action);
        (void) snprintf(calls[n_calls].devpath, sizeof(calls[0].devpath), "%s", devpath);
        calls[n_calls++].count = count;
        cpu_called |= strcmp(subsystem, "cpu") == 0;
        drm_called |= strcmp(subsystem, "drm") == 0;
}

/* MurmurHash2, which the socket filter of libsystemd uses. */
static uint32_t murmur(const char *text) {
        const uint32_t m = 0x5bd1e995;
        size_t length = strlen(text);
        uint32_t h = (uint32_t) length, k;

        for (; length >= 4; text += 4, length -= 4) {
                memcpy(&k, text, 4);
                k *= m;
                k ^= k >> 24;
                h = h * m ^ k * m;
        }
        for (size_t i = length; i > 0; i--)
                h ^= (uint32_t) (unsigned char) text[i - 1] << (8 * (i - 1));
        if (length > 0)
                h *= m;
        h ^= h >> 13;
        h *= m;
        return h ^ h >> 15;
}

static const char *const subsystems[] = { "cpu", "drm", HOTPLUG_DRIVER_SUBSYSTEMS, NULL };

static void send_uevent(const char *subsystem, const char *action, const char *devpath) {
        struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_groups = 2 }; /* the multicast group of udev */
        struct {
                char prefix[8];
                uint32_t magic, header_size, properties_off, properties_len, subsystem_hash, devtype_hash, tag_hi, tag_lo;
                char properties[256];
        } m = { .prefix = "libudev", .magic = htonl(0xfeedcafe), .header_size = 40, .properties_off = 40 };
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT), n;

        assert_true(fd >= 0);
        n = snprintf(m.properties, sizeof(m.properties), "ACTION=%s%cDEVPATH=%s%cSUBSYSTEM=%s%cSEQNUM=1%c", action, 0, devpath, 0,
                     subsystem, 0, 0);
        m.properties_len = (uint32_t) n;
        m.subsystem_hash = htonl(murmur(subsystem));
        assert_int_equal(sendto(fd, &m, 40 + (size_t) n, 0, (struct sockaddr *) &to, sizeof(to)), 40 + n);
        (void) close(fd);
}

static void test_bursts(void **state) {
        struct hotplug *hotplug = NULL;
        sd_event *event = NULL;

        (void) state;
        assert_return_code(sd_event_new(&event), 0);
        assert_return_code(hotplug_new(event, subsystems, heard, NULL, &hotplug), 0);
        for (int i = 0; i < 100; i++)
                send_uevent("cpu", i % 2 ? "offline" : "online", "/devices/system/cpu/cpu3");
        send_uevent("block", "add", "/devices/virtual/block/loop0");
        send_uevent("drm", "change", "/devices/virtual/drm/card0");
        assert_true(loop_until(event, &cpu_called));
        assert_true(loop_until(event, &drm_called));
        loop_drain(event);
        assert_int_equal(n_calls, 2);
        assert_string_equal(calls[0].subsystem, "cpu");
        assert_string_equal(calls[0].action, "offline");
        assert_string_equal(calls[0].devpath, "/devices/system/cpu/cpu3");
        assert_int_equal(calls[0].count, 100);
        assert_string_equal(calls[1].subsystem, "drm");
        assert_int_equal(calls[1].count, 1);
        assert_null(hotplug_free(hotplug));
        assert_null(hotplug_free(NULL));
        sd_event_unref(event);
}

/* The events that report a driver for an existing device. */
static void test_late_drivers(void **state) {
        static const char *const late[] = { HOTPLUG_DRIVER_SUBSYSTEMS };
        struct hotplug *hotplug = NULL;
        sd_event *event = NULL;

        (void) state;
        n_calls = 0;
        drm_called = false;
        assert_return_code(sd_event_new(&event), 0);
        assert_return_code(hotplug_new(event, subsystems, heard, NULL, &hotplug), 0);
        for (size_t i = 0; i < sizeof(late) / sizeof(late[0]); i++)
                send_uevent(late[i], "add", "/module/scmi_cpufreq");
        send_uevent("drm", "change", "/devices/virtual/drm/card0");
        assert_true(loop_until(event, &drm_called));
        loop_drain(event);
        assert_int_equal(n_calls, 4);
        assert_null(hotplug_free(hotplug));
        sd_event_unref(event);
}

/* A new battery sends "change" directly after "add". */
static void test_change_hides_no_add(void **state) {
        struct hotplug *hotplug = NULL;
        sd_event *event = NULL;

        (void) state;
        n_calls = 0;
        drm_called = false;
        assert_return_code(sd_event_new(&event), 0);
        assert_return_code(hotplug_new(event, subsystems, heard, NULL, &hotplug), 0);
        send_uevent("drm", "change", "/devices/virtual/drm/card0");
        send_uevent("drm", "add", "/devices/virtual/drm/card1");
        send_uevent("drm", "change", "/devices/virtual/drm/card1");
        assert_true(loop_until(event, &drm_called));
        loop_drain(event);
        assert_int_equal(n_calls, 1);
        assert_string_equal(calls[0].action, "add");
        assert_string_equal(calls[0].devpath, "/devices/virtual/drm/card1");
        assert_int_equal(calls[0].count, 3);
        assert_null(hotplug_free(hotplug));
        sd_event_unref(event);
}

static void test_refused(void **state) {
        static const char *const many[] = { "1",  "2",  "3",  "4",  "5",  "6",  "7",  "8",  "9",
                                            "10", "11", "12", "13", "14", "15", "16", "17", NULL };
        struct hotplug *hotplug = NULL;
        sd_event *event = NULL;

        (void) state;
        assert_return_code(sd_event_new(&event), 0);
        assert_int_equal(hotplug_new(event, many, heard, NULL, &hotplug), -E2BIG);
        assert_return_code(unlink("/run/udev/control"), 0);
        assert_int_equal(hotplug_new(event, subsystems, heard, NULL, &hotplug), -EOPNOTSUPP);
        sd_event_unref(event);
}

/* Enters namespaces with a /run in which udevd seems to run, and with a network namespace without other uevents. */
static void own_world(void) {
        int fd;

        if (unshare(CLONE_NEWNS | CLONE_NEWNET) < 0)
                skip_program("namespaces are not permitted here");
        if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0)
                skip_program("mounts are not permitted here");
        (void) mkdir("/run/udev", 0755);
        fd = open("/run/udev/control", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        if (fd < 0)
                skip_program("/run can't be written");
        (void) close(fd);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_bursts),
                cmocka_unit_test(test_late_drivers),
                cmocka_unit_test(test_change_hides_no_add),
                cmocka_unit_test(test_refused),
        };

        own_world();
        return cmocka_run_group_tests(tests, NULL, NULL);
}
