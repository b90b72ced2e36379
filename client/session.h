/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_SESSION_H
#define CLIENT_SESSION_H

#include "client/handle.h"

#define SERVICE_NAME "org.governord"

/* The session on the bus, as the thread sees it. Negative errno means that the connection must be given up. */

/* Asks the service for a session, if none is open or asked for. */
int session_open(struct control *control, const struct wish *wish);
/* Tells the application of a new session, and the service of a new target, if there is one. */
int session_update(struct control *control, const struct wish *wish);
/* For all messages of the connection: hears when the service ends the session. */
int session_filter(sd_bus_message *m, void *userdata, sd_bus_error *error);
/* Forgets the session without a word to the service: reports go nowhere, what was mapped is unmapped. */
void session_forget(struct control *control);
/* A later try: the delay doubles up to a minute, and starts from its least after a session that stood for a while. Returns it in
 * milliseconds. */
uint32_t session_later(struct control *control);

uint64_t session_now_ns(void);

#endif
