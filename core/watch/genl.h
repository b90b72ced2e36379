/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_GENL_H
#define CORE_GENL_H

#include <stddef.h>
#include <systemd/sd-event.h>

/* Receives the messages that a generic netlink family of the kernel sends to the members of a multicast group. */

struct genl;
struct nlmsghdr;

/* `message` is one whole message that lies within its buffer; NULL when the kernel had to drop messages. */
typedef void (*genl_callback)(const struct nlmsghdr *message, void *userdata);

/* Returns 0; -EOPNOTSUPP when the kernel (or this network namespace) has no such family or group; -EAFNOSUPPORT, -EPERM when a
 * sandbox forbids netlink. */
int genl_new(sd_event *event, const char *family, const char *group, genl_callback callback, void *userdata, struct genl **ret);
struct genl *genl_free(struct genl *genl);

#endif
