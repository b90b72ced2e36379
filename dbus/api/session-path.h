/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_SESSION_PATH_H
#define DBUS_SESSION_PATH_H

#include "core/sessions/session.h"

/* "/org/governord/session/4294967295" */
#define SESSION_PATH_MAX 40

struct sessions;

void session_path(const struct session *session, char ret[SESSION_PATH_MAX]);
/* Finds the session of a path; NULL if there is none. Accepts only the spelling of session_path(): ".../01" is not an object. */
struct session *session_of_path(struct sessions *sessions, const char *path);

#endif
