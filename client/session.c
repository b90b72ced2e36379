/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A session from OpenSession() to its end: checks the reply, maps the ring and directs reports into it. If the service or the bus
 * refuses the session, or the service closes it with the reason "quota" (or "denied", which this version of the service does not
 * use), this handle requests another one only after a restart of the service or of the bus (link.c detects both).
 *
 * The service sends the signal Closed only to the owner of the session, possibly directly after the reply. sd-bus calls the handler
 * of a match only after the bus has confirmed the match, so it could miss this signal. A filter for all messages is used instead.
 * The filter checks the sender, because every bus client can send such a signal.
 */

#include "client/session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/answer.h"
#include "client/kick.h"
#include "client/ring.h"
#include "client/state.h"
#include "include/governord/bus-errors.h"

#define MANAGER_PATH   "/org/governord"
#define MANAGER        "org.governord.Manager1"
#define SESSION        "org.governord.Session1"
#define DELAY_FIRST_MS 250
#define DELAY_MOST_MS  60000
#define STABLE_NS      UINT64_C(10000000000) /* a session that was open for longer resets the delay */

uint64_t session_now_ns(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * UINT64_C(1000000000) + (uint64_t) t.tv_nsec;
}

uint32_t session_later(struct control *control) {
        uint32_t delay = control->delay_ms == 0 ? DELAY_FIRST_MS : control->delay_ms * 2;

        control->delay_ms = delay > DELAY_MOST_MS ? DELAY_MOST_MS : delay;
        control->due_ns = session_now_ns() + (uint64_t) control->delay_ms * 1000000;
        return control->delay_ms;
}

void session_forget(struct control *control) {
        control->call_slot = sd_bus_slot_unref(control->call_slot);
        control->threads_slot = sd_bus_slot_unref(control->threads_slot);
        if (control->path[0] == '\0')
                return;
        control->path[0] = '\0';
        control->unpublished = false;
        if (session_now_ns() - control->opened_ns > STABLE_NS)
                control->delay_ms = 0;
        (void) kick_use(control->qos, KICK_NONE, control->wake_fd, 0, 0);
        if (ring_use(control->qos, GOV_QOS_RUNG_NONE, NULL) == 0)
                ring_unmap(&control->ring);
        else
                control->lost = -EDEADLK;
}

static bool is_final(const char *error) {
        static const char *const names[] = {
                SD_BUS_ERROR_ACCESS_DENIED,         SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
                SD_BUS_ERROR_INVALID_ARGS,          SD_BUS_ERROR_NOT_SUPPORTED,
                SD_BUS_ERROR_UNKNOWN_METHOD,        SD_BUS_ERROR_UNKNOWN_INTERFACE,
                SD_BUS_ERROR_UNKNOWN_OBJECT,        "org.governord.Error.LimitReached",
                "org.governord.Error.NotSupported",
        };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (strcmp(error, names[i]) == 0)
                        return true;
        return false;
}

/* Membership in the group helps only if polkit denied the session. The message then ends with the action; text after the action
 * means that polkit made no decision. */
static const char *advice(const sd_bus_error *error, const char *text) {
        static const char action[] = "org.governord.open-session";
        size_t length = strlen(text), n = sizeof(action) - 1;

        if (strcmp(error->name, SD_BUS_ERROR_ACCESS_DENIED) != 0 &&
            strcmp(error->name, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED) != 0)
                return "";
        return length >= n && strcmp(text + length - n, action) == 0 ?
                       ". Members of the group governord-session may open sessions: libgovernord(3), PERMISSIONS" :
                       "";
}

/* Handles an error reply to OpenSession(). */
static int refused(struct control *control, const sd_bus_error *error, const char *sender) {
        enum gov_bus_error kind = gov_bus_error(error->name, error->message, sender);
        const char *text = error->message ? error->message : error->name;

        switch (kind) {
        case GOV_BUS_ERROR_OF_SERVICE:
                if (is_final(error->name))
                        state_publish(control, GOV_QOS_REFUSED, "governord refused: %s%s", text, advice(error, text));
                else
                        state_publish(control, GOV_QOS_WAITING, "governord failed, next try in %u ms: %s",
                                      (unsigned int) session_later(control), text);
                break;
        case GOV_BUS_ERROR_ABSENT:
                state_publish(control, GOV_QOS_WAITING, "%s", gov_bus_error_text(kind));
                break;
        case GOV_BUS_ERROR_FORBIDDEN:
                state_publish(control, GOV_QOS_REFUSED, "%s: %s", gov_bus_error_text(kind), text);
                break;
        case GOV_BUS_ERROR_SILENT:
                return -ETIMEDOUT; /* the service may still open the session; closing the connection cancels it */
        case GOV_BUS_ERROR_ENDED:
                return -EOWNERDEAD;
        case GOV_BUS_ERROR_NOT_STARTED:
        case GOV_BUS_ERROR_NOT_INSTALLED:
        case GOV_BUS_ERROR_MASKED:
        case GOV_BUS_ERROR_BROKEN:
        case GOV_BUS_ERROR_LIMIT:
                state_publish(control, GOV_QOS_WAITING, "%s, next try in %u ms: %s", gov_bus_error_text(kind),
                              (unsigned int) session_later(control), text);
                break;
        }
        return 0;
}

