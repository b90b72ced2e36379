/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_POLKIT_H
#define DBUS_POLKIT_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

/* Who may do what is polkit's to say. Action ids and their prompts are in one table in polkit.c. */

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

/* A method, or a property that is written, which needs leave. */
struct guarded {
        const char *member;
        enum polkit_action action;
        sd_bus_message_handler_t run; /* called with the message rewound, once the caller may */
};

int polkit_start(struct bus *bus);
/* Forgets all pending calls; they get no reply. */
void polkit_stop(struct bus *bus);

/* Asks whether the sender of `call` may; then calls run(call, userdata) and sends the error that it returns, or refuses with
 * AccessDenied. Root may, and is not asked about: run() is called at once. InvalidArgs when a text of the call is too long to be kept,
 * LimitsExceeded when too many calls wait already. Else 1 (the call is taken care of), or negative errno.
 * While it waits only a copy of the arguments is kept, and this is what run() gets: no descriptors, no other fields. */
int polkit_ask(struct polkit *polkit, sd_bus_message *call, const struct guarded *guarded, void *userdata, sd_bus_error *error);

/* Forgets the calls of a bus name that left. */
void polkit_owner_gone(struct bus *bus, const char *owner);
/* True while a call of this bus name waits. */
bool polkit_asks_for(const struct bus *bus, const char *owner);

/* The row for a member; NULL when it needs no leave. */
const struct guarded *guarded_find(const struct guarded *rows, size_t n, const char *member);

#endif
