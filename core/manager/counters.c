/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/counters.h"

#include "base/cleanup.h"

const struct counter_fact counter_facts[COUNTERS] = {
        [COUNTER_SWITCHES] = { "switches", "times that another profile came into force" },
        [COUNTER_SWITCHES_FAILED] = { "switches-failed", "times that a profile could not be put into force" },
        [COUNTER_SWITCH_USEC] = { "switch-usec", "microseconds that all these switches took" },
        [COUNTER_SWITCH_USEC_MAX] = { "switch-longest-usec", "microseconds that the longest of them took" },
        [COUNTER_SWITCH_USEC_LAST] = { "switch-last-usec", "microseconds that the last of them took" },
        [COUNTER_WRITES] = { "writes", "settings written and read back, or put back" },
        [COUNTER_WRITES_FAILED] = { "writes-failed", "settings that could not be written, or had another value afterwards" },
        [COUNTER_BATCHES_REFUSED] = { "batches-refused",
                                      "switches and other batches of writes that were given up since the ledger could not be written" },
        [COUNTER_DEMAND_BATCHES] = { "demand-batches", "times that limits were written for sessions" },
        [COUNTER_DRIFT] = { "drift", "times that another program changed a setting of the service" },
        [COUNTER_DRIFT_PUT_BACK] = { "drift-put-back", "times that such a setting was put back" },
        [COUNTER_DRIFT_LEFT] = { "drift-left", "times that such a setting was left to the other program" },
        [COUNTER_RETRIES] = { "retries", "times that settings that had failed were tried again" },
        [COUNTER_PROBES] = { "probes", "times that all drivers were probed" },
        [COUNTER_DRIVER_CALLS] = { "driver-calls", "calls of drivers' functions" },
        [COUNTER_DRIVER_CALLS_SLOW] = { "driver-calls-slow", "those that took 20 milliseconds or longer" },
        [COUNTER_DRIVER_CALL_USEC_MAX] = { "driver-call-longest-usec", "microseconds that the longest of them took" },
};

void counters_switched(struct counters *counters, uint64_t usec) {
        uint64_t *values = counters->values;

        values[COUNTER_SWITCHES]++;
        values[COUNTER_SWITCH_USEC] += usec;
        values[COUNTER_SWITCH_USEC_LAST] = usec;
        values[COUNTER_SWITCH_USEC_MAX] = MAX(values[COUNTER_SWITCH_USEC_MAX], usec);
}

void counters_read_drivers(struct counters *counters, const struct machine *machine) {
        uint64_t calls = 0, slow = 0, longest = 0;

        for (size_t i = 0; i < machine->n_plugins; i++) {
                const struct access_times *times = &machine->plugins[i]->times;

                calls += times->calls;
                slow += times->slow;
                longest = MAX(longest, times->longest_usec);
        }
        counters->values[COUNTER_DRIVER_CALLS] = calls;
        counters->values[COUNTER_DRIVER_CALLS_SLOW] = slow;
        counters->values[COUNTER_DRIVER_CALL_USEC_MAX] = longest;
}
