/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_RINGS_H
#define BPF_RINGS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/programs.h"

/*
 * The rings of all sessions, each charged to a user for as long as anything but our own table refers to it. A client may keep a ring after its session (by
 * a descriptor, a mapping, a pin, or BPF_PROG_BIND_MAP), so no ring is ever given to another session: each has a new one. Those of ended sessions count
 * against what their user may have until their clients let them go, so a user's programs, whatever they keep, never make the kernel hold more rings than
 * that.
 */

#define RINGS_NONE UINT32_MAX

enum ring_state {
        RING_FREE = 0,
        RING_OPEN, /* a session's */
        RING_KEPT, /* its session has ended; replaced by a new one when its clients have let it go */
};

struct ring_entry {
        enum ring_state state;
        uint32_t kind; /* RING_KIND_* */
        uid_t uid;
        uint32_t slot; /* of its session */
        int fd;        /* while it is open */
};

struct rings {
        struct ring_entry entries[PLATFORM_RINGS];
        uint32_t n;     /* beyond the last one that was ever used */
        uint32_t swept; /* where the next search for one that was let go begins */
};

/* A ring for a session of `uid`, who may have `most` at a time (0: as many as there is room for). Returns its number. -EDQUOT: all of this user's are in
 * use, or kept by programs after their sessions; -EXFULL: there are too many of all users; else as bpf(2). */
int rings_take(struct rings *rings, const struct programs *programs, uid_t uid, uint32_t most, uint32_t kind, uint32_t slot,
               uint32_t *ret);
/* Its session has ended. */
void rings_give_back(struct rings *rings, uint32_t number);
/* How many are charged to a user. */
uint32_t rings_of(const struct rings *rings, uid_t uid);
void rings_done(struct rings *rings);

#endif
