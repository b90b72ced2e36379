/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SESSION_SPEC_H
#define CORE_SESSION_SPEC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/message.h"
#include "include/governord/qos.h"

/* The parameters of a session: its target, and the process and threads whose latencies count. */

/* Bits of session_spec.flags. */
#define SESSION_CAP          UINT32_C(0x1) /* the level is also a ceiling on CPUs used only by such sessions; saves energy */
#define SESSION_USER_RINGBUF UINT32_C(0x2) /* the ring is a BPF_MAP_TYPE_USER_RINGBUF, which is read only at a kick */

/* The source of the latencies of a session. */
enum session_source {
        SOURCE_RING, /* the application's ring and Report() */
        SOURCE_BUS,  /* only Report() */
};

struct session_spec {
        enum session_source source;
        uint32_t slot;      /* 0..SESSIONS_MAX - 1; of no other session */
        uint32_t cookie;    /* not 0; differs from that of the previous session in the slot */
        pid_t tgid;         /* process whose threads count */
        uint32_t n_threads; /* number of `threads`, if only these count; 0: all threads of the process */
        pid_t threads[GOV_QOS_THREADS_MAX];
        uint32_t target_us, permille, window_us, stale_us; /* in the ranges of include/governord/qos.h */
        uint32_t flags;                                    /* SESSION_* */
        uid_t uid;                                         /* owner; rings in the kernel count against the quota of this user */
        uint32_t user_most; /* maximum number of sessions of this user; 0: limited only by the size of the table */
};

/* Replaces a window or stale time of 0 by its default. */
void session_spec_complete(struct session_spec *spec);
/* Returns 0, or -EINVAL with a sentence in *ret that names the value and its range. */
int session_spec_check(const struct session_spec *spec, struct message *ret);

/* Restricts the session to these threads of spec->tgid; n = 0: all threads. Returns 0, or -EINVAL with a sentence in *ret if there
 * are too many threads or one does not belong to that process. */
int session_spec_set_threads(struct session_spec *spec, const uint32_t *threads, size_t n, struct message *ret);

#endif
