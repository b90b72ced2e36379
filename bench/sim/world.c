/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulation. Requests are served one at a time, first come first served. If the frequency changes during a request, the
 * finished share of the request stays finished. An idle core is in the shallow idle state, and after some time in the deep one.
 * While it wakes up, it uses the power of a core that waits for memory.
 *
 * A decision reaches the register after the delay of the rung, and takes effect after the transition time of the hardware. Within
 * the interval after a change, the hardware applies no new request; then it applies the latest one.
 */

#include <errno.h>
#include <stdlib.h>

#include "bench/sim/events.h"
#include "bench/sim/world.h"

#define TICK_NS 1000000

enum core { CORE_IDLE, CORE_WAKING, CORE_BUSY };

struct world {
        const struct setup *setup;
        struct control control;
        struct events events;
        struct outcome *outcome;

        /* The queue: the requests [head, tail) of the load have arrived and are not finished. */
        size_t head, tail;
        enum core core;
        uint64_t idle_ns; /* time at which the core became idle */
        double left;      /* unfinished share of the current request */
        uint64_t finish;  /* number of the latest estimate of its end */

        uint32_t step;       /* current P-state */
        uint32_t sent;       /* last decided level */
        uint32_t wanted;     /* step in the register */
        uint64_t change_ns;  /* earliest time of the next change */
        uint64_t energy_ns;  /* time up to which energy has been counted */
        uint32_t longest_us; /* for the log */
};

static double service_ns(const struct world *world, const struct request *request) {
        return request->scaled_ns / machine_speed(world->setup->machine, world->step) + request->fixed_ns;
}

static const struct request *in_service(const struct world *world) {
        return &world->setup->load->requests[world->head];
}

static bool sleeps_deeply(const struct world *world, uint64_t at_ns) {
        return at_ns - world->idle_ns >= world->setup->machine->promote_us * UINT64_C(1000);
}

static double power_mw(const struct world *world, uint64_t at_ns) {
        const struct machine *machine = world->setup->machine;

        if (world->core == CORE_IDLE)
                return sleeps_deeply(world, at_ns) ? machine->deep_mw : machine_leak_mw(machine, world->step);
        if (world->core == CORE_WAKING)
                return machine_busy_mw(machine, world->step, 1);
        return machine_busy_mw(machine, world->step, in_service(world)->fixed_ns / service_ns(world, in_service(world)));
}

/* Counts a period of constant power. */
static void draw(struct world *world, uint64_t until_ns) {
        double passed;

        if (until_ns <= world->energy_ns)
                return;
        passed = (double) (until_ns - world->energy_ns);
        if (world->energy_ns >= world->setup->warm_up_ns) {
                world->outcome->core_mj += power_mw(world, world->energy_ns) * passed / 1e9;
                world->outcome->total_mj += (power_mw(world, world->energy_ns) + world->setup->machine->rest_mw) * passed / 1e9;
                world->outcome->busy += world->core == CORE_IDLE ? 0 : passed;
        }
        if (world->core == CORE_BUSY)
                world->left -= passed / service_ns(world, in_service(world));
        world->energy_ns = until_ns;
}

/* Advances the simulated time; called before an event changes the state. */
static void advance(struct world *world, uint64_t now_ns) {
        uint64_t deep_ns = world->idle_ns + world->setup->machine->promote_us * UINT64_C(1000);

        if (world->core == CORE_IDLE && deep_ns > world->energy_ns && deep_ns < now_ns)
                draw(world, deep_ns);
        draw(world, now_ns);
        world->control.now_ns = now_ns;
}

static void see(struct world *world) {
        world->control.busy = world->core != CORE_IDLE;
        world->control.speed = machine_speed(world->setup->machine, world->step);
}

/* Schedules the decision of the controller, if it has changed. */
static void send(struct world *world) {
        if (world->control.level == world->sent)
                return;
        world->sent = world->control.level;
        events_add(&world->events, world->control.now_ns + world->setup->rung.actuate_us * UINT64_C(1000), EVENT_REQUEST,
                   world->sent);
}

static void expect_end(struct world *world) {
        double left_ns = world->left * service_ns(world, in_service(world));

        events_add(&world->events, world->control.now_ns + (left_ns > 0 ? (uint64_t) left_ns : 0) + 1, EVENT_DONE, ++world->finish);
}

static void serve(struct world *world) {
        world->core = CORE_BUSY;
        world->left = 1;
        expect_end(world);
}

static void tell(struct world *world, void (*what)(struct control *control)) {
        see(world);
        if (what)
                what(&world->control);
        send(world);
}

static void on_arrival(struct world *world) {
        const struct load *load = world->setup->load;
        const struct machine *machine = world->setup->machine;
        uint64_t now = world->control.now_ns, wake_us;

        world->tail++;
        if (world->tail < load->n)
                events_add(&world->events, load->requests[world->tail].arrival_ns, EVENT_ARRIVAL, 0);
        if (world->core != CORE_IDLE)
                return;
        world->core = CORE_WAKING;
        wake_us = sleeps_deeply(world, now) ? machine->deep_us : machine->shallow_us;
        events_add(&world->events, now + wake_us * UINT64_C(1000), EVENT_READY, 0);
        tell(world, world->setup->controller->wake);
}

