/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulator: runs each load on each machine with each controller, seed and target. `--help` lists the options.
 *
 * The target is a multiple of the percentile that "performance" reaches in a run with another seed (CALIBRATION_SEED), so that the
 * seeds of the comparison do not influence their target.
 */

#include <errno.h>
#include <string.h>

#include "bench/sim/clairvoyant.h"
#include "bench/sim/options.h"
#include "bench/sim/report.h"

#define CALIBRATION_SEED 4711
#define LIST_MAX         32
#define STALE_US         2000000
#define SECOND_NS        UINT64_C(1000000000)

static int calibrate(const struct options *options, const char *load_name, const struct machine *machine, uint32_t *ret_us) {
        struct setup setup = { .machine = machine,
                               .controller = control_find("performance"),
                               .warm_up_ns = options->warm_up * SECOND_NS };

        struct load load;
        struct outcome outcome;
        int r = load_make(&load, load_name, CALIBRATION_SEED, 2 * options->seconds * SECOND_NS, options->trace);

        if (r < 0)
                return r;
        setup.load = &load;
        r = world_run(&setup, &outcome);
        load_clear(&load);
        if (r < 0)
                return r;
        *ret_us = outcome_percentile(&outcome, options->permille);
        outcome_clear(&outcome);
        return 0;
}

static bool kept(const struct setup *setup, const struct outcome *outcome) {
        return outcome_percentile(outcome, setup->target.permille) <= setup->target.target_us;
}

/*
 * Uses the slowest constant step that keeps the target, or the fastest one if no step does. Steps below the most efficient one save
 * no energy and are not tried. Bisection is possible because a faster step is never later.
 */
static int run_static(struct setup *setup, struct outcome *ret_outcome) {
        uint32_t low = setup->machine->efficient, high = machine_steps(setup->machine) - 1;
        struct outcome outcome;

        while (low < high) {
                bool good;
                int r;

                setup->step = (low + high) / 2;
                r = world_run(setup, &outcome);
                if (r < 0)
                        return r;
                good = kept(setup, &outcome);
                outcome_clear(&outcome);
                low = good ? low : setup->step + 1;
                high = good ? setup->step : high;
        }
        setup->step = high;
        return world_run(setup, ret_outcome);
}

/* The log has one run, but "static" needs several and "clairvoyant" none. With --log, the former is run at step 0 and the latter as
 * "performance". */
static int run_one(const struct options *options, struct setup *setup, struct outcome *ret_outcome) {
        if (!options->log && strcmp(setup->controller->name, "static") == 0)
                return run_static(setup, ret_outcome);
        if (!options->log && strcmp(setup->controller->name, "clairvoyant") == 0)
                return clairvoyant_run(setup, ret_outcome);
        return world_run(setup, ret_outcome);
}

static int run_case(const struct options *options, struct setup *setup, struct case_name *name) {
        struct outcome outcome;
        int r;

        setup->rung = options_rung(options, setup->controller);
        setup->log = options->log ? stdout : NULL;
        name->controller = setup->controller->name;
        r = run_one(options, setup, &outcome);
        if (r < 0)
                return r;
        if (!options->log)
                report_line(stdout, name, setup, &outcome);
        outcome_clear(&outcome);
        return 0;
}

/* Runs all targets and controllers for one load. */
static int run_load(const struct options *options, const struct load *load, const struct machine *machine, uint32_t reference_us,
                    struct case_name *name) {
        uint32_t multiples[LIST_MAX];
        size_t n_multiples = options_numbers(options->multiples, multiples, LIST_MAX);
        int r = 0;

        for (size_t i = 0; i < n_multiples; i++) {
                struct setup setup = { .load = load, .machine = machine, .warm_up_ns = options->warm_up * SECOND_NS };

                name->multiple_percent = multiples[i];
                setup.target.target_us = (uint32_t) ((uint64_t) reference_us * multiples[i] / 100) + 1;
                setup.target.permille = options->permille;
                setup.target.window_us = options->window_us;
                setup.target.stale_us = STALE_US;
                for (size_t j = 0; r == 0 && (setup.controller = control_get(j)); j++)
                        if (options_list_has(options->controllers, setup.controller->name))
                                r = run_case(options, &setup, name);
        }
        return r;
}

/* Runs all seeds for one load on one machine. */
static int run_pair(const struct options *options, const char *load_name, const struct machine *machine) {
        struct case_name name = { .load = load_name, .machine = machine->name };
        uint32_t seeds[LIST_MAX], reference_us;
        size_t n_seeds = options_numbers(options->seeds, seeds, LIST_MAX);
        int r = calibrate(options, load_name, machine, &reference_us);

        for (size_t i = 0; r == 0 && i < n_seeds; i++) {
                struct load load;

                name.seed = seeds[i];
                r = load_make(&load, load_name, seeds[i], options->seconds * SECOND_NS, options->trace);
                if (r < 0)
                        break;
                r = run_load(options, &load, machine, reference_us, &name);
                load_clear(&load);
        }
        return r;
}

static int run_all(const struct options *options) {
        for (size_t i = 0; load_names[i]; i++)
                for (size_t j = 0; j < machine_count(); j++) {
                        struct machine machine = *machine_get(j);
                        int r;

                        if (!options_list_has(options->loads, load_names[i]) ||
                            !options_list_has(options->machines, machine.name) ||
                            (strcmp(load_names[i], "trace") == 0 && !options->trace))
                                continue;
                        machine.transition_us = options->transition_us != OPTION_UNSET ? options->transition_us :
                                                                                         machine.transition_us;
                        machine.interval_us = options->interval_us != OPTION_UNSET ? options->interval_us : machine.interval_us;
                        r = run_pair(options, load_names[i], &machine);
                        if (r < 0) {
                                (void) fprintf(stderr, "sim: %s on %s: %s\n", load_names[i], machine.name, strerror(-r));
                                return r;
                        }
                }
        return 0;
}

int main(int argc, char **argv) {
        struct options options;

        if (options_parse(&options, argc, argv) < 0)
                return 2;
        if (!options.log)
                report_head(stdout);
        return run_all(&options) < 0 ? 1 : 0;
}
