/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_POWER_CLASS_H
#define CORE_POWER_CLASS_H

#include <stdbool.h>

#define POWER_CLASS_DIR "sys/class/power_supply"

struct power_state {
        bool on_battery;
        bool known;  /* if false, the source is unknown, and `on_battery` is false */
        int percent; /* charge of all batteries together; -1 if unknown */
};

/*
 * Reads sys/class/power_supply below root_fd. Batteries of peripherals such as mice (scope "Device") are ignored. The machine is on
 * battery if no mains or USB supply is online and a battery is discharging. The supplies alone are not sufficient: some machines
 * report no supply for a charger at a USB-C port, and a battery that is full, charging, or held at its charge threshold does not
 * power the machine. If no battery reports its status, a machine with a mains supply counts as on battery while no supply is
 * online. The charges of several batteries are weighted by their capacity in energy or charge.
 */
void power_class_read(int root_fd, struct power_state *ret);
bool power_state_equal(const struct power_state *a, const struct power_state *b);

#endif
