/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* The entry point, which each fuzz-NAME.c defines. libFuzzer (clang with -fsanitize=fuzzer,address,undefined) or replay.c (any
 * compiler) calls it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