static int new_call(struct control *control, const char *path, const char *method, sd_bus_message **ret) {
        int r = sd_bus_message_new_method_call(control->bus, ret, SERVICE_NAME, path, SESSION, method);

        return r < 0 ? r : sd_bus_message_set_auto_start(*ret, false);
}

static int send_without_reply(struct control *control, sd_bus_message *m) {
        int r = sd_bus_message_set_expect_reply(m, false);

        return r < 0 ? r : sd_bus_send(control->bus, m, NULL);
}

/* Asks the service to close a session that the library cannot use. */
static void send_close(struct control *control, const char *path) {
        sd_bus_message *m = NULL;

        if (new_call(control, path, "Close", &m) >= 0)
                (void) send_without_reply(control, m);
        sd_bus_message_unref(m);
}

/* Handles the signal Closed. */
static void ended(struct control *control, const char *reason) {
        session_forget(control);
        if (control->lost < 0)
                return;
        if (strcmp(reason, "quota") == 0 || strcmp(reason, "denied") == 0)
                state_publish(control, GOV_QOS_REFUSED, "governord closed the session: %s", reason);
        else
                state_publish(control, GOV_QOS_WAITING, "governord closed the session, next try in %u ms: %s",
                              (unsigned int) session_later(control), reason);
}

int session_filter(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct control *control = userdata;
        const char *reason = "", *path = sd_bus_message_get_path(m), *sender = sd_bus_message_get_sender(m);

        if (control->path[0] == '\0' || !sd_bus_message_is_signal(m, SESSION, "Closed") || !path ||
            strcmp(path, control->path) != 0 || !sender || strcmp(sender, control->owner) != 0)
                return 0;
        (void) sd_bus_message_read(m, "s", &reason);
        ended(control, reason);
        return 1;
}

/* Directs reports into the ring of the new session. */
static int use_answer(struct control *control, const struct answer *answer, const char *owner) {
        struct ring ring;
        int r = ring_map(answer->ring_fd, &ring);

        if (r < 0)
                return r;
        r = kick_use(control->qos, answer->kick, answer->kick == KICK_NONE ? control->wake_fd : answer->kick_fd, answer->slot,
                     answer->cookie);
        if (r >= 0)
                r = ring_use(control->qos, answer->rung | (answer->kick == KICK_EVENTFD ? RING_WAKES : 0), &ring);
        if (r < 0) {
                ring_unmap(&ring);
                return r;
        }
        control->ring = ring;
        control->opened_ns = session_now_ns();
        (void) strcpy(control->path, answer->path);
        (void) snprintf(control->owner, sizeof(control->owner), "%s", owner);
        return 0;
}

static int opened(struct control *control, sd_bus_message *m) {
        struct answer answer;
        int r = answer_read(m, &answer);

        if (r == -EPROTONOSUPPORT) {
                send_close(control, answer.path);
                state_publish(control, GOV_QOS_REFUSED, "governord uses another version of the ring than this library");
                return 0;
        }
        if (r >= 0)
                r = use_answer(control, &answer, sd_bus_message_get_sender(m));
        if (r == -EDEADLK)
                return r;
        if (r < 0) {
                if (answer.path[0] != '\0')
                        send_close(control, answer.path);
                state_publish(control, GOV_QOS_WAITING, "The session's ring cannot be used, next try in %u ms: %s",
                              (unsigned int) session_later(control), state_error_text(r));
                return 0;
        }
        control->unpublished = true;
        return 0;
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct control *control = userdata;
        const sd_bus_error *failure = sd_bus_message_get_error(m);
        int r;

        control->call_slot = sd_bus_slot_unref(control->call_slot);
        r = failure ? refused(control, failure, sd_bus_message_get_sender(m)) : opened(control, m);
        if (r < 0)
                control->lost = r;
        return 0;
}

