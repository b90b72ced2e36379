/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ACPI platform profile of the firmware. The kernel's names of profiles are used unchanged; the service decides which of them
 * corresponds to "balanced". The kernel shows `custom` after a single setting of the profile was changed; this value can be written
 * only if the kernel lists it.
 *
 * Since Linux 6.14, several drivers may register handlers, each with a separate folder. The older single file then represents all
 * handlers: it offers only the profiles that all of them have, and shows "custom" if their profiles differ, so that originals could
 * not be restored. Therefore the files of the handlers are used if they exist, also if there is only one: another handler may be
 * registered later, and the original of the first one must remain known. */

#include "drivers/platform/profile.h"

#include <errno.h>
#include <string.h>

#include "base/attr.h"
#include "base/parse.h"

#define HANDLER_DIR    "sys/class/platform-profile"
#define HANDLER_PREFIX "platform-profile-"

/* The kernel separates words by spaces, test trees of other tools by newlines. */
static int read_list(const struct gov_host *host, const char *path, char *ret, size_t size) {
        int r = attr_read(host->root_fd, path, ret, size);

        for (char *p = ret; r >= 0 && *p; p++)
                if (*p == '\n')
                        *p = ' ';
        return r < 0 ? r : 0;
}

int profile_choices(const struct gov_host *host, char *ret, size_t size) {
        if (!attr_exists(host->root_fd, PROFILE_DIR "/platform_profile"))
                return -ENOENT;
        return read_list(host, PROFILE_DIR "/platform_profile_choices", ret, size);
}

static int add_main(struct platform *platform) {
        struct gov_instance instance = { .min = 1, .path = PROFILE_DIR "/platform_profile" };

        if (profile_choices(platform->set.host, instance.choices, sizeof(instance.choices)) < 0)
                return 0;
        return knobset_add(&platform->set, ROW_PROFILE, &instance);
}

static int add_handler(const char *name, void *userdata) {
        struct platform *platform = userdata;
        const struct gov_host *host = platform->set.host;
        struct gov_instance instance = { .min = 1 };
        uint32_t number;
        char path[160];
        int r;

        if (attr_suffix(name, HANDLER_PREFIX, &number) < 0)
                return 0;
        (void) TEXT_FORMAT(instance.path, HANDLER_DIR "/" HANDLER_PREFIX "%u/profile", number);
        (void) TEXT_FORMAT(path, HANDLER_DIR "/" HANDLER_PREFIX "%u/name", number);
        if (attr_read(host->root_fd, path, instance.label, sizeof(instance.label)) < 0)
                (void) TEXT_FORMAT(instance.label, HANDLER_PREFIX "%u", number);
        (void) TEXT_FORMAT(path, HANDLER_DIR "/" HANDLER_PREFIX "%u/choices", number);
        if (read_list(host, path, instance.choices, sizeof(instance.choices)) < 0)
                return 0;
        r = knobset_add(&platform->set, ROW_PROFILE, &instance);
        return r < 0 ? r : 0;
}

int profile_add(struct platform *platform) {
        int r = attr_walk(platform->set.host->root_fd, HANDLER_DIR, HANDLER_PREFIX, add_handler, platform);

        if (r == -ENOMEM)
                return r;
        r = knobset_count(platform, ROW_PROFILE) > 0 ? 0 : add_main(platform);
        return r < 0 ? r : 0;
}
