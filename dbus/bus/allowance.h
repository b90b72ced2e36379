/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_ALLOWANCE_H
#define DBUS_ALLOWANCE_H

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

struct bus;

/* Limits how much of the loop's time a user may take with calls that read. The unit is one row of a list, which may cost a read
 * from the hardware. */
#define ALLOWANCE_BURST      50000
#define ALLOWANCE_PER_SECOND 20000

/* Rows that a call counts if its rows do not show its cost, because it reads folders or long files, or examines all knobs. */
#define ALLOWANCE_QUESTION 128

#define ALLOWANCES_MAX 64
struct allowance {
        uint64_t usec; /* CLOCK_MONOTONIC time at which `left` was valid; 0: the item is free */
        int64_t left;
        uid_t uid;
};
struct allowances {
        struct allowance items[ALLOWANCES_MAX];
};

int allowances_start(struct bus *bus);
void allowances_stop(struct bus *bus);

/* The allowance of the sender's user: 0 and *ret, which stays valid until the handler returns; LimitsExceeded in `error` if it is
 * used up. Root is limited like other users, because everything else waits while a list is built. */
int allowance_get(struct bus *bus, sd_bus_message *call, struct allowance **ret, sd_bus_error *error);
/* A list may take more than is left; the user then waits longer. */
void allowance_take(struct allowance *allowance, size_t rows);
/* allowance_get() and allowance_take(), for a call whose cost is known in advance. */
int allowance_spend(struct bus *bus, sd_bus_message *call, size_t rows, sd_bus_error *error);

#endif
