/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI events of the kernel. Bytes that are not printable are replaced in texts. A lost event causes no permanent error, since each
 * event makes the receiver read the whole state. */

#include "core/watch/acpi-event.h"

#include <errno.h>
#include <limits.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/watch/genl.h"

/* From drivers/acpi/event.c; there is no UAPI header. */
#define ACPI_GENL_FAMILY     "acpi_event"
#define ACPI_GENL_GROUP      "acpi_mc_group"
#define ACPI_GENL_CMD_EVENT  1
#define ACPI_GENL_ATTR_EVENT 1

struct acpi_genl_event {
        char device_class[20];
        char bus_id[15];
        uint32_t type;
        uint32_t data;
};

struct acpi_events {
        struct genl *genl;
        acpi_event_callback callback;
        void *userdata;
};

/* The kernel may fill a field completely, without a NUL, so *ret has one byte more. */
static void copy_text(char *ret, const char *field, size_t size) {
        size_t i = 0;

        for (; i < size && field[i]; i++)
                ret[i] = (unsigned char) field[i] < 0x20 || (unsigned char) field[i] > 0x7e ? '?' : field[i];
        memset(ret + i, 0, size + 1 - i);
}

int acpi_event_parse(const struct nlmsghdr *message, size_t size, struct acpi_event *ret) {
        struct nlmsghdr *header = (struct nlmsghdr *) message; /* libnl's accessors take a pointer that is not const */
        struct nlattr *attrs[ACPI_GENL_ATTR_EVENT + 1];
        struct acpi_genl_event event;

        if (size > INT_MAX || !nlmsg_ok(header, (int) size) || !genlmsg_valid_hdr(header, 0))
                return -EBADMSG;
        if (((const struct genlmsghdr *) nlmsg_data(header))->cmd != ACPI_GENL_CMD_EVENT)
                return 0;
        if (genlmsg_parse(header, 0, attrs, ACPI_GENL_ATTR_EVENT, NULL) < 0 || !attrs[ACPI_GENL_ATTR_EVENT])
                return -EBADMSG;
        if (nla_len(attrs[ACPI_GENL_ATTR_EVENT]) < (int) sizeof(event))
                return -EBADMSG;
        memcpy(&event, nla_data(attrs[ACPI_GENL_ATTR_EVENT]), sizeof(event));
        copy_text(ret->device_class, event.device_class, sizeof(event.device_class));
        copy_text(ret->bus_id, event.bus_id, sizeof(event.bus_id));
        ret->type = event.type;
        ret->data = event.data;
        return 1;
}

bool acpi_event_is_power(const struct acpi_event *event) {
        return text_equal(event->device_class, "ac_adapter") || text_equal(event->device_class, "battery");
}

static void received(const struct nlmsghdr *message, void *userdata) {
        struct acpi_events *events = userdata;
        struct acpi_event event;

        if (message && acpi_event_parse(message, message->nlmsg_len, &event) > 0)
                events->callback(&event, events->userdata);
}

int acpi_events_new(sd_event *event, acpi_event_callback callback, void *userdata, struct acpi_events **ret) {
        struct acpi_events *events = calloc(1, sizeof(*events));
        int r;

        if (!events)
                return -ENOMEM;
        events->callback = callback;
        events->userdata = userdata;
        r = genl_new(event, ACPI_GENL_FAMILY, ACPI_GENL_GROUP, received, events, &events->genl);
        if (r < 0) {
                (void) acpi_events_free(events);
                return r;
        }
        *ret = events;
        return 0;
}

struct acpi_events *acpi_events_free(struct acpi_events *events) {
        if (!events)
                return NULL;
        (void) genl_free(events->genl);
        free(events);
        return NULL;
}
