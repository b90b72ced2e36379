/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A driver to read and to copy: an imaginary fan controller. docs/writing-a-driver.md walks through it. It needs nothing but
 * the driver header and libc, and refuses what it did not describe: a mode that is none, a limit out of range. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "include/governord/driver.h" /* <governord/driver.h> outside of governord's own tree */

#define DIRECTORY "sys/devices/platform/governord-example"
#define LIMIT_MIN 20 /* percent; slower than that the fan stands still */
#define LIMIT_MAX 100

enum { ROW_MODE, ROW_LIMIT, ROW_TEMP, N_ROWS };

/* [table] What there is to set and to read: facts only. The names are what people write in governord.conf. */
static const struct gov_knob_row rows[N_ROWS] = {
        [ROW_MODE] = { "fan-mode", "who decides how fast the fan turns", GOV_SCOPE_NODE, GOV_UNIT_TEXT, GOV_ORDER_MODE, 0 },
        [ROW_LIMIT] = { "fan-limit", "fastest that the fan may turn", GOV_SCOPE_NODE, GOV_UNIT_PERCENT, GOV_ORDER_LIMIT, 0 },
        [ROW_TEMP] = { "fan-temp", "temperature at the fan", GOV_SCOPE_NODE, GOV_UNIT_MILLICELSIUS, GOV_ORDER_LIMIT,
                       GOV_KNOB_SENSOR },
};
static const char *const files[N_ROWS] = { DIRECTORY "/pwm_mode", DIRECTORY "/pwm_limit", DIRECTORY "/temp" };
static const char *const modes[] = { "auto", "quiet", "full" };

/* [probe] 0: it is here. -ENODEV: not this machine. Nothing is written. The state is whatever the other functions need; here
 * the host is enough, so there is nothing to free. */
static int example_probe(const struct gov_host *host, void **ret_state) {
        if (faccessat(host->root_fd, files[ROW_MODE], F_OK, 0) < 0)
                return -ENODEV;
        *ret_state = (void *) host;
        return 0;
}

static void example_remove(void *state) {
        (void) state;
}

static int example_info(void *state, struct gov_driver_info *ret) {
        (void) state;
        (void) snprintf(ret->backend, sizeof(ret->backend), "governord-example");
        return 0;
}

/* [describe] How often a row occurs on this machine, and each occurrence. */
static int example_count(void *state, uint32_t row) {
        const struct gov_host *host = state;

        return row < N_ROWS && faccessat(host->root_fd, files[row], F_OK, 0) == 0;
}

static int example_describe(void *state, uint32_t row, uint32_t index, struct gov_instance *ret) {
        if (index != 0 || example_count(state, row) == 0)
                return -EOPNOTSUPP;
        (void) snprintf(ret->path, sizeof(ret->path), "%s", files[row]);
        if (row == ROW_MODE)
                (void) snprintf(ret->choices, sizeof(ret->choices), "%s %s %s", modes[0], modes[1], modes[2]);
        if (row == ROW_LIMIT) {
                ret->min = LIMIT_MIN;
                ret->max = LIMIT_MAX;
        }
        return 0;
}

/* [read] The text in the file, without its newline. */
static int example_read(void *state, uint32_t row, uint32_t index, char *ret, size_t size) {
        const struct gov_host *host = state;
        char text[GOVERNORD_VALUE_MAX];
        ssize_t n;
        int fd;

        if (row >= N_ROWS || index != 0)
                return -EOPNOTSUPP;
        fd = openat(host->root_fd, files[row], O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        n = read(fd, text, sizeof(text) - 1);
        (void) close(fd);
        if (n < 0)
                return -EIO;
        text[n] = '\0';
        text[strcspn(text, "\n")] = '\0';
        if (strlen(text) >= size)
                return -E2BIG;
        return (int) strlen(strcpy(ret, text));
}

/* [check] The service checks values against describe() first; a driver does so again, since hardware forgives nothing. */
static int is_acceptable(uint32_t row, const char *value) {
        size_t digits = strspn(value, "0123456789");

        if (row == ROW_LIMIT)
                return digits > 0 && digits <= 3 && value[digits] == '\0' && atoi(value) >= LIMIT_MIN && atoi(value) <= LIMIT_MAX;
        for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
                if (strcmp(value, modes[i]) == 0)
                        return 1;
        return 0;
}

/* [write] One write(2). The service reads back by itself, and knows what was there before. */
static int example_write(void *state, uint32_t row, uint32_t index, const char *value) {
        const struct gov_host *host = state;
        int fd, r;

        if (row >= N_ROWS || index != 0 || (rows[row].flags & GOV_KNOB_SENSOR))
                return -EOPNOTSUPP;
        if (!is_acceptable(row, value))
                return -EINVAL;
        fd = openat(host->root_fd, files[row], O_WRONLY | O_TRUNC | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = write(fd, value, strlen(value)) < 0 ? -errno : 0;
        (void) close(fd);
        return r;
}

/* [export] The one symbol. Its facts are checked before any function above is called. */
const struct gov_driver governord_driver = {
        .magic = GOVERNORD_DRIVER_MAGIC,
        .abi_major = GOVERNORD_ABI_MAJOR,
        .abi_minor = GOVERNORD_ABI_MINOR,
        .size = sizeof(struct gov_driver),
        .row_size = sizeof(struct gov_knob_row),
        .n_rows = N_ROWS,
        .name = "example",
        .description = "An imaginary fan controller, to copy from",
        .rows = rows,
        .probe = example_probe,
        .remove = example_remove,
        .info = example_info,
        .count = example_count,
        .describe = example_describe,
        .read = example_read,
        .write = example_write,
};
