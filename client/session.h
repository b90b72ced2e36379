/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_SESSION_H
#define CLIENT_SESSION_H

#include "client/handle.h"

#define SERVICE_NAME "org.governord"

/* The session on the bus, for the library's thread. A negative errno means that the connection must be closed. */

/* Asks the service for a session, if none is open or asked for. */
int session_open(struct control *control, const struct wish *wish);
/* Notifies the application of a new session, and sends a changed target and changed threads to the service. */
int session_update(struct control *control, const struct wish *wish);
/* Called for all messages of the connection: handles the service's signal that the session is closed. */
int session_filter(sd_bus_message *m, void *userdata, sd_bus_error *error);
/* Drops the session without a call to the service: reports are discarded, and the ring is unmapped. */
void session_forget(struct control *control);
/* Schedules the next try. The delay doubles up to one minute, and starts again from its minimum after a session that lasted for a
 * while. Returns the delay in milliseconds. */
uint32_t session_later(struct control *control);

uint64_t session_now_ns(void);

#endif
