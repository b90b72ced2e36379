/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_LINK_H
#define CLIENT_LINK_H

#include "client/handle.h"

/* Starts the thread that keeps the session; 0 or negative errno. */
int link_start(struct control *control);
/* Ends it, and with it the connection and the session. -EBADF: it cannot be reached any more, as the application has closed our
 * descriptors; everything it has must stay as it is. */
int link_stop(struct control *control);
/* Lets it look at what the application wishes. Nothing where it does not run, or not any more. */
void link_wake(struct control *control);

#endif
