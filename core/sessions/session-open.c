/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens sessions. A session whose process cannot be watched is refused, because it would not end with the process. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "core/sessions/sessions-private.h"
#include "core/watch/process.h"

static void process_ended(struct process *process, void *userdata) {
        (void) process;
        sessions_close(userdata, "process-ended");
}

/* The bus reports the process that connected. It may have ended since then, and a process of another user may have its PID. This
 * cannot be checked if /proc hides processes. The owner of /proc/PID is the effective user of the process, even if the process
 * cannot be dumped. */
static int check_user(const struct session *session, struct message *ret) {
        char path[32];
        struct stat st;

        if (session->uid == 0 || TEXT_FORMAT(path, "/proc/%d", (int) session->spec.tgid) < 0 || stat(path, &st) < 0 ||
            st.st_uid == session->uid)
                return 0;
        return message_error(ret, -EPERM,
                             "Process %d now belongs to user %u, but its connection to the bus belongs to user %u: only "
                             "the process that opened the connection can open a session; close the connection and open a "
                             "new one",
                             (int) session->spec.tgid, st.st_uid, session->uid);
}

static int follow_process(struct sessions *sessions, struct session *session, struct message *ret) {
        int r;

        if (session->spec.tgid <= 0)
                return message_error(ret, -ESRCH,
                                     "The bus does not report the process ID of the caller, probably because it runs in another "
                                     "PID namespace (a container); a session requires a process that the service can see");
        r = process_new(sessions->event, session->spec.tgid, process_ended, session, &session->process);
        if (r == -ESRCH)
                return message_error(
                        ret, r, "There is no process %d: it has ended, or the bus runs in another PID namespace than the service",
                        (int) session->spec.tgid);
        if (r < 0)
                return message_error(ret, r, "Process %d cannot be watched: %s; no session was opened", (int) session->spec.tgid,
                                     strerror(-r));
        return check_user(session, ret);
}

static int explain(const struct sessions *sessions, int error, struct message *ret) {
        switch (-error) {
        case ENOMEM:
        case ENOSPC:
                return message_error(ret, error,
                                     "No memory for the ring of another session: the memory limit of the service is reached, or "
                                     "the machine has no free memory");
        case EMFILE:
        case ENFILE:
                return message_error(ret, error,
                                     "No file descriptor left for another session: try again when other sessions have been closed");
        case EPERM:
                return message_error(ret, error,
                                     "The kernel does not permit the service to create a ring for a session (rung \"%s\")",
                                     sessions->engine->rung(sessions->engine->userdata, NULL));
        case EDQUOT:
                return message_error(ret, error,
                                     "Programs of this user still hold rings of ended sessions, as many as the user may have "
                                     "sessions: they must close, unmap and unpin these rings, or exit. Rings that they have bound "
                                     "to the kick (BPF_PROG_BIND_MAP) stay in use until governord is restarted, or until an "
                                     "administrator has loaded a governor (governorctl governor load --best) and all programs "
                                     "that had sessions before have exited");
        case EXFULL:
                return message_error(ret, error,
                                     "Programs still hold too many rings of ended sessions, so no further ring can be created: "
                                     "try again when some of these programs have exited");
        case EOPNOTSUPP:
                return message_error(
                        ret, error,
                        "A ring of this kind requires BPF, which is not used for sessions on this machine (rung \"%s\")",
                        sessions->engine->rung(sessions->engine->userdata, NULL));
        case EUSERS:
                return message_error(ret, error, "This process has %d sessions, which is the maximum for one process",
                                     SESSIONS_PER_PROCESS);
        case EBUSY:
                return message_error(ret, error, "All places for sessions are in use or still being cleared: try again");
        default:
                return message_error(ret, error, "No session could be opened: %s", strerror(-error));
        }
}

/* Slots are used in rotation, since an engine may need some time to clear a slot after the end of a session. */
static int open_in_engine(struct sessions *sessions, struct session *session, struct session_descriptors *ret,
                          struct message *ret_message) {
        struct session_descriptors descriptors = { -1, -1, "" };
        int r = -EBUSY;

        for (uint32_t i = 0; r == -EBUSY && i < SESSIONS_MAX; i++) {
                uint32_t slot = (sessions->next_slot + i) % SESSIONS_MAX;

                if (sessions->slots[slot])
                        continue;
                session->spec.slot = slot;
                r = sessions->engine->open(sessions->engine->userdata, &session->spec, &descriptors);
        }
        if (r < 0)
                return explain(sessions, r, ret_message);
        sessions->next_slot = (session->spec.slot + 1) % SESSIONS_MAX;
        *ret = descriptors;
        return 0;
}

static uint32_t next_cookie(struct sessions *sessions) {
        do
                sessions->last_cookie++;
        while (sessions->last_cookie == 0 || sessions_find(sessions, sessions->last_cookie)); /* after 2^32 sessions */
        return sessions->last_cookie;
}

static int prepare(struct sessions *sessions, const struct session *template, struct session **ret, struct message *ret_message) {
        struct session *session;
        int r = session_new(template, &session);

        if (r < 0)
                return message_error(ret_message, r, "Out of memory: no session was opened");
        (void) sd_event_now(sessions->event, CLOCK_MONOTONIC, &session->opened_usec);
        r = follow_process(sessions, session, ret_message);
        if (r < 0) {
                (void) session_free(session);
                return r;
        }
        session->spec.cookie = next_cookie(sessions);
        session->sessions = sessions;
        *ret = session;
        return 0;
}

int sessions_open(struct sessions *sessions, const struct session *template, struct session **ret,
                  struct session_descriptors *ret_descriptors, struct message *ret_message) {
        struct session completed = *template, *session = NULL;
        int r;

        completed.spec.uid = template->uid;
        completed.spec.user_most = template->uid == 0 ? 0 : sessions->limits.per_user;
        session_spec_complete(&completed.spec);
        r = session_spec_check(&completed.spec, ret_message);
        if (r >= 0)
                r = sessions_check_quota(sessions, &completed, ret_message);
        if (r >= 0)
                r = prepare(sessions, &completed, &session, ret_message);
        if (r < 0)
                return r;
        r = open_in_engine(sessions, session, ret_descriptors, ret_message);
        if (r < 0) {
                (void) session_free(session);
                return r;
        }
        sessions->slots[session->spec.slot] = session;
        sessions->n++;
        sessions_expect_idle(sessions, session);
        for (const struct sessions_watcher *watcher = sessions->watchers; watcher; watcher = watcher->next)
                if (watcher->opened)
                        watcher->opened(session, watcher->userdata);
        *ret = session;
        return 0;
}