static int append_options(sd_bus_message *m, const struct control *control) {
        int r = sd_bus_message_open_container(m, 'a', "{sv}");

        if (r >= 0 && control->application[0] != '\0')
                r = sd_bus_message_append(m, "{sv}", "application", "s", control->application);
        if (r >= 0 && control->stale_us > 0)
                r = sd_bus_message_append(m, "{sv}", "stale", "u", control->stale_us);
        if (r >= 0 && control->flags & GOV_QOS_CAP)
                r = sd_bus_message_append(m, "{sv}", "cap", "b", 1);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

int session_open(struct control *control, const struct settings *settings) {
        bool start = control->flags & GOV_QOS_START_SERVICE && !control->asked_start;
        sd_bus_message *m = NULL;
        int r;

        if (control->path[0] != '\0' || control->call_slot)
                return 0;
        r = sd_bus_message_new_method_call(control->bus, &m, SERVICE_NAME, MANAGER_PATH, MANAGER, "OpenSession");
        if (r >= 0)
                r = sd_bus_message_set_auto_start(m, start);
        if (r >= 0)
                r = sd_bus_message_append(m, "uuu", settings->target.target_us, settings->target.permille,
                                          settings->target.window_us);
        if (r >= 0)
                r = append_options(m, control);
        if (r >= 0)
                r = sd_bus_call_async(control->bus, &control->call_slot, m, on_answer, control, 0);
        sd_bus_message_unref(m);
        if (r < 0)
                return r;
        control->asked_start |= start;
        control->sent = (struct settings){ .target = settings->target }; /* threads are sent once the session is open */
        state_publish(control, GOV_QOS_OPENING, NULL);
        return 0;
}

/* Called after the reply to OpenSession(), which owns descriptors, has been freed: as soon as the state is GOV_QOS_OPEN, the
 * application may close all descriptors, and the reply would then close invalid ones. */
static void publish_opening(struct control *control) {
        if (control->unpublished)
                state_opened(control);
        control->unpublished = false;
}

static int send_target(struct control *control, const struct target *target) {
        sd_bus_message *m = NULL;
        int r = new_call(control, control->path, "SetTarget", &m);

        if (r >= 0)
                r = sd_bus_message_append(m, "uuu", target->target_us, target->permille, target->window_us);
        if (r >= 0)
                r = send_without_reply(control, m);
        sd_bus_message_unref(m);
        return r;
}

static uint32_t existing(const struct threads *threads, uint32_t ret[GOV_QOS_THREADS_MAX]) {
        uint32_t n = 0;

        for (uint32_t i = 0; i < threads->n; i++)
                if (tgkill(getpid(), threads->tids[i], 0) == 0)
                        ret[n++] = (uint32_t) threads->tids[i];
        return n;
}

static int send_threads(struct control *control, const struct threads *threads);

/* If a thread ended between the check and the call, the service rejects the list; it is then sent again without this thread. The
 * list becomes shorter each time, so the repetition ends. */
static int on_threads_answer(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct control *control = userdata;
        const sd_bus_error *refusal = sd_bus_message_get_error(m);
        uint32_t tids[GOV_QOS_THREADS_MAX];

        (void) error;
        control->threads_slot = sd_bus_slot_unref(control->threads_slot);
        if (!refusal)
                return 0;
        if (existing(&control->sent.threads, tids) < control->n_threads_sent)
                return send_threads(control, &control->sent.threads);
        state_publish(control, GOV_QOS_OPEN, "governord rejected the list of threads and uses the former one: %s",
                      refusal->message ? refusal->message : refusal->name);
        return 0;
}

/* Sends only threads that exist, because the service rejects a list with other numbers. */
static int send_threads(struct control *control, const struct threads *threads) {
        uint32_t tids[GOV_QOS_THREADS_MAX];
        sd_bus_message *m = NULL;
        int r = new_call(control, control->path, "SetThreads", &m);

        control->n_threads_sent = existing(threads, tids);
        control->threads_slot = sd_bus_slot_unref(control->threads_slot);
        if (r >= 0)
                r = sd_bus_message_append_array(m, 'u', tids, control->n_threads_sent * sizeof(*tids));
        if (r >= 0)
                r = sd_bus_call_async(control->bus, &control->threads_slot, m, on_threads_answer, control, 0);
        sd_bus_message_unref(m);
        return r;
}

int session_update(struct control *control, const struct settings *settings) {
        int r = 0;

        publish_opening(control);
        if (control->path[0] == '\0')
                return 0;
        if (memcmp(&control->sent.target, &settings->target, sizeof(settings->target)) != 0)
                r = send_target(control, &settings->target);
        if (r >= 0 && memcmp(&control->sent.threads, &settings->threads, sizeof(settings->threads)) != 0)
                r = send_threads(control, &settings->threads);
        control->sent = *settings;
        return r < 0 ? r : 0;
}
