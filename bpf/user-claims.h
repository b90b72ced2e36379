/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_USER_CLAIMS_H
#define BPF_USER_CLAIMS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/hint.h"
#include "core/sessions/engine.h"

/* The claims of sessions on each CPU (bpf/hint.h), and the changes that the listener has not been notified of yet. A zeroed struct
 * is empty. */

struct user_claims {
        struct claimed_cpu *cpus; /* by number */
        struct cpu_demand *news;  /* as many */
        size_t n;
};

/* Sets or renews the claim of mine->slot on a CPU. 0, -ENOMEM. */
int user_claims_set(struct user_claims *claims, uint32_t cpu, const struct hint_claim *mine, uint64_t now_ns);
/* Drops all claims of a session. */
void user_claims_drop(struct user_claims *claims, uint32_t slot);
/* Fills `news` with the CPUs whose demand has changed since this function returned it last. Returns their number. */
size_t user_claims_news(struct user_claims *claims, uint64_t now_ns);
/* Makes the next user_claims_news() return all demands, for a new listener. */
void user_claims_forget(struct user_claims *claims);
/* CPUs on which a session has a claim, ascending, at most `max`. */
size_t user_claims_of(const struct user_claims *claims, uint32_t slot, uint64_t now_ns, uint32_t *ret, size_t max);
void user_claims_done(struct user_claims *claims);

#endif
