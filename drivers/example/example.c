/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A template for new drivers: an imaginary accelerator, of which a machine may have several. docs/writing-a-driver.md explains it
 * step by step. It uses only the driver header and libc. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "include/governord/driver.h" /* <governord/driver.h> outside of governord's source tree */

#define CARD      "sys/class/governord-example/npu%u/%s"
#define CARDS_MAX 16
#define KHZ_MIN   200000
#define KHZ_MAX   1600000

enum { ROW_MODE, ROW_MIN, ROW_MAX, ROW_TEMP, N_ROWS };

/* [table] The settings and sensors of the hardware. Users write these names in governord.conf. */
static const struct gov_knob_row rows[N_ROWS] = {
        [ROW_MODE] = { "npu-mode", "operating mode of the card", GOV_SCOPE_DEVICE, GOV_UNIT_TEXT, GOV_ORDER_MODE, 0 },
        [ROW_MIN] = { "npu-min-freq", "lower limit of the card's clock", GOV_SCOPE_DEVICE, GOV_UNIT_KHZ, GOV_ORDER_LIMIT,
                      GOV_KNOB_LIMIT_MIN },
        [ROW_MAX] = { "npu-max-freq", "upper limit of the card's clock", GOV_SCOPE_DEVICE, GOV_UNIT_KHZ, GOV_ORDER_LIMIT,
                      GOV_KNOB_LIMIT_MAX },
        [ROW_TEMP] = { "npu-temp", "temperature of the card", GOV_SCOPE_DEVICE, GOV_UNIT_MILLICELSIUS, GOV_ORDER_LIMIT,
                       GOV_KNOB_SENSOR },
};
static const char *const files[N_ROWS] = { "mode", "min_khz", "max_khz", "temp" };
static const char *const modes[] = { "auto", "eco", "turbo" };

struct example {
        const struct gov_host *host;
        uint32_t n_cards;
};

static int has_card(const struct gov_host *host, uint32_t card) {
        char path[128];

        (void) snprintf(path, sizeof(path), CARD, card, files[ROW_MODE]);
        return faccessat(host->root_fd, path, F_OK, 0) == 0;
}

/* [probe] Returns 0 if the hardware exists, -ENODEV if it does not, or another negative errno. It must not write anything. *ret_state is passed to the other functions. */
static int example_probe(const struct gov_host *host, void **ret_state) {
        struct example *example;

        if (!has_card(host, 0))
                return -ENODEV;
        example = calloc(1, sizeof(*example));
        if (!example)
                return -ENOMEM;
        example->host = host;
        while (example->n_cards < CARDS_MAX && has_card(host, example->n_cards))
                example->n_cards++;
        *ret_state = example;
        return 0;
}

static void example_remove(void *state) {
        free(state);
}

static int example_info(void *state, struct gov_driver_info *ret) {
        (void) state;
        (void) snprintf(ret->backend, sizeof(ret->backend), "governord-example");
        return 0;
}

/* [describe] Returns how many instances of a row this machine has, and describes each of them. */
static int example_count(void *state, uint32_t row) {
        const struct example *example = state;

        return row < N_ROWS ? (int) example->n_cards : 0;
}

static int example_describe(void *state, uint32_t row, uint32_t index, struct gov_instance *ret) {
        const struct example *example = state;

        if (row >= N_ROWS || index >= example->n_cards)
                return -EOPNOTSUPP;
        ret->domain = index;
        (void) snprintf(ret->path, sizeof(ret->path), CARD, index, files[row]);
        if (row == ROW_MODE)
                (void) snprintf(ret->choices, sizeof(ret->choices), "%s %s %s", modes[0], modes[1], modes[2]);
        if (row == ROW_MIN || row == ROW_MAX) {
                ret->min = KHZ_MIN;
                ret->max = KHZ_MAX;
        }
        return 0;
}

static int open_file(const struct example *example, uint32_t row, uint32_t index, int flags) {
        char path[128];
        int fd;

        if (row >= N_ROWS || index >= example->n_cards)
                return -EOPNOTSUPP;
        (void) snprintf(path, sizeof(path), CARD, index, files[row]);
        fd = openat(example->host->root_fd, path, flags | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* [read] Returns the content of the file without the newline. */
static int example_read(void *state, uint32_t row, uint32_t index, char *ret, size_t size) {
        char text[GOVERNORD_VALUE_MAX];
        int fd = open_file(state, row, index, O_RDONLY);
        ssize_t n;

        if (fd < 0)
                return fd;
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

/* [check] The service has checked requested values against describe(), so a driver checks only their form. It must accept every
 * value that read() has returned, even outside of the described range; otherwise the service could not restore original values. */
static int is_acceptable(uint32_t row, const char *value) {
        size_t digits = strspn(value, "0123456789");

        if (row == ROW_MIN || row == ROW_MAX)
                return digits > 0 && digits <= 9 && value[digits] == '\0';
        for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
                if (strcmp(value, modes[i]) == 0)
                        return 1;
        return 0;
}

/* [write] A single write(2). The service reads the value back, and remembers the original value. */
static int example_write(void *state, uint32_t row, uint32_t index, const char *value) {
        int fd, r;

        if (row >= N_ROWS || (rows[row].flags & GOV_KNOB_SENSOR))
                return -EOPNOTSUPP;
        if (!is_acceptable(row, value))
                return -EINVAL;
        fd = open_file(state, row, index, O_WRONLY | O_TRUNC);
        if (fd < 0)
                return fd;
        r = write(fd, value, strlen(value)) < 0 ? -errno : 0;
        (void) close(fd);
        return r;
}

/* [export] The only exported symbol. The service checks its contents before it calls any of the functions above. */
const struct gov_driver governord_driver = {
        .magic = GOVERNORD_DRIVER_MAGIC,
        .abi_major = GOVERNORD_ABI_MAJOR,
        .abi_minor = GOVERNORD_ABI_MINOR,
        .size = sizeof(struct gov_driver),
        .row_size = sizeof(struct gov_knob_row),
        .n_rows = N_ROWS,
        .name = "example",
        .description = "An imaginary accelerator, a template for new drivers",
        .rows = rows,
        .probe = example_probe,
        .remove = example_remove,
        .info = example_info,
        .count = example_count,
        .describe = example_describe,
        .read = example_read,
        .write = example_write,
};
