/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_SLOTS_H
#define BPF_SLOTS_H

#include "bpf/programs.h"
#include "core/sessions/engine.h"

/* Sessions in the maps of a governor: opens and closes slots in such a way that a program that runs at the same time sees a
 * complete session or none. */

/* The ring of a session, and its user. */
struct slot_ring {
        uint32_t number, kind; /* bpf/rings.h */
        uint32_t user;         /* below PLATFORM_SESSIONS; the same for all sessions of one user */
};

/* Returns 0; -EUSERS if the process has eight sessions already, -EBUSY if a program still holds the slot. */
int slots_check(const struct programs *programs, const struct session_spec *spec);
/* Errors as of slots_check(); -EINVAL: out of range; or an error of the map of processes. */
int slots_open(struct programs *programs, const struct session_spec *spec, const struct policy_limits *limits,
               const struct slot_ring *ring);
void slots_close(struct programs *programs, uint32_t slot);
/* As struct engine's change(). If a thread does not count any more, all claims of the session are dropped at once; new ones are
 * made when the other threads are switched. */
int slots_change(struct programs *programs, const struct session_spec *spec);
void slots_look(const struct programs *programs, uint32_t slot, struct session_counters *ret);
size_t slots_cpus(const struct programs *programs, uint32_t slot, uint32_t *ret, size_t max);
/* Clears the states of the former policy, which have no meaning for another one. No ring may be read meanwhile. */
void slots_forget_policy(struct programs *programs);
/* True if a program holds this session. */
bool slots_busy(const struct programs *programs, uint32_t slot);

#endif
