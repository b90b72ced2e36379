/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the application's options, which may have the size of an earlier or later version of the header. Unknown members that are
 * not 0, unknown flags, and values that the service would not accept are rejected. */

#include "client/options.h"

#include "base/utf8.h"
#include "client/environment.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define FLAGS      (GOV_QOS_CAP | GOV_QOS_START_SERVICE)
#define SIZE_FIRST offsetof(struct gov_qos_options, permille) /* the members up to target_us are required */
#define SIZE_MOST  4096
#define NAME_MOST  255

static bool within(uint32_t value, uint32_t least, uint32_t most) {
        return value >= least && value <= most;
}

static bool is_name(const char *name) {
        return strnlen(name, NAME_MOST + 1) <= NAME_MOST && utf8_is_valid(name);
}

static bool is_zero(const unsigned char *bytes, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (bytes[i])
                        return false;
        return true;
}

static bool fits(const struct gov_qos_options *options) {
        return (options->flags & ~FLAGS) == 0 && within(options->target_us, GOV_QOS_TARGET_MIN_US, GOV_QOS_TARGET_MAX_US) &&
               within(options->permille, GOV_QOS_PERMILLE_MIN, GOV_QOS_PERMILLE_MAX) &&
               (options->window_us == 0 || within(options->window_us, GOV_QOS_WINDOW_MIN_US, GOV_QOS_WINDOW_MAX_US)) &&
               (options->stale_us == 0 || within(options->stale_us, GOV_QOS_STALE_MIN_US, GOV_QOS_STALE_MAX_US)) &&
               (!options->application || is_name(options->application));
}

GOV_QOS_API int gov_qos_options_init(struct gov_qos_options *options, uint32_t size, uint32_t target_us) {
        const struct gov_qos_options known = { .size = size, .target_us = target_us };

        if (!options || size < SIZE_FIRST || size > SIZE_MOST)
                return -EINVAL;
        memset(options, 0, size);
        memcpy(options, &known, size < sizeof(known) ? size : sizeof(known));
        return 0;
}

int options_read(const struct gov_qos_options *options, struct gov_qos_options *ret) {
        struct gov_qos_options known = { 0 };
        uint32_t size = options ? options->size : 0;

        if (size < SIZE_FIRST || size > SIZE_MOST)
                return -EINVAL;
        if (size > sizeof(known) && !is_zero((const unsigned char *) options + sizeof(known), size - sizeof(known)))
                return -EINVAL;
        memcpy(&known, options, size < sizeof(known) ? size : sizeof(known));
        if (known.permille == 0)
                known.permille = GOV_QOS_PERMILLE_DEFAULT;
        if (!fits(&known))
                return -EINVAL;
        environment_apply(&known);
        *ret = known;
        return 0;
}
