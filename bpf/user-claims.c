/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Remembers the claims of each CPU and what was said about it. It refuses to know of time and sessions: when a claim ends, and who
 * has one, comes in. CPUs are known from the first claim on; the table grows to the highest number. */

#include "bpf/user-claims.h"

#include <errno.h>
#include <stdlib.h>

struct claimed_cpu {
        struct hint_claim claims[HINT_CLAIMS];
        int32_t floor, ceiling; /* as told to the listener */
};

static int grow(struct user_claims *claims, size_t n) {
        struct claimed_cpu *cpus = reallocarray(claims->cpus, n, sizeof(*cpus));
        struct cpu_demand *news;

        if (!cpus)
                return -ENOMEM;
        claims->cpus = cpus;
        news = reallocarray(claims->news, n, sizeof(*news));
        if (!news)
                return -ENOMEM;
        claims->news = news;
        for (; claims->n < n; claims->n++)
                claims->cpus[claims->n] = (struct claimed_cpu) { .floor = -1, .ceiling = -1 };
        return 0;
}

int user_claims_set(struct user_claims *claims, uint32_t cpu, const struct hint_claim *mine, uint64_t now_ns) {
        int r = cpu < claims->n ? 0 : grow(claims, (size_t) cpu + 1);

        if (r >= 0)
                (void) hint_put(claims->cpus[cpu].claims, mine, now_ns); /* no place: it would not decide */
        return r;
}

void user_claims_drop(struct user_claims *claims, uint32_t slot) {
        for (size_t i = 0; i < claims->n; i++)
                for (size_t j = 0; j < HINT_CLAIMS; j++)
                        if (claims->cpus[i].claims[j].slot == slot)
                                claims->cpus[i].claims[j] = (struct hint_claim) {};
}

size_t user_claims_news(struct user_claims *claims, uint64_t now_ns) {
        size_t n = 0;

        for (size_t i = 0; i < claims->n; i++) {
                struct claimed_cpu *cpu = &claims->cpus[i];
                uint32_t ceiling, floor = hint_combine(cpu->claims, now_ns, &ceiling);
                struct cpu_demand demand = { .cpu = (uint32_t) i, .floor = -1, .ceiling = -1 };

                if (floor != HINT_NOTHING)
                        demand.floor = (int32_t) floor;
                if (ceiling != HINT_NOTHING)
                        demand.ceiling = (int32_t) ceiling;
                if (demand.floor == cpu->floor && demand.ceiling == cpu->ceiling)
                        continue;
                cpu->floor = demand.floor;
                cpu->ceiling = demand.ceiling;
                claims->news[n++] = demand;
        }
        return n;
}

void user_claims_forget(struct user_claims *claims) {
        for (size_t i = 0; i < claims->n; i++)
                claims->cpus[i].floor = claims->cpus[i].ceiling = -1;
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
        free(claims->news);
        *claims = (struct user_claims) {};
}
