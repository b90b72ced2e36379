/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what sessions ask to the hardware, the short way: only the frequency limits and wake-up limits of the CPUs concerned, through the same plan, ledger and
 * arbiter as a switch. It does not wait: the kernel brings limits into force from a work item, so these writes, alone of all, are not read
 * back one by one. drift.c does that a moment later. */

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/manager/manager-private.h"
#include "core/write/diagnose.h"

static bool any_failed(const struct operations *operations) {
        for (uint32_t i = 0; i < operations->n; i++)
                if (operations->items[i].knob->state == KNOB_FAILED)
                        return true;
        return false;
}

static void log_new_failures(const struct operations *operations, const bool *failed_before) {
        for (uint32_t i = 0; i < operations->n; i++) {
                const struct operation *operation = &operations->items[i];
                char text[512];

                if (operation->knob->state != KNOB_FAILED || failed_before[i])
                        continue;
                diagnose_failure(operation->knob, operation->value, operation->knob->error, text, sizeof(text));
                (void) log_warning(0, "%s; what sessions ask for does not reach this CPU", text);
        }
}

/* What was written is read back later, and other programs' writes to it matter from now on. */
static void follow(struct manager *manager, const struct operations *operations) {
        bool unwatched = false;

        for (uint32_t i = 0; i < operations->n; i++) {
                struct knob *knob = operations->items[i].knob;

                if (knob->written_usec > 0)
                        manager_doubt(manager, knob, 0, "");
                unwatched |= knob->wanted && !knob->watched;
        }
        if (unwatched)
                manager_watch_later(manager);
}

static void carry_out(struct manager *manager, const struct operations *operations) {
        _cleanup_free_ bool *failed_before = calloc(operations->n + 1, sizeof(*failed_before));
        struct change *change = change_new(clock_usec(CLOCK_REALTIME), "demand of sessions", "governord");
        const struct apply_context context = { .ledger = manager->ledger,
                                               .change = change,
                                               .at_once_usec = clock_usec(CLOCK_BOOTTIME) };
        bool failed = any_failed(operations), ledger_failed = manager->ledger_failing;
        struct apply_result result;
        int r;

        if (!change || !failed_before)
                return;
        for (uint32_t i = 0; i < operations->n; i++)
                failed_before[i] = operations->items[i].knob->state == KNOB_FAILED;
        r = apply(&context, operations, &result);
        manager_note_ledger(manager, operations, r);
        if (r >= 0 && result.failed > 0)
                log_new_failures(operations, failed_before);
        follow(manager, operations);
        if (failed != any_failed(operations) || ledger_failed != manager->ledger_failing) {
                manager_update_degraded(manager);
                manager_publish(manager);
        }
        (void) change_unref(change);
}

void manager_set_demands(struct manager *manager, const struct cpu_demand *demands, size_t n) {
        struct collecting collecting = { .ledger = manager->ledger };
        struct plan_input input;
        int r = demands_set(&manager->demands, demands, n);

        if (r < 0 || !manager->started || manager->stopped || manager->options.dry_run)
                return;
        manager_fill_plan(manager, manager->active, &input);
        input.refresh = false;
        for (size_t i = 0; i < n; i++)
                if (topology_cpu(&manager->topology, demands[i].cpu))
                        demands_set_wake(
                                &manager->demands, demands[i].cpu,
                                idle_limit_of(&manager->idle_states, manager->root_fd, demands[i].cpu, demands[i].target_us));
        r = plan_demands(&input, &manager->knobs, demands, n, manager_collect, &collecting);
        if (r >= 0 && collecting.operations.n > 0)
                carry_out(manager, &collecting.operations);
        free(collecting.operations.items);
}

void manager_update_ceiling(struct manager *manager) {
        uint32_t highest = 0;

        if (!manager->tell_ceiling)
                return;
        for (uint32_t i = 0; i < manager->topology.n_cpus && highest < LEVEL_MAX; i++) {
                struct level_range range;

                arbiter_levels(&manager->requests, &manager->topology, GOV_SCOPE_CPU, manager->topology.cpus[i].number, &range);
                highest = MAX(highest, range.ceiling < 0 ? LEVEL_MAX : (uint32_t) range.ceiling);
        }
        if (manager->topology.n_cpus == 0)
                highest = LEVEL_MAX;
        if (highest != manager->told_ceiling)
                manager->tell_ceiling(highest, manager->tell_userdata);
        manager->told_ceiling = highest;
}

void manager_tell_ceiling(struct manager *manager, void (*tell)(uint32_t ceiling, void *userdata), void *userdata) {
        manager->tell_ceiling = tell;
        manager->tell_userdata = userdata;
        manager->told_ceiling = LEVEL_MAX; /* what every engine begins with */
        manager_update_ceiling(manager);
}
