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

/*   -EPROTONOSUPPORT  a ring of another version
 *   -EBADMSG          nonsense. After both, ret->path is the session, if it could be read, or "" */
int answer_read(sd_bus_message *m, struct answer *ret);

#endif
