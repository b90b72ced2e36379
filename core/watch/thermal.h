/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_THERMAL_H
#define CORE_THERMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * Thermal events of the kernel, by netlink: trip points of CPU zones that were crossed. On Intel processors with HFI, the kernel
 * also sends changes of the capabilities of CPUs to the same group, up to ten times per second; a filter of the socket drops these
 * in the kernel, so that they do not wake the service.
 */

struct thermal;
struct nlmsghdr;

enum thermal_event_kind {
        THERMAL_EVENT_TRIP_UP, /* the temperature rose to a trip point */
        THERMAL_EVENT_TRIP_DOWN,
        THERMAL_EVENT_LOST, /* events were lost: any of the above may have happened */
};

struct thermal_event {
        enum thermal_event_kind kind;
        uint32_t zone;
        uint32_t trip;        /* number of the trip point in its zone */
        int32_t millicelsius; /* INT32_MIN if unknown */
};

typedef void (*thermal_callback)(const struct thermal_event *event, void *userdata);

/* Zones are read below root_fd, which the caller keeps open until thermal_free(). Returns 0; -EOPNOTSUPP if the netlink family does
 * not exist (old kernel, container); other errors as genl_new(). */
int thermal_new(sd_event *event, int root_fd, thermal_callback callback, void *userdata, struct thermal **ret);
struct thermal *thermal_free(struct thermal *thermal);

/* Calls `callback` for each event in one message of at most `size` bytes. Returns the number of events, 0 for other messages, or
 * -EBADMSG for a malformed message (events before the malformed part have then been reported). */
int thermal_parse(const struct nlmsghdr *message, size_t size, thermal_callback callback, void *userdata);
/* Returns true for the type (the text in the `type` file) of a zone that measures CPUs. */
bool thermal_type_is_cpu(const char *type);

#endif
