/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_POWER_METER_H
#define DBUS_POWER_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/manager/manager.h"

/* Computes average power from the energy counters of a package. The functions read neither counters nor clocks: energy and time are
 * arguments. */

struct power_meter {
        bool started;
        struct energy_counter counters[ENERGY_COUNTERS_MAX]; /* values at the last measurement */
        int n_counters;
        uint64_t usec;
        uint64_t microwatt, period_usec; /* the result; both 0: unknown */
};

/* Shortest time between two measurements. After a shorter time, the result would be imprecise, and frequent readings are a side
 * channel. */
#define POWER_METER_PERIOD_USEC UINT64_C(1000000)

/* True if the counters should be read again; otherwise the last result is used. */
bool power_meter_due(const struct power_meter *meter, uint64_t now_usec);
/* Adds a reading of all counters and computes the power since the previous one. A counter wraps to 0 after `range_uj`. The
 * power is unknown (0), and a new measurement begins, if this is the first reading, if the set of counters is different, or if a
 * counter has decreased and its `range_uj` is unknown (0) or too small to explain this as a wrap. */
void power_meter_feed(struct power_meter *meter, uint64_t now_usec, const struct energy_counter *counters, int n);

#endif
