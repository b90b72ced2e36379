/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_GOVERNOR_FILE_H
#define TOOLS_GOVERNOR_FILE_H

#include <stddef.h>
#include <stdint.h>

/* The manifest in a governor's object file. The layout is that of struct governor_manifest in bpf/governor.h, which the tools do not
 * include; a test in tests/cli builds a governor and reads its manifest. */
struct governor_words {
        uint32_t magic, abi, size, priority;
        char name[32], description[96], platforms[128], version[16], needs[64];
};

/* Reads the manifest from a file whose content is not trusted. On success returns 0, the contents of the file in *ret_image
 * (malloc'ed) and the manifest in *ret, whose texts are terminated and printable. On failure returns a negative errno and the reason
 * in *ret_reason, which need not be freed. */
int governor_file_read(const char *path, char **ret_image, size_t *ret_size, struct governor_words *ret, const char **ret_reason);

#endif
