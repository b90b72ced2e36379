/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_LINK_H
#define CLIENT_LINK_H

#include "client/handle.h"

/* Starts the library's thread. Returns 0 or negative errno. */
int link_start(struct control *control);
/* Stops the thread, if there is one; it closes the connection and thereby the session. Returns 0; or -EBADF if the thread did not
 * end in time, probably because the application has closed the descriptor that wakes it: then the memory and the descriptors of the
 * handle must not be freed. */
int link_stop(struct control *control);
/* Makes the thread read control->settings and `stop`. Does nothing if the thread is not running. */
void link_wake(struct control *control);

#endif
