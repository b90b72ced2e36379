/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_KERNEL_FEATURES_H
#define BPF_KERNEL_FEATURES_H

#include <stddef.h>

/* What governors need of the kernel that not every kernel has, as words of a manifest. */

#define FEATURES_OF_PLATFORM_PART "btf user-ringbuf bpf-loop" /* platform.bpf.c, so every governor */

/* Are all of these blank-separated words features of the running kernel? 0; -EOPNOTSUPP and a sentence's end in `reason` that names
 * the first that is missing or unknown; -EPERM when this process may not ask. */
int features_check(const char *words, char *reason, size_t size);

#endif
