/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ACPI_EVENT_H
#define CORE_ACPI_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* Events of ACPI devices by netlink: mains plugged, battery, processor. The only fast word about mains on machines whose firmware
 * sends no uevent. */

struct acpi_events;
struct nlmsghdr;

struct acpi_event {
        char device_class[21]; /* "ac_adapter", "battery", "processor", "button/lid"; printable */
        char bus_id[16];       /* "ACPI0003:00" */
        uint32_t type, data;
};

typedef void (*acpi_event_callback)(const struct acpi_event *event, void *userdata);

/* 0; -EOPNOTSUPP without ACPI or in a container; others as genl_new(). */
int acpi_events_new(sd_event *event, acpi_event_callback callback, void *userdata, struct acpi_events **ret);
struct acpi_events *acpi_events_free(struct acpi_events *events);

/* The parser: one message of at most `size` bytes. 1 and *ret; 0 for messages of no interest; -EBADMSG. */
int acpi_event_parse(const struct nlmsghdr *message, size_t size, struct acpi_event *ret);
/* True when it is about mains or a battery. */
bool acpi_event_is_power(const struct acpi_event *event);

#endif
