/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_REQUEST_BUS_H
#define DBUS_REQUEST_BUS_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/manager/manager.h"

struct bus;

/* Adds owner, process and watch to a request, passes it to the manager, replies with the cookie, and then signals the changes.
 * `template` has the kind, door, texts and the profile or level. 0; or a negative errno as of manager_request(), and no reply was
 * sent. */
int request_submit(struct bus *bus, sd_bus_message *call, const struct request *template, struct message *ret);
/* Releases a request, if the sender is its owner or root. 0; -ESRCH unknown cookie, -EPERM not the sender's. */
int request_release(struct bus *bus, sd_bus_message *call, uint32_t cookie);

/* owns() and owner_gone() of struct bus_part. */
bool requests_owns(const struct bus *bus, const char *owner);
void requests_owner_gone(struct bus *bus, const char *owner);

#endif
