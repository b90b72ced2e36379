/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_SESSION_LIST_H
#define TOOLS_SESSION_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

#include "tools/common/rows.h"

#define SESSION_INTERFACE "org.governord.Session1"
#define SESSION_ROOT      "/org/governord/session"

/* The sessions of the service, read from its ObjectManager and from signals. */

struct session {
        char *path, *application, *cpus; /* never NULL */
        uint32_t cookie, pid, uid;
        uint32_t target_us, permille, window_us, stale_us;
        bool cap, active;
        uint64_t samples, violations, invalid;
        uint32_t estimate_us, level, delay_us;
        int32_t slack_us;
};

struct session_list {
        struct session *items; /* session_list_read() sorts them by cookie: the oldest first */
        size_t n;
};

/* Reads the answer of GetManagedObjects. Unknown properties and interfaces are skipped. Returns 0 or a negative errno; on failure
 * nothing has to be freed. */
int session_list_read(sd_bus_message *m, struct session_list *ret);
/* Appends the session of an InterfacesAdded signal; signals for other objects add nothing. Returns a negative errno on failure. */
int session_list_read_added(sd_bus_message *m, struct session_list *list);
void session_list_free(struct session_list *list);
/* Returns NULL if there is no session with this path. */
struct session *session_list_find(const struct session_list *list, const char *path);
/* Reads properties, a{sv}, at the current position of the message into `session`; other members of `session` keep their values. */
int session_read(sd_bus_message *m, struct session *session);

/* Returns true for a session whose details the service hides, because it belongs to another user or was read from the signal
 * InterfacesAdded, which all users receive: its properties, except Uid and Active, are 0, false and "". Target is tested,
 * because it is at least 1 us for every visible session; Pid may be 0 for a visible session, too. */
static inline bool session_is_hidden(const struct session *session) {
        return session->target_us == 0;
}
/* Returns the name in tables: that of the application, or for a hidden session "user UID", stored in `buffer`. */
const char *session_name(const struct session *session, char *buffer, size_t size);
/* Returns a sentence (malloc'ed) that details of some sessions are hidden; NULL if none are. */
char *session_list_hidden(const struct session_list *list);

/* Converts the sessions to rows of session_columns, or of columns that begin with these (columns.h). */
void session_list_rows(const struct session_list *list, const struct columns *columns, struct rows *ret);

#endif
