/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_ALLOWANCE_H
#define DBUS_ALLOWANCE_H

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

struct bus;

/* How much of the loop's time a user may take by asking. The unit is a row of a list, which may mean a read from the hardware. */
#define ALLOWANCE_BURST      50000
#define ALLOWANCE_PER_SECOND 20000

/* What a question counts whose work does not show in its rows: folders or long files that are read, all knobs that are looked at. */
#define ALLOWANCE_QUESTION 128

#define ALLOWANCES_MAX 64
struct allowance {
        uint64_t usec; /* CLOCK_MONOTONIC, when `left` was true; 0: free */
        int64_t left;
        uid_t uid;
};
struct allowances {
        struct allowance items[ALLOWANCES_MAX];
};

int allowances_start(struct bus *bus);
void allowances_stop(struct bus *bus);

/* What the sender's user has left: 0 and *ret, which stays valid until the handler returns; LimitsExceeded in `error` when nothing. Root is a
 * user like others here: what is bounded is the time for which everything else waits. */
int allowance_get(struct bus *bus, sd_bus_message *call, struct allowance **ret, sd_bus_error *error);
/* One list may take more than there is; the user then waits longer. */
void allowance_take(struct allowance *allowance, size_t rows);
/* Both, for a question whose work is known before. */
int allowance_spend(struct bus *bus, sd_bus_message *call, size_t rows, sd_bus_error *error);

#endif
