/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_USER_CLAIMS_H
#define BPF_USER_CLAIMS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/hint.h"
#include "core/sessions/engine.h"

/* Claims of sessions on each CPU (bpf/hint.h), and the resulting changes of demand. A zeroed struct is empty. */

struct user_claims {
        struct claimed_cpu *cpus;   /* array of n, by CPU number */
        struct cpu_demand *changed; /* array of n, filled by user_claims_changes() */
        size_t n;
};

/* Sets or renews the claim of mine->slot on a CPU. Returns 0 or -ENOMEM. */
int user_claims_set(struct user_claims *claims, uint32_t cpu, const struct hint_claim *mine, uint64_t now_ns);
/* Drops all claims of a session. */
void user_claims_drop(struct user_claims *claims, uint32_t slot);
/* Fills `changed` with the demands that differ from those at the last call. Returns their number. */
size_t user_claims_changes(struct user_claims *claims, uint64_t now_ns);
/* Makes the next call of user_claims_changes() return the demands on all CPUs with claims, for a new listener. */
void user_claims_forget(struct user_claims *claims);
/* Stores the CPUs on which a session has a claim in `ret`: ascending, at most `max`. Returns their number. */
size_t user_claims_of(const struct user_claims *claims, uint32_t slot, uint64_t now_ns, uint32_t *ret, size_t max);
void user_claims_done(struct user_claims *claims);

#endif
