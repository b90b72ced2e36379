/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_COMMON_KNOBSET_H
#define DRIVERS_COMMON_KNOBSET_H

#include "base/text.h" /* TEXT_FORMAT */
#include "include/governord/driver.h"

/*
 * The knobs of a driver whose values are attribute files, as in nearly every driver: probe() searches the machine and adds
 * instances, and the four functions below are used directly as count, describe, read and write of struct gov_driver (the driver's
 * state must start with a struct knobset). Rows whose value is not a plain file (a register, a mailbox) have their own access
 * functions.
 */

struct knobset;

/* Access functions of one row; if a member is NULL the file is used. `instance` is as it was added. Values are checked as described
 * at knobset_write() before `write` is called; it is also called for read-only instances, so that it can return its own error. */
struct knobset_access {
        int (*read)(void *state, const struct gov_instance *instance, char *ret, size_t size);
        int (*write)(void *state, const struct gov_instance *instance, const char *value);
};

struct knobset_row;
struct knobset_text;

struct knobset {
        const struct gov_host *host;
        const struct gov_driver *driver;
        struct knobset_row *rows;            /* one per row of the driver's table */
        const struct knobset_access *access; /* n_rows entries, or NULL */
        struct knobset_text *texts;          /* choices and notes: a few texts shared by thousands of instances */
};

/* Starts an empty set at the beginning of a driver's state. 0 or -ENOMEM. `access` may be NULL; it must outlive the set. */
int knobset_init(struct knobset *set, const struct gov_driver *driver, const struct gov_host *host,
                 const struct knobset_access *access);
/* Closes all files and frees everything except the struct itself. A zeroed set is valid. */
void knobset_done(struct knobset *set);

/* Adds a copy of an instance of `row`. If `path` is set and the file does not exist, or `row` is not in the table, nothing is added
 * and the result is 0, since kernels differ in their files. An instance whose file is not writable gets GOV_INSTANCE_READ_ONLY.
 * Returns 1 if it was added, 0, or -ENOMEM. */
int knobset_add(struct knobset *set, uint32_t row, const struct gov_instance *instance);
/* Shorthand: adds an instance of `domain` with the formatted path; the range is unknown, or 0..1 for GOV_UNIT_BOOL. */
int knobset_add_file(struct knobset *set, uint32_t row, uint32_t domain, const char *path_format, ...)
        __attribute__((format(printf, 4, 5)));

/* For rows that accept other numbers outside of their described range than knobset_write() does: fields of a register, numbers
 * beyond 32 bits. Sets instance->min and ->max to what is acceptable now. On a negative errno the number is rejected with it. */
typedef int (*knobset_range)(const struct gov_host *host, struct gov_instance *instance);
void knobset_set_range(struct knobset *set, uint32_t row, knobset_range range);

/* Number of instances in all rows. */
uint32_t knobset_total(const struct knobset *set);

/* Files stay open from their first access on; they are opened again if their device was removed and has returned. knobset_write()
 * checks values before anything is written: -E2BIG too long, -EINVAL not one of the choices or not a number (without choices:
 * anything but one plain word), -ERANGE outside of the range (below 0 if the range is unknown; a file without a write() of its own
 * accepts any number of 32 bits that is not negative, unless it is a switch or has names), -EACCES read-only, -EOPNOTSUPP no such
 * instance. */
int knobset_count(void *state, uint32_t row);
int knobset_describe(void *state, uint32_t row, uint32_t index, struct gov_instance *ret);
int knobset_read(void *state, uint32_t row, uint32_t index, char *ret, size_t size);
int knobset_write(void *state, uint32_t row, uint32_t index, const char *value);

/* The members of a driver's table that are the same for all drivers with a knobset. `row_table` is the array of rows. */
#define KNOBSET_DRIVER(row_table)                                                                            \
        .magic = GOVERNORD_DRIVER_MAGIC, .abi_major = GOVERNORD_ABI_MAJOR, .abi_minor = GOVERNORD_ABI_MINOR, \
        .size = sizeof(struct gov_driver), .row_size = sizeof(struct gov_knob_row),                          \
        .n_rows = sizeof(row_table) / sizeof((row_table)[0]), .rows = (row_table), .count = knobset_count,   \
        .describe = knobset_describe, .read = knobset_read, .write = knobset_write

#endif
