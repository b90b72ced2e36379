/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fast path from the demands of sessions to the hardware. It plans only the frequency limits and the limits on idle exit latency
 * of the CPUs concerned, with the arbiter and the ledger that a switch uses too, and does not wait. Values written on this path are
 * not read back immediately, because the kernel applies frequency limits later, from a work item; foreign.c reads them then. */

#include <stdlib.h>

#include "core/manager/inputs.h"
#include "core/manager/manager-private.h"
#include "core/manager/settle.h"
#include "core/write/collect.h"

void manager_set_demands(struct manager *manager, const struct cpu_demand *demands, size_t n) {
        struct collecting collecting = { .ledger = manager->ledger };
        struct plan_input input;
        int r = demands_set(&manager->demands, demands, n);

        if (r < 0 || !manager->started || manager->stopped || manager->options.dry_run)
                return;
        inputs_plan(manager, manager->active, &input);
        input.refresh = false;
        for (size_t i = 0; i < n; i++)
                if (topology_cpu(&manager->machine.topology, demands[i].cpu))
                        demands_set_wake(
                                &manager->demands, demands[i].cpu,
                                idle_limit_of(&manager->idle_states, manager->root_fd, demands[i].cpu, demands[i].target_us));
        r = plan_demands(&input, &manager->machine.knobs, demands, n, collect, &collecting);
        if (r >= 0 && collecting.operations.n > 0)
                manager_settle_demands(manager, &collecting.operations);
        free(collecting.operations.items);
}
