/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/counters.h"

#include "base/cleanup.h"

const struct counter_fact counter_facts[COUNTERS] = {
        [COUNTER_SWITCHES] = { "switches", "switches to another profile" },
        [COUNTER_SWITCHES_FAILED] = { "switches-failed", "switches that failed" },
        [COUNTER_SWITCH_USEC] = { "switch-usec", "total duration of all switches, in microseconds" },
        [COUNTER_SWITCH_USEC_MAX] = { "switch-longest-usec", "duration of the longest switch, in microseconds" },
        [COUNTER_SWITCH_USEC_LAST] = { "switch-last-usec", "duration of the latest switch, in microseconds" },
        [COUNTER_WRITES] = { "writes", "settings that were written or restored successfully" },
        [COUNTER_WRITES_FAILED] = { "writes-failed",
                                    "settings that could not be written, or that had another value after the write" },
        [COUNTER_BATCHES_REFUSED] = { "batches-refused",
                                      "batches of writes, such as switches, that were rejected because the ledger could not be "
                                      "written" },
        [COUNTER_DEMAND_BATCHES] = { "demand-batches", "batches of limits that were written for sessions" },
        [COUNTER_DRIFT] = { "drift", "changes by other programs of values that the service had set" },
        [COUNTER_DRIFT_PUT_BACK] = { "drift-put-back", "changes by other programs that were reverted" },
        [COUNTER_DRIFT_LEFT] = { "drift-left", "changes by other programs that were left alone" },
        [COUNTER_RETRIES] = { "retries", "times that failed settings were tried again" },
        [COUNTER_PROBES] = { "probes", "times that drivers were probed" },
        [COUNTER_DRIVER_CALLS] = { "driver-calls", "calls of driver functions" },
        [COUNTER_DRIVER_CALLS_SLOW] = { "driver-calls-slow", "calls of driver functions that took 20 milliseconds or longer" },
        [COUNTER_DRIVER_CALL_USEC_MAX] = { "driver-call-longest-usec",
                                           "duration of the longest call of a driver function, in microseconds" },
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
