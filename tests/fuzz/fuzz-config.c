/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interprets the input as a configuration file, which is either loaded or rejected with reasons, and resolves a loaded one for
 * unusual knobs. Asserts properties of the result. */

#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/config/config-text-load.h"
#include "tests/fuzz/fuzz.h"

static const struct gov_cpu_facts facts[] = {
        { .capacity = 512, .kind = GOV_CPU_EFFICIENCY, .min_khz = 1, .efficient_khz = 2, .base_khz = UINT64_MAX, .max_khz = 3 },
        { .capacity = UINT32_MAX, .kind = GOV_CPU_PERFORMANCE, .efficient_khz = UINT64_MAX / 2, .base_khz = 1100000, .max_khz = 1 },
};

static const struct profile_context contexts[] = { { false, -1 }, { true, 0 }, { true, 100 } };

static const struct { int64_t min, max; } ranges[] = { { 1, 0 }, { 0, 1 }, { INT64_MIN, INT64_MAX }, { -5, 4700000 } };

static bool covers(const struct profile_knob *knob, uint32_t scope, uint32_t number) {
        return (scope + number + knob->domain) % 2 == 0;
}

static void check_target(const struct profile_target *target) {
        size_t length = strnlen(target->value, sizeof(target->value));

        assert(length < sizeof(target->value));
        assert(!target->line || target->unavailable == (length == 0));
        assert(!target->unavailable || target->line);
        assert(!target->line || target->unavailable || profile_satisfied(target, target->value));
        (void) profile_satisfied(target, "0");
}

static void resolve_line(const struct profile *profile, const struct profile_line *line, uint32_t variant) {
        struct profile_knob knob = {
                .driver = line->driver ? line->driver : "intel",
                .mode = variant % 2 ? "active" : "",
                .name = line->knob,
                .scope = variant % GOV_SCOPE_COUNT,
                .unit = variant % GOV_UNIT_COUNT,
                .flags = variant % 3 ? 0 : GOV_KNOB_NAMED,
                .domain = variant % 5,
                .min = ranges[variant % 4].min,
                .max = ranges[variant % 4].max,
                .choices = variant % 7 ? "" : "power 1 on",
                .cpu = variant % 3 ? &facts[variant % 2] : NULL,
                .covers = variant % 2 ? covers : NULL,
        };
        _cleanup_free_ const struct profile_line **lines = NULL;
        struct profile_target once, twice;
        int n = profile_lines_for(profile, knob.driver, knob.name, &lines);

        assert(n > 0);
        profile_resolve(profile, &contexts[variant % 3], &knob, &once);
        profile_resolve_lines(lines, (size_t) n, &contexts[variant % 3], &knob, &twice);
        assert(once.line == twice.line && once.unavailable == twice.unavailable && strcmp(once.value, twice.value) == 0);
        check_target(&once);
}

static void check_config(const struct config *config, uint32_t variant) {
        assert(config->n_profiles >= PROFILE_BASE_COUNT && config->n_profiles <= 64 && config->n_rules <= 64);
        for (size_t i = 0; i < config->n_profiles; i++) {
                assert(config_profile(config, config->profiles[i].name) == &config->profiles[i]);
                assert(config->profiles[i].base < PROFILE_BASE_COUNT);
                for (size_t j = 0; i >= PROFILE_BASE_COUNT && j < config->profiles[i].n_lines; j++)
                        resolve_line(&config->profiles[i], &config->profiles[i].lines[j], variant++);
        }
        for (size_t i = 0; i < config->n_rules; i++) {
                char text[64];

                assert(config->rules[i].n_conditions > 0 && config_profile(config, config->rules[i].profile));
                (void) rule_format(&config->rules[i], text, sizeof(text));
        }
        for (size_t i = 0; i < config->n_options; i++)
                assert(config_driver_option(config, config->options[i].driver, config->options[i].key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *errors = NULL;
        struct config *config = NULL;
        int r = config_load_text("f", (const char *) data, size, &config, &errors);

        assert(r == 0 ? config && !errors : !config && errors);
        if (errors)
                assert(strncmp(errors, "f:", 2) == 0 && errors[strlen(errors) - 1] == '\n');
        if (config)
                check_config(config, (uint32_t) size);
        config_free(config);
        return 0;
}
