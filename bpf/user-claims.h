/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_USER_CLAIMS_H
#define BPF_USER_CLAIMS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/hint.h"
#include "core/sessions/engine.h"

/* What sessions claim on each CPU (bpf/hint.h), and what of that the listener has not been told. Zeroed is empty. */

struct user_claims {
        struct claimed_cpu *cpus; /* by number */
        struct cpu_demand *news;  /* as many */
        size_t n;
};

/* Sets or renews the claim of mine->slot on a CPU. 0, -ENOMEM. */
int user_claims_set(struct user_claims *claims, uint32_t cpu, const struct hint_claim *mine, uint64_t now_ns);
/* A session asks for nothing any more, anywhere. */
void user_claims_drop(struct user_claims *claims, uint32_t slot);
/* Fills `news` with the CPUs whose demand differs from what this function said last; returns their number. */
size_t user_claims_news(struct user_claims *claims, uint64_t now_ns);
/* A new listener knows of no demand. */
void user_claims_forget(struct user_claims *claims);
/* CPUs on which a session has a claim, ascending, at most `max`. */
size_t user_claims_of(const struct user_claims *claims, uint32_t slot, uint64_t now_ns, uint32_t *ret, size_t max);
void user_claims_done(struct user_claims *claims);

#endif
