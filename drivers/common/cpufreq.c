/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The knobs of a cpufreq policy that are the same with every kernel driver. The meaning of levels is in cpufreq-facts.c.
 *
 * The caller's list of scaling drivers determines which policies belong to a plugin, so that no two plugins handle the same policy.
 * A file that the kernel does not have is silently omitted. */

#include "drivers/common/cpufreq.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "drivers/common/cpufreq-internal.h"
#include "drivers/common/rig.h"

struct walk {
        const struct gov_host *host;
        const char *scaling_drivers;
        int (*each)(uint32_t policy, void *userdata);
        void *userdata;
        int n;
};

static int walk_one(const char *name, void *userdata) {
        struct walk *walk = userdata;
        uint32_t policy;

        if (attr_suffix(name, "policy", &policy) < 0 || !cpufreq_policy_matches(walk->host, walk->scaling_drivers, policy))
                return 0;
        walk->n++;
        return walk->each(policy, walk->userdata);
}

int cpufreq_walk(const struct gov_host *host, const char *scaling_drivers, int (*each)(uint32_t policy, void *userdata),
                 void *userdata) {
        struct walk walk = { .host = host, .scaling_drivers = scaling_drivers, .each = each, .userdata = userdata };
        int r;

        cpufreq_forget_machine();
        r = attr_walk(host->root_fd, CPUFREQ_DIR, "policy", walk_one, &walk);
        if (r == -ENOENT || r == -ENOTDIR)
                return 0;
        return r < 0 ? r : walk.n;
}

/* ---- knobs ---- */

static int policy_path(struct gov_instance *instance, uint32_t policy, const char *file) {
        return TEXT_FORMAT(instance->path, CPUFREQ_DIR "/policy%u/%s", policy, file);
}

/* A list that does not fit into the buffer is omitted; then only the kernel checks values. */
static void read_choices(const struct gov_host *host, uint32_t policy, const char *file, struct gov_instance *ret) {
        char path[160];

        if (TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/%s", policy, file) < 0 ||
            attr_read(host->root_fd, path, ret->choices, sizeof(ret->choices)) < 0)
                ret->choices[0] = '\0';
}

static int64_t policy_number(const struct gov_host *host, uint32_t policy, const char *file) {
        char path[160];
        int64_t value;

        if (TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/%s", policy, file) < 0 || attr_read_i64(host->root_fd, path, &value) < 0)
                return -1;
        return value;
}

/* Returns the next frequency of *list, or 0 at the end. */
static int64_t next_khz(const char **list) {
        const char *word;
        char text[24];
        int64_t khz;
        size_t n;

        while ((n = next_word(list, &word)) > 0)
                if (TEXT_FORMAT(text, "%.*s", (int) n, word) >= 0 && parse_i64(text, &khz) >= 0 && khz > 0)
                        return khz;
        return 0;
}

/* Maximum difference by which the kernel rounds a limit: one less than the largest gap in the table of frequencies, which may be
 * ascending or descending; 0 without a table. */
static int64_t largest_rounding(const char *list) {
        int64_t before = next_khz(&list), gap = 0, khz;

        while ((khz = next_khz(&list)) > 0) {
                gap = MAX(gap, llabs(khz - before));
                before = khz;
        }
        return gap > 0 ? gap - 1 : 0;
}

static int64_t rounding(const struct gov_host *host, uint32_t policy) {
        _cleanup_free_ char *list = NULL;
        char path[160];

        if (TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/scaling_available_frequencies", policy) < 0 ||
            attr_read_list(host->root_fd, path, &list) < 0)
                return 0;
        return largest_rounding(list);
}

static void read_frequency_range(const struct gov_host *host, uint32_t policy, struct gov_instance *ret) {
        int64_t min = policy_number(host, policy, "cpuinfo_min_freq"), max = policy_number(host, policy, "cpuinfo_max_freq");

        if (max < 0)
                max = rig_max_khz(host, policy);
        if (min < 0 || max < min)
                return;
        ret->min = min;
        ret->max = max;
        ret->step = rounding(host, policy);
}

static int add_governor(struct knobset *set, uint32_t row, uint32_t policy) {
        struct gov_instance instance = { .domain = policy, .min = 1, .max = 0 };

        if (row == CPUFREQ_NO_ROW || policy_path(&instance, policy, "scaling_governor") < 0)
                return 0;
        read_choices(set->host, policy, "scaling_available_governors", &instance);
        return knobset_add(set, row, &instance);
}

/* Accepts the listed preferences, or a number. */
static int add_epp(struct knobset *set, uint32_t row, uint32_t policy) {
        struct gov_instance instance = { .domain = policy, .min = 0, .max = 255 };
        const char *preferences = rig_preferences(set->host, policy);

        if (row == CPUFREQ_NO_ROW || policy_path(&instance, policy, "energy_performance_preference") < 0)
                return 0;
        read_choices(set->host, policy, "energy_performance_available_preferences", &instance);
        if (preferences && instance.choices[0] == '\0')
                (void) TEXT_FORMAT(instance.choices, "%s", preferences);
        return preferences && preferences[0] == '\0' ? 0 : knobset_add(set, row, &instance);
}

static int add_frequency(struct knobset *set, uint32_t row, const struct gov_instance *range, const char *file) {
        struct gov_instance instance = *range;

        if (row == CPUFREQ_NO_ROW || policy_path(&instance, range->domain, file) < 0)
                return 0;
        return knobset_add(set, row, &instance);
}

int cpufreq_add(struct knobset *set, const struct cpufreq_rows *rows, uint32_t policy) {
        struct gov_instance range = { .domain = policy, .min = 1, .max = 0 };
        int r;

        rig_settle(set->host, policy);
        read_frequency_range(set->host, policy, &range);
        r = add_governor(set, rows->governor, policy);
        if (r >= 0)
                r = add_epp(set, rows->epp, policy);
        if (r >= 0)
                r = add_frequency(set, rows->min_freq, &range, "scaling_min_freq");
        if (r >= 0)
                r = add_frequency(set, rows->max_freq, &range, "scaling_max_freq");
        if (r >= 0 && rows->boost != CPUFREQ_NO_ROW)
                r = knobset_add_file(set, rows->boost, policy, CPUFREQ_DIR "/policy%u/boost", policy);
        return r < 0 ? r : 0;
}
