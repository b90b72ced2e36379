/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_POWER_CLASS_H
#define CORE_POWER_CLASS_H

#include <stdbool.h>

#define POWER_CLASS_DIR "sys/class/power_supply"

struct power_state {
        bool on_battery;
        bool known;  /* false: unknown, and `on_battery` is false */
        int percent; /* charge of all batteries together, -1 unknown */
};

/*
 * Reads sys/class/power_supply below root_fd. Supplies of other devices (scope Device: mice) do not count.
 * A machine is on battery when no mains or USB supply is online and a battery discharges. The adapter alone does not decide: some
 * machines show no charger at their USB-C port, and a battery that is full, charging, or held at its charge threshold does not
 * power the machine. The adapter decides only when no battery reports its status. Several batteries are weighted by their capacity
 * in energy or charge.
 */
void power_class_read(int root_fd, struct power_state *ret);
bool power_state_equal(const struct power_state *a, const struct power_state *b);

#endif
