/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Average power between two readings of an energy counter that wraps. It cannot see a counter that wrapped twice: at 200 W and the
 * usual range of 262 kJ that takes 40 minutes, so the first answer after a long pause may be too low, never too high. */

#include "dbus/power-meter.h"

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

static bool measure(struct power_meter *meter, uint64_t usec, uint64_t energy_uj, uint64_t range_uj) {
        uint64_t delta = energy_uj - meter->energy_uj;

        if (!meter->started || usec == 0)
                return false;
        if (energy_uj < meter->energy_uj) {
                if (range_uj < meter->energy_uj)
                        return false;
                delta = range_uj - meter->energy_uj + energy_uj;
        }
        meter->microwatt = microwatt(delta, usec);
        meter->period_usec = usec;
        return true;
}

void power_meter_feed(struct power_meter *meter, uint64_t now_usec, uint64_t energy_uj, uint64_t range_uj) {
        if (!measure(meter, now_usec - meter->usec, energy_uj, range_uj))
                meter->microwatt = meter->period_usec = 0;
        meter->started = true;
        meter->energy_uj = energy_uj;
        meter->usec = now_usec;
}
