/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ACPI_EVENT_H
#define CORE_ACPI_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* Events of ACPI devices by netlink: mains, battery, processor. On some machines a change of mains causes no uevent, so that these
 * events are the only prompt notification. */

struct acpi_events;
struct nlmsghdr;

struct acpi_event {
        char device_class[21]; /* "ac_adapter", "battery", "processor", "button/lid"; printable */
        char bus_id[16];       /* "ACPI0003:00" */
        uint32_t type, data;
};

typedef void (*acpi_event_callback)(const struct acpi_event *event, void *userdata);

/* Returns 0; -EOPNOTSUPP without ACPI; other errors as genl_new(). */
int acpi_events_new(sd_event *event, acpi_event_callback callback, void *userdata, struct acpi_events **ret);
struct acpi_events *acpi_events_free(struct acpi_events *events);

/* Parses one message of at most `size` bytes. Returns 1 and fills *ret; 0 for other messages; -EBADMSG for a malformed message. */
int acpi_event_parse(const struct nlmsghdr *message, size_t size, struct acpi_event *ret);
/* Returns true for an event of a mains supply or a battery. */
bool acpi_event_is_power(const struct acpi_event *event);

#endif
