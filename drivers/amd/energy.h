/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_AMD_ENERGY_H
#define DRIVERS_AMD_ENERGY_H

#include "drivers/amd/amd.h"

/* On an AMD machine, adds the energy counter of every package in the powercap tree. Returns 0 or a negative errno. */
int energy_add(struct amd *amd);

#endif
