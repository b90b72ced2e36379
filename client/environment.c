/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options from environment variables, see the header. An invalid variable does not make the application fail. */

#include "client/environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Accepts only decimal digits. *ret is unchanged if the variable is missing, not a number or out of range. */
static void number(const char *name, uint32_t least, uint32_t most, uint32_t *ret) {
        const char *text = secure_getenv(name);
        uint64_t value = 0;

        if (!text || !*text || strlen(text) > 10)
                return;
        for (; *text; text++) {
                if (*text < '0' || *text > '9')
                        return;
                value = value * 10 + (uint64_t) (*text - '0');
        }
        if (value >= least && value <= most)
                *ret = (uint32_t) value;
}

void environment_apply(struct gov_qos_options *options) {
        uint32_t cap = options->flags & GOV_QOS_CAP ? 1 : 0;

        number("GOVERNORD_TARGET_US", GOV_QOS_TARGET_MIN_US, GOV_QOS_TARGET_MAX_US, &options->target_us);
        number("GOVERNORD_PERMILLE", GOV_QOS_PERMILLE_MIN, GOV_QOS_PERMILLE_MAX, &options->permille);
        number("GOVERNORD_WINDOW_US", GOV_QOS_WINDOW_MIN_US, GOV_QOS_WINDOW_MAX_US, &options->window_us);
        number("GOVERNORD_STALE_US", GOV_QOS_STALE_MIN_US, GOV_QOS_STALE_MAX_US, &options->stale_us);
        number("GOVERNORD_CAP", 0, 1, &cap);
        options->flags = cap ? options->flags | GOV_QOS_CAP : options->flags & ~GOV_QOS_CAP;
}
