/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_PLATFORM_LATENCY_H
#define DRIVERS_PLATFORM_LATENCY_H

#include <stdbool.h>

#include "drivers/common/knobset.h"

/*
 * How long a CPU may take to wake up, in microseconds.
 *
 * "cpu-dma-latency", for all CPUs, is a device: a wish counts while its descriptor is open, and what reads back is the smallest
 * wish of all programs, "" when there is none. In a simulated machine it is an ordinary file with a decimal number.
 * "resume-latency" is a file per CPU in which "0" means no limit and "n/a" means that no latency at all is tolerated.
 */

struct latency {
        const struct gov_host *host;
        int fd;    /* the open wish, -1 for none */
        bool held; /* a wish stands in the file of a simulated machine */
};

void latency_init(struct latency *latency, const struct gov_host *host);
/* Lets go of the wish. */
void latency_done(struct latency *latency);
/* Adds both knobs. 0 or -ENOMEM. */
int latency_add(struct knobset *set, uint32_t row_dma, uint32_t row_resume);

/* Access of "cpu-dma-latency". */
int latency_read(const struct latency *latency, char *ret, size_t size);
int latency_write(struct latency *latency, const char *value);

#endif
