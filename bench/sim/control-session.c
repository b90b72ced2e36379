/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Controllers that use latencies: the policies of governord, compiled from the same source as for BPF and the service and called
 * through bpf/session.h; and a loop in user space that polls every 50 ms, like power managers without eBPF.
 */

#include <stdlib.h>
#include <string.h>

#include "bench/sim/control.h"
#include "bpf/session.h"

#include "bpf/policies/race.h"
#include "bpf/policies/slack.h"
#include "bpf/policies/step.h"

typedef uint32_t (*decide_fn)(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                              const struct policy_limits *limits);

/* The policy of the current call. The simulator has only one thread. */
static decide_fn chosen;

static uint32_t session_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                               const struct policy_limits *limits) {
        return chosen(state, input, target, limits);
}

/* The same limits as in the service: from the most efficient frequency to the highest. */
static void session_start(struct control *control) {
        struct session *session = control->memory;

        session->flags = SESSION_OPEN;
        session->target = control->target;
        session->limits = policy_limits_for(machine_level(control->machine, control->machine->efficient), POLICY_LEVEL_MAX);
        session->level = control->level = session->limits.neutral;
}

static void session_sample(struct control *control, uint64_t end_ns, uint32_t latency_us) {
        struct session *session = control->memory;
        struct governord_sample sample = { .kind = GOVERNORD_RECORD_LATENCY, .latency_us = latency_us, .end_ns = end_ns };

        session_take(session, &sample, control->now_ns);
        control->level = session->level;
}

static void session_pass(struct control *control) {
        session_tick(control->memory, control->now_ns);
        control->level = ((struct session *) control->memory)->level;
}

#define POLICY_ADAPTER(name)                                                                            \
        static void on_##name##_sample(struct control *control, uint64_t end_ns, uint32_t latency_us) { \
                chosen = name##_decide;                                                                 \
                session_sample(control, end_ns, latency_us);                                            \
        }                                                                                               \
        static void on_##name##_tick(struct control *control) {                                         \
                chosen = name##_decide;                                                                 \
                session_pass(control);                                                                  \
        }

POLICY_ADAPTER(slack)
POLICY_ADAPTER(step)
POLICY_ADAPTER(race)

/*
 * The loop: every 50 ms, the percentile over the window of the target, then one proportional step: up at once, down by up to 2 %.
 * LOOP_ROOM latencies are one second at 16 000 requests per second.
 */
#define LOOP_NS   50000000
#define LOOP_ROOM 16384
#define LOOP_HIGH 0.8
#define LOOP_LOW  0.7
#define LOOP_DOWN 0.98

struct loop {
        uint64_t next_ns, n;
        double level;
        struct {
                uint64_t at_ns;
                uint32_t latency_us;
        } seen[LOOP_ROOM];
};

static void loop_start(struct control *control) {
        struct loop *loop = control->memory;
        uint32_t floor = machine_level(control->machine, control->machine->efficient);

        loop->level = floor + (POLICY_LEVEL_MAX - floor) * 2.0 / 3;
        control->level = (uint32_t) loop->level;
}

static void loop_sample(struct control *control, uint64_t end_ns, uint32_t latency_us) {
        struct loop *loop = control->memory;

        loop->seen[loop->n % LOOP_ROOM].at_ns = end_ns;
        loop->seen[loop->n % LOOP_ROOM].latency_us = latency_us;
        loop->n++;
}

static int by_value(const void *left, const void *right) {
        uint32_t l = *(const uint32_t *) left, r = *(const uint32_t *) right;

        return (l > r) - (l < r);
}

/* Percentile of the samples since `since_ns`; 0: there are none. */
static double loop_percentile(const struct control *control, uint64_t since_ns) {
        static uint32_t values[LOOP_ROOM];
        const struct loop *loop = control->memory;
        size_t n = 0;

        for (uint64_t back = 1; back <= loop->n && back <= LOOP_ROOM; back++) {
                size_t place = (loop->n - back) % LOOP_ROOM;

                if (loop->seen[place].at_ns < since_ns)
                        break;
                values[n++] = loop->seen[place].latency_us;
        }
        if (n == 0)
                return 0;
        qsort(values, n, sizeof(*values), by_value);
        return values[n * control->target.permille / 1000 < n ? n * control->target.permille / 1000 : n - 1];
}

static void loop_tick(struct control *control) {
        struct loop *loop = control->memory;
        double floor = machine_level(control->machine, control->machine->efficient), ratio, recent;
        uint64_t window_ns = (uint64_t) control->target.window_us * 1000;

        if (control->now_ns < loop->next_ns)
                return;
        loop->next_ns = control->now_ns + LOOP_NS;
        ratio = loop_percentile(control, control->now_ns > window_ns ? control->now_ns - window_ns : 0) / control->target.target_us;
        recent = loop_percentile(control, control->now_ns > LOOP_NS ? control->now_ns - LOOP_NS : 0) / control->target.target_us;
        if (ratio > LOOP_HIGH && recent > LOOP_HIGH)
                loop->level *= ratio / LOOP_HIGH < 1.5 ? ratio / LOOP_HIGH : 1.5;
        else if (ratio > 0 && ratio < LOOP_LOW)
                loop->level *= ratio / LOOP_LOW > LOOP_DOWN ? ratio / LOOP_LOW : LOOP_DOWN;
        loop->level = loop->level > POLICY_LEVEL_MAX ? POLICY_LEVEL_MAX : loop->level < floor ? floor : loop->level;
        control->level = (uint32_t) loop->level;
}

/* The default, rung 2: the decision is made 8 us after the end of the work, and the write takes 12 us. */
#define RUNG_USUAL \
        { .sample_us = 8, .actuate_us = 12 }

const struct controller control_session[] = {
        { .name = "loop-50ms",
          .what = "user space: one step every 50 ms, according to the percentile",
          .memory_size = sizeof(struct loop),
          .rung = { .sample_us = 100, .actuate_us = 100 },
          .start = loop_start,
          .tick = loop_tick,
          .sample = loop_sample },
        { .name = "slack",
          .what = "the default policy",
          .memory_size = sizeof(struct session),
          .rung = RUNG_USUAL,
          .latencies = true,
          .start = session_start,
          .tick = on_slack_tick,
          .sample = on_slack_sample },
        { .name = "step",
          .what = "the policy of docs/writing-a-governor.md",
          .memory_size = sizeof(struct session),
          .rung = RUNG_USUAL,
          .latencies = true,
          .start = session_start,
          .tick = on_step_tick,
          .sample = on_step_sample },
        { .name = "race",
          .what = "highest level while samples arrive",
          .memory_size = sizeof(struct session),
          .rung = RUNG_USUAL,
          .latencies = true,
          .start = session_start,
          .tick = on_race_tick,
          .sample = on_race_sample },
        { 0 },
};
