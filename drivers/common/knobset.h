/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_KNOBSET_H
#define DRIVERS_COMMON_KNOBSET_H

#include "base/text.h" /* TEXT_FORMAT */
#include "include/governord/driver.h"

/*
 * The knobs of a driver whose values are attribute files, as in most drivers. probe() adds the instances that the machine has. The
 * functions knobset_count(), knobset_describe(), knobset_read() and knobset_write() are the members count, describe, read and write
 * of struct gov_driver; the driver's state must begin with a struct knobset. For rows whose value is not in a plain file (but in a
 * register or a mailbox, for example), the driver supplies access functions.
 */

struct knobset;

/* Access functions of one row. If a member is NULL, the file is used. `instance` has the values with which it was added. `write` is
 * called after the checks that are described at knobset_write(). It is also called for read-only instances, so that it can return a
 * specific error. */
struct knobset_access {
        int (*read)(void *state, const struct gov_instance *instance, char *ret, size_t size);
        int (*write)(void *state, const struct gov_instance *instance, const char *value);
};

struct knobset_row;
struct knobset_text;

struct knobset {
        const struct gov_host *host;
        const struct gov_driver *driver;
        struct knobset_row *rows;            /* one for each row of the driver's table */
        const struct knobset_access *access; /* n_rows entries, or NULL */
        struct knobset_text *texts;          /* choices and notes, each text stored once for all instances */
};

/* Initializes an empty set. `access` may be NULL; it must outlive the set. Returns 0 or -ENOMEM. */
int knobset_init(struct knobset *set, const struct gov_driver *driver, const struct gov_host *host,
                 const struct knobset_access *access);
/* Closes all files and frees all memory except the struct itself. A zeroed set is accepted. */
void knobset_done(struct knobset *set);

/* Adds a copy of an instance of `row`. An instance whose file is not writable gets GOV_INSTANCE_READ_ONLY. Returns 1 if the
 * instance was added; 0 if its file does not exist or `row` is not in the table, which is not an error, because kernels differ; or
 * -ENOMEM. */
int knobset_add(struct knobset *set, uint32_t row, const struct gov_instance *instance);
/* Like knobset_add(), for an instance with this domain and the formatted path. The range is unknown, or 0..1 for GOV_UNIT_BOOL. */
int knobset_add_file(struct knobset *set, uint32_t row, uint32_t domain, const char *path_format, ...)
        __attribute__((format(printf, 4, 5)));

/* For rows whose acceptable numbers outside of the described range differ from the default of knobset_write(), such as register
 * fields or numbers with more than 32 bits. The function sets instance->min and ->max to the numbers that are acceptable now; if it
 * returns a negative errno, the write fails with this errno. */
typedef int (*knobset_range)(const struct gov_host *host, struct gov_instance *instance);
void knobset_set_range(struct knobset *set, uint32_t row, knobset_range range);

/* Returns the number of instances of all rows. */
uint32_t knobset_total(const struct knobset *set);

/* A file stays open after its first access, and is opened again if its device was removed and has returned. knobset_write() checks
 * the value before it writes. It returns -E2BIG if the value is too long; -EINVAL if it is not one of the choices, or not a number
 * where the row needs one (a text row without choices accepts any single word); -ERANGE if it is outside of the range, or negative
 * if the range is unknown; -EACCES if the instance is read-only; -EOPNOTSUPP if there is no such instance. Outside of the range,
 * any unsigned number of 32 bits is accepted if the row has no `write` function, is not GOV_UNIT_BOOL and does not have
 * GOV_KNOB_NAMED. */
int knobset_count(void *state, uint32_t row);
int knobset_describe(void *state, uint32_t row, uint32_t index, struct gov_instance *ret);
int knobset_read(void *state, uint32_t row, uint32_t index, char *ret, size_t size);
int knobset_write(void *state, uint32_t row, uint32_t index, const char *value);

/* The members of struct gov_driver that are the same for all drivers with a knobset. `row_table` is the array of rows. */
#define KNOBSET_DRIVER(row_table)                                                                            \
        .magic = GOVERNORD_DRIVER_MAGIC, .abi_major = GOVERNORD_ABI_MAJOR, .abi_minor = GOVERNORD_ABI_MINOR, \
        .size = sizeof(struct gov_driver), .row_size = sizeof(struct gov_knob_row),                          \
        .n_rows = sizeof(row_table) / sizeof((row_table)[0]), .rows = (row_table), .count = knobset_count,   \
        .describe = knobset_describe, .read = knobset_read, .write = knobset_write

#endif
