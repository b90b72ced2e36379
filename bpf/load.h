/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_LOAD_H
#define BPF_LOAD_H

#include <stddef.h>
#include <stdint.h>

struct bpf_object;

/*
 * Links two object files and loads the result into the kernel, in named steps (table in load.c). Before these steps,
 * bpf/governors.h has read the manifest and checked the features of the kernel; afterwards, bpf/programs.h finds and attaches the
 * programs.
 */

struct image {
        char *data;
        size_t size;
};

struct build {
        /* Input; owned by the caller. */
        const struct image *platform, *policy;
        uint32_t n_cpus;
        uint32_t generation;             /* differs from that of `former`; 0 without `former` */
        const struct bpf_object *former; /* the governor to be replaced, whose maps are reused; NULL if there is none */

        /* Results of the steps. */
        struct image linked;
        char *verifier_log;
        struct bpf_object *object; /* loaded if all steps succeeded; the caller may take ownership */

        /* The failure, if any. */
        const char *failed; /* name of the failed step: "link", "open", "prepare", "verify"; NULL if none failed */
        char reason[240];   /* end of a sentence that describes it */
};

/* Runs the steps up to the first one that fails. Returns 0, or the negative errno of that step, with a reason:
 *   -EPERM            no permission to load BPF
 *   -EINVAL           from "link": the two parts do not match; from "prepare": the platform part is from another version
 *   -EINVAL, -EACCES  from "verify": the verifier rejected a program; its full log is logged at debug level
 *   -ENOMEM           not enough memory
 *   others            from libbpf or a system call; from "prepare", -EOPNOTSUPP if the page size is not PLATFORM_PAGE */
int load_build(struct build *build);
/* Frees the results, except for the object if the caller has taken it and set build->object to NULL. */
void build_done(struct build *build);

#endif
