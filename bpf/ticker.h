/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_TICKER_H
#define BPF_TICKER_H

#include "bpf/programs.h"

/*
 * The thread that runs ticks (the program `tick` of the platform part) every shared->tick_ns while a session is active. A thread is
 * used instead of a timer in the kernel, so that the scheduler can preempt a tick and accounts its time to the service. It is not
 * part of the event loop, so that neither delays the other.
 */

struct ticker;

/* Starts the thread. *programs must outlive the ticker. Returns 0 or negative errno. */
int ticker_new(struct programs *programs, struct ticker **ret);
/* Stops the thread. Accepts NULL. Returns NULL. */
struct ticker *ticker_free(struct ticker *ticker);

/* Starts the ticks, if they are not running. They stop when no session is active. */
void ticker_start(struct ticker *ticker);

/* After ticker_hold() has returned 0, no tick runs until ticker_release(), and *programs may be replaced. Returns -EBUSY if a
 * running tick did not end within 20 ms. */
int ticker_hold(struct ticker *ticker);
void ticker_release(struct ticker *ticker);

#endif
