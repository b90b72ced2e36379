/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_FAKE_MACHINE_H
#define GOVERNORD_TESTS_FAKE_MACHINE_H

/* Four CPUs, each with its own policy, and a fake driver with governor, EPP, limits and boost for each. Must be included after
 * <cmocka.h>. */

#include "base/text.h"
#include "core/config/config-text-load.h"
#include "core/machine/knob.h"
#include "tests/unit/fake-driver.h"
#include "tests/unit/small-root.h"

#define MACHINE_CPUS 4

struct fake_machine {
        struct small_root root;
        struct fake *fake;
        struct topology topology;
        struct knobs knobs;
        struct config *config;
        uint32_t boost, min, max, epp, governor; /* rows, not in the order of writing */
};

static inline void machine_add_knobs(struct fake_machine *m, uint32_t row, const char *value, int64_t min, int64_t max,
                                     const char *choices) {
        for (uint32_t i = 0; i < MACHINE_CPUS; i++) {
                struct fake_knob *knob = fake_knob(m->fake, row, i, value);

                knob->facts.min = min;
                knob->facts.max = max;
                (void) snprintf(knob->facts.choices, sizeof(knob->facts.choices), "%s", choices);
        }
}

static inline void machine_make(struct fake_machine *m) {
        *m = (struct fake_machine){ .fake = fake_new("fake") };
        small_root_make(&m->root);
        small_root_write(&m->root, "sys/devices/system/cpu/possible", "0-3\n");
        small_root_write(&m->root, "sys/devices/system/cpu/online", "0-3\n");
        m->fake->n_cpus = MACHINE_CPUS;
        m->boost = fake_row(m->fake, "boost", GOV_SCOPE_POLICY, GOV_UNIT_BOOL, GOV_ORDER_BOOST, 0);
        m->min = fake_row(m->fake, "min-freq", GOV_SCOPE_POLICY, GOV_UNIT_KHZ, GOV_ORDER_LIMIT, GOV_KNOB_LIMIT_MIN);
        m->max = fake_row(m->fake, "max-freq", GOV_SCOPE_POLICY, GOV_UNIT_KHZ, GOV_ORDER_LIMIT,
                          GOV_KNOB_LIMIT_MAX | GOV_KNOB_SETTLES);
        m->epp = fake_row(m->fake, "epp", GOV_SCOPE_POLICY, GOV_UNIT_TEXT, GOV_ORDER_EPP, 0);
        m->governor = fake_row(m->fake, "governor", GOV_SCOPE_POLICY, GOV_UNIT_TEXT, GOV_ORDER_GOVERNOR, 0);
        machine_add_knobs(m, m->boost, "1", 0, 1, "");
        machine_add_knobs(m, m->min, "800000", 800000, 4000000, "");
        machine_add_knobs(m, m->max, "4000000", 800000, 4000000, "");
        machine_add_knobs(m, m->epp, "balance_performance", 1, 0, "performance balance_performance balance_power power");
        machine_add_knobs(m, m->governor, "powersave", 1, 0, "performance powersave");
}

/* Called after the test has made its rows and knobs. */
static inline void machine_start(struct fake_machine *m, const char *config_text) {
        struct plugin *plugins[] = { &m->fake->plugin };
        char *errors = NULL;

        assert_int_equal(topology_build(&m->topology, m->root.host.root_fd, plugins, 1), 0);
        assert_int_equal(knobs_update(&m->knobs, plugins, 1, &m->topology), 0);
        if (config_load_text("test", config_text, strlen(config_text), &m->config, &errors) < 0)
                fail_msg("%s", errors);
        fake_forget(m->fake);
}

static inline void machine_remove(struct fake_machine *m) {
        knobs_done(&m->knobs);
        topology_done(&m->topology);
        config_free(m->config);
        fake_free(m->fake);
        small_root_remove(&m->root);
}

static inline struct knob *machine_knob(struct fake_machine *m, const char *name, uint32_t domain) {
        for (uint32_t i = 0; i < m->knobs.n; i++)
                if (strcmp(m->knobs.items[i].name, name) == 0 && m->knobs.items[i].domain == domain)
                        return &m->knobs.items[i];
        return NULL;
}

/* The hardware behind a knob. */
static inline struct fake_knob *machine_hardware(struct fake_machine *m, uint32_t row, uint32_t domain) {
        for (uint32_t i = 0; i < m->fake->n_knobs; i++)
                if (m->fake->knobs[i].row == row && m->fake->knobs[i].facts.domain == domain)
                        return &m->fake->knobs[i];
        return NULL;
}

#endif
