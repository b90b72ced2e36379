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

/* An engine runs the policies of sessions and determines the level that each CPU should have. There are two, both in bpf/: BPF
 * governors in the kernel, and built-in policies in this process if BPF is not available. The core uses them only through this
 * table. daemon/main.c creates a third one (bpf/engines.h), which chooses one of the two and passes all calls on to it. The levels
 * that an engine determines are demands, which the arbiter combines with requests. */

#define SESSIONS_MAX CONFIG_SESSIONS_MAX
/* Maximum number of sessions of one process, for engines with such a limit. CHAIN_MAX in bpf/platform.bpf.c must be the same
 * number. */
#define SESSIONS_PER_PROCESS 8

/* The state of a session. Counters start when it is opened. */
struct session_counters {
        uint64_t samples, violations; /* all samples; samples above the target */
        uint64_t invalid;             /* invalid records */
        uint64_t last_sample_ns;      /* CLOCK_MONOTONIC, 0: never */
        uint32_t level;               /* level that it demands now; 0 while it is not active */
        uint32_t estimate_us;         /* present estimate of its percentile, 0: unknown */
        uint32_t delay_us;            /* from sample to decision, smoothed; 0: unknown */
        bool active;                  /* a sample arrived within the stale time */
};

struct engine_listener {
        /* The demands on these CPUs have changed. Called from the event loop. */
        void (*demands)(const struct cpu_demand *demands, size_t n, void *userdata);
        /* The ring of the session can no longer be read, or the engine has lost the session. The listener closes the session. */
        void (*broken)(uint32_t slot, const char *reason, void *userdata);
        void *userdata;
        void (*changed)(void *userdata); /* the result of rung() or governor() has changed; may be NULL */
};

/* Applies the levels that sessions demand to the hardware. In the service, core/manager/govern.c does this. */
struct committer {
        /* as demands() of engine_listener; may be NULL */
        void (*commit)(const struct cpu_demand *demands, size_t n, void *userdata);
        void *userdata;
};

struct session_descriptors {
        int ring_fd, kick_fd;  /* -1 none; the caller closes them */
        const char *kick_kind; /* "bpf", "eventfd", "" none */
        const char *ring_kind; /* "array", "user-ringbuf", "memfd", "" none */
};

/* Describes a governor file, or a built-in policy (with the path ""), for display. */
struct governor_view {
        const char *name, *description, *path;
        uint32_t priority;
        bool fits, loaded;
        const char *reason; /* why it does not fit or is not loaded, "" none */
};

struct engine {
        void *userdata; /* first argument of all functions */
        /* Returns "bpf" (rung 3), "user" (rung 4), or "not-loaded": BPF seems usable, but no session was opened and no governor
         * loaded yet, or no engine could be created. If ret_reason is not NULL, it receives the reason why no rung with a lower number is used, or before
         * loading, which governor would be tried first; "" unknown. This text is valid as long as the result of governor(). Like
         * governor() and governors(), this function never loads BPF. */
        const char *(*rung)(void *userdata, const char **ret_reason);
        /* Returns the running governor with a remark in parentheses (rung 3: its description; rung 4: the version of governord), or
         * "" if none is running yet. Valid until the engine is
         * freed or replaces its governor. */
        const char *(*governor)(void *userdata);
        void (*listen)(void *userdata, const struct engine_listener *listener);
        /* Opens a session. Returns 0 and descriptors, or a negative errno, for example: -ENOMEM, -ENOSPC (no memory for a ring),
         * -EMFILE, -ENFILE (no descriptor), -EPERM, -EUSERS (this process has the maximum number of sessions, see
         * SESSIONS_PER_PROCESS), -EBUSY (the slot is still being cleared: the caller tries another one), -EDQUOT (programs of this
         * user still hold rings of ended sessions), -EXFULL (programs of many users still hold rings of ended sessions),
         * -EOPNOTSUPP (this kind of ring is not available on this rung). */
        int (*open)(void *userdata, const struct session_spec *spec, struct session_descriptors *ret);
        void (*close)(void *userdata, uint32_t slot);
        /* Changes an open session, which spec->slot identifies: its threads, target, percentile, window, stale time and
         * SESSION_CAP; the other members must be the same. The policy uses the new values from the next sample on. Counters
         * continue. Returns 0 or a negative errno, -EINVAL if a value is out of range. */
        int (*change)(void *userdata, const struct session_spec *spec);
        /* Passes samples that arrived over D-Bus, oldest first; n is at least 1. Returns how many of them were accepted, or a negative
         * errno if none was: -EBUSY if the ring of the session is being read at the moment, so that the client may try again. */
        int (*report)(void *userdata, uint32_t slot, const uint32_t *latencies_us, size_t n);
        int (*look)(void *userdata, uint32_t slot, struct session_counters *ret);
        /* Lists the CPUs on which the session demands its level now, in ascending order. Returns their number, at most `max`. */
        size_t (*cpus)(void *userdata, uint32_t slot, uint32_t *ret, size_t max);
        /* Sets the range of levels that requests allow sessions. Called with all CPUs, in ascending order, whenever the range of
         * any of them has changed. Before the first call, the whole range is available. */
        void (*bound)(void *userdata, const struct cpu_bounds *bounds, size_t n);
        /* Calls `each` for every existing governor. A negative return ends the iteration and is returned. */
        int (*governors)(void *userdata, int (*each)(const struct governor_view *governor, void *userdata), void *each_userdata);
        /* Replaces the governor; "" selects the best one. Sessions continue, except those that the engine reports as broken. Returns 0; -ENOENT: no such governor;
         * -EOPNOTSUPP: not possible on this rung; or an error of the kernel. After an error, the former governor remains, and
         * `reason` receives a sentence. */
        int (*load)(void *userdata, const char *name, char *reason, size_t size);
        struct engine *(*free)(struct engine *engine);
};

#endif
