/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_CONTRACT_H
#define TESTS_CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "include/governord/driver.h"

/* One driver on one simulated machine, and functions that the files of the contract test share. */

struct contract {
        const struct gov_driver *driver;
        const char *so;   /* file of the driver */
        const char *tree; /* file of the machine; NULL for checks without a machine */
        char machine[64]; /* its name */
        char root[64];    /* directory of the simulated machine */
        struct gov_host host;
        void *state;
        unsigned *found; /* number of machines on which this driver has found its hardware */
};

/* Fails the current test with a message that contains driver, machine, file and line. */
#define contract_fail(c, ...) contract_fail_at((c), __FILE__, __LINE__, __VA_ARGS__)
void contract_fail_at(const struct contract *c, const char *file, int line, const char *format, ...)
        __attribute__((format(printf, 4, 5), noreturn));
#define contract_check(c, condition, ...)                \
        do {                                             \
                if (!(condition))                        \
                        contract_fail((c), __VA_ARGS__); \
        } while (0)

/* Creates the machine in a new directory, and the host for the driver. */
void contract_setup(struct contract *c);
void contract_teardown(struct contract *c);

/* Number of open descriptors of this process. */
unsigned contract_count_fds(void);
/* A digest of the names, modes and contents of all files below the root; spaces and newlines at the end of a file are ignored. */
uint64_t contract_snapshot(const struct contract *c);
/* Number of global symbols that a shared object defines, without those of compilers ("__..."). *ret_first is the name of the first
 * one, in static memory. */
unsigned contract_exported_symbols(const char *so, const char **ret_first);

/* Writes "machine driver result backend/mode kind row:count ...", as in expected.txt. */
void contract_describe_machine(struct contract *c, int probed, char *ret, size_t size);
/* Returns the line of expected.txt for this machine and driver, in static memory; NULL if there is none. */
const char *contract_expected(const char *file, const char *machine, const char *driver);

/* The checks. A check that fails ends the test. */
void check_table(struct contract *c, const char *name); /* `name`: that of the file, without .so */
void check_instances(struct contract *c);
void check_reads(struct contract *c);
void check_writes(struct contract *c);
void check_originals(struct contract *c);
void check_nonsense(struct contract *c);
void check_removed_files(struct contract *c);
void check_cpus(struct contract *c);

/* Calls `each` for every instance of every row. */
void contract_each(struct contract *c,
                   void (*each)(struct contract *c, uint32_t row, uint32_t index, const struct gov_instance *instance));
bool contract_is_number(const char *text, int64_t *ret);
static inline bool contract_is_read_only(const struct contract *c, uint32_t row, const struct gov_instance *instance) {
        return (c->driver->rows[row].flags & GOV_KNOB_SENSOR) || (instance->flags & GOV_INSTANCE_READ_ONLY);
}

#endif
