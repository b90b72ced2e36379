/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_LOAD_H
#define BPF_LOAD_H

#include <stddef.h>
#include <stdint.h>

struct bpf_object;

/*
 * From two object files to programs in the kernel, one step after the other: link (policy and platform part), open (sizes for this machine),
 * load (the verifier). Each step can be looked at and replaced by itself.
 */

struct image {
        char *data;
        size_t size;
};

/* Links both into one object. 0, -EINVAL (they do not fit together), or another negative errno. */
int load_link(const struct image *platform, const struct image *policy, struct image *ret);

/* Opens a linked object, sets it up for `n_cpus` CPUs and loads it into the kernel; with `former` it shares all maps of that object, which
 * was loaded from the same platform part and has another `generation`. *ret on success. Negative errno otherwise, with the step and the reason in `reason`: -EPERM
 * no right to load BPF, -EINVAL and -EACCES the verifier's; its whole log goes to the debug log. */
int load_object(const struct image *linked, uint32_t n_cpus, uint32_t generation, const struct bpf_object *former,
                struct bpf_object **ret, char *reason, size_t size);

#endif
