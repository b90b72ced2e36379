/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FNV-1a, which is sufficient for small numbers and short texts. */

#include "base/hash.h"

uint64_t hash64(const void *data, size_t size, uint64_t seed) {
        uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ seed;

        for (const unsigned char *p = data; size > 0; size--)
                hash = (hash ^ *p++) * UINT64_C(0x100000001b3);
        return hash;
}
