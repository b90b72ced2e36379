/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_ANSWER_H
#define CLIENT_ANSWER_H

#include "client/handle.h"

/* The reply to OpenSession(). */
struct answer {
        char path[256];
        int ring_fd, kick_fd; /* owned by the message */
        uint32_t rung, kick;  /* GOV_QOS_RUNG_*, KICK_* */
        uint32_t slot, cookie;
};

/* Reads the reply to OpenSession(). After an error, ret->path is the path of the session, or "" if it could not be read or is too
 * long.
 *   -EPROTONOSUPPORT  the ring has a version that this library does not support
 *   -EBADMSG          the reply is malformed */
int answer_read(sd_bus_message *m, struct answer *ret);

#endif
