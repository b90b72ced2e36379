/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_SHORTAGE_H
#define BPF_SHORTAGE_H

#include <errno.h>
#include <stdbool.h>

/* True for a lack of memory, descriptors or threads, which may be temporary: then `r` is not final, and loading is tried again. */
static inline bool is_shortage(int r) {
        return r == -EMFILE || r == -ENFILE || r == -ENOMEM || r == -EAGAIN || r == -ENOSPC;
}

#endif
