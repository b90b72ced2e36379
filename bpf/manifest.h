/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_MANIFEST_H
#define BPF_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/governor.h"

/* Reads the manifest from the ELF file of a governor. The content of `image` is not trusted. Returns 0 and *ret, whose texts are
 * terminated and printable; or a negative errno and a sentence in `reason`:
 *   -ENOEXEC  not an ELF file for BPF in this machine's byte order
 *   -ENOENT   the file has no manifest
 *   -EPROTO   it was built for another ABI
 *   -EINVAL   the manifest is too short or has an invalid value
 *   -ENOTSUP  the file has a merged section of constants, or libelf is too old */
int manifest_read(char *image, size_t size, struct governor_manifest *ret, char *reason, size_t reason_size);

/* Returns true if the governor is made for "any" machine or for one of the words in `platform`, which are separated by blanks. */
bool manifest_matches(const struct governor_manifest *manifest, const char *platform);

#endif
