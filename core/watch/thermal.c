/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Thermal events of the kernel. All lengths in a message are checked. */

#include "core/watch/thermal.h"

#include <errno.h>
#include <limits.h>
#include <linux/thermal.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "core/watch/genl.h"

struct thermal {
        struct genl *genl;
        int root_fd;
        thermal_callback callback;
        void *userdata;
};

static int parse_trip(struct nlattr **attrs, enum thermal_event_kind kind, thermal_callback callback, void *userdata) {
        struct thermal_event event = { .kind = kind, .millicelsius = INT32_MIN };

        if (!attrs[THERMAL_GENL_ATTR_TZ_ID] || !attrs[THERMAL_GENL_ATTR_TZ_TRIP_ID])
                return -EBADMSG;
        event.zone = nla_get_u32(attrs[THERMAL_GENL_ATTR_TZ_ID]);
        event.trip = nla_get_u32(attrs[THERMAL_GENL_ATTR_TZ_TRIP_ID]);
        if (attrs[THERMAL_GENL_ATTR_TZ_TEMP])
                event.millicelsius = (int32_t) nla_get_u32(attrs[THERMAL_GENL_ATTR_TZ_TEMP]);
        callback(&event, userdata);
        return 1;
}

int thermal_parse(const struct nlmsghdr *message, size_t size, thermal_callback callback, void *userdata) {
        static const struct nla_policy policy[THERMAL_GENL_ATTR_MAX + 1] = {
                [THERMAL_GENL_ATTR_TZ_ID] = { .type = NLA_U32, .maxlen = 4 },
                [THERMAL_GENL_ATTR_TZ_TEMP] = { .type = NLA_U32, .maxlen = 4 },
                [THERMAL_GENL_ATTR_TZ_TRIP_ID] = { .type = NLA_U32, .maxlen = 4 },
        };
        struct nlattr *attrs[THERMAL_GENL_ATTR_MAX + 1];
        struct nlmsghdr *header = (struct nlmsghdr *) message; /* libnl's accessors take a pointer that is not const */

        if (size > INT_MAX || !nlmsg_ok(header, (int) size) || !genlmsg_valid_hdr(header, 0))
                return -EBADMSG;
        if (genlmsg_parse(header, 0, attrs, THERMAL_GENL_ATTR_MAX, (struct nla_policy *) policy) < 0)
                return -EBADMSG;
        switch (((const struct genlmsghdr *) nlmsg_data(header))->cmd) {
        case THERMAL_GENL_EVENT_TZ_TRIP_UP:
                return parse_trip(attrs, THERMAL_EVENT_TRIP_UP, callback, userdata);
        case THERMAL_GENL_EVENT_TZ_TRIP_DOWN:
                return parse_trip(attrs, THERMAL_EVENT_TRIP_DOWN, callback, userdata);
        default:
                return 0; /* zones and cooling devices that were added or removed, capabilities of CPUs, events of newer kernels */
        }
}

bool thermal_type_is_cpu(const char *type) {
        return text_equal(type, "x86_pkg_temp") || text_equal(type, "coretemp") || strcasestr(type, "cpu");
}

static bool zone_is_cpu(const struct thermal *thermal, uint32_t zone) {
        char path[64], type[THERMAL_NAME_LENGTH + 2];

        if (TEXT_FORMAT(path, "sys/class/thermal/thermal_zone%u/type", zone) < 0)
                return false;
        return attr_read(thermal->root_fd, path, type, sizeof(type)) >= 0 && thermal_type_is_cpu(type);
}

static void only_cpus(const struct thermal_event *event, void *userdata) {
        struct thermal *thermal = userdata;

        if (zone_is_cpu(thermal, event->zone))
                thermal->callback(event, thermal->userdata);
}

static void received(const struct nlmsghdr *message, void *userdata) {
        struct thermal *thermal = userdata;

        if (message)
                (void) thermal_parse(message, message->nlmsg_len, only_cpus, thermal);
        else
                thermal->callback(&(struct thermal_event){ .kind = THERMAL_EVENT_LOST, .millicelsius = INT32_MIN },
                                  thermal->userdata);
}

int thermal_new(sd_event *event, int root_fd, thermal_callback callback, void *userdata, struct thermal **ret) {
        struct thermal *thermal = calloc(1, sizeof(*thermal));
        int r;

        if (!thermal)
                return -ENOMEM;
        thermal->root_fd = root_fd;
        thermal->callback = callback;
        thermal->userdata = userdata;
        r = genl_new(event, THERMAL_GENL_FAMILY_NAME, THERMAL_GENL_EVENT_GROUP_NAME, received, thermal, &thermal->genl);
        if (r >= 0)
                r = genl_drop(genl_fd(thermal->genl), THERMAL_GENL_EVENT_CPU_CAPABILITY_CHANGE);
        if (r < 0) {
                (void) thermal_free(thermal);
                return r;
        }
        *ret = thermal;
        return 0;
}

struct thermal *thermal_free(struct thermal *thermal) {
        if (!thermal)
                return NULL;
        (void) genl_free(thermal->genl);
        free(thermal);
        return NULL;
}
