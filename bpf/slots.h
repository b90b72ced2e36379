/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_SLOTS_H
#define BPF_SLOTS_H

#include "bpf/programs.h"
#include "core/sessions/engine.h"

/* Sessions in the maps of a governor. BPF programs may run while a slot is opened or closed; they find either a complete session or
 * none. */

/* The ring of a session, and its user. */
struct slot_ring {
        uint32_t number, kind; /* bpf/rings.h */
        uint32_t user;         /* below PLATFORM_SESSIONS; the same for all sessions of one user */
};

/* Checks whether the session can be opened. Returns 0, or:
 *   -EUSERS  the process already has SESSIONS_PER_PROCESS sessions
 *   -EBUSY   a BPF program still holds the slot */
int slots_check(const struct programs *programs, const struct session_spec *spec);
/* Opens the session. Returns 0, an error of slots_check(), -EINVAL if a value is out of range, or an error of bpf(2). */
int slots_open(struct programs *programs, const struct session_spec *spec, const struct policy_limits *limits,
               const struct slot_ring *ring);
void slots_close(struct programs *programs, uint32_t slot);
/* Like struct engine's change(). If a thread does not count any more, all claims of the session are dropped, and the other threads
 * add theirs when they are switched. */
int slots_change(struct programs *programs, const struct session_spec *spec);
void slots_look(const struct programs *programs, uint32_t slot, struct session_counters *ret);
size_t slots_cpus(const struct programs *programs, uint32_t slot, uint32_t *ret, size_t max);
/* Clears the policy states of all sessions. No open session may be held during the call. */
void slots_forget_policy(struct programs *programs);
/* Returns true if a BPF program holds this slot. */
bool slots_busy(const struct programs *programs, uint32_t slot);

#endif
