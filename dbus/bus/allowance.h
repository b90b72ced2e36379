/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_ALLOWANCE_H
#define DBUS_ALLOWANCE_H

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

struct bus;

/* Limits how long the main loop can be occupied by one user's read-only calls. The unit is one row of a list, which may need a read
 * from the hardware. */
#define ALLOWANCE_BURST      50000
#define ALLOWANCE_PER_SECOND 20000

/* Rows charged for a call that costs more than its reply shows, because it reads folders or long files, or examines all knobs. */
#define ALLOWANCE_QUESTION 128

#define ALLOWANCES_MAX 64
struct allowance {
        uint64_t usec; /* CLOCK_MONOTONIC time at which `left` was valid; 0: unused item */
        int64_t left;
        uid_t uid;
};
struct allowances {
        struct allowance items[ALLOWANCES_MAX];
};

int allowances_start(struct bus *bus);
void allowances_stop(struct bus *bus);

/* Finds the allowance of the sender's user. Returns 0 and *ret, which is valid until the handler returns; or sets LimitsExceeded if
 * the allowance is used up or the user is unknown, and returns a negative errno. Root is limited, too, because the service does
 * nothing else while it builds a list. */
int allowance_get(struct bus *bus, sd_bus_message *call, struct allowance **ret, sd_bus_error *error);
/* Subtracts rows. `left` may become negative; the user's next call is then accepted later. */
void allowance_take(struct allowance *allowance, size_t rows);
/* allowance_get() and allowance_take(), for a call whose cost is known in advance. */
int allowance_spend(struct bus *bus, sd_bus_message *call, size_t rows, sd_bus_error *error);

#endif
