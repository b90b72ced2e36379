/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic programming, from the last request to the first. For each request it computes the minimum cost of this request and all
 * later ones, as a function of the time from its arrival to its start (on a grid of times, with linear interpolation). A late
 * request costs a penalty; bisection finds the lowest penalty with which no more requests are late than the target allows. Then the
 * requests are served in order with exact times, using these costs to choose P-states, so the result is a real schedule. Only
 * energy above that of deep idle is counted, because that much is always used.
 */

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "bench/sim/clairvoyant.h"

#define CELLS    64  /* of the grid of times */
#define HORIZON  1.5 /* end of the grid, in targets; extrapolated linearly beyond it */
#define CHOICES  8
#define HALVINGS 8

/* A mix of P-states: the time for a nanosecond of scaled work, and the cost of work (mW * ns for each nanosecond). */
struct choice {
        double time, scaled_cost, fixed_cost;
};

struct plan {
        const struct setup *setup;
        struct choice choices[2 * CHOICES + MACHINE_STEPS];
        size_t n_choices;
        double cell_ns, target_ns, fine;
        double shallow_ns, deep_ns, promote_ns; /* of the machine */
        double leak_mw, wake_mw, deep_mw;       /* power when idle at the slowest step, when waking up at it, and in deep idle */
        float *values;                          /* CELLS for each request, relative to the first: only differences matter */
};

static struct choice choice_mix(const struct machine *machine, uint32_t step, double share) {
        struct choice mix = { 0 };

        for (uint32_t i = 0; i < 2; i++, share = 1 - share) { /* the upper step first */
                uint32_t other = step + 1 - i;
                double time = share > 0 ? share / machine_speed(machine, other) : 0;

                if (share <= 0)
                        continue;
                mix.time += time;
                mix.scaled_cost += time * machine_busy_mw(machine, other, 0);
                mix.fixed_cost += share * machine_busy_mw(machine, other, 1);
        }
        return mix;
}

/* If the machine has few steps, there are more mixes between two of them. */
static void plan_choices(struct plan *plan) {
        const struct machine *machine = plan->setup->machine;
        uint32_t pairs = machine_steps(machine) - 1, parts = (CHOICES + pairs - 1) / pairs;

        for (uint32_t i = 0; i < pairs * parts; i++)
                plan->choices[plan->n_choices++] = choice_mix(machine, i / parts, (double) (i % parts) / parts);
        plan->choices[plan->n_choices++] = choice_mix(machine, pairs - 1, 1);
}

static double service_ns(const struct choice *choice, const struct request *request) {
        return request->scaled_ns * choice->time + request->fixed_ns;
}

static double service_cost(const struct choice *choice, const struct request *request) {
        return request->scaled_ns * choice->scaled_cost + request->fixed_ns * choice->fixed_cost;
}

/* Minimum cost of request `i` and all later ones, if `i` starts `wait_ns` after its arrival. */
static double value_at(const struct plan *plan, size_t i, double wait_ns) {
        const float *values = plan->values + i * CELLS;
        double place = wait_ns / plan->cell_ns;
        size_t cell = place < CELLS - 2 ? (size_t) place : CELLS - 2;

        return values[cell] + (place - (double) cell) * (values[cell + 1] - values[cell]);
}

static double wake_ns(const struct plan *plan, double idle_ns) {
        return idle_ns >= plan->promote_ns ? plan->deep_ns : plan->shallow_ns;
}

/* The same, if the core becomes free `free_ns` after the arrival. If that is negative, the core is idle until the arrival. */
static double value_from(const struct plan *plan, size_t i, double free_ns) {
        double wake;

        if (i == plan->setup->load->n)
                return 0;
        if (free_ns >= 0)
                return value_at(plan, i, free_ns);
        wake = wake_ns(plan, -free_ns);
        return fmin(-free_ns, plan->promote_ns) * (plan->leak_mw - plan->deep_mw) + wake * (plan->wake_mw - plan->deep_mw) +
               value_at(plan, i, wake);
}

/* Minimum cost of request `i` and all later ones, if `i` starts `wait_ns` after its arrival, and the choice with this cost. */
static double best(const struct plan *plan, size_t i, double wait_ns, const struct choice **ret_choice) {
        const struct load *load = plan->setup->load;
        const struct request *request = &load->requests[i];
        double pause = i + 1 < load->n ? (double) (request[1].arrival_ns - request->arrival_ns) : 0, least = INFINITY;

        for (size_t j = 0; j < plan->n_choices; j++) {
                double service = service_ns(&plan->choices[j], request), latency = wait_ns + service;
                double cost = service_cost(&plan->choices[j], request) - service * plan->deep_mw +
                              (latency > plan->target_ns ? plan->fine : 0) + value_from(plan, i + 1, latency - pause);

                if (cost < least) {
                        least = cost;
                        *ret_choice = &plan->choices[j];
                }
        }
        return least;
}

