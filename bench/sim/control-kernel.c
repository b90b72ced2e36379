/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kernel and hardware do without being told about latencies: schedutil, and HWP between two energy preferences.
 *
 * schedutil follows kernel/sched: PELT with a half-life of 32 ms, frequency-invariant; util_est, which remembers what the task used
 * when it last went to sleep (up at once, down by a quarter), so that a burst does not start from nothing; 25 % headroom; ticks of
 * 1 ms. Its rate limit is the machine's interval, which the engine keeps for everybody.
 *
 * What HWP does inside is not published. This is a plausible and quick one: it averages the demand (busy time times frequency) over
 * a time that grows with the preference, and adds headroom that shrinks with it; a saturated millisecond raises the frequency at
 * once. The thrifty one was tuned to need little and yet keep most targets here, so as to be a baseline that is hard to beat.
 */

#include <math.h>

#include "bench/sim/control.h"

#define PELT_HALF_NS 32000000.0
#define HEADROOM     1.25
#define UCLAMP_MIN   0.75 /* by hand, for the bursts at twice performance's p99: what a careful administrator finds */

struct util {
        double average;   /* 0..1 of the capacity at full speed */
        double estimated; /* util_est of the task */
        uint64_t at_ns;
        bool busy; /* since at_ns */
        double speed;
};

/* Brings the average up to now; what the CPU did since the last call was noted then. */
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

/* With the administrator's uclamp.min for the service. */
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
        double busy_ns; /* in this millisecond, */
        double work;    /* ... times speed */
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

/* EPP 128: half-life 8 ms, 60 % headroom, twice as fast when saturated. */
static void hwp_balance_performance(struct control *control) {
        hwp_decide(control, 8, 1.6, 2);
}

/* EPP 192: half-life 24 ms, 20 % headroom, a quarter faster when saturated. */
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
          .what = "the same with uclamp.min",
          .memory_size = sizeof(struct util),
          .rung = { .actuate_us = 5 },
          .start = schedutil_start,
          .wake = schedutil_look_clamped,
          .sleep = schedutil_sleep,
          .tick = schedutil_look_clamped },
        { .name = "epp-balance-perf",
          .what = "autonomous, quick",
          .memory_size = sizeof(struct hwp),
          .autonomous = true,
          .start = hwp_start,
          .wake = hwp_note,
          .sleep = hwp_note,
          .tick = hwp_balance_performance },
        { .name = "epp-balance-power",
          .what = "autonomous, thrifty",
          .memory_size = sizeof(struct hwp),
          .autonomous = true,
          .start = hwp_start,
          .wake = hwp_note,
          .sleep = hwp_note,
          .tick = hwp_balance_power },
        { 0 },
};
