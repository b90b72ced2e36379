/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Not suitable for keys that an attacker can choose. `seed` is 0, or an earlier result to which `data` is added. */
uint64_t hash64(const void *data, size_t size, uint64_t seed);

#endif
