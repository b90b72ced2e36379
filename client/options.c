/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An application's options, of any size that some version of the header had. It refuses what it cannot promise: members that are
 * not 0 beyond those it knows, unknown flags, values that the service would not take. */

#include "client/options.h"

#include "client/environment.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define FLAGS         (GOV_QOS_CAP | GOV_QOS_START_SERVICE)
#define SIZE_FIRST    offsetof(struct gov_qos_options, permille) /* without a target there is no session */
#define SIZE_MOST     4096
#define TIME_MOST_US  60000000
#define STALE_MOST_US 600000000
#define NAME_MOST     255

static bool within(uint32_t value, uint32_t least, uint32_t most) {
        return value >= least && value <= most;
}

/* Length of the UTF-8 character at `s`, 0 if it is none. D-Bus takes no surrogates, no overlong forms, nothing above U+10FFFF. */
static size_t character(const unsigned char *s) {
        static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
        size_t n = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;
        uint32_t code = n == 1 ? s[0] : n == 0 ? 0 : s[0] & (0x7fu >> n);

        for (size_t i = 1; i < n; i++) {
                if (s[i] >> 6 != 2)
                        return 0;
                code = code << 6 | (s[i] & 0x3f);
        }
        return n == 0 || code < least[n] || code > 0x10ffff || code >> 11 == 0xd800 >> 11 ? 0 : n;
}

static bool is_name(const char *name) {
        size_t length = strnlen(name, NAME_MOST + 1), n;

        if (length > NAME_MOST)
                return false;
        for (size_t at = 0; at < length; at += n) {
                n = character((const unsigned char *) name + at);
                if (n == 0)
                        return false;
        }
        return true;
}

static bool is_zero(const unsigned char *bytes, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (bytes[i])
                        return false;
        return true;
}

static bool fits(const struct gov_qos_options *options) {
        return (options->flags & ~FLAGS) == 0 && within(options->target_us, 1, TIME_MOST_US) &&
               within(options->permille, 500, 999) && (options->window_us == 0 || within(options->window_us, 1000, TIME_MOST_US)) &&
               (options->stale_us == 0 || within(options->stale_us, 1000, STALE_MOST_US)) &&
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
                known.permille = 950;
        if (!fits(&known))
                return -EINVAL;
        environment_apply(&known);
        *ret = known;
        return 0;
}
