/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUs with any other cpufreq driver: acpi-cpufreq, cpufreq-dt, qcom-cpufreq-hw, apple-cpufreq, pcc-cpufreq and others.
 *
 * Policies of kernel drivers that another plugin handles are excluded (CPUFREQ_ALL_BUT_VENDORS). The global boost switch is written
 * before the switches of the policies, because writes to these fail while the global switch is off. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "drivers/common/boost.h"
#include "drivers/common/cpufreq.h"

enum { ROW_GOVERNOR, ROW_MIN_FREQ, ROW_MAX_FREQ, ROW_SETSPEED, ROW_BOOST_GLOBAL, ROW_BOOST, N_ROWS };

static const struct gov_knob_row rows[N_ROWS] = {
        [ROW_GOVERNOR] = CPUFREQ_ROW_GOVERNOR,
        [ROW_MIN_FREQ] = CPUFREQ_ROW_MIN_FREQ,
        [ROW_MAX_FREQ] = CPUFREQ_ROW_MAX_FREQ,
        [ROW_SETSPEED] = { "setspeed", "fixed frequency, used by the governor userspace", GOV_SCOPE_POLICY, GOV_UNIT_KHZ,
                           GOV_ORDER_LIMIT, GOV_KNOB_OPT_IN },
        [ROW_BOOST_GLOBAL] = { "boost-global", "allows frequencies above the nominal frequency on all CPUs", GOV_SCOPE_NODE,
                               GOV_UNIT_BOOL, GOV_ORDER_BOOST - 1, 0 },
        [ROW_BOOST] = CPUFREQ_ROW_POLICY_BOOST,
};

struct state {
        struct knobset knobs;
        char backend[32]; /* scaling_driver of the first policy */
        bool boosts;      /* at least one policy can boost */
};

static void driver_remove(void *state) {
        struct state *s = state;

        knobset_done(&s->knobs);
        free(s);
}

static bool governor_is_userspace(const struct gov_host *host, uint32_t policy) {
        char path[96], governor[GOVERNORD_VALUE_MAX];

        (void) TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/scaling_governor", policy);
        return attr_read(host->root_fd, path, governor, sizeof(governor)) > 0 && strcmp(governor, "userspace") == 0;
}

/* With any governor but "userspace", the kernel shows "<unsupported>", and every write fails. */
static int add_setspeed(struct state *s, uint32_t policy) {
        struct gov_instance instance = { .domain = policy, .min = 1, .max = 0 };
        const struct gov_host *host = s->knobs.host;

        (void) TEXT_FORMAT(instance.path, CPUFREQ_DIR "/policy%u/scaling_setspeed", policy);
        if (!governor_is_userspace(host, policy)) {
                instance.flags = GOV_INSTANCE_READ_ONLY;
                (void) TEXT_FORMAT(instance.note, "can be written only with the governor userspace");
        }
        return knobset_add(&s->knobs, ROW_SETSPEED, &instance);
}

static int add_policy(uint32_t policy, void *userdata) {
        struct cpufreq_rows present = { ROW_GOVERNOR, ROW_MIN_FREQ, ROW_MAX_FREQ, ROW_BOOST, CPUFREQ_NO_ROW };
        struct state *s = userdata;
        char path[96];
        int r;

        if (s->backend[0] == '\0') {
                (void) TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/scaling_driver", policy);
                if (attr_read(s->knobs.host->root_fd, path, s->backend, sizeof(s->backend)) < 0)
                        (void) TEXT_FORMAT(s->backend, "cpufreq");
        }
        if (boost_exists(s->knobs.host, policy))
                s->boosts = true;
        else
                present.boost = CPUFREQ_NO_ROW;
        r = cpufreq_add(&s->knobs, &present, policy);
        return r < 0 ? r : add_setspeed(s, policy);
}

static int ignore_policy(uint32_t policy, void *userdata) {
        (void) policy;
        (void) userdata;
        return 0;
}

/* If there is no policy, the cpufreq driver may be a module that is loaded later. If there are policies, all belong to other
 * plugins. */
static int why_none(const struct gov_host *host) {
        if (attr_exists(host->root_fd, CPUFREQ_DIR) && cpufreq_walk(host, NULL, ignore_policy, NULL) == 0)
                return -EAGAIN;
        return -ENODEV;
}

static int driver_probe(const struct gov_host *host, void **ret_state) {
        struct state *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return -ENOMEM;
        r = knobset_init(&s->knobs, &governord_driver, host, NULL);
        if (r >= 0)
                r = cpufreq_walk(host, CPUFREQ_ALL_BUT_VENDORS, add_policy, s);
        if (r == 0)
                r = why_none(host);
        if (r > 0 && s->boosts)
                r = knobset_add_file(&s->knobs, ROW_BOOST_GLOBAL, 0, CPUFREQ_DIR "/boost");
        if (r < 0) {
                driver_remove(s);
                return r;
        }
        *ret_state = s;
        return 0;
}

static int driver_info(void *state, struct gov_driver_info *ret) {
        const struct state *s = state;

        ret->kind = GOV_KIND_CPU;
        return TEXT_FORMAT(ret->backend, "%s", s->backend);
}

static int driver_cpu(void *state, uint32_t cpu, struct gov_cpu_facts *ret) {
        const struct state *s = state;

        return cpufreq_cpu_facts(s->knobs.host, CPUFREQ_ALL_BUT_VENDORS, cpu, ret);
}

const struct gov_driver governord_driver = {
        KNOBSET_DRIVER(rows),  .priority = 10,
        .name = "cpufreq",     .description = "CPU frequency through cpufreq drivers that no other plugin handles",
        .probe = driver_probe, .remove = driver_remove,
        .info = driver_info,   .cpu = driver_cpu,
        .subsystems = "cpu",   .waits_for = "a cpufreq driver (there is no policy in " CPUFREQ_DIR " yet)",
};
