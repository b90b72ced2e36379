/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdint.h>

#define MINE UINT64_C(0x2121212121212121)
#define NAME "remembering-2"

#include "tests/bpf/remembering.bpf.c"
