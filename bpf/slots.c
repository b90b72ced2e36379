/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions in the maps of a governor. A slot is filled before SESSION_OPEN is set, and SESSION_OPEN is cleared before anything is
 * removed. */

#include "bpf/slots.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/spec.h"

_Static_assert(SESSIONS_MAX <= PLATFORM_SESSIONS, "the maps have a slot for each session");

static uint32_t first_of(const struct programs *programs, uint32_t tgid) {
        uint32_t first = 0;

        return bpf_map_lookup_elem(programs->processes_fd, &tgid, &first) < 0 ? 0 : first;
}

static bool chain_is_full(const struct programs *programs, uint32_t tgid) {
        uint32_t next = first_of(programs, tgid), n = 0;

        for (; next > 0 && n < SESSIONS_PER_PROCESS; n++)
                next = programs->sessions[next - 1].next;
        return n >= SESSIONS_PER_PROCESS;
}

static void mark_process(struct programs *programs, uint32_t tgid) {
        (void) __atomic_fetch_or(&programs->shared->maybe[(tgid >> 6) & 1023], 1ull << (tgid & 63), __ATOMIC_RELAXED);
}

/* Clears the bit of a process, unless an open session of this process, or of another one with the same bit, needs it. */
static void unmark_process(struct programs *programs, uint32_t tgid) {
        for (uint32_t i = 0; i < PLATFORM_SESSIONS; i++)
                if ((programs->sessions[i].flags & SESSION_OPEN) && (programs->sessions[i].tgid & 65535) == (tgid & 65535))
                        return;
        (void) __atomic_fetch_and(&programs->shared->maybe[(tgid >> 6) & 1023], ~(1ull << (tgid & 63)), __ATOMIC_RELAXED);
}

/* Holds the slot while filling it, as BPF programs do while they read a ring, so that a program that is about to read the former
 * session's ring does not find a partly filled session. */
static int fill_slot(struct session *session, const struct session_spec *spec, const struct policy_limits *limits,
                     const struct slot_ring *ring, uint32_t next) {
        struct session fresh = {
                .cookie = spec->cookie,
                .tgid = (uint32_t) spec->tgid,
                .next = next,
                .limits = *limits,
                .cpu = UINT32_MAX,
                .ring = ring->number,
                .ring_kind = ring->kind,
                .user = ring->user,
                .busy = 1,
        };
        uint32_t free = 0;
        int r = spec_apply(spec, &fresh);

        if (r < 0)
                return r;
        if (!__atomic_compare_exchange_n(&session->busy, &free, 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
                return -EBUSY;
        *session = fresh;
        (void) __atomic_fetch_or(&session->flags, SESSION_OPEN, __ATOMIC_RELEASE);
        __atomic_store_n(&session->busy, 0, __ATOMIC_RELEASE);
        return 0;
}

int slots_check(const struct programs *programs, const struct session_spec *spec) {
        if (chain_is_full(programs, (uint32_t) spec->tgid))
                return -EUSERS;
        return slots_busy(programs, spec->slot) ? -EBUSY : 0;
}

int slots_open(struct programs *programs, const struct session_spec *spec, const struct policy_limits *limits,
               const struct slot_ring *ring) {
        struct session *session = &programs->sessions[spec->slot];
        uint32_t tgid = (uint32_t) spec->tgid, mine = spec->slot + 1;
        int r = slots_check(programs, spec);

        if (r < 0)
                return r;
        memset(&programs->session_cpus[spec->slot], 0, sizeof(programs->session_cpus[0]));
        r = fill_slot(session, spec, limits, ring, first_of(programs, tgid));
        if (r < 0)
                return r;
        if (bpf_map_update_elem(programs->processes_fd, &tgid, &mine, BPF_ANY) < 0) {
                r = -errno;
                slots_close(programs, spec->slot);
                return r;
        }
        mark_process(programs, tgid);
        return 0;
}

static void leave_chain(struct programs *programs, uint32_t slot) {
        uint32_t tgid = programs->sessions[slot].tgid, next = programs->sessions[slot].next, first = first_of(programs, tgid);

        if (first == slot + 1) {
                if (next > 0)
                        (void) bpf_map_update_elem(programs->processes_fd, &tgid, &next, BPF_ANY);
                else
                        (void) bpf_map_delete_elem(programs->processes_fd, &tgid);
                return;
        }
        for (uint32_t i = 0; first > 0 && i < SESSIONS_PER_PROCESS; i++) {
                struct session *session = &programs->sessions[first - 1];

                if (session->next == slot + 1) {
                        session->next = next;
                        return;
                }
                first = session->next;
        }
}

static void forget_claims(const struct programs *programs, uint32_t slot) {
        struct governord_kick context = { .slot = slot };

        (void) programs_run(programs->forget_fd, &context, sizeof(context));
}

void slots_close(struct programs *programs, uint32_t slot) {
        struct session *session = &programs->sessions[slot];

        __atomic_store_n(&session->flags, 0, __ATOMIC_SEQ_CST);
        leave_chain(programs, slot);
        unmark_process(programs, session->tgid);
        forget_claims(programs, slot);
}

int slots_change(struct programs *programs, const struct session_spec *spec) {
        int r = spec_apply(spec, &programs->sessions[spec->slot]);

        if (r > 0) { /* claims are not recorded by thread, so all of them are dropped */
                programs->sessions[spec->slot].cpu = UINT32_MAX;
                forget_claims(programs, spec->slot);
        }
        return r < 0 ? r : 0;
}

void slots_look(const struct programs *programs, uint32_t slot, struct session_counters *ret) {
        spec_counters(&programs->sessions[slot], ret);
}

size_t slots_cpus(const struct programs *programs, uint32_t slot, uint32_t *ret, size_t max) {
        size_t n = 0;

        if (!programs->sessions[slot].active)
                return 0;
        for (uint32_t cpu = 0; cpu < programs->n_cpus && n < max; cpu++)
                if ((programs->session_cpus[slot].words[cpu / 64] >> (cpu % 64)) & 1)
                        ret[n++] = cpu;
        return n;
}

void slots_forget_policy(struct programs *programs) {
        for (uint32_t i = 0; i < PLATFORM_SESSIONS; i++)
                programs->sessions[i].policy = (struct policy_state){};
}

bool slots_busy(const struct programs *programs, uint32_t slot) {
        return __atomic_load_n(&programs->sessions[slot].busy, __ATOMIC_SEQ_CST) != 0;
}
