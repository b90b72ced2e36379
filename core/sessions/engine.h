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
 * An engine runs the policies of sessions and says which level each CPU should have. There are two: BPF governors in the kernel, and the same policies in
 * this process where BPF cannot be had (both in bpf/). The core knows them by this table only; daemon/main.c brings them together. What
 * an engine says about CPUs are wishes: the arbiter decides.
 */

#define SESSIONS_MAX CONFIG_SESSIONS_MAX
/* Of one process, where an engine cannot follow more; bpf/platform.bpf.c has the same number. */
#define SESSIONS_PER_PROCESS 8

/* What is known of a session; counters since it was opened. */
struct session_counters {
        uint64_t samples, violations; /* taken; longer than the target */
        uint64_t invalid;             /* invalid records */
        uint64_t last_sample_ns;      /* CLOCK_MONOTONIC, 0 never */
        uint32_t level;               /* what it asks for now; 0 while silent */
        uint32_t estimate_us;         /* its percentile now, 0 unknown */
        uint32_t delay_us;            /* from sample to decision, smoothed; 0 unknown */
        bool active;                  /* samples came within the stale time */
};

struct engine_listener {
        /* Demands of these CPUs are new; called from the event loop. */
        void (*demands)(const struct cpu_demand *demands, size_t n, void *userdata);
        /* The session's ring cannot be read any more, or the engine lost it; the listener closes it. */
        void (*broken)(uint32_t slot, const char *reason, void *userdata);
        void *userdata;
        void (*changed)(void *userdata); /* rung() or governor() has another answer; may be NULL */
};

/* What applies the levels that sessions ask for to hardware: the service, by writing files (core/manager/govern.c). */
struct committer {
        void (*commit)(const struct cpu_demand *demands, size_t n, void *userdata); /* as engine_listener; may be NULL */
        void *userdata;
};

struct session_descriptors {
        int ring_fd, kick_fd;  /* -1 none; the caller's to close */
        const char *kick_kind; /* "bpf", "eventfd", "" none */
        const char *ring_kind; /* "array", "user-ringbuf", "memfd", "" none */
};

/* A governor that could run, for people. */
struct governor_view {
        const char *name, *description, *path;
        uint32_t priority;
        bool fits, loaded;
        const char *reason; /* why not; "" */
};

struct engine {
        void *userdata; /* first argument of all */
        /* "bpf" (rung 3), "user" (rung 4), "not-loaded": the first session will show. *ret_reason, if not NULL: why not a higher one, or what is to be
         * expected, "" unknown; valid like governor(). Loads nothing; nor do governor() and governors(). */
        const char *(*rung)(void *userdata, const char **ret_reason);
        /* What runs: "slack (governord 0.2.0)", "" nothing yet; valid until the engine is freed or replaces its governor. */
        const char *(*governor)(void *userdata);
        void (*listen)(void *userdata, const struct engine_listener *listener);
        /* 0 and descriptors, or -errno: -ENOMEM, -ENOSPC (no memory for a ring), -EPERM, -EUSERS the process has as many as the engine can
         * follow (SESSIONS_PER_PROCESS), -EBUSY the slot is still being let go: another one will do, -EDQUOT programs of this user still hold the rings of
         * ended sessions, -EXFULL those of many users do, -EOPNOTSUPP no such ring on this rung. */
        int (*open)(void *userdata, const struct session_spec *spec, struct session_descriptors *ret);
        void (*close)(void *userdata, uint32_t slot);
        /* New threads or a new target of a session that is open: all but slot, cookie and tgid may differ. The policy sees it at its next
         * sample, counters go on. -EINVAL out of range. */
        int (*change)(void *userdata, const struct session_spec *spec);
        /* Samples that came over D-Bus. -EBUSY: the session's ring is being read this moment, try again. */
        int (*report)(void *userdata, uint32_t slot, const uint32_t *latencies_us, size_t n);
        int (*look)(void *userdata, uint32_t slot, struct session_counters *ret);
        /* CPUs on which the session asks for its level now, ascending; returns their number, at most `max`. */
        size_t (*cpus)(void *userdata, uint32_t slot, uint32_t *ret, size_t max);
        /* Levels that profile and requests leave to sessions: of all CPUs at once, in ascending order, whenever one of them has changed. Before the
         * first call everything is left. */
        void (*bound)(void *userdata, const struct cpu_bounds *bounds, size_t n);
        /* Calls `each` for every governor there is; a negative return ends the walk and is returned. */
        int (*governors)(void *userdata, int (*each)(const struct governor_view *governor, void *userdata), void *each_userdata);
        /* Replaces the governor while sessions go on; "" the best. -ENOENT no such one, -EOPNOTSUPP not on this rung, others as the kernel
         * says, with a sentence in `reason`; the former one then stays. */
        int (*load)(void *userdata, const char *name, char *reason, size_t size);
        struct engine *(*free)(struct engine *engine);
};

#endif
