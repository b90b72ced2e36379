/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_NETLINK_MESSAGE_H
#define GOVERNORD_TESTS_NETLINK_MESSAGE_H

/* Builds generic netlink messages byte by byte, so that invalid ones are possible. */

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ATTR_HEADER 4u /* NLA_HDRLEN without its sign */

struct message {
        _Alignas(8) unsigned char bytes[512];
};

static inline struct nlmsghdr *message_header(struct message *m) {
        return (struct nlmsghdr *) m->bytes;
}

static inline void message_start(struct message *m, uint8_t command) {
        struct genlmsghdr genl = { .cmd = command, .version = 1 };

        memset(m, 0, sizeof(*m));
        memcpy(m->bytes + NLMSG_HDRLEN, &genl, sizeof(genl));
        message_header(m)->nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
        message_header(m)->nlmsg_type = 0x20;
}

/* Appends an attribute; `length` is the length of the data in its header, `size` the actual length. Returns its offset. */
static inline uint32_t message_add(struct message *m, uint16_t type, const void *data, uint16_t size, uint16_t length) {
        uint32_t offset = message_header(m)->nlmsg_len;
        struct nlattr attr = { .nla_len = (uint16_t) (ATTR_HEADER + length), .nla_type = type };

        memcpy(m->bytes + offset, &attr, sizeof(attr));
        if (size > 0)
                memcpy(m->bytes + offset + ATTR_HEADER, data, size);
        message_header(m)->nlmsg_len += (ATTR_HEADER + size + 3u) & ~3u;
        return offset;
}

static inline void message_u32(struct message *m, uint16_t type, uint32_t value) {
        (void) message_add(m, type, &value, 4, 4);
}

/* Calls `parse` with the message cut off at every length, and with every byte set to several values, in a heap block of the exact
 * size, so that sanitizers detect reads beyond it. */
static inline void message_torture(const struct message *m, void (*parse)(const struct nlmsghdr *message, size_t size)) {
        static const unsigned char values[] = { 0, 1, 3, 4, 5, 0x7f, 0x80, 0xff };
        uint32_t length = ((const struct nlmsghdr *) m->bytes)->nlmsg_len;

        for (uint32_t size = 0; size <= length; size++) {
                void *copy = malloc(size ? size : 1);

                memcpy(copy, m->bytes, size);
                parse(copy, size);
                if (size >= 4) { /* sets the length in the header to that of the cut message */
                        memcpy(copy, &size, 4);
                        parse(copy, size);
                }
                free(copy);
        }
        for (uint32_t i = 0; i < length; i++)
                for (size_t v = 0; v < sizeof(values); v++) {
                        unsigned char *copy = malloc(length);

                        memcpy(copy, m->bytes, length);
                        copy[i] = values[v];
                        parse((struct nlmsghdr *) copy, length);
                        free(copy);
                }
}

#endif
