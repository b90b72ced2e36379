/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_USER_ENGINE_H
#define BPF_USER_ENGINE_H

#include <systemd/sd-event.h>

#include "bpf/policies.h"
#include "core/sessions/engine.h"

/*
 * Rung 4: the engine that runs a policy in the daemon. Rings are sealed memfds, kicks are eventfds.
 *
 * The ring of a session that is not active is read only after a kick, or at the tick that follows a kick. So a client must write
 * 1 to the eventfd after each report into an empty ring (include/governord/ring.h). Further writes do no harm: they cause at most
 * one read per millisecond.
 */

/* Creates the engine with the built-in policy of this name. `root_fd` is the root directory of the running machine, even if the
 * service works on a simulated one; its proc/ shows the sessions' processes. It still belongs to the caller and must stay open as
 * long as the engine exists. Returns 0 or a negative errno:
 *   -ENOENT  there is no such policy */
int user_engine_new(sd_event *event, int root_fd, const char *policy, struct engine **ret);
/* The same with any policy, which must outlive the engine. */
int user_engine_new_with(sd_event *event, int root_fd, const struct builtin_policy *policy, struct engine **ret);

/* Returns the interval at which the rings of active sessions are read, if this is their shortest target: a quarter of it, but 4 to
 * 10 ms. The minimum is higher than on rung 3, because each tick wakes the event loop. */
uint64_t user_engine_tick_us(uint32_t target_us);

#endif
