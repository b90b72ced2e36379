/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_RINGS_H
#define BPF_RINGS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/programs.h"

/*
 * The rings of all sessions. A client can keep a ring after the end of its session (by a descriptor, a mapping, a pin, or
 * BPF_PROG_BIND_MAP), so every session gets a new ring. A ring counts against the limit of its user until nothing but the daemon's
 * table refers to it. So the programs of a user cannot make the kernel keep more rings than the limit.
 */

#define RINGS_NONE UINT32_MAX

enum ring_state {
        RING_FREE = 0,
        RING_OPEN, /* belongs to a session */
        RING_KEPT, /* its session has ended; a new ring replaces it after all clients have released it */
};

struct ring_entry {
        enum ring_state state;
        uint32_t kind; /* RING_KIND_* */
        uid_t uid;
        uint32_t slot; /* of its session */
        int fd;        /* only in the state RING_OPEN */
};

struct rings {
        struct ring_entry entries[PLATFORM_RINGS];
        uint32_t n;     /* highest number ever used, plus one */
        uint32_t swept; /* number at which the next search for a released ring begins */
};

/* Creates a ring for a session of the user `uid` and stores its number in *ret. `most` is the user's limit of rings (0: no limit
 * except the size of the table). Returns 0 or a negative errno:
 *   -EDQUOT  the user has as many rings as allowed, in sessions or kept by programs after their sessions
 *   -EXFULL  the table is full (for users other than root: without the part that is reserved for root)
 *   others   errors of bpf(2) */
int rings_take(struct rings *rings, const struct programs *programs, uid_t uid, uint32_t most, uint32_t kind, uint32_t slot,
               uint32_t *ret);
/* Called at the end of the ring's session. */
void rings_give_back(struct rings *rings, uint32_t number);
/* Returns the number of rings that count against the user's limit. */
uint32_t rings_of(const struct rings *rings, uid_t uid);
void rings_done(struct rings *rings);

#endif
