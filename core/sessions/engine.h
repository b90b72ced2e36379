/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ENGINE_H
#define CORE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/config/config.h"
#include "core/decide/demand.h"
#include "core/sessions/session-spec.h"

/*
 * An engine runs the policies of sessions and determines the level that each CPU should have. There are two: BPF governors in the
 * kernel, and the same policies in this process where BPF is not available (both in bpf/). The core uses them only through this
 * table; daemon/main.c connects them. The levels of an engine are demands: the arbiter decides.
 */

#define SESSIONS_MAX CONFIG_SESSIONS_MAX
/* Maximum number of sessions of one process, for engines that have such a limit; bpf/platform.bpf.c has the same number. */
#define SESSIONS_PER_PROCESS 8

/* The state of a session. Counters start when it is opened. */
struct session_counters {
        uint64_t samples, violations; /* samples taken; samples longer than the target */
        uint64_t invalid;             /* invalid records */
        uint64_t last_sample_ns;      /* CLOCK_MONOTONIC, 0 never */
        uint32_t level;               /* level that it demands now; 0 while silent */
        uint32_t estimate_us;         /* its present percentile, 0 unknown */
        uint32_t delay_us;            /* from sample to decision, smoothed; 0 unknown */
        bool active;                  /* a sample arrived within the stale time */
};

struct engine_listener {
        /* The demands on these CPUs have changed. Called from the event loop. */
        void (*demands)(const struct cpu_demand *demands, size_t n, void *userdata);
        /* The session's ring can no longer be read, or the engine has lost it. The listener closes the session. */
        void (*broken)(uint32_t slot, const char *reason, void *userdata);
        void *userdata;
        void (*changed)(void *userdata); /* the result of rung() or governor() has changed; may be NULL */
};

/* Applies to the hardware the levels that sessions demand. In the service this writes files (core/manager/govern.c). */
struct committer {
        void (*commit)(const struct cpu_demand *demands, size_t n, void *userdata); /* as engine_listener; may be NULL */
        void *userdata;
};

struct session_descriptors {
        int ring_fd, kick_fd;  /* -1 none; the caller closes them */
        const char *kick_kind; /* "bpf", "eventfd", "" none */
        const char *ring_kind; /* "array", "user-ringbuf", "memfd", "" none */
};

/* Describes a governor file, for display. */
struct governor_view {
        const char *name, *description, *path;
        uint32_t priority;
        bool fits, loaded;
        const char *reason; /* why it does not fit or is not loaded; "" */
};

struct engine {
        void *userdata; /* first argument of all functions */
        /* "bpf" (rung 3), "user" (rung 4), or "not-loaded" until the first session is opened. If ret_reason is not NULL,
         * *ret_reason states why a better rung is not available or, before loading, which one is expected; "" unknown. It is valid
         * as long as the result of governor(). Like governor() and governors(), this function never loads anything. */
        const char *(*rung)(void *userdata, const char **ret_reason);
        /* The running governor: "slack (governord 0.2.0)", "" if none runs yet. Valid until the engine is freed or replaces its
         * governor. */
        const char *(*governor)(void *userdata);
        void (*listen)(void *userdata, const struct engine_listener *listener);
        /* Opens a session. Returns 0 and descriptors, or a negative errno: -ENOMEM, -ENOSPC (no memory for a ring), -EPERM, -EUSERS
         * (the engine can follow no more sessions of this process, see SESSIONS_PER_PROCESS), -EBUSY (the slot is still being
         * cleared; another slot will work), -EDQUOT (programs of this user still hold the rings of ended sessions), -EXFULL
         * (programs of many users do), -EOPNOTSUPP (no such ring on this rung). */
        int (*open)(void *userdata, const struct session_spec *spec, struct session_descriptors *ret);
        void (*close)(void *userdata, uint32_t slot);
        /* Changes the threads or the target of an open session: all members but slot, cookie and tgid may differ. The policy uses
         * them at its next sample; counters continue. Returns -EINVAL if a value is out of range. */
        int (*change)(void *userdata, const struct session_spec *spec);
        /* Passes samples that arrived over D-Bus. Returns -EBUSY if the session's ring is being read at the moment: try again. */
        int (*report)(void *userdata, uint32_t slot, const uint32_t *latencies_us, size_t n);
        int (*look)(void *userdata, uint32_t slot, struct session_counters *ret);
        /* Lists the CPUs on which the session demands its level now, in ascending order. Returns their number, at most `max`. */
        size_t (*cpus)(void *userdata, uint32_t slot, uint32_t *ret, size_t max);
        /* Sets the range of levels that profile and requests leave to sessions: for all CPUs at once, in ascending order, whenever
         * one of them has changed. Before the first call, the whole range is available. */
        void (*bound)(void *userdata, const struct cpu_bounds *bounds, size_t n);
        /* Calls `each` for every existing governor. A negative return ends the walk and is returned. */
        int (*governors)(void *userdata, int (*each)(const struct governor_view *governor, void *userdata), void *each_userdata);
        /* Replaces the governor while sessions continue; "" selects the best one. Returns 0; -ENOENT: no such governor;
         * -EOPNOTSUPP: not possible on this rung; other errors of the kernel. `reason` receives a sentence. After an error the
         * former governor remains. */
        int (*load)(void *userdata, const char *name, char *reason, size_t size);
        struct engine *(*free)(struct engine *engine);
};

#endif
