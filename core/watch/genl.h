/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_GENL_H
#define CORE_GENL_H

#include <stddef.h>
#include <systemd/sd-event.h>

/* Messages that a generic netlink family of the kernel sends to everybody who joined a group. */

struct genl;
struct nlmsghdr;

/* One whole message, checked to lie in its buffer; NULL when the kernel had to drop some. */
typedef void (*genl_callback)(const struct nlmsghdr *message, void *userdata);

/* 0; -EOPNOTSUPP when the kernel (or this network namespace) has no such family or group; -EAFNOSUPPORT, -EPERM where a sandbox forbids
 * netlink. */
int genl_new(sd_event *event, const char *family, const char *group, genl_callback callback, void *userdata, struct genl **ret);
struct genl *genl_free(struct genl *genl);

#endif
