/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interprets the input as the steps in which a client changes its ring, while the reader of rung 4 reads it, with the rules and the
 * session code that the BPF programs share (bpf/ring-rules.h, bpf/session.h). Asserts that one read takes no more records than a
 * ring holds, and that the session stays consistent. */

#undef NDEBUG
#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "bpf/policies.h"
#include "bpf/session.h"
#include "bpf/user-ring.h"
#include "tests/fuzz/fuzz.h"

#define RECORDS (GOVERNORD_RING_SIZE / sizeof(struct governord_record))

static const struct builtin_policy *policy;

static uint32_t session_decide(struct policy_state *state, const struct policy_input *input, const struct policy_target *target,
                               const struct policy_limits *limits) {
        return policy->decide(state, input, target, limits);
}

struct script {
        const uint8_t *data;
        size_t left;
};

static uint64_t next(struct script *script, size_t bytes) {
        uint64_t value = 0;
        size_t n = bytes < script->left ? bytes : script->left;

        memcpy(&value, script->data, n);
        script->data += n;
        script->left -= n;
        return value;
}

static uint64_t *word_at(const struct user_ring *ring, uint64_t offset) {
        return (uint64_t *) (void *) (ring->map + (offset & ~UINT64_C(7)) % ring->bytes);
}

static int read_all(struct user_ring *ring, struct session *session, uint64_t now_ns) {
        const uint64_t from = ring->consumed;
        struct governord_sample sample;
        size_t n = 0;
        int r = user_ring_look(ring);

        while (r >= 0 && (r = user_ring_take(ring, now_ns, 1000000, &sample)) > 0) {
                session_take(session, &sample, now_ns);
                assert(++n <= RECORDS);
        }
        assert(ring->consumed - from <= GOVERNORD_RING_SIZE && ring->consumed % sizeof(struct governord_record) == 0);
        assert(r >= 0 || ring->reason[0] != '\0');
        (void) user_ring_release(ring);
        return r;
}

static void check(const struct session *session, uint64_t now_ns) {
        assert(session->level <= session->limits.ceiling && (!session->active || session->level >= session->limits.floor));
        assert(session->last_ns <= now_ns && session->violations <= session->samples);
        assert(session->active || session->level == 0 || session->last_ns == 0);
}

/* Does what a well-behaved client does: writes the next record, then advances the position. If an earlier step has left an
 * unaligned position, the record is written to an aligned place. */
static void report(const struct user_ring *ring, struct script *script) {
        uint64_t *producer = (uint64_t *) (void *) (ring->map + ring->page);
        struct governord_record record = { .length = sizeof(struct governord_sample) };

        record.sample.kind = (uint32_t) next(script, 1);
        record.sample.latency_us = (uint32_t) next(script, 4);
        memcpy(ring->map + 2 * ring->page + (*producer & (GOVERNORD_RING_SIZE - sizeof(record))), &record, sizeof(record));
        *producer += sizeof(record);
}

static void run(struct script *script, struct user_ring *ring, struct session *session) {
        uint64_t now_ns = 1;
        int r = 0;

        while (script->left > 0 && r >= 0) {
                switch (next(script, 1) % 6) {
                case 0: /* the producer's position */
                        *word_at(ring, ring->page) = next(script, 8);
                        break;
                case 1: /* any word of the ring */
                        *word_at(ring, next(script, 4)) = next(script, 8);
                        break;
                case 2:
                        report(ring, script);
                        break;
                case 3:
                        now_ns += next(script, 4);
                        session_tick(session, now_ns);
                        break;
                default:
                        r = read_all(ring, session, now_ns);
                        break;
                }
                check(session, now_ns);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct script script = { data, size };
        struct user_ring ring;
        struct session session = { .flags = SESSION_OPEN, .target = { 1000, 950, 100000, 1000000 } };
        size_t n;
        const struct builtin_policy *policies = builtin_policies(&n);
        int fd;

        policy = &policies[next(&script, 1) % n];
        session.limits = policy_limits_for((uint32_t) next(&script, 2), (uint32_t) next(&script, 2));
        session.target.target_us = 1 + (uint32_t) next(&script, 4) % 60000000;
        session.target.permille = 500 + (uint32_t) next(&script, 2) % 500;
        if (user_ring_new(&ring, &fd) < 0)
                return 0;
        (void) close(fd);
        run(&script, &ring, &session);
        user_ring_done(&ring);
        return 0;
}
