/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A test double that is never installed. It corresponds to the platform driver "fake" of power-profiles-daemon, which test rigs
 * enable with an environment variable. It offers all three profiles and keeps the chosen one in memory. Unlike the original, it
 * does not read the keyboard. */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/governord/driver.h"

#define VARIABLE "POWER_PROFILE_DAEMON_FAKE_DRIVER" /* as spelled by power-profiles-daemon */
#define CHOICES  "low-power balanced performance"

static const struct gov_knob_row rows[] = {
        { "platform-profile", "power profile of a simulated firmware", GOV_SCOPE_NODE, GOV_UNIT_TEXT, GOV_ORDER_PLATFORM,
          GOV_KNOB_FIRMWARE },
};

struct fake {
        const struct gov_host *host;
        char profile[16];
};

/* A value that begins with "0" or "f", such as "false", disables the driver. */
static bool is_wanted(void) {
        const char *value = getenv(VARIABLE);

        return value && value[0] != '0' && value[0] != 'f';
}

static int fake_probe(const struct gov_host *host, void **ret_state) {
        struct fake *fake;

        if (!is_wanted())
                return -ENODEV;
        fake = calloc(1, sizeof(*fake));
        if (!fake)
                return -ENOMEM;
        fake->host = host;
        (void) strcpy(fake->profile, "balanced");
        *ret_state = fake;
        return 0;
}

static int fake_info(void *state, struct gov_driver_info *ret) {
        (void) state;
        ret->kind = GOV_KIND_PLATFORM;
        (void) snprintf(ret->backend, sizeof(ret->backend), "fake");
        (void) snprintf(ret->note, sizeof(ret->note), "a test double; unset " VARIABLE " to disable it");
        return 0;
}

static int fake_count(void *state, uint32_t row) {
        (void) state;
        return row == 0;
}

static int fake_describe(void *state, uint32_t row, uint32_t index, struct gov_instance *ret) {
        (void) state;
        if (row != 0 || index != 0)
                return -EOPNOTSUPP;
        (void) snprintf(ret->choices, sizeof(ret->choices), CHOICES);
        return 0;
}

static int fake_read(void *state, uint32_t row, uint32_t index, char *ret, size_t size) {
        const struct fake *fake = state;

        if (row != 0 || index != 0)
                return -EOPNOTSUPP;
        if (strlen(fake->profile) >= size)
                return -E2BIG;
        return (int) strlen(strcpy(ret, fake->profile));
}

static int fake_write(void *state, uint32_t row, uint32_t index, const char *value) {
        struct fake *fake = state;

        if (row != 0 || index != 0)
                return -EOPNOTSUPP;
        if (strcmp(value, "low-power") != 0 && strcmp(value, "balanced") != 0 && strcmp(value, "performance") != 0)
                return -EINVAL;
        (void) strcpy(fake->profile, value);
        fake->host->log(fake->host, GOV_LOG_INFO, "activating %s", value);
        return 0;
}

const struct gov_driver governord_driver = {
        .magic = GOVERNORD_DRIVER_MAGIC,
        .abi_major = GOVERNORD_ABI_MAJOR,
        .abi_minor = GOVERNORD_ABI_MINOR,
        .size = sizeof(struct gov_driver),
        .row_size = sizeof(struct gov_knob_row),
        .n_rows = 1,
        .priority = 100,
        .name = "fake",
        .description = "A simulated firmware with power profiles, for tests",
        .rows = rows,
        .probe = fake_probe,
        .remove = free,
        .info = fake_info,
        .count = fake_count,
        .describe = fake_describe,
        .read = fake_read,
        .write = fake_write,
};
