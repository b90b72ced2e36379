/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_LOAD_H
#define BPF_LOAD_H

#include <stddef.h>
#include <stdint.h>

struct bpf_object;

/*
 * Turns two object files into programs in the kernel, by a table of named steps (load.c) that work on one build. Anything to be
 * done to every governor between linking and verification becomes another step of that table. Before these steps, bpf/governors.h
 * has read the manifest and checked the kernel's features; after them, bpf/programs.h finds the loaded programs and attaches them.
 */

struct image {
        char *data;
        size_t size;
};

struct build {
        /* Input; owned by the caller. */
        const struct image *platform, *policy;
        uint32_t n_cpus;
        uint32_t generation;             /* 0, or another one than that of `former` */
        const struct bpf_object *former; /* loaded from the same platform part, with which all maps are shared; NULL: none */

        /* Results of the steps. */
        struct image linked;
        char *verifier_log;
        struct bpf_object *object; /* loaded if all steps succeeded; the caller may take ownership */

        /* The failure, if any. */
        const char *failed; /* name of the failed step: "link", "open", "prepare", "verify"; NULL: none */
        char reason[240];   /* end of a sentence */
};

/* Runs the steps up to the first one that fails. Returns 0, or the negative errno of that step, with a reason: -EPERM no permission
 * to load BPF; -EINVAL from "link": the parts do not fit together; -EINVAL and -EACCES from "verify": the verifier rejected the
 * program (its full log is in the debug log); -ENOMEM. */
int load_build(struct build *build);
/* Frees the results of the steps, and the object unless the caller took it. */
void build_done(struct build *build);

#endif
