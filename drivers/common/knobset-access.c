/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads and writes the knobs of a set.
 *
 * A profile switch on a large machine writes to thousands of files. Each file is opened at its first access and kept open, so that
 * a write needs only one pwrite(2). If an error shows that the device of an open file was removed, the descriptor is closed, and
 * the path is opened once more.
 *
 * Invalid values are rejected (see knobset_write() in the header), so that no unchecked text from the configuration or the bus
 * reaches the kernel. Values are not clamped, rounded or stored here; the service does this. */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "drivers/common/knobset-internal.h"

/* ---- access to files ---- */

/* Either a value to write, or a buffer for a value that is read. */
struct transfer {
        const char *value;
        char *ret;
        size_t size;
};

static void note_bytes(struct knobset_item *item, size_t bytes) {
        if (bytes > item->bytes)
                item->bytes = (uint16_t) MIN(bytes, (size_t) UINT16_MAX);
}

static int read_fd(struct knobset_item *item, int fd, const struct transfer *t) {
        size_t bytes;
        int r = attr_read_fd_bytes(fd, t->ret, t->size, &bytes);

        if (r >= 0)
                note_bytes(item, bytes);
        return r;
}

static int write_fd(const struct knobset *set, struct knobset_item *item, int fd, const char *value) {
        int r;

        if (set->host->simulated == GOV_SIMULATED_TREE)
                r = attr_write_fd_filled(fd, value, item->bytes);
        else
                r = attr_write_fd(fd, value, set->host->simulated != 0);
        if (r >= 0)
                note_bytes(item, strlen(value) + 1); /* a later write may not be preceded by a read */
        item->fresh = r >= 0;
        return r == -EBADF ? -EACCES : r; /* attr_open() could open the file only for reading */
}

static int transfer_fd(const struct knobset *set, struct knobset_item *item, int fd, const struct transfer *t) {
        return t->value ? write_fd(set, item, fd, t->value) : read_fd(item, fd, t);
}

/* For an open attribute whose device was removed, the kernel returns ENODEV. On a simulated machine the file was unlinked instead.
 * Writes, and the first read after a write, are not checked; the next read is. */
static bool is_gone(const struct knobset *set, struct knobset_item *item, const struct transfer *t) {
        bool fresh = item->fresh;
        struct stat st;

        item->fresh = false;
        return set->host->simulated && !t->value && !fresh && (fstat(item->fd, &st) < 0 || st.st_nlink == 0);
}

static bool is_gone_error(int r) {
        return r == -ENODEV || r == -ENOENT || r == -ESTALE;
}

static int use_held(const struct knobset *set, struct knobset_item *item, const struct transfer *t) {
        int r = is_gone(set, item, t) ? -ENODEV : transfer_fd(set, item, item->fd, t);

        if (is_gone_error(r))
                item->fd = close_fd(item->fd);
        return r;
}

/* If few descriptors are left, the file is not kept open, because other parts of the service need descriptors, too. */
static bool may_keep(int fd) {
        int spare = fcntl(fd, F_DUPFD_CLOEXEC, fd + 16);

        (void) close_fd(spare);
        return spare >= 0;
}

static int use_item(const struct knobset *set, struct knobset_item *item, const struct transfer *t) {
        _cleanup_close_ int fd = -1;
        int r;

        if (item->fd >= 0) {
                r = use_held(set, item, t);
                if (!is_gone_error(r))
                        return r;
        }
        fd = attr_open(set->host->root_fd, item->path, NULL);
        if (fd < 0)
                return fd;
        r = transfer_fd(set, item, fd, t);
        if (!is_gone_error(r) && may_keep(fd))
                item->fd = TAKE_FD(fd);
        return r;
}

int knobset_read(void *state, uint32_t row, uint32_t index, char *ret, size_t size) {
        struct knobset *set = state;
        struct knobset_item *item = knobset_find(set, row, index);
        struct gov_instance instance;

        if (!item)
                return -EOPNOTSUPP;
        if (set->access && set->access[row].read) {
                knobset_unpack(item, &instance);
                return set->access[row].read(state, &instance, ret, size);
        }
        return item->path[0] ? use_item(set, item, &(struct transfer){ .ret = ret, .size = size }) : -EOPNOTSUPP;
}

/* ---- checks of values ---- */

static bool is_word(const char *value) {
        const char *good = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+";

        return value[0] != '\0' && value[strspn(value, good)] == '\0';
}

static bool in_range(const struct knobset_item *item, int64_t number) {
        return item->min <= item->max ? number >= item->min && number <= item->max : number >= 0;
}

/* A number outside of the described range may be an original value that another program or the firmware has set, and must be
 * accepted. The kernel checks values that are written to a file, and the service has checked requested values. Attributes have up
 * to 32 bits. */
static bool file_may_hold(const struct knobset *set, uint32_t row, int64_t number) {
        const struct gov_knob_row *facts = &set->driver->rows[row];

        return facts->unit != GOV_UNIT_BOOL && !(facts->flags & GOV_KNOB_NAMED) && !(set->access && set->access[row].write) &&
               number >= 0 && number <= UINT32_MAX;
}

static int check_number(struct knobset *set, uint32_t row, struct knobset_item *item, const char *value) {
        struct gov_instance instance;
        int64_t number;
        int r = parse_i64(value, &number);

        if (r < 0)
                return r;
        if (in_range(item, number))
                return 0;
        if (!set->rows[row].range)
                return file_may_hold(set, row, number) ? 0 : -ERANGE;
        knobset_unpack(item, &instance);
        r = set->rows[row].range(set->host, &instance);
        if (r < 0)
                return r;
        return number >= instance.min && number <= instance.max ? 0 : -ERANGE;
}

static int check_value(struct knobset *set, uint32_t row, struct knobset_item *item, const char *value) {
        const struct gov_knob_row *facts = &set->driver->rows[row];

        if (strlen(value) >= GOVERNORD_VALUE_MAX)
                return -E2BIG;
        if (value[0] == '\0')
                return (facts->flags & GOV_KNOB_FD_HELD) ? 0 : -EINVAL;
        if (item->choices[0] && strpbrk(value, " \t\n") == NULL && word_in_list(item->choices, value))
                return 0;
        if (facts->unit != GOV_UNIT_TEXT)
                return check_number(set, row, item, value);
        if (facts->flags & GOV_KNOB_NAMED && item->min <= item->max)
                return check_number(set, row, item, value);
        return !item->choices[0] && is_word(value) ? 0 : -EINVAL;
}

int knobset_write(void *state, uint32_t row, uint32_t index, const char *value) {
        struct knobset *set = state;
        struct knobset_item *item = knobset_find(set, row, index);
        struct gov_instance instance;
        int r;

        if (!item || (set->driver->rows[row].flags & GOV_KNOB_SENSOR))
                return -EOPNOTSUPP;
        r = check_value(set, row, item, value);
        if (r < 0)
                return r;
        if (set->access && set->access[row].write) {
                knobset_unpack(item, &instance);
                return set->access[row].write(state, &instance, value);
        }
        if (item->flags & GOV_INSTANCE_READ_ONLY)
                return -EACCES;
        return item->path[0] ? use_item(set, item, &(struct transfer){ .value = value }) : -EOPNOTSUPP;
}
