/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A driver that is compiled once without faults, and once with each fault that the contract suite must detect. The file of its card
 * contains MHz, but the unit of knobs is kHz. Therefore read() multiplies and write() divides, and the row has GOV_KNOB_ROUNDS. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "include/governord/driver.h"

#define CARD    "sys/class/faulty/card0/max_mhz"
#define KHZ_MIN INT64_C(200000)
#define KHZ_MAX INT64_C(1600000)
#define KHZ_MHZ 1000

#if defined(FAULT_TWINS) || defined(FAULT_IDENTITIES) /* the same card twice: without a difference, or with the same identity */
#define CARDS 2
#else
#define CARDS 1
#endif

#ifdef FAULT_ROUNDS_UNSAID
#define FLAGS GOV_KNOB_LIMIT_MAX
#else
#define FLAGS (GOV_KNOB_LIMIT_MAX | GOV_KNOB_ROUNDS)
#endif

#ifdef FAULT_ROW_NAME
#define ROW "max_freq"
#else
#define ROW "max-freq"
#endif

#ifdef FAULT_NUMBER_TOO_LARGE
#define DIGITS_MAX 19
#else
#define DIGITS_MAX 9
#endif

static const struct gov_knob_row rows[] = {
        { ROW, "highest clock of the card", GOV_SCOPE_DEVICE, GOV_UNIT_KHZ, GOV_ORDER_LIMIT, FLAGS },
};

static int faulty_probe(const struct gov_host *host, void **ret_state) {
        const struct gov_host **state;

        if (faccessat(host->root_fd, CARD, F_OK, 0) < 0)
                return -ENODEV;
        state = malloc(sizeof(*state));
        if (!state)
                return -ENOMEM;
        *state = host;
        *ret_state = state;
        return 0;
}

static void faulty_remove(void *state) {
        free(state);
}

static int faulty_info(void *state, struct gov_driver_info *ret) {
        (void) state;
        (void) ret;
        return 0;
}

static int faulty_count(void *state, uint32_t row) {
        (void) state;
        return row == 0 ? CARDS : 0;
}

static int faulty_describe(void *state, uint32_t row, uint32_t index, struct gov_instance *ret) {
        (void) state;
        if (row != 0 || index >= CARDS)
                return -EOPNOTSUPP;
        (void) strcpy(ret->path, CARD);
        ret->min = KHZ_MIN;
        ret->max = KHZ_MAX;
        ret->step = KHZ_MHZ;
#ifdef FAULT_IDENTITIES
        ret->domain = index;
        (void) strcpy(ret->identity, "CARD-1");
#endif
#ifdef FAULT_RANGE_UPSIDE_DOWN
        ret->min = KHZ_MAX;
        ret->max = KHZ_MIN;
#endif
#ifdef FAULT_STEP_MISSING
        ret->step = 0;
#endif
        return 0;
}

static int open_card(void *state, uint32_t row, uint32_t index, int flags) {
        const struct gov_host **host = state;
        int fd;

        if (row != 0 || index >= CARDS)
                return -EOPNOTSUPP;
        fd = openat((*host)->root_fd, CARD, flags | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int faulty_read(void *state, uint32_t row, uint32_t index, char *ret, size_t size) {
        int fd = open_card(state, row, index, O_RDONLY), n;
        char text[32] = "";
        ssize_t bytes;

        if (fd < 0)
                return fd;
        bytes = read(fd, text, sizeof(text) - 1);
        (void) close(fd);
        if (bytes < 0)
                return -EIO;
        n = snprintf(ret, size, "%ld", atol(text) * KHZ_MHZ);
        return (size_t) n < size ? n : -E2BIG;
}

static int faulty_write(void *state, uint32_t row, uint32_t index, const char *value) {
        size_t digits = strspn(value, "0123456789");
        char text[32];
        int fd, r;

        if (digits == 0 || digits > DIGITS_MAX || value[digits] != '\0')
                return -EINVAL;
#ifdef FAULT_RANGE_ENFORCED
        if (atol(value) < KHZ_MIN || atol(value) > KHZ_MAX)
                return -ERANGE;
#endif
        fd = open_card(state, row, index, O_WRONLY | O_TRUNC);
        if (fd < 0)
                return fd;
#ifdef FAULT_CLAMPS
        r = snprintf(text, sizeof(text), "%ld", (atol(value) > KHZ_MAX ? KHZ_MAX : atol(value)) / KHZ_MHZ);
#else
        r = snprintf(text, sizeof(text), "%ld", atol(value) / KHZ_MHZ);
#endif
        r = write(fd, text, (size_t) r) < 0 ? -errno : 0;
        (void) close(fd);
        return r;
}

const struct gov_driver governord_driver = {
        .magic = GOVERNORD_DRIVER_MAGIC,
        .abi_major = GOVERNORD_ABI_MAJOR,
        .abi_minor = GOVERNORD_ABI_MINOR,
        .size = sizeof(struct gov_driver),
        .row_size = sizeof(struct gov_knob_row),
        .n_rows = 1,
        .name = NAME,
        .description = "A card that is not there, for the tests of the contract suite",
        .rows = rows,
        .probe = faulty_probe,
        .remove = faulty_remove,
        .info = faulty_info,
        .count = faulty_count,
        .describe = faulty_describe,
        .read = faulty_read,
        .write = faulty_write,
};
