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

/* One driver on one simulated machine, and what several files of the contract test need. */

struct contract {
        const struct gov_driver *driver;
        const char *so;         /* file of the driver */
        const char *tree;       /* file of the machine, NULL for the checks without one */
        char machine[64];       /* its name */
        char root[64];          /* directory of the simulated machine */
        struct gov_host host;
        void *state;
        unsigned *found;        /* on how many machines this driver found its hardware */
};

/* Fails the running test with the driver, machine and place. */
#define contract_fail(c, ...) contract_fail_at((c), __FILE__, __LINE__, __VA_ARGS__)
void contract_fail_at(const struct contract *c, const char *file, int line, const char *format, ...)
        __attribute__((format(printf, 4, 5), noreturn));
#define contract_check(c, condition, ...) \
        do {                                                 \
                if (!(condition))                            \
                        contract_fail((c), __VA_ARGS__);     \
        } while (0)

/* Makes the machine below a new directory, and the host that a driver sees. */
void contract_setup(struct contract *c);
void contract_teardown(struct contract *c);

/* Open descriptors of this process. */
unsigned contract_count_fds(void);
/* A number for the names, modes and texts of all files below the root; blanks at the end of a text do not count. */
uint64_t contract_snapshot(const struct contract *c);
/* Global symbols that a shared object defines, those of compilers ("__...") left out. *ret_first is static. */
unsigned contract_exported_symbols(const char *so, const char **ret_first);

/* "machine driver result backend/mode kind row:count ...", as in expected.txt. */
void contract_describe_machine(struct contract *c, int probed, char *ret, size_t size);
/* The line of expected.txt that starts with the same two words; NULL when there is none. Static. */
const char *contract_expected(const char *file, const char *machine, const char *driver);

/* The checks: each fails the test by itself. */
void check_table(struct contract *c, const char *name); /* `name`: of its file, without .so */
void check_instances(struct contract *c);
void check_reads(struct contract *c);
void check_writes(struct contract *c);
void check_originals(struct contract *c);
void check_nonsense(struct contract *c);
void check_removed_files(struct contract *c);
void check_cpus(struct contract *c);

/* Calls `each` for every instance of every row. */
void contract_each(struct contract *c, void (*each)(struct contract *c, uint32_t row, uint32_t index,
                                                    const struct gov_instance *instance));
bool contract_is_number(const char *text, int64_t *ret);
static inline bool contract_is_read_only(const struct contract *c, uint32_t row, const struct gov_instance *instance) {
        return (c->driver->rows[row].flags & GOV_KNOB_SENSOR) || (instance->flags & GOV_INSTANCE_READ_ONLY);
}

#endif
