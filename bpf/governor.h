/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BPF_GOVERNOR_H
#define BPF_GOVERNOR_H

/*
 * The only header that a governor needs to include. A governor is one file that defines decide() and has one line GOVERNOR():
 *
 *     static uint32_t decide(struct policy_state *state, const struct policy_input *input,
 *                            const struct policy_target *target, const struct policy_limits *limits) { ... }
 *     GOVERNOR("mine", "description in one sentence", "any", 10);
 *
 * bpf/policy.h documents decide(). The third argument, `platforms`, is "any" or a list of kernel drivers for which the governor is
 * made, separated by blanks ("intel_pstate", "amd-pstate-epp", ...; `governorctl status` prints those of this machine). The last
 * one, `priority`, is 0 to 1000000: of all governors that match the machine, the one with the highest priority is loaded, unless
 * the configuration names one. The arguments are stored in the object file as a manifest, which the service checks before it loads
 * the file.
 *
 * GOVERNOR_NEEDING() has a fifth argument: names of kernel features that the policy needs, separated by blanks. Every governor
 * needs "btf user-ringbuf bpf-loop"; bpf/kernel-features.c has all known names.
 */

#include "bpf/policy.h"

#define GOVERNOR_MAGIC 0x564f4755 /* "UGOV" */
#define GOVERNOR_ABI   1          /* version of struct policy_* and governor_decide() */

/* Content of the section ".governor". */
struct governor_manifest {
        uint32_t magic, abi;
        uint32_t size;     /* sizeof(struct governor_manifest) */
        uint32_t priority; /* slack has 100, race 30, step 20 */
        char name[32];     /* lower-case letters, digits and '-' */
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
                if (!state || !input || !target || !limits) /* the verifier checks this function without its callers */            \
                        return 0;                                                                                                  \
                return decide(state, input, target, limits);                                                                       \
        }                                                                                                                          \
        _Static_assert((PRIORITY) >= 0 && (PRIORITY) <= 1000000, "a priority is 0 to 1000000")
#endif

#endif
