/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_POLKIT_H
#define DBUS_POLKIT_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

/* polkit decides who may do what. A table in polkit.c has the action IDs, and whether polkit may prompt for a password. */

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

/* A method, or a property that is written, that polkit must authorize. */
struct guarded {
        const char *member;
        enum polkit_action action;
        sd_bus_message_handler_t run; /* called with the message rewound, after authorization */
};

int polkit_start(struct bus *bus);
/* Drops all pending calls; they get no reply. */
void polkit_stop(struct bus *bus);

/* Asks polkit whether the sender of `call` is authorized. If it is, calls run(call, userdata) and sends the error that run()
 * returns; else sends AccessDenied. Root is authorized without asking polkit: run() is called at once. Sets InvalidArgs if a string
 * of the call is too long, LimitsExceeded if too many calls wait already. Else returns 1 (the call is being handled) or a negative
 * errno. Only a copy of the arguments is kept while the call waits, and run() gets this copy: it has no descriptors and no other
 * fields. */
int polkit_ask(struct polkit *polkit, sd_bus_message *call, const struct guarded *guarded, void *userdata, sd_bus_error *error);

/* Drops the waiting calls of a bus name that left. */
void polkit_owner_gone(struct bus *bus, const char *owner);
/* True while a call of this bus name waits. */
bool polkit_asks_for(const struct bus *bus, const char *owner);

/* The row for a member; NULL if it needs no authorization. */
const struct guarded *guarded_find(const struct guarded *rows, size_t n, const char *member);

#endif
