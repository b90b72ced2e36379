/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_USER_ENGINE_H
#define BPF_USER_ENGINE_H

#include <systemd/sd-event.h>

#include "bpf/policies.h"
#include "core/sessions/engine.h"

/*
 * Rung 4: the engine that runs a policy in this process. Rings are sealed memfds, kicks are eventfds.
 *
 * A client has to write 1 to the eventfd when its record is the first after all before it were read (see the top of
 * user-session.c): while a session is silent its ring is not read. Between its samples it may write as often as it likes;
 * more than one look in a millisecond it does not get that way.
 */

/* `policy`: one of bpf/policies.h; -ENOENT otherwise. `root_fd` is the root below which proc/ has the sessions' processes: that of
 * the running machine, also when the service works on a simulated one. It is borrowed, and must stay open as long as the engine. */
int user_engine_new(sd_event *event, int root_fd, const char *policy, struct engine **ret);
/* The same with any policy; it is borrowed, too. */
int user_engine_new_with(sd_event *event, int root_fd, const struct builtin_policy *policy, struct engine **ret);

/* How often the rings of active sessions are read when the most demanding has this target: a quarter of it, 4 to 10 ms. BPF's
 * millisecond would cost too much here: each tick wakes a whole process. */
uint64_t user_engine_tick_us(uint32_t target_us);

#endif
