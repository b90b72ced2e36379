/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_FAKE_DRIVER_H
#define GOVERNORD_TESTS_FAKE_DRIVER_H

/* A driver in the test program. Tests make its knobs and choose its failures; it records every call. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/machine/plugin.h"

#define FAKE_ROWS_MAX  16
#define FAKE_KNOBS_MAX 512
#define FAKE_CALLS_MAX 4096

struct fake_knob {
        uint32_t row;
        struct gov_instance facts;
        char value[GOVERNORD_VALUE_MAX];
        int read_error, write_error; /* negative errno, or 0 */
        const char *stuck_at;        /* the value in force after any write, which succeeds */
        const char *shows;           /* the value that reads return, regardless of the value in force */
        unsigned int slow;           /* number of reads after a write that return the former value; UINT_MAX: all */
        unsigned int slow_reads;     /* how many of these are left */
        char before[GOVERNORD_VALUE_MAX];
};

struct fake_call {
        char operation; /* 'r' or 'w' */
        struct fake_knob *knob;
        char value[GOVERNORD_VALUE_MAX];
};

struct fake {
        struct plugin plugin;
        struct gov_driver driver;
        struct gov_knob_row rows[FAKE_ROWS_MAX];
        struct fake_knob knobs[FAKE_KNOBS_MAX];
        struct fake_call calls[FAKE_CALLS_MAX];
        uint32_t n_rows, n_knobs, n_calls;
        bool crossed;             /* a lower limit was above the upper limit of its domain after some write */
        struct gov_cpu_facts cpu; /* facts of every CPU; .policy is the CPU's own number */
        uint32_t n_cpus;
};

/* Makes a driver that counts as probed. */
struct fake *fake_new(const char *name);
void fake_free(struct fake *fake);
uint32_t fake_row(struct fake *fake, const char *name, uint32_t scope, uint32_t unit, uint32_t order, uint32_t flags);
/* The knobs of one row must be made in sequence. */
struct fake_knob *fake_knob(struct fake *fake, uint32_t row, uint32_t domain, const char *value);
/* Returns the n-th write since fake_forget() as "domain name=value", or "" if there were fewer. Valid until the next call. */
const char *fake_write_text(const struct fake *fake, uint32_t n);
uint32_t fake_count(const struct fake *fake, char operation);
void fake_forget(struct fake *fake);

#endif