static void record(struct world *world, const struct request *request, uint64_t end_ns) {
        uint64_t latency_us = (end_ns - request->arrival_ns) / 1000;

        if (latency_us > world->longest_us)
                world->longest_us = (uint32_t) latency_us;
        if (request->arrival_ns >= world->setup->warm_up_ns)
                outcome_add(world->outcome, &world->setup->target, end_ns, (uint32_t) latency_us);
}

static void on_done(struct world *world, uint64_t number) {
        const struct rung *rung = &world->setup->rung;
        uint64_t now = world->control.now_ns, due = now + rung->sample_us * UINT64_C(1000), latency_us;

        if (number != world->finish || world->core != CORE_BUSY)
                return;
        latency_us = (now - in_service(world)->arrival_ns) / 1000;
        record(world, in_service(world), now);
        if (rung->batch_us > 0)
                due += rung->batch_us * UINT64_C(1000) - now % (rung->batch_us * UINT64_C(1000));
        if (world->setup->controller->sample)
                events_add(&world->events, due, EVENT_SAMPLE, latency_us << 32 | (due - now) / 1000);
        world->head++;
        if (world->head < world->tail) {
                serve(world);
                return;
        }
        world->core = CORE_IDLE;
        world->idle_ns = now;
        tell(world, world->setup->controller->sleep);
}

static void on_sample(struct world *world, uint64_t value) {
        see(world);
        world->setup->controller->sample(&world->control, world->control.now_ns - (value & UINT32_MAX) * 1000,
                                         (uint32_t) (value >> 32));
        send(world);
}

static void on_request(struct world *world, uint64_t level) {
        uint64_t now = world->control.now_ns, due = now > world->change_ns ? now : world->change_ns;
        uint32_t step = machine_step_for(world->setup->machine, (uint32_t) level);

        if (step == world->wanted)
                return;
        world->wanted = step;
        events_add(&world->events, due + world->setup->machine->transition_us * UINT64_C(1000), EVENT_SETTLED, 0);
}

/* If several requests were waiting for the end of the interval, the first event applies the latest one, and the other events have
 * no effect. */
static void on_settled(struct world *world) {
        if (world->step == world->wanted)
                return;
        if (!world->setup->controller->autonomous)
                world->change_ns = world->control.now_ns + world->setup->machine->interval_us * UINT64_C(1000);
        world->step = world->wanted;
        if (world->core == CORE_BUSY)
                expect_end(world);
}

static void log_tick(struct world *world) {
        if (world->setup->log)
                (void) fprintf(world->setup->log, "%.0f,%u,%u,%zu,%u\n", (double) world->control.now_ns / 1e6, world->control.level,
                               world->setup->machine->steps[world->step].mhz, world->tail - world->head, world->longest_us);
        world->longest_us = 0;
}

static void dispatch(struct world *world, const struct event *event) {
        switch (event->kind) {
        case EVENT_ARRIVAL:
                on_arrival(world);
                break;
        case EVENT_READY:
                serve(world);
                break;
        case EVENT_DONE:
                on_done(world, event->value);
                break;
        case EVENT_SAMPLE:
                on_sample(world, event->value);
                break;
        case EVENT_REQUEST:
                on_request(world, event->value);
                break;
        case EVENT_SETTLED:
                on_settled(world);
                break;
        case EVENT_TICK:
                tell(world, world->setup->controller->tick);
                log_tick(world);
                events_add(&world->events, event->at_ns + TICK_NS, EVENT_TICK, 0);
                break;
        }
}

static void simulate(struct world *world) {
        const struct setup *setup = world->setup;

        setup->controller->start(&world->control);
        world->sent = world->control.level;
        world->step = world->wanted = machine_step_for(setup->machine, world->sent);
        events_add(&world->events, 0, EVENT_TICK, 0);
        if (setup->load->n > 0)
                events_add(&world->events, setup->load->requests[0].arrival_ns, EVENT_ARRIVAL, 0);
        for (;;) {
                struct event event = events_take(&world->events);

                if (event.at_ns >= setup->load->span_ns)
                        break;
                advance(world, event.at_ns);
                dispatch(world, &event);
        }
        advance(world, setup->load->span_ns);
        for (; world->head < world->tail; world->head++)
                record(world, &setup->load->requests[world->head], setup->load->span_ns);
}

int world_run(const struct setup *setup, struct outcome *ret_outcome) {
        struct outcome outcome = { 0 };
        struct world *world = calloc(1, sizeof(*world));
        size_t memory_size = setup->controller->memory_size;
        void *memory = calloc(1, memory_size > 0 ? memory_size : 1);
        int r = world && memory ? outcome_start(&outcome, setup->load->n, setup->warm_up_ns) : -ENOMEM;

        if (r == 0) {
                world->setup = setup;
                world->outcome = &outcome;
                world->control.machine = setup->machine;
                world->control.target = setup->target;
                world->control.step = setup->step;
                world->control.memory = memory;
                simulate(world);
                outcome.busy /= (double) (setup->load->span_ns - setup->warm_up_ns);
                outcome_finish(&outcome, &setup->target);
                *ret_outcome = outcome;
        }
        free(world);
        free(memory);
        return r;
}
