/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_SESSION_SPEC_H
#define CORE_SESSION_SPEC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/message.h"
#include "include/governord/qos.h"

/* What a session is to be: its target, and whose latencies and threads count. */

/* Bits of session_spec.flags. */
#define SESSION_CAP          UINT32_C(0x1) /* the level is a ceiling as well, on CPUs that only such sessions use: saves energy */
#define SESSION_USER_RINGBUF UINT32_C(0x2) /* its ring shall be a BPF_MAP_TYPE_USER_RINGBUF, which is read by its kick only */

/* Where a session's latencies come from. */
enum session_source {
        SOURCE_RING, /* the application's ring, and Report() */
        SOURCE_BUS,  /* Report() alone */
};

struct session_spec {
        enum session_source source;
        uint32_t slot;      /* 0 .. SESSIONS_MAX - 1; free before */
        uint32_t cookie;    /* not 0; differs from that of the slot's former session */
        pid_t tgid;         /* whose threads count: */
        uint32_t n_threads; /* these of them only; 0: all */
        pid_t threads[GOV_QOS_THREADS_MAX];
        uint32_t target_us, permille, window_us, stale_us; /* in the ranges of include/governord/qos.h */
        uint32_t flags;                                    /* SESSION_* */
        uid_t uid;                                         /* whose it is: what the kernel keeps for it is charged to this user, */
        uint32_t user_most; /* who may have so many sessions at a time; 0: as many as there is room for */
};

/* 0 for window or stale time becomes the default. */
void session_spec_complete(struct session_spec *spec);
/* -EINVAL, and which value is out of which range. */
int session_spec_check(const struct session_spec *spec, struct message *ret);

/* These threads of spec->tgid alone; n = 0: all. -EINVAL with a sentence: too many, or one that is no thread of that process. */
int session_spec_set_threads(struct session_spec *spec, const uint32_t *threads, size_t n, struct message *ret);

#endif
