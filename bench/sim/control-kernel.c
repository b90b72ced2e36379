/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Controllers of the kernel and the hardware, which do not use latencies: schedutil, and HWP with two energy preferences.
 *
 * schedutil follows kernel/sched: frequency-invariant PELT with a half-life of 32 ms; util_est, which keeps the utilization of the
 * task when it last went to sleep (it rises at once, and falls by a quarter of the difference), so that a burst does not start at
 * zero; 25 % headroom; ticks of 1 ms. Its rate limit is the interval of the machine, which applies to all controllers.
 *
 * The algorithm of HWP is not published. This is a plausible and fast one: it averages the demand (busy time multiplied by
 * frequency) over a period that is longer with a more energy-saving preference, and adds headroom that is smaller with it. A
 * saturated millisecond raises the frequency at once. The parameters for the energy-saving preference were tuned for low energy
 * with most targets kept, so that it is a strong baseline.
 */

#include <math.h>

#include "bench/sim/control.h"

#define PELT_HALF_NS 32000000.0
#define HEADROOM     1.25
#define UCLAMP_MIN   0.75 /* tuned manually for "burst" with a target of twice the p99 of "performance" */

struct util {
        double average;   /* 0..1, relative to the capacity at full speed */
        double estimated; /* util_est of the task */
        uint64_t at_ns;
        bool busy; /* since at_ns */
        double speed;
};

/* Updates the average with the state since the previous call, and stores the state from now on. */
static void util_update(struct util *util, const struct control *control) {
        double kept = exp2(-(double) (control->now_ns - util->at_ns) / PELT_HALF_NS);

        util->average = util->average * kept + (util->busy ? util->speed : 0) * (1 - kept);
        util->at_ns = control->now_ns;
        util->busy = control->busy;
        util->speed = control->speed;
}

static void schedutil_decide(struct control *control, double least) {
        struct util *util = control->memory;
        double wanted = HEADROOM * fmax(util->average, util->estimated);

        control->level = (uint32_t) (fmin(fmax(wanted, least), 1) * POLICY_LEVEL_MAX);
}

static void schedutil_start(struct control *control) {
        control->level = POLICY_LEVEL_MAX / 2;
}

static void schedutil_look(struct control *control) {
        util_update(control->memory, control);
        if (control->busy)
                schedutil_decide(control, 0);
}

/* Like schedutil_look(), with a uclamp.min that the administrator has set for the simulated program. */
static void schedutil_look_clamped(struct control *control) {
        util_update(control->memory, control);
        if (control->busy)
                schedutil_decide(control, UCLAMP_MIN);
}

static void schedutil_sleep(struct control *control) {
        struct util *util = control->memory;

        util_update(util, control);
        util->estimated = util->average > util->estimated ? util->average : util->estimated + (util->average - util->estimated) / 4;
}

struct hwp {
        double demand;  /* average, 0..1 */
        double busy_ns; /* busy time in this millisecond */
        double work;    /* busy time multiplied by speed */
        uint64_t at_ns, tick_ns;
        bool busy;
        double speed;
};

static void hwp_note(struct control *control) {
        struct hwp *hwp = control->memory;
        double passed = (double) (control->now_ns - hwp->at_ns);

        if (hwp->busy) {
                hwp->busy_ns += passed;
                hwp->work += passed * hwp->speed;
        }
        hwp->at_ns = control->now_ns;
        hwp->busy = control->busy;
        hwp->speed = control->speed;
}

static void hwp_start(struct control *control) {
        control->level = POLICY_LEVEL_MAX / 2;
}

static void hwp_decide(struct control *control, double half_ms, double headroom, double growth) {
        struct hwp *hwp = control->memory;
        double passed, wanted, lowest = machine_level(control->machine, control->machine->efficient);

        hwp_note(control);
        passed = (double) (control->now_ns - hwp->tick_ns);
        if (passed <= 0)
                return;
        hwp->demand += (hwp->work / passed - hwp->demand) * (1 - exp2(-passed / (half_ms * 1e6)));
        wanted = hwp->demand * headroom * POLICY_LEVEL_MAX;
        if (hwp->busy_ns / passed > 0.95)
                wanted = fmax(wanted, growth * hwp->speed * POLICY_LEVEL_MAX);
        wanted = fmin(fmax(wanted, lowest), POLICY_LEVEL_MAX);
        control->level = (uint32_t) wanted;
        hwp->busy_ns = hwp->work = 0;
        hwp->tick_ns = control->now_ns;
}

/* EPP 128: half-life of 8 ms, 60 % headroom, twice the frequency when saturated. */
static void hwp_balance_performance(struct control *control) {
        hwp_decide(control, 8, 1.6, 2);
}

/* EPP 192: half-life of 24 ms, 20 % headroom, 1.25 times the frequency when saturated. */
static void hwp_balance_power(struct control *control) {
        hwp_decide(control, 24, 1.2, 1.25);
}

const struct controller control_kernel[] = {
        { .name = "schedutil",
          .what = "PELT, util_est, 25 % headroom",
          .memory_size = sizeof(struct util),
          .rung = { .actuate_us = 5 },
          .start = schedutil_start,
          .wake = schedutil_look,
          .sleep = schedutil_sleep,
          .tick = schedutil_look },
        { .name = "schedutil-uclamp",
          .what = "schedutil with uclamp.min",
          .memory_size = sizeof(struct util),
          .rung = { .actuate_us = 5 },
          .start = schedutil_start,
          .wake = schedutil_look_clamped,
          .sleep = schedutil_sleep,
          .tick = schedutil_look_clamped },
        { .name = "epp-balance-perf",
          .what = "HWP, EPP balance_performance",
          .memory_size = sizeof(struct hwp),
          .autonomous = true,
          .start = hwp_start,
          .wake = hwp_note,
          .sleep = hwp_note,
          .tick = hwp_balance_performance },
        { .name = "epp-balance-power",
          .what = "HWP, EPP balance_power",
          .memory_size = sizeof(struct hwp),
          .autonomous = true,
          .start = hwp_start,
          .wake = hwp_note,
          .sleep = hwp_note,
          .tick = hwp_balance_power },
        { 0 },
};
