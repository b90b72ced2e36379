/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices of power-profiles-daemon's "actions": the charge type of peripherals with batteries, power saving of laptop panels at
 * the expense of picture quality, and the performance level of AMD GPUs. The service decides whether an action is enabled, and
 * which value it has in each profile. Values that were set manually are not overwritten: before each write, the driver checks for
 * the charge types Custom and Adaptive, and for the performance levels manual and perf_determinism (whose clock limit would be
 * lost). */

#include "drivers/platform/actions.h"

#include <errno.h>
#include <string.h>

#include "base/attr.h"
#include "base/parse.h"
#include "drivers/common/cpuinfo.h"

#define SUPPLY_DIR "sys/class/power_supply"
#define DRM_DIR    "sys/class/drm"

#define CHARGE_CHOICES   "Trickle Standard Fast"
#define CHARGE_HANDS_OFF "Custom Adaptive"
#define DPM_CHOICES      "low auto high profile_standard profile_min_sclk profile_min_mclk profile_peak"
#define DPM_HANDS_OFF    "manual perf_determinism"

static int read_at(const struct gov_host *host, const char *dir, const char *name, const char *file, char *ret, size_t size) {
        char path[160];
        int r = TEXT_FORMAT(path, "%s/%s/%s", dir, name, file);

        return r < 0 ? r : attr_read(host->root_fd, path, ret, size);
}

static bool text_is(const struct gov_host *host, const char *dir, const char *name, const char *file, const char *wanted) {
        char text[GOVERNORD_VALUE_MAX];

        return read_at(host, dir, name, file, text, sizeof(text)) >= 0 && strcmp(text, wanted) == 0;
}

/* Returns true if the value of the instance's file is one of `words`. */
static bool value_is_one_of(const struct gov_host *host, const struct gov_instance *instance, const char *words) {
        char text[GOVERNORD_VALUE_MAX];

        return attr_read(host->root_fd, instance->path, text, sizeof(text)) >= 0 && word_in_list(words, text);
}

static int write_unless(void *state, const struct gov_instance *instance, const char *value, const char *hands_off) {
        const struct gov_host *host = ((struct platform *) state)->set.host;

        if (value_is_one_of(host, instance, hands_off))
                return -EBUSY;
        if (instance->flags & GOV_INSTANCE_READ_ONLY)
                return -EACCES;
        return attr_write(host->root_fd, instance->path, value, host->simulated != 0);
}

int actions_write_charge(void *state, const struct gov_instance *instance, const char *value) {
        return write_unless(state, instance, value, CHARGE_HANDS_OFF);
}

int actions_write_dpm(void *state, const struct gov_instance *instance, const char *value) {
        return write_unless(state, instance, value, DPM_HANDS_OFF);
}

/* Devices are numbered in the order of their names; the label is the name. */
static int add_device(struct platform *platform, uint32_t row, const char *name, struct gov_instance *instance) {
        int r;

        instance->domain = (uint32_t) knobset_count(platform, row);
        (void) TEXT_FORMAT(instance->label, "%.47s", name);
        r = knobset_add(&platform->set, row, instance);
        return r < 0 ? r : 0;
}

/* ---- charging ---- */

/* The file has the form "Fast [Standard] Long_Life", with the current type in brackets. */
static void read_charge_types(const struct gov_host *host, const char *name, struct gov_instance *ret) {
        char *to = ret->choices;

        if (read_at(host, SUPPLY_DIR, name, "charge_types", ret->choices, sizeof(ret->choices)) <= 0) {
                (void) TEXT_FORMAT(ret->choices, CHARGE_CHOICES);
                return;
        }
        for (const char *from = ret->choices; *from; from++)
                if (*from != '[' && *from != ']')
                        *to++ = *from;
        *to = '\0';
}

static int add_supply(const char *name, void *userdata) {
        struct platform *platform = userdata;
        const struct gov_host *host = platform->set.host;
        struct gov_instance instance = { .min = 1 };

        if (!text_is(host, SUPPLY_DIR, name, "scope", "Device") ||
            TEXT_FORMAT(instance.path, SUPPLY_DIR "/%s/charge_type", name) < 0)
                return 0;
        read_charge_types(host, name, &instance);
        (void) TEXT_FORMAT(instance.note, "the charge types Custom and Adaptive are not overwritten");
        return add_device(platform, ROW_TRICKLE_CHARGE, name, &instance);
}

/* ---- AMD graphics ---- */

static int add_connector(struct platform *platform, const char *name) {
        struct gov_instance instance = { .min = 0, .max = 4 };

        if (cpuinfo_is_made_by(platform->set.host, "AuthenticAMD") != CPUINFO_YES ||
            !text_is(platform->set.host, DRM_DIR, name, "status", "connected") ||
            TEXT_FORMAT(instance.path, DRM_DIR "/%s/amdgpu/panel_power_savings", name) < 0)
                return 0;
        return add_device(platform, ROW_PANEL_POWER, name, &instance);
}

static int add_card(struct platform *platform, const char *name) {
        struct gov_instance instance = { .min = 1, .choices = DPM_CHOICES };

        if (TEXT_FORMAT(instance.path, DRM_DIR "/%s/device/power_dpm_force_performance_level", name) < 0)
                return 0;
        (void) TEXT_FORMAT(instance.note, "the levels manual and perf_determinism are not overwritten");
        return add_device(platform, ROW_DPM, name, &instance);
}

/* "card1" is a GPU, "card1-eDP-1" is one of its connectors. As in power-profiles-daemon, panels are handled only on machines with
 * an AMD CPU. For GPUs, power-profiles-daemon has the same condition; it is omitted here, because there is no reason to exclude AMD
 * GPUs in Intel machines. */
static int add_graphics(const char *name, void *userdata) {
        uint32_t number;

        if (attr_suffix(name, "card", &number) == 0)
                return add_card(userdata, name);
        return add_connector(userdata, name);
}

int actions_add(struct platform *platform) {
        int root_fd = platform->set.host->root_fd;
        int r = attr_walk(root_fd, SUPPLY_DIR, "", add_supply, platform);

        if (r != -ENOMEM)
                r = attr_walk(root_fd, DRM_DIR, "card", add_graphics, platform);
        return r == -ENOMEM ? r : 0;
}
