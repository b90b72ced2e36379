/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_KERNEL_FEATURES_H
#define BPF_KERNEL_FEATURES_H

#include <stddef.h>

/* Kernel features that governors need and that not every kernel has, as words of a manifest. */

#define FEATURES_OF_PLATFORM_PART "btf user-ringbuf bpf-loop" /* of platform.bpf.c, so of every governor */

/* Checks that the running kernel has all features in a list of blank-separated words. Returns 0; -EOPNOTSUPP, with the end of a
 * sentence in `reason` that names the first missing or unknown one; -EPERM if this process has no permission to probe for them. */
int features_check(const char *words, char *reason, size_t size);

#endif
