/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_GOVERNOR_FILE_H
#define TOOLS_GOVERNOR_FILE_H

#include <stddef.h>
#include <stdint.h>

/* The manifest in a governor's object file: struct governor_manifest of bpf/governor.h, which only governors and the service
 * include. tests/cli builds a governor and reads it back, so that both structures stay equal. */
struct governor_words {
        uint32_t magic, abi, size, priority;
        char name[32], description[96], platforms[128], version[16], needs[64];
};

/* Reads it from the file, whose content is not trusted. Returns 0, the contents of the file (malloc'ed) and *ret, whose texts are
 * terminated and printable; otherwise a negative errno and the reason in *ret_reason, which is a constant text. */
int governor_file_read(const char *path, char **ret_image, size_t *ret_size, struct governor_words *ret, const char **ret_reason);

#endif
