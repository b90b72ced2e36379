/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_LOAD_H
#define BPF_LOAD_H

#include <stddef.h>
#include <stdint.h>

struct bpf_object;

/*
 * From two object files to programs in the kernel: a table of named steps (load.c) over one build. What is to be done to every governor between
 * linking and the verifier is a step more in that table. Before it, bpf/governors.h has read the manifest and asked the kernel for its features;
 * after it, bpf/programs.h finds what was loaded and attaches it.
 */

struct image {
        char *data;
        size_t size;
};

struct build {
        /* What is built; stays the caller's. */
        const struct image *platform, *policy;
        uint32_t n_cpus;
        uint32_t generation;             /* 0, or another one than that of `former` */
        const struct bpf_object *former; /* loaded from the same platform part: all maps are shared with it; NULL none */

        /* What the steps made of it. */
        struct image linked;
        char *verifier_log;
        struct bpf_object *object; /* loaded, if all succeeded; the caller's to take */

        /* What went wrong. */
        const char *failed; /* name of the step: "link", "open", "prepare", "verify"; NULL none */
        char reason[240];   /* end of a sentence */
};

/* Runs all steps, up to the first that fails. 0, or that one's negative errno, with a reason: -EPERM no right to load BPF, -EINVAL of "link": the
 * parts do not fit together, -EINVAL and -EACCES of "verify": the verifier's, whose whole log goes to the debug log; -ENOMEM. */
int load_build(struct build *build);
/* Frees what the steps made, and the object, if it was not taken. */
void build_done(struct build *build);

#endif
