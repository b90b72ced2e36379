/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passes the samples of a ring to a policy. The client is not trusted, and cannot block the daemon or keep it busy: kicks in quick
 * succession are ignored until the next tick, and a damaged ring is not read again.
 *
 * - The producer position is read before the clock. A correct client has completed all records before this position, so the end of
 *   its samples is not in the future.
 * - The eventfd of a kick is never read: the client has the same file, can make it blocking and read the counter first, and a read
 *   would then block the daemon. Instead it is polled edge-triggered, so that each write causes an event. A source that is enabled
 *   again fires once immediately, because the counter is not zero; this only costs one read of the ring.
 * - A client kicks if all records before its new one were read. If it checks this just before the reader releases them, it does not
 *   kick; but then user_ring_release() finds the new record, and ticks continue (`left`). */

#include "bpf/user-session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "base/cleanup.h"
#include "bpf/session.h"
#include "bpf/spec.h"
#include "bpf/user-ring.h"

#define MS_NS UINT64_C(1000000)

#define KICK_MIN_NS  (1 * MS_NS)   /* shortest time between two reads after kicks */
#define CLAIM_MIN_NS (20 * MS_NS)  /* two of the longest ticks */
#define CLAIM_MAX_NS (100 * MS_NS) /* so long that a thread that moves between two CPUs keeps its claims on both */

struct user_session {
        struct session session;
        const struct builtin_policy *policy;
        uint32_t slot;
        struct user_ring ring;
        sd_event_source *kick;
        user_session_kicked kicked;
        void *userdata;
        uint64_t kicked_ns; /* time of the last read after a kick */
        bool muted;         /* kicks are ignored until the next tick */
        bool left;          /* the ring has unread records */
};

static uint32_t session_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                               const struct policy_limits *limits) {
        const struct user_session *s = (const void *) ((const char *) state - offsetof(struct user_session, session.policy));

        return s->policy->decide(state, input, target, limits);
}

static uint64_t stale_ns(const struct user_session *s) {
        return (uint64_t) s->session.target.stale_us * 1000;
}

static int on_kick(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        struct user_session *s = userdata;

        (void) source, (void) fd, (void) revents;
        s->kicked(s, s->userdata);
        return 0;
}

/* Creates the eventfd. The event source owns the original descriptor; the caller gets a duplicate for the client. */
static int add_kick(struct user_session *s, sd_event *event, int *ret_fd) {
        _cleanup_close_ int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), copy = -1;
        int r;

        if (fd < 0)
                return -errno;
        copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (copy < 0)
                return -errno;
        r = sd_event_add_io(event, &s->kick, fd, EPOLLIN | EPOLLET, on_kick, s);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(s->kick, true);
        if (r < 0) {
                s->kick = sd_event_source_disable_unref(s->kick);
                return r;
        }
        fd = -1; /* the source owns it now */
        *ret_fd = TAKE_FD(copy);
        return 0;
}

int user_session_new(sd_event *event, const struct builtin_policy *policy, const struct session_spec *spec,
                     user_session_kicked kicked, void *userdata, struct session_descriptors *ret_descriptors,
                     struct user_session **ret) {
        struct session_descriptors descriptors = { .ring_fd = -1, .kick_fd = -1, .kick_kind = "eventfd", .ring_kind = "memfd" };
        struct user_session *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return -ENOMEM;
        *s = (struct user_session){ .policy = policy, .slot = spec->slot, .kicked = kicked, .userdata = userdata };
        s->session.flags = SESSION_OPEN;
        s->session.cookie = spec->cookie;
        s->session.tgid = (uint32_t) spec->tgid;
        r = spec_apply(spec, &s->session);
        if (r >= 0)
                r = user_ring_new(&s->ring, &descriptors.ring_fd);
        if (r >= 0)
                r = add_kick(s, event, &descriptors.kick_fd);
        if (r < 0) {
                (void) user_session_free(s);
                (void) close_fd(descriptors.ring_fd);
                return r;
        }
        *ret_descriptors = descriptors;
        *ret = s;
        return 0;
}

struct user_session *user_session_free(struct user_session *s) {
        if (!s)
                return NULL;
        (void) sd_event_source_disable_unref(s->kick);
        user_ring_done(&s->ring);
        free(s);
        return NULL;
}

int user_session_change(struct user_session *s, const struct session_spec *spec) {
        return spec_apply(spec, &s->session);
}

void user_session_limit(struct user_session *s, const struct policy_limits *limits) {
        s->session.limits = *limits;
}

/* Marks the session as broken; its ring is not read any more. */
static void mark_broken(struct user_session *s, int error) {
        s->session.error = (uint32_t) -error;
        s->session.active = 0;
        s->session.level = 0;
        s->left = s->muted = false;
        s->kick = sd_event_source_disable_unref(s->kick);
}

void user_session_look(struct user_session *s) {
        int r = s->session.error == 0 ? user_ring_look(&s->ring) : 0;

        if (r < 0)
                mark_broken(s, r);
}

static void drain_ring(struct user_session *s, uint64_t now_ns) {
        struct governord_sample sample;
        int r;

        while ((r = user_ring_take(&s->ring, now_ns, stale_ns(s), &sample)) > 0)
                session_take(&s->session, &sample, now_ns);
        s->left = user_ring_release(&s->ring);
        if (r < 0)
                mark_broken(s, r);
}

static void listen_for_kicks(struct user_session *s, bool on) {
        s->muted = !on;
        (void) sd_event_source_set_enabled(s->kick, on ? SD_EVENT_ON : SD_EVENT_OFF);
}

void user_session_take_kick(struct user_session *s, uint64_t now_ns) {
        if (s->session.error != 0)
                return;
        if (now_ns - s->kicked_ns < KICK_MIN_NS) {
                listen_for_kicks(s, false);
                return;
        }
        s->kicked_ns = now_ns;
        drain_ring(s, now_ns);
}

void user_session_take_tick(struct user_session *s, uint64_t now_ns) {
        if (s->session.error == 0)
                drain_ring(s, now_ns);
        if (s->session.error != 0)
                return;
        session_tick(&s->session, now_ns);
        if (s->muted)
                listen_for_kicks(s, true);
}

void user_session_report(struct user_session *s, const uint32_t *latencies_us, size_t n, uint64_t now_ns) {
        for (size_t i = 0; i < n; i++) {
                /* end_ns is 0, because the time when the work ended is unknown. */
                struct governord_sample sample = { .kind = GOVERNORD_RECORD_LATENCY, .latency_us = latencies_us[i] };

                session_take(&s->session, &sample, now_ns);
        }
}

uint32_t user_session_slot(const struct user_session *s) {
        return s->slot;
}

bool user_session_is_active(const struct user_session *s) {
        return s->session.active;
}

bool user_session_needs_ticks(const struct user_session *s) {
        return user_session_is_active(s) || s->left || s->muted;
}

int user_session_error(const struct user_session *s, const char **ret_reason) {
        *ret_reason = s->ring.reason;
        return -(int) s->session.error;
}

struct hint_claim user_session_claim(const struct user_session *s, uint64_t now_ns) {
        return (struct hint_claim){
                .until_ns = now_ns + MAX(CLAIM_MIN_NS, MIN(CLAIM_MAX_NS, stale_ns(s))),
                .slot = s->slot,
                .level = (uint16_t) s->session.level,
                .flags = s->session.flags & SESSION_CAPS ? CLAIM_CAPS : 0,
                .target_us = s->session.target.target_us,
        };
}

const struct session *user_session_record(const struct user_session *s) {
        return &s->session;
}
