/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Creates and frees the data of one session. If the client gives no application name, the name of its program is used, which is only a hint for
 * users. */

#include "core/sessions/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/watch/process.h"
#include "core/watch/program.h"

static char *copy_application(const struct session *template) {
        const char *application = template->application ? template->application : "";
        char name[PROGRAM_NAME_MAX];

        if (!application[0] && program_name(template->spec.tgid, name) >= 0)
                application = name;
        return strndup(application, (size_t) text_cut(application, SESSION_TEXT_MAX));
}

bool session_is_of(const struct session *session, const char *bus_name) {
        return session->owner_kind == OWNER_BUS && strcmp(session->owner, bus_name) == 0;
}

int session_new(const struct session *template, struct session **ret) {
        struct session *session = calloc(1, sizeof(*session));

        if (!session)
                return -ENOMEM;
        session->spec = template->spec;
        session->uid = template->uid;
        session->owner_kind = template->owner_kind;
        session->owner = strdup(template->owner);
        session->application = copy_application(template);
        if (!session->owner || !session->application) {
                (void) session_free(session);
                return -ENOMEM;
        }
        *ret = session;
        return 0;
}

struct session *session_free(struct session *session) {
        if (!session)
                return NULL;
        (void) process_free(session->process);
        free(session->owner);
        free(session->application);
        free(session);
        return NULL;
}
