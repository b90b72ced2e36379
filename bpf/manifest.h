/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_MANIFEST_H
#define BPF_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/governor.h"

/* Reads the manifest from a governor's ELF file, before anything of it is linked or loaded. The content of `image` is not trusted.
 * Returns 0 and *ret, whose texts are terminated and printable; otherwise a negative errno and a sentence in `reason`: -ENOEXEC not
 * an ELF file for BPF, -ENOENT no manifest, -EPROTO another ABI, -EINVAL an invalid value in the manifest. */
int manifest_read(char *image, size_t size, struct governor_manifest *ret, char *reason, size_t reason_size);

/* True if the governor is made for one of the blank-separated words of `platform`. */
bool manifest_matches(const struct governor_manifest *manifest, const char *platform);

#endif
