/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_STATE_H
#define CLIENT_STATE_H

#include "client/handle.h"

/* The data that the library's thread and the application exchange, protected by control->mutex. */

/* Returns 0, or a negative errno if there is not enough memory. */
int state_init(struct control *control);
void state_destroy(struct control *control);

/* Sets the state and its message: one sentence that gives the reason, or NULL. Wakes the callers of gov_qos_wait(). */
void state_publish(struct control *control, uint32_t state, const char *format, ...) __attribute__((format(printf, 3, 4)));
uint32_t state_of(struct control *control);
/* Sets the state to GOV_QOS_OPEN and counts the session. */
void state_opened(struct control *control);

/* Returns the English text of a negative errno. */
const char *state_error_text(int r);

/* Copies the settings. Returns false if the thread is to end. */
bool state_read_settings(struct control *control, struct settings *ret);
void state_set_target(struct control *control, const struct target *target);
void state_set_threads(struct control *control, const struct threads *threads);
void state_stop(struct control *control);

#endif
