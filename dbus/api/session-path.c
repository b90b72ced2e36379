/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The path of a session's object ends with the session's cookie. */

#include "dbus/api/session-path.h"

#include <string.h>

#include "base/parse.h"
#include "base/text.h"
#include "core/sessions/sessions.h"
#include "dbus/api/names.h"

void session_path(const struct session *session, char ret[SESSION_PATH_MAX]) {
        (void) text_format(ret, SESSION_PATH_MAX, SESSION_PREFIX "/%u", session->spec.cookie);
}

struct session *session_of_path(struct sessions *sessions, const char *path) {
        char spelling[SESSION_PATH_MAX];
        struct session *session;
        uint32_t cookie;

        if (strncmp(path, SESSION_PREFIX "/", strlen(SESSION_PREFIX "/")) != 0 ||
            parse_u32(path + strlen(SESSION_PREFIX "/"), &cookie) < 0)
                return NULL;
        session = sessions_find(sessions, cookie);
        if (!session)
                return NULL;
        session_path(session, spelling);
        return text_equal(spelling, path) ? session : NULL;
}
