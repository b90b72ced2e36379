/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_POWER_METER_H
#define DBUS_POWER_METER_H

#include <stdbool.h>
#include <stdint.h>

/* Average power from an energy counter. Pure: energy and time are given. */

struct power_meter {
        bool started;
        uint64_t energy_uj, usec;         /* at the last measurement */
        uint64_t microwatt, period_usec;  /* its result */
};

/* Shortest time between two measurements: closer ones would make of the counter a side channel, and noise of the result. */
#define POWER_METER_PERIOD_USEC UINT64_C(1000000)

/* True when it is time to read the counter again; the last result stands until then. */
bool power_meter_due(const struct power_meter *meter, uint64_t now_usec);
/* Takes a reading. The counter restarts at 0 after `range_uj` (0 unknown: then a smaller value starts a new measurement). */
void power_meter_feed(struct power_meter *meter, uint64_t now_usec, uint64_t energy_uj, uint64_t range_uj);

#endif
