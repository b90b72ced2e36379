/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_RINGS_H
#define BPF_RINGS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/programs.h"

/*
 * The rings of all sessions. A ring counts against its user's limit while anything but our own table refers to it. A client may
 * keep a ring after its session has ended (by a descriptor, a mapping, a pin, or BPF_PROG_BIND_MAP), so every session gets a new
 * ring. Rings of ended sessions count until their clients release them, so a user's programs can never make the kernel hold more
 * rings than the limit.
 */

#define RINGS_NONE UINT32_MAX

enum ring_state {
        RING_FREE = 0,
        RING_OPEN, /* belongs to a session */
        RING_KEPT, /* its session has ended; replaced by a new ring once its clients have released it */
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
        uint32_t n;     /* one more than the highest number ever used */
        uint32_t swept; /* where the next search for a released ring begins */
};

/* Creates a ring for a session of the user `uid`, who may have `most` rings at a time (0: no limit but the table's). Returns its
 * number. -EDQUOT: all rings of this user are in use, or held by programs after their sessions; -EXFULL: the rings of all users
 * fill the table; other errors as of bpf(2). */
int rings_take(struct rings *rings, const struct programs *programs, uid_t uid, uint32_t most, uint32_t kind, uint32_t slot,
               uint32_t *ret);
/* To be called when the ring's session has ended. */
void rings_give_back(struct rings *rings, uint32_t number);
/* Number of rings that count against a user's limit. */
uint32_t rings_of(const struct rings *rings, uid_t uid);
void rings_done(struct rings *rings);

#endif
