/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_MANIFEST_H
#define BPF_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/governor.h"

/* Reads the manifest out of a governor's ELF file, before anything of it is linked or loaded. `image` may hold anything. 0 and *ret, whose
 * texts end and are printable; negative errno and a sentence in `reason` otherwise: -ENOEXEC no ELF file for BPF, -ENOENT no manifest,
 * -EPROTO another ABI, -EINVAL nonsense in it. */
int manifest_read(char *image, size_t size, struct governor_manifest *ret, char *reason, size_t reason_size);

/* True if the governor is made for one of the blank-separated words of `platform`. */
bool manifest_matches(const struct governor_manifest *manifest, const char *platform);

#endif
