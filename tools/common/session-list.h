/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_SESSION_LIST_H
#define TOOLS_SESSION_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

#include "tools/common/rows.h"

#define SESSION_INTERFACE "org.governord.Session1"
#define SESSION_ROOT      "/org/governord/session"

/* The sessions of the service, as its ObjectManager and its signals give them. */

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
        struct session *items; /* by cookie: the oldest first */
        size_t n;
};

/* Reads the answer of GetManagedObjects. Properties and interfaces that are not known here are skipped. Negative errno; then
 * nothing has to be freed. */
int session_list_read(sd_bus_message *m, struct session_list *ret);
/* Adds the session of an InterfacesAdded signal; another object of the service adds nothing. Negative errno. */
int session_list_read_added(sd_bus_message *m, struct session_list *list);
void session_list_free(struct session_list *list);
struct session *session_list_find(const struct session_list *list, const char *path);
/* Reads properties, a{sv}, at the message's place into `session`; what is not among them stays. */
int session_read(sd_bus_message *m, struct session *session);

/* The service shows of another user's session only that it is there and works: the rest is 0 and "". A session has a target of at least
 * 1 us; the number of its process can be 0 for its owner, too, if the bus does not know it. */
static inline bool session_is_hidden(const struct session *session) {
        return session->target_us == 0;
}
/* What people see as its name: the application's, or whose session it is. In `buffer`, if need be. */
const char *session_name(const struct session *session, char *buffer, size_t size);
/* Why some of the sessions show nothing, in one sentence (malloc'ed); NULL when all show what they do. */
char *session_list_hidden(const struct session_list *list);

/* The sessions as rows of session_columns, or of columns that begin with these (columns.h). */
void session_list_rows(const struct session_list *list, const struct columns *columns, struct rows *ret);

#endif
