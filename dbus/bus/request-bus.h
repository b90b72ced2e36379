/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_REQUEST_BUS_H
#define DBUS_REQUEST_BUS_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "core/manager/manager.h"

struct bus;

/* Completes a request with its owner, process and watch, hands it to the manager, replies with the cookie, and then signals what
 * changed. Caller sets kind, door, texts and what is asked for. 0; or negative errno as manager_request(), and nothing is replied. */
int request_submit(struct bus *bus, sd_bus_message *call, const struct request *template, struct message *ret);
/* Releases for the sender, or for root. 0, -ESRCH unknown, -EPERM not the sender's. */
int request_release(struct bus *bus, sd_bus_message *call, uint32_t cookie);

/* owns() and owner_gone() of the part. */
bool requests_owns(const struct bus *bus, const char *owner);
void requests_owner_gone(struct bus *bus, const char *owner);

#endif
