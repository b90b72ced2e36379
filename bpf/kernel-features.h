/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_KERNEL_FEATURES_H
#define BPF_KERNEL_FEATURES_H

#include <stddef.h>

/* Kernel features that governors require and that some kernels lack. Each has a word, by which manifests of governors name it. */

#define FEATURES_OF_PLATFORM_PART "btf user-ringbuf bpf-loop" /* required by platform.bpf.c and thus by every governor */

/* Checks that the running kernel has all features in `words`, which are separated by blanks. On an error, `reason` is the end of a
 * sentence about the first feature that is missing or could not be probed. Returns 0 or:
 *   -EOPNOTSUPP  a feature is missing or unknown
 *   others       the kernel could not be probed for it, for example -EPERM */
int features_check(const char *words, char *reason, size_t size);

#endif
