/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_GENL_H
#define CORE_GENL_H

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/* Receives the messages of a multicast group of a generic netlink family. */

struct genl;
struct nlmsghdr;

/* `message` is one complete message; its length has been checked. NULL means that the kernel has dropped messages. */
typedef void (*genl_callback)(const struct nlmsghdr *message, void *userdata);

/* Returns 0; -EOPNOTSUPP if the kernel has no such family or group; -EAFNOSUPPORT or -EPERM if a sandbox forbids netlink; -ENOMEM
 * or -EIO. */
int genl_new(sd_event *event, const char *family, const char *group, genl_callback callback, void *userdata, struct genl **ret);
struct genl *genl_free(struct genl *genl);
int genl_fd(const struct genl *genl);

/* Makes the kernel drop messages with this command before they reach the socket, so that they cause no wake-up. Returns 0 or a
 * negative errno of setsockopt(2). */
int genl_drop(int fd, uint8_t command);

#endif
