/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_TICKER_H
#define BPF_TICKER_H

#include "bpf/programs.h"

/*
 * The thread that runs ticks: `tick` of the platform part, every shared->tick_ns while a session is active. In a thread, not in a timer of the kernel:
 * what sessions cost at a tick is then the service's time, which the scheduler weighs against the work of others, and not that of an interrupt on
 * whatever CPU armed the timer. And not in the event loop, so that neither delays the other.
 */

struct ticker;

/* Borrows *programs. 0 or negative errno. */
int ticker_new(struct programs *programs, struct ticker **ret);
/* Takes NULL, returns NULL. */
struct ticker *ticker_free(struct ticker *ticker);

/* Ticks begin, if they do not come yet; they end by themselves. */
void ticker_start(struct ticker *ticker);

/* Between the two no tick runs, and *programs may be exchanged. 0, or -EBUSY: the tick that runs did not end within 20 ms. */
int ticker_hold(struct ticker *ticker);
void ticker_release(struct ticker *ticker);

#endif
