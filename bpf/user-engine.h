/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_USER_ENGINE_H
#define BPF_USER_ENGINE_H

#include <systemd/sd-event.h>

#include "bpf/policies.h"
#include "core/sessions/engine.h"

/*
 * Rung 4: the engine that runs a policy in this process. Rings are sealed memfds, kicks are eventfds.
 *
 * A client has to write 1 to the eventfd when its record is the first one after all earlier ones were read (see the top of
 * user-session.c): while a session is silent its ring is not read. Further writes do no harm; they cause at most one read per
 * millisecond.
 */

/* `policy`: one of bpf/policies.h; -ENOENT otherwise. `root_fd` is the root below which proc/ has the sessions' processes: that of
 * the running machine, also when the service works on a simulated one. It is borrowed, and must stay open as long as the engine. */
int user_engine_new(sd_event *event, int root_fd, const char *policy, struct engine **ret);
/* The same with any policy, which must outlive the engine, too. */
int user_engine_new_with(sd_event *event, int root_fd, const struct builtin_policy *policy, struct engine **ret);

/* Interval at which the rings of active sessions are read if the shortest target is this one: a quarter of it, 4 to 10 ms. BPF's
 * interval of 1 ms would cost too much here: each tick wakes a whole process. */
uint64_t user_engine_tick_us(uint32_t target_us);

#endif
