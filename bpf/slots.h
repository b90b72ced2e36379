/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_SLOTS_H
#define BPF_SLOTS_H

#include "bpf/programs.h"
#include "core/sessions/engine.h"

/* Sessions in the maps of a governor: opening and closing a slot, so that a program that runs at the same moment sees a whole one or none. */

/* Where a session's samples come from, and whose they are. */
struct slot_ring {
        uint32_t number, kind; /* bpf/rings.h */
        uint32_t user;         /* below PLATFORM_SESSIONS; the same for all sessions of one user */
};

/* 0; -EUSERS when the process has eight already, -EBUSY when a program still holds the slot. */
int slots_check(const struct programs *programs, const struct session_spec *spec);
/* As slots_check(), -EINVAL out of range, or what the map of processes gives. */
int slots_open(struct programs *programs, const struct session_spec *spec, const struct policy_limits *limits,
               const struct slot_ring *ring);
void slots_close(struct programs *programs, uint32_t slot);
/* As struct engine's change(). When a thread does not count any more the session's claims go at once, and come again as the others are
 * switched. */
int slots_change(struct programs *programs, const struct session_spec *spec);
void slots_look(const struct programs *programs, uint32_t slot, struct session_counters *ret);
size_t slots_cpus(const struct programs *programs, uint32_t slot, uint32_t *ret, size_t max);
/* The policy was replaced: what it remembered means nothing to another. No ring may be read meanwhile. */
void slots_forget_policy(struct programs *programs);
/* True if some program is at work on this session. */
bool slots_busy(const struct programs *programs, uint32_t slot);

#endif