static void plan_values(struct plan *plan) {
        const struct choice *unused;

        for (size_t i = plan->setup->load->n; i-- > 0;) {
                double first = best(plan, i, 0, &unused);

                for (size_t cell = 0; cell < CELLS; cell++)
                        plan->values[i * CELLS + cell] = (float) (best(plan, i, (double) cell * plan->cell_ns, &unused) - first);
        }
}

/* Adds a period of constant power, without its part during the warm-up or after the end. */
static void draw(struct outcome *outcome, const struct setup *setup, double from_ns, double until_ns, double mw, bool busy) {
        double passed = fmin(until_ns, (double) setup->load->span_ns) - fmax(from_ns, (double) setup->warm_up_ns);

        if (passed <= 0)
                return;
        outcome->core_mj += mw * passed / 1e9;
        outcome->total_mj += (mw + setup->machine->rest_mw) * passed / 1e9;
        outcome->busy += busy ? passed : 0;
}

/* The core is idle from `from_ns` to `until_ns` and then wakes up. Returns the time at which it is awake. */
static double sleep(const struct plan *plan, struct outcome *outcome, double from_ns, double until_ns) {
        double deep = fmin(from_ns + plan->promote_ns, until_ns), awake = until_ns + wake_ns(plan, until_ns - from_ns);

        draw(outcome, plan->setup, from_ns, deep, plan->leak_mw, false);
        draw(outcome, plan->setup, deep, until_ns, plan->deep_mw, false);
        draw(outcome, plan->setup, until_ns, awake, plan->wake_mw, true);
        return awake;
}

static void serve_all(const struct plan *plan, struct outcome *outcome) {
        const struct setup *setup = plan->setup;
        double now = 0, span = (double) setup->load->span_ns;

        for (size_t i = 0; i < setup->load->n; i++) {
                const struct request *request = &setup->load->requests[i];
                double arrival = (double) request->arrival_ns, end;
                const struct choice *choice = NULL;

                if (now < arrival)
                        now = sleep(plan, outcome, now, arrival);
                (void) best(plan, i, now - arrival, &choice);
                end = now + service_ns(choice, request);
                draw(outcome, setup, now, end, service_cost(choice, request) / (end - now), true);
                now = end;
                if (request->arrival_ns >= setup->warm_up_ns)
                        outcome_add(outcome, &setup->target, (uint64_t) fmin(now, span),
                                    (uint32_t) ((fmin(now, span) - arrival) / 1000));
        }
        if (now < span)
                (void) sleep(plan, outcome, now, span);
        outcome->busy /= span - (double) setup->warm_up_ns;
        outcome_finish(outcome, &setup->target);
}

static int run_with_fine(struct plan *plan, double fine, struct outcome *ret_outcome) {
        int r = outcome_start(ret_outcome, plan->setup->load->n, plan->setup->warm_up_ns);

        if (r < 0)
                return r;
        plan->fine = fine;
        plan_values(plan);
        serve_all(plan, ret_outcome);
        return 0;
}

/* Bisection on the logarithm of the penalty. In units of the energy that a busy core uses at full speed during one target, the
 * range is 0.0001 to 100. */
static int search_fine(struct plan *plan, struct outcome *ret_outcome) {
        const struct machine *machine = plan->setup->machine;
        double unit = plan->target_ns * machine_busy_mw(machine, machine_steps(machine) - 1, 0), low = -4, high = 2;
        int r = run_with_fine(plan, unit * pow(10, high), ret_outcome);

        for (unsigned int i = 0; r == 0 && i < HALVINGS; i++) {
                double middle = (low + high) / 2;
                struct outcome outcome;

                r = run_with_fine(plan, unit * pow(10, middle), &outcome);
                if (r < 0)
                        break;
                if (outcome_percentile(&outcome, plan->setup->target.permille) <= plan->setup->target.target_us) {
                        outcome_clear(ret_outcome);
                        *ret_outcome = outcome;
                        high = middle;
                } else {
                        outcome_clear(&outcome);
                        low = middle;
                }
        }
        return r;
}

int clairvoyant_run(const struct setup *setup, struct outcome *ret_outcome) {
        const struct machine *machine = setup->machine;
        struct plan plan = { .setup = setup,
                             .target_ns = setup->target.target_us * 1000.0,
                             .shallow_ns = machine->shallow_us * 1000.0,
                             .deep_ns = machine->deep_us * 1000.0,
                             .promote_ns = machine->promote_us * 1000.0,
                             .leak_mw = machine_leak_mw(machine, 0),
                             .wake_mw = machine_busy_mw(machine, 0, 1),
                             .deep_mw = machine->deep_mw };
        struct outcome outcome = { 0 };
        int r = -ENOMEM;

        plan.cell_ns = HORIZON * plan.target_ns / (CELLS - 1);
        plan.values = calloc(setup->load->n + 1, CELLS * sizeof(*plan.values));
        plan_choices(&plan);
        if (plan.values)
                r = search_fine(&plan, &outcome);
        if (r == 0)
                *ret_outcome = outcome;
        else
                outcome_clear(&outcome);
        free(plan.values);
        return r;
}
