/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_NAMES_H
#define DBUS_NAMES_H

#define GOVERNORD_NAME    "org.governord"
#define GOVERNORD_PATH    "/org/governord"
#define MANAGER_INTERFACE "org.governord.Manager1"

#define DEVICE_PREFIX    "/org/governord/device"
#define DEVICE_INTERFACE "org.governord.Device1"

#define SESSION_PREFIX    "/org/governord/session"
#define SESSION_INTERFACE "org.governord.Session1"

#endif
