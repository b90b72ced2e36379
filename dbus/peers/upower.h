/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_UPOWER_H
#define DBUS_UPOWER_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* The power source and the battery charge that UPower reports. UPower is not activated. */

struct upower;

/* Called when a value has changed. `known` is false when UPower has stopped; the other values are then meaningless. `percent` is -1
 * if the charge is unknown or there is no battery. */
typedef void (*upower_callback)(bool known, bool on_battery, int percent, void *userdata);

/* With `with_percent`, the charge is followed, too. On battery, UPower signals it every half minute, which wakes the service; so it
 * should be followed only while the configuration uses it. */
int upower_new(sd_bus *bus, bool with_percent, upower_callback callback, void *userdata, struct upower **ret);
struct upower *upower_free(struct upower *upower);

#endif
