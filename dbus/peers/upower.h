/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_UPOWER_H
#define DBUS_UPOWER_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* What UPower says, when it runs. It is never started by us. */

struct upower;

/* `known` is false, and the rest void, when UPower has gone. percent -1: unknown, or no battery. Called when one of them has changed. */
typedef void (*upower_callback)(bool known, bool on_battery, int percent, void *userdata);

/* `with_percent`: also follow the charge. UPower repeats it every half minute on battery, which wakes us: to be asked for only while
 * something depends on it. */
int upower_new(sd_bus *bus, bool with_percent, upower_callback callback, void *userdata, struct upower **ret);
struct upower *upower_free(struct upower *upower);

#endif
