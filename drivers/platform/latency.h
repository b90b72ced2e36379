/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_PLATFORM_LATENCY_H
#define DRIVERS_PLATFORM_LATENCY_H

#include <stdbool.h>

#include "drivers/common/knobset.h"

/*
 * Limits, in microseconds, of the time that a CPU may take to wake up.
 *
 * "cpu-dma-latency" applies to all CPUs. It is a device: a request lasts while its descriptor is open, and the value of the
 * knob is the smallest request of all programs, or "" if there is none. On a simulated machine, it is an ordinary file with a decimal number.
 * "resume-latency" is a file of each CPU, in which "0" means no limit, and "n/a" that no delay is acceptable.
 */

struct latency {
        const struct gov_host *host;
        int fd;    /* descriptor of the request; -1: no request */
        bool held; /* on a simulated machine: the driver has written a request to the file */
};

void latency_init(struct latency *latency, const struct gov_host *host);
/* Removes the request. */
void latency_done(struct latency *latency);
/* Adds both knobs. Returns 0 or -ENOMEM. */
int latency_add(struct knobset *set, uint32_t row_dma, uint32_t row_resume);

/* Access functions of "cpu-dma-latency". */
int latency_read(const struct latency *latency, char *ret, size_t size);
int latency_write(struct latency *latency, const char *value);

#endif
