/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table grows up to the highest CPU number with a claim. */

#include "bpf/user-claims.h"

#include <errno.h>
#include <stdlib.h>

struct claimed_cpu {
        struct hint_claim claims[HINT_CLAIMS];
        struct cpu_demand reported; /* as last returned by user_claims_changes() */
};

static const struct cpu_demand nothing = { .floor = -1, .ceiling = -1 };

static int grow(struct user_claims *claims, size_t n) {
        struct claimed_cpu *cpus = reallocarray(claims->cpus, n, sizeof(*cpus));
        struct cpu_demand *changed;

        if (!cpus)
                return -ENOMEM;
        claims->cpus = cpus;
        changed = reallocarray(claims->changed, n, sizeof(*changed));
        if (!changed)
                return -ENOMEM;
        claims->changed = changed;
        for (; claims->n < n; claims->n++)
                claims->cpus[claims->n] = (struct claimed_cpu){ .reported = nothing };
        return 0;
}

int user_claims_set(struct user_claims *claims, uint32_t cpu, const struct hint_claim *mine, uint64_t now_ns) {
        int r = cpu < claims->n ? 0 : grow(claims, (size_t) cpu + 1);

        if (r >= 0)
                (void) hint_put(claims->cpus[cpu].claims, mine, now_ns); /* that a claim is left out is no error, see HINT_CLAIMS */
        return r;
}

void user_claims_drop(struct user_claims *claims, uint32_t slot) {
        for (size_t i = 0; i < claims->n; i++)
                for (size_t j = 0; j < HINT_CLAIMS; j++)
                        if (claims->cpus[i].claims[j].slot == slot)
                                claims->cpus[i].claims[j] = (struct hint_claim){};
}

size_t user_claims_changes(struct user_claims *claims, uint64_t now_ns) {
        size_t n = 0;

        for (size_t i = 0; i < claims->n; i++) {
                struct claimed_cpu *cpu = &claims->cpus[i];
                struct cpu_demand demand = nothing;
                struct hint_sum sum;

                hint_combine(cpu->claims, now_ns, &sum);
                demand.cpu = (uint32_t) i;
                demand.target_us = sum.target_us;
                if (sum.floor != HINT_NOTHING)
                        demand.floor = (int32_t) sum.floor;
                if (sum.ceiling != HINT_NOTHING)
                        demand.ceiling = (int32_t) sum.ceiling;
                if (demand.floor == cpu->reported.floor && demand.ceiling == cpu->reported.ceiling &&
                    demand.target_us == cpu->reported.target_us)
                        continue;
                cpu->reported = demand;
                claims->changed[n++] = demand;
        }
        return n;
}

void user_claims_forget(struct user_claims *claims) {
        for (size_t i = 0; i < claims->n; i++)
                claims->cpus[i].reported = nothing;
}

size_t user_claims_of(const struct user_claims *claims, uint32_t slot, uint64_t now_ns, uint32_t *ret, size_t max) {
        size_t n = 0;

        for (size_t i = 0; i < claims->n && n < max; i++)
                for (size_t j = 0; j < HINT_CLAIMS; j++)
                        if (claims->cpus[i].claims[j].slot == slot && claims->cpus[i].claims[j].until_ns > now_ns) {
                                ret[n++] = (uint32_t) i;
                                break;
                        }
        return n;
}

void user_claims_done(struct user_claims *claims) {
        free(claims->cpus);
        free(claims->changed);
        *claims = (struct user_claims){};
}
