/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_THERMAL_H
#define CORE_THERMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * Thermal events of the kernel, by netlink: trip points of CPU zones that were crossed, and CPUs whose capability changed (Intel
 * HFI).
 * Since Linux 6.10 the kernel enables HFI updates while a program has joined the group. Create this object only while its events
 * are used, so that it does not wake an idle machine. Updates arrive at most every 100 ms.
 */

struct thermal;
struct nlmsghdr;

enum thermal_event_kind {
        THERMAL_EVENT_TRIP_UP, /* the temperature rose above a trip point */
        THERMAL_EVENT_TRIP_DOWN,
        THERMAL_EVENT_CPU,  /* a CPU's capability changed */
        THERMAL_EVENT_LOST, /* events were lost: any of the above may have happened */
};

struct thermal_event {
        enum thermal_event_kind kind;
        uint32_t id;                      /* zone, or CPU */
        uint32_t trip;                    /* number of the trip point in its zone */
        int32_t millicelsius;             /* INT32_MIN unknown */
        uint32_t performance, efficiency; /* of the CPU: 0..1023; performance 0: better not used now */
};

typedef void (*thermal_callback)(const struct thermal_event *event, void *userdata);

/* Zones are read below root_fd, which stays the caller's and must stay open. Returns 0; -EOPNOTSUPP without the netlink family (old
 * kernel, container); other errors as genl_new(). The service works without it. */
int thermal_new(sd_event *event, int root_fd, thermal_callback callback, void *userdata, struct thermal **ret);
struct thermal *thermal_free(struct thermal *thermal);

/* The parser. Calls `callback` for each event in one message of at most `size` bytes. Returns the number of events, 0 for messages
 * of no interest; -EBADMSG for a malformed message (events before the malformed part have been reported). */
int thermal_parse(const struct nlmsghdr *message, size_t size, thermal_callback callback, void *userdata);
/* Returns true for the type (the text in the `type` file) of a zone that measures CPUs. */
bool thermal_type_is_cpu(const char *type);

#endif
