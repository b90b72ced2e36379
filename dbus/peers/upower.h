/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_UPOWER_H
#define DBUS_UPOWER_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* The power source and battery charge that UPower reports while it runs. It is never activated. */

struct upower;

/* Called when one of the values has changed. `known` is false when UPower has stopped; the other values are then void. percent -1:
 * unknown, or no battery. */
typedef void (*upower_callback)(bool known, bool on_battery, int percent, void *userdata);

/* `with_percent`: also follow the charge. On battery UPower signals it every half minute, which wakes the service, so follow it
 * only while something depends on it. */
int upower_new(sd_bus *bus, bool with_percent, upower_callback callback, void *userdata, struct upower **ret);
struct upower *upower_free(struct upower *upower);

#endif
