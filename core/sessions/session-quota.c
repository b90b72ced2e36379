/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits of the number of sessions: for each user, for each connection, and in total. Requests are counted separately. Root is
 * limited only by the size of the table, because it could use up all resources by other means anyway. Some slots are reserved for
 * root. */

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/sessions/sessions-private.h"

#define ROOT_PLACES 64

size_t sessions_count_owner(const struct sessions *sessions, const char *owner) {
        size_t n = 0;

        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                n += sessions->slots[i] && session_is_of(sessions->slots[i], owner);
        return n;
}

/* Counts the sessions of a user that are older than the one with this cookie; UINT32_MAX: all. */
static size_t count_user(const struct sessions *sessions, uid_t uid, uint32_t cookie) {
        size_t n = 0;

        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                n += sessions->slots[i] && sessions->slots[i]->uid == uid && sessions->slots[i]->spec.cookie < cookie;
        return n;
}

int sessions_check_quota(const struct sessions *sessions, const struct session *template, struct message *ret) {
        const struct session_limits *limits = &sessions->limits;

        if (template->uid != 0 && template->owner_kind == OWNER_BUS &&
            sessions_count_owner(sessions, template->owner) >= limits->per_connection)
                return message_error(ret, -EDQUOT, "A client may have %u session%s at a time (max-requests-per-client)",
                                     limits->per_connection, text_plural(limits->per_connection));
        if (template->uid != 0 && count_user(sessions, template->uid, UINT32_MAX) >= limits->per_user)
                return message_error(ret, -EDQUOT, "A user may have %u session%s at a time (sessions-per-user)", limits->per_user,
                                     text_plural(limits->per_user));
        if (sessions->n >= (template->uid == 0 ? SESSIONS_MAX : SESSIONS_MAX - ROOT_PLACES))
                return message_error(ret, -EDQUOT, "There are %u sessions already, %s", sessions->n,
                                     template->uid == 0 ? "which is the maximum" : "and further ones are reserved for root");
        return 0;
}

void sessions_limit(struct sessions *sessions, const struct session_limits *limits) {
        sessions->limits = *limits;
        for (uint32_t i = 0; i < SESSIONS_MAX; i++) {
                struct session *session = sessions->slots[i];

                if (session && session->uid != 0 && count_user(sessions, session->uid, session->spec.cookie) >= limits->per_user)
                        sessions_close(session, "quota");
        }
        sessions_clock_update(sessions);
}
