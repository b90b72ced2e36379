/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_POWER_METER_H
#define DBUS_POWER_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/manager/manager.h"

/* Average power from the energy counters of a package. Pure: energy and time are given. */

struct power_meter {
        bool started;
        struct energy_counter counters[ENERGY_COUNTERS_MAX]; /* at the last measurement */
        int n_counters;
        uint64_t usec;
        uint64_t microwatt, period_usec; /* its result */
};

/* Shortest time between two measurements: closer ones would make of the counter a side channel, and noise of the result. */
#define POWER_METER_PERIOD_USEC UINT64_C(1000000)

/* True when it is time to read the counter again; the last result stands until then. */
bool power_meter_due(const struct power_meter *meter, uint64_t now_usec);
/* Takes a reading of all counters. A counter restarts at 0 after `range_uj` (0 unknown: then a smaller value starts a new measurement,
 * as do other counters than last time). */
void power_meter_feed(struct power_meter *meter, uint64_t now_usec, const struct energy_counter *counters, int n);

#endif
