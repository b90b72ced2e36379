/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_LINK_H
#define CLIENT_LINK_H

#include "client/handle.h"

/* Starts the thread that keeps the session; 0 or negative errno. */
int link_start(struct control *control);
/* Stops the thread, and with it the connection and the session. -EBADF: the thread cannot be woken any more, as the application has
 * closed our descriptors; everything that it uses must stay as it is. */
int link_stop(struct control *control);
/* Makes the thread read what the application requests. Does nothing if the thread is not running. */
void link_wake(struct control *control);

#endif
