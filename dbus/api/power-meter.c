/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Average power between two readings of energy counters, which wrap. If a package has consumed more than the range of its counter
 * since the previous reading, this cannot be detected, and the result is too low. With the usual range of 262 kJ, this takes about
 * 22 minutes at 200 W, so the first result after a long pause may be too low. */

#include "dbus/api/power-meter.h"

#include <string.h>

#define USEC_PER_SEC UINT64_C(1000000)

bool power_meter_due(const struct power_meter *meter, uint64_t now_usec) {
        return !meter->started || now_usec - meter->usec >= POWER_METER_PERIOD_USEC;
}

static uint64_t microwatt(uint64_t delta_uj, uint64_t usec) {
        uint64_t scaled;

        if (__builtin_mul_overflow(delta_uj, USEC_PER_SEC, &scaled))
                return delta_uj / usec * USEC_PER_SEC;
        return scaled / usec;
}

/* Computes the increase of one counter. Returns false if it is unknown. */
static bool difference(const struct energy_counter *before, const struct energy_counter *now, uint64_t *ret) {
        if (strcmp(before->name, now->name) != 0)
                return false;
        *ret = now->energy_uj - before->energy_uj;
        if (now->energy_uj >= before->energy_uj)
                return true;
        *ret = now->range_uj - before->energy_uj + now->energy_uj;
        return now->range_uj >= before->energy_uj;
}

static bool measure(struct power_meter *meter, uint64_t usec, const struct energy_counter *counters, int n) {
        uint64_t sum = 0;

        if (!meter->started || usec == 0 || n != meter->n_counters)
                return false;
        for (int i = 0; i < n; i++) {
                uint64_t delta;

                if (!difference(&meter->counters[i], &counters[i], &delta) || __builtin_add_overflow(sum, delta, &sum))
                        return false;
        }
        meter->microwatt = microwatt(sum, usec);
        meter->period_usec = usec;
        return true;
}

void power_meter_feed(struct power_meter *meter, uint64_t now_usec, const struct energy_counter *counters, int n) {
        if (!measure(meter, now_usec - meter->usec, counters, n))
                meter->microwatt = meter->period_usec = 0;
        meter->started = true;
        memcpy(meter->counters, counters, (size_t) n * sizeof(*counters));
        meter->n_counters = n;
        meter->usec = now_usec;
}
