/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_ANSWER_H
#define CLIENT_ANSWER_H

#include "client/handle.h"

/* What OpenSession() returned. */
struct answer {
        char path[256];
        int ring_fd, kick_fd; /* the message's own */
        uint32_t rung, kick;  /* GOV_QOS_RUNG_*, KICK_* */
        uint32_t slot, cookie;
};

/* Reads the answer to OpenSession(). After both errors ret->path is the path of the session, or "" if it could not be read.
 *   -EPROTONOSUPPORT  a ring of another version
 *   -EBADMSG          the answer is malformed */
int answer_read(sd_bus_message *m, struct answer *ret);

#endif
