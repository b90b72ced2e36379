/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_SESSION_H
#define CLIENT_SESSION_H

#include "client/handle.h"

#define SERVICE_NAME "org.governord"

/* The session on the bus, used only by the library's thread. After a negative errno the connection must be closed. */

/* Requests a session from the service, unless one is open or has been requested. */
int session_open(struct control *control, const struct settings *settings);
/* Publishes a new session to the application, and sends changed settings to the service. */
int session_update(struct control *control, const struct settings *settings);
/* Called for all messages of the connection: handles the signal Closed of the session. */
int session_filter(sd_bus_message *m, void *userdata, sd_bus_error *error);
/* Drops the session, or the request for one, without a call to the service: further reports are discarded, and the ring is
 * unmapped. If a report does not release the lock, the ring stays mapped, and control->lost is set. */
void session_forget(struct control *control);
/* Schedules the next attempt and returns the delay in milliseconds. The delay doubles each time up to one minute; after a session
 * that was open for more than ten seconds it is the minimum again. */
uint32_t session_later(struct control *control);

uint64_t session_now_ns(void);

#endif
