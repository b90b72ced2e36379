/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_TICKER_H
#define BPF_TICKER_H

#include "bpf/programs.h"

/*
 * The thread that runs ticks: the program `tick` of the platform part, every shared->tick_ns while a session is active. It is a
 * thread and not a timer of the kernel, so that a tick costs CPU time of the service, which the scheduler weighs against other
 * work, and not time of an interrupt. It is not part of the event loop, so that neither delays the other.
 */

struct ticker;

/* *programs must outlive the ticker. 0 or negative errno. */
int ticker_new(struct programs *programs, struct ticker **ret);
/* Takes NULL, returns NULL. */
struct ticker *ticker_free(struct ticker *ticker);

/* Starts the ticks, if they are not running. They end by themselves. */
void ticker_start(struct ticker *ticker);

/* Between ticker_hold() and ticker_release() no tick runs, and *programs may be replaced. 0, or -EBUSY: a running tick did not end
 * within 20 ms. */
int ticker_hold(struct ticker *ticker);
void ticker_release(struct ticker *ticker);

#endif
