/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_THERMAL_H
#define CORE_THERMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * What the kernel says about heat by netlink: trip points of CPU zones that were crossed, and CPUs whose capability changed (Intel HFI).
 * Since Linux 6.10 the kernel switches HFI updates on while a program listens: create it only while the answer is used, an
 * idle machine is not to be woken for nothing. Updates come at most every 100 ms.
 */

struct thermal;
struct nlmsghdr;

enum thermal_event_kind {
        THERMAL_EVENT_TRIP_UP, /* it became warmer than a trip point */
        THERMAL_EVENT_TRIP_DOWN,
        THERMAL_EVENT_CPU,  /* a CPU's capability changed */
        THERMAL_EVENT_LOST, /* events were lost: all of the above may have happened */
};

struct thermal_event {
        enum thermal_event_kind kind;
        uint32_t id;                      /* zone, or CPU */
        uint32_t trip;                    /* number of the trip point in its zone */
        int32_t millicelsius;             /* INT32_MIN unknown */
        uint32_t performance, efficiency; /* of the CPU: 0..1023; 0 performance: better not used now */
};

typedef void (*thermal_callback)(const struct thermal_event *event, void *userdata);

/* Zones are looked up below root_fd (the caller's, must stay open). 0; -EOPNOTSUPP without the family (old kernel, container); other errors
 * as genl_new(). The service goes on without. */
int thermal_new(sd_event *event, int root_fd, thermal_callback callback, void *userdata, struct thermal **ret);
struct thermal *thermal_free(struct thermal *thermal);

/* The parser. Calls back for each event in one message of at most `size` bytes. Number of events, 0 for messages of no interest; -EBADMSG
 * for what is malformed (events found before stay reported). */
int thermal_parse(const struct nlmsghdr *message, size_t size, thermal_callback callback, void *userdata);
/* True for the type of a zone (the text in its `type` file) that measures CPUs. */
bool thermal_type_is_cpu(const char *type);

#endif
