/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* One fuzz-NAME.c defines it. With clang: -fsanitize=fuzzer,address,undefined; with any compiler: linked to replay.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
