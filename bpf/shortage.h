/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_SHORTAGE_H
#define BPF_SHORTAGE_H

#include <errno.h>
#include <stdbool.h>

/* Returns true if `r` means a lack of memory, descriptors or threads, which may be temporary. Loading is then retried later. */
static inline bool is_shortage(int r) {
        return r == -EMFILE || r == -ENFILE || r == -ENOMEM || r == -EAGAIN || r == -ENOSPC;
}

#endif
