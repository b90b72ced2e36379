/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_POLKIT_H
#define DBUS_POLKIT_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

/* Authorization by polkit. The table in polkit.c contains the action IDs, and whether polkit may prompt for a password. */

enum polkit_action {
        POLKIT_PPD_SWITCH_PROFILE,
        POLKIT_PPD_HOLD_PROFILE,
        POLKIT_PPD_CONFIGURE_ACTION,
        POLKIT_PPD_CONFIGURE_BATTERY_AWARE,
        POLKIT_SET_PROFILE,
        POLKIT_HOLD_PROFILE,
        POLKIT_REQUEST_LEVEL,
        POLKIT_SET_LEVEL,
        POLKIT_RELOAD,
        POLKIT_READ_ENERGY,
        POLKIT_OPEN_SESSION,
        POLKIT_CAP_SESSION,
        POLKIT_LOAD_GOVERNOR,
        POLKIT_ACTION_COUNT
};

struct bus;
struct polkit;

/* A method, or a write to a property, that polkit must authorize. */
struct guarded {
        const char *member;
        enum polkit_action action;
        sd_bus_message_handler_t run; /* called after authorization, with the message rewound */
};

int polkit_start(struct bus *bus);
/* Drops all waiting calls without a reply. */
void polkit_stop(struct bus *bus);

/* Checks with polkit whether the sender of `call` is authorized. If it is, run(call, userdata) is called, and its error is sent;
 * otherwise AccessDenied is sent, or LimitsExceeded if the bus does not allow another call to polkit. For root, run() is called at
 * once, without polkit, unless bus_options.ask_about_root is set. Sets InvalidArgs if a string of the call is too long or there are
 * too many values, and LimitsExceeded if too many calls are waiting, the sender's user is unknown, or the bus allows no further
 * match rule for the sender. Returns 1 if the call will be answered later, the result of run() for root, or a negative errno. A
 * call that waits is stored, and passed to run(), as a copy with the arguments only: without file descriptors and optional header
 * fields. */
int polkit_ask(struct polkit *polkit, sd_bus_message *call, const struct guarded *guarded, void *userdata, sd_bus_error *error);

/* Drops the waiting calls of a client that has left the bus. */
void polkit_owner_gone(struct bus *bus, const char *owner);
/* True if a call of this client is waiting. */
bool polkit_asks_for(const struct bus *bus, const char *owner);

/* Finds the row of a member; NULL if the member needs no authorization. */
const struct guarded *guarded_find(const struct guarded *rows, size_t n, const char *member);

#endif
