/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_REQUEST_BUS_H
#define DBUS_REQUEST_BUS_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/manager/manager.h"

struct bus;

/* Adds the owner and its process to a request, watches the owner, passes the request to the manager, replies with the cookie, and
 * signals the changes. `template` has the kind, the D-Bus interface (enum request_door), the texts, and the profile or level. Returns 0; after an
 * error it returns a negative errno (those of manager_request() or of the bus, or -EMFILE), and no reply was sent. */
int request_submit(struct bus *bus, sd_bus_message *call, const struct request *template, struct message *ret);
/* Releases a request if the sender is its owner or root. Returns 0, -ESRCH if the cookie is unknown, or -EPERM if the sender may
 * not release the request. */
int request_release(struct bus *bus, sd_bus_message *call, uint32_t cookie);

/* Implement owns() and owner_gone() of struct bus_part. */
bool requests_owns(const struct bus *bus, const char *owner);
void requests_owner_gone(struct bus *bus, const char *owner);

#endif
