/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policies of cppc_cpufreq, which controls arm64 servers through ACPI CPPC. Kernels since 2025 also have autonomous selection, and
 * an EPP as a number in a separate file. Registers that the firmware does not have read as "<unsupported>" and are omitted. The EPP
 * names of other drivers are converted to numbers, so that profiles do not depend on the machine. min_perf and max_perf are not
 * used, because scaling_min_freq and scaling_max_freq determine them; auto_act_window is not used either. */

#include "drivers/arm64/cppc.h"

#include <errno.h>
#include <string.h>

#include "base/attr.h"
#include "base/parse.h"
#include "drivers/arm64/policy.h"
#include "drivers/common/cpufreq.h"

#define EPP_CHOICES "performance balance_performance balance_power power"

static const struct {
        const char *word;
        int number;
} epp_words[] = {
        { "performance", 0 },
        { "balance_performance", 128 },
        { "balance_power", 192 },
        { "power", 255 },
};

int cppc_epp_number(const char *word) {
        for (size_t i = 0; i < sizeof(epp_words) / sizeof(epp_words[0]); i++)
                if (strcmp(epp_words[i].word, word) == 0)
                        return epp_words[i].number;
        return -EINVAL;
}

int cppc_read_epp(void *state, const struct gov_instance *instance, char *ret, size_t size) {
        const struct gov_host *host = ((struct arm64 *) state)->set.host;
        int r = attr_read(host->root_fd, instance->path, ret, size);
        int64_t number;

        if (r < 0 || parse_i64(ret, &number) < 0)
                return r;
        for (size_t i = 0; i < sizeof(epp_words) / sizeof(epp_words[0]); i++)
                if (epp_words[i].number == number)
                        r = text_format(ret, size, "%s", epp_words[i].word);
        return r < 0 ? r : (int) strlen(ret);
}

/* knobset_write() has checked the value. */
int cppc_write_epp(void *state, const struct gov_instance *instance, const char *value) {
        const struct gov_host *host = ((struct arm64 *) state)->set.host;
        char text[8];
        int number = cppc_epp_number(value);

        if (instance->flags & GOV_INSTANCE_READ_ONLY)
                return -EACCES;
        if (number >= 0) {
                (void) TEXT_FORMAT(text, "%d", number);
                value = text;
        }
        return attr_write(host->root_fd, instance->path, value, host->simulated != 0);
}

/* Adds the file if it contains a number. */
static int add_register(struct arm64 *arm64, uint32_t row, uint32_t policy, const char *file, int64_t max, const char *choices) {
        struct gov_instance instance = { .domain = policy, .min = 0, .max = max };
        int64_t now;

        if (TEXT_FORMAT(instance.path, CPUFREQ_DIR "/policy%u/%s", policy, file) < 0 ||
            attr_read_i64(arm64->set.host->root_fd, instance.path, &now) < 0)
                return 0;
        (void) TEXT_FORMAT(instance.choices, "%s", choices);
        return knobset_add(&arm64->set, row, &instance);
}

static int add_policy(uint32_t policy, void *userdata) {
        struct arm64 *arm64 = userdata;
        int r = arm64_add_policy(arm64, policy);

        if (r >= 0)
                r = add_register(arm64, ROW_AUTO_SELECT, policy, "auto_select", 1, "");
        if (r >= 0)
                r = add_register(arm64, ROW_EPP, policy, "energy_performance_preference_val", 255, EPP_CHOICES);
        return r < 0 ? r : 0;
}

int cppc_add(struct arm64 *arm64) {
        int r = cpufreq_walk(arm64->set.host, "cppc_cpufreq", add_policy, arm64);

        if (r <= 0)
                return r;
        arm64->n_cppc = (uint32_t) r;
        return 0;
}
