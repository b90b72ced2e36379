/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_POWER_METER_H
#define DBUS_POWER_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/manager/manager.h"

/* Average power from the energy counters of a package. Pure functions: energy and time are arguments. */

struct power_meter {
        bool started;
        struct energy_counter counters[ENERGY_COUNTERS_MAX]; /* at the last measurement */
        int n_counters;
        uint64_t usec;
        uint64_t microwatt, period_usec; /* the result */
};

/* Shortest time between two measurements. With shorter ones the counter would be a side channel, and the result would be noise. */
#define POWER_METER_PERIOD_USEC UINT64_C(1000000)

/* True if it is time to read the counters again; until then the last result is valid. */
bool power_meter_due(const struct power_meter *meter, uint64_t now_usec);
/* Adds a reading of all counters. A counter restarts at 0 after `range_uj`. If `range_uj` is 0 (unknown), a smaller value starts a
 * new measurement, as does a different set of counters. */
void power_meter_feed(struct power_meter *meter, uint64_t now_usec, const struct energy_counter *counters, int n);

#endif
