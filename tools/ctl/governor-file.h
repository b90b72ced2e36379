/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_GOVERNOR_FILE_H
#define TOOLS_GOVERNOR_FILE_H

#include <stddef.h>
#include <stdint.h>

/* What a governor's object file says of itself: struct governor_manifest of bpf/governor.h, which only governors and the service include.
 * tests/cli builds a governor and reads it back, so both cannot drift apart. */
struct governor_words {
        uint32_t magic, abi, size, priority;
        char name[32], description[96], platforms[128], version[16], needs[64];
};

/* Reads it from the file, which may hold anything. 0, the contents of the file (malloc'ed) and *ret, whose texts end and are printable;
 * otherwise a negative errno and why in *ret_reason, which is constant. */
int governor_file_read(const char *path, char **ret_image, size_t *ret_size, struct governor_words *ret, const char **ret_reason);

#endif
