/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_STATE_H
#define CLIENT_STATE_H

#include "client/handle.h"

/* What the thread and the application tell each other; all of it under the mutex, which is never held for long. */

/* 0, or the negative errno of a lack of memory. */
int state_init(struct control *control);
void state_destroy(struct control *control);

/* The handle's state from now on, and one sentence why; NULL for none. Wakes those who wait for a change. */
void state_say(struct control *control, uint32_t state, const char *format, ...) __attribute__((format(printf, 3, 4)));
uint32_t state_of(struct control *control);
/* A session was opened: state and count. */
void state_opened(struct control *control);

/* What a negative errno means, in English. */
const char *state_error_text(int r);

/* The application's wishes, for the thread. False: it is to end. */
bool state_wishes(struct control *control, struct wish *ret);
void state_set_target(struct control *control, const struct target *target);
void state_set_threads(struct control *control, const struct threads *threads);
void state_stop(struct control *control);

#endif
