/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_COUNTERS_H
#define CORE_COUNTERS_H

#include <stdint.h>

#include "core/machine/machine.h"

/* Statistics of the service since its start. Reading them does not access hardware. */

enum counter {
        COUNTER_SWITCHES,
        COUNTER_SWITCHES_FAILED,
        COUNTER_SWITCH_USEC,
        COUNTER_SWITCH_USEC_MAX,
        COUNTER_SWITCH_USEC_LAST,
        COUNTER_WRITES,
        COUNTER_WRITES_FAILED,
        COUNTER_BATCHES_REFUSED,
        COUNTER_DEMAND_BATCHES,
        COUNTER_DRIFT,
        COUNTER_DRIFT_PUT_BACK,
        COUNTER_DRIFT_LEFT,
        COUNTER_RETRIES,
        COUNTER_PROBES,
        COUNTER_DRIVER_CALLS,
        COUNTER_DRIVER_CALLS_SLOW,
        COUNTER_DRIVER_CALL_USEC_MAX,
        COUNTERS
};

struct counters {
        uint64_t values[COUNTERS];
};

/* `name` is part of the D-Bus interface: lower-case words joined by hyphens, with the ending "-usec" for durations. `help`
 * describes the counter to users. */
struct counter_fact {
        const char *name, *help;
};
extern const struct counter_fact counter_facts[COUNTERS];

void counters_switched(struct counters *counters, uint64_t usec);
/* Updates the counters that are computed from the statistics of all drivers. */
void counters_read_drivers(struct counters *counters, const struct machine *machine);

#endif
