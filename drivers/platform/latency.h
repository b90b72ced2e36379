/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_PLATFORM_LATENCY_H
#define DRIVERS_PLATFORM_LATENCY_H

#include <stdbool.h>

#include "drivers/common/knobset.h"

/*
 * How long a CPU may take to wake up, in microseconds.
 *
 * "cpu-dma-latency", for all CPUs, is a device: a request is in force while its descriptor is open, and the value read is the
 * smallest request of all programs, "" if there is none. In a simulated machine it is an ordinary file with a decimal number.
 * "resume-latency" is a file per CPU in which "0" means no limit and "n/a" means that no latency at all is tolerated.
 */

struct latency {
        const struct gov_host *host;
        int fd;    /* descriptor of the request, -1 for none */
        bool held; /* the file of a simulated machine has our request */
};

void latency_init(struct latency *latency, const struct gov_host *host);
/* Drops the request. */
void latency_done(struct latency *latency);
/* Adds both knobs. 0 or -ENOMEM. */
int latency_add(struct knobset *set, uint32_t row_dma, uint32_t row_resume);

/* Access of "cpu-dma-latency". */
int latency_read(const struct latency *latency, char *ret, size_t size);
int latency_write(struct latency *latency, const char *value);

#endif
