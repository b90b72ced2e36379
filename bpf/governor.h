/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_GOVERNOR_H
#define BPF_GOVERNOR_H

/*
 * The only header that the author of a governor includes. A governor is one file: this header, one function, one line.
 *
 *     static uint32_t decide(struct policy_state *state, const struct policy_input *input,
 *                            const struct policy_target *target, const struct policy_limits *limits) { ... }
 *     GOVERNOR("mine", "one sentence on what it does", "any", 10);
 *
 * bpf/policy.h documents the contract of decide(). `platforms` are blank-separated names of the kernel drivers that the governor is
 * made for ("intel_pstate", "amd-pstate-epp", ...: `governorctl status` prints those of this machine), or "any". Among matching
 * governors the one with the highest priority is loaded, unless the configuration names one. The service reads the manifest before
 * it loads anything of the file.
 *
 * GOVERNOR_NEEDING() has a fifth argument: blank-separated names of kernel features that the policy needs beyond those that every
 * governor needs ("btf user-ringbuf bpf-loop"; bpf/kernel-features.c has the list of known names).
 */

#include "bpf/policy.h"

#define GOVERNOR_MAGIC 0x564f4755 /* "UGOV" */
#define GOVERNOR_ABI   1          /* of struct policy_* and governor_decide() */

/* Content of the section ".governor". */
struct governor_manifest {
        uint32_t magic, abi;
        uint32_t size;     /* of this struct */
        uint32_t priority; /* governors that come with governord: slack 100, others below */
        char name[32];     /* lower case, digits, '-' */
        char description[96];
        char platforms[128];
        char version[16];
        char needs[64];
};

#ifdef __bpf__
#define GOVERNOR(NAME, DESCRIPTION, PLATFORMS, PRIORITY) GOVERNOR_NEEDING(NAME, DESCRIPTION, PLATFORMS, PRIORITY, "")

#define GOVERNOR_NEEDING(NAME, DESCRIPTION, PLATFORMS, PRIORITY, NEEDS)                                                            \
        __attribute__((section(".governor"), used)) const struct governor_manifest governor_manifest = {                           \
                .magic = GOVERNOR_MAGIC,                                                                                           \
                .abi = GOVERNOR_ABI,                                                                                               \
                .size = sizeof(struct governor_manifest),                                                                          \
                .priority = (PRIORITY),                                                                                            \
                .name = NAME,                                                                                                      \
                .description = DESCRIPTION,                                                                                        \
                .platforms = PLATFORMS,                                                                                            \
                .needs = NEEDS,                                                                                                    \
        };                                                                                                                         \
        __attribute__((section("license"), used)) char governor_license_[] = "GPL";                                                \
        uint32_t governor_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target, \
                                 const struct policy_limits *limits);                                                              \
        uint32_t governor_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target, \
                                 const struct policy_limits *limits) {                                                             \
                if (!state || !input || !target || !limits) /* for the verifier, which checks this function in isolation */        \
                        return 0;                                                                                                  \
                return decide(state, input, target, limits);                                                                       \
        }                                                                                                                          \
        _Static_assert((PRIORITY) >= 0 && (PRIORITY) <= 1000000, "a priority is 0 to 1000000")
#endif

#endif
