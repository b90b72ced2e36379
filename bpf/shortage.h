/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_SHORTAGE_H
#define BPF_SHORTAGE_H

#include <errno.h>
#include <stdbool.h>

/* What is short now may be there later: memory, descriptors, threads. So `r` is no final answer, and loading is tried again. */
static inline bool is_shortage(int r) {
        return r == -EMFILE || r == -ENFILE || r == -ENOMEM || r == -EAGAIN || r == -ENOSPC;
}

#endif
