/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Idle states and latency targets, see the header. Idle states that the firmware enters without cpuidle are not considered. */

#include "core/machine/idle.h"

#include <errno.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/text.h"

#define STATES_MAX 16 /* CPUIDLE_STATE_MAX is 10 */
#define CPUS_MAX   65536
#define SHARE      20 /* a single wake-up may take 1/20, or 5 %, of the target */

void idle_done(struct idle *idle) {
        free(idle->cpus);
        *idle = (struct idle){};
}

static int read_state(int root_fd, uint32_t cpu, uint32_t state, int64_t *ret_us) {
        char path[96];
        int r = TEXT_FORMAT(path, "sys/devices/system/cpu/cpu%u/cpuidle/state%u/latency", cpu, state);

        return r < 0 ? r : attr_read_i64(root_fd, path, ret_us);
}

/* States without an exit latency are left out: on x86, and with the haltpoll driver, state 0 polls. */
static void read_cpu(struct idle_cpu *ret, int root_fd, uint32_t cpu) {
        int64_t us;

        *ret = (struct idle_cpu){ .known = 1 };
        for (uint32_t state = 0; state < STATES_MAX && read_state(root_fd, cpu, state, &us) >= 0; state++) {
                if (us <= 0 || us > INT32_MAX)
                        continue;
                if (ret->shallow_us == 0 || us < ret->shallow_us)
                        ret->shallow_us = (uint32_t) us;
                ret->deep_us = MAX(ret->deep_us, (uint32_t) us);
        }
}

int64_t idle_limit(const struct idle_cpu *cpu, uint32_t target_us) {
        int64_t limit = MAX(target_us / SHARE, cpu->shallow_us);

        return target_us == 0 || cpu->deep_us <= limit ? -1 : limit;
}

int64_t idle_limit_of(struct idle *idle, int root_fd, uint32_t cpu, uint32_t target_us) {
        if (target_us == 0 || cpu >= CPUS_MAX)
                return -1;
        if (cpu >= idle->n) {
                struct idle_cpu *cpus = reallocarray(idle->cpus, cpu + 1, sizeof(*cpus));

                if (!cpus)
                        return -1;
                for (uint32_t i = idle->n; i <= cpu; i++)
                        cpus[i] = (struct idle_cpu){};
                idle->cpus = cpus;
                idle->n = cpu + 1;
        }
        if (!idle->cpus[cpu].known)
                read_cpu(&idle->cpus[cpu], root_fd, cpu);
        return idle_limit(&idle->cpus[cpu], target_us);
}
