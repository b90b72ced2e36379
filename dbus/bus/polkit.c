/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asynchronous authorization by polkit. A call is stored while the loop continues, and is executed or denied when polkit replies.
 * It also fails if polkit fails, stops or does not reply in time. Calls of root are authorized without polkit, which would always
 * allow them, so that waiting calls of other users cannot delay root (except with bus_options.ask_about_root). Replies are not
 * cached, because the rules of polkit may change at any time. */

#include "dbus/bus/polkit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/caller.h"
#include "dbus/bus/changes.h"
#include "dbus/bus/owners.h"

/* The bus limits the number of replies for which a connection may wait (dbus-daemon: 128 by default). This maximum is lower,
 * so that calls to other services remain possible. */
#define PENDING_MAX          100U
#define PENDING_PER_USER_MAX 16U

/* Maximum number of values in a waiting call, containers included. OpenSession with all options has 20. */
#define VALUES_MAX 32U

/* Timeouts without and with a password prompt. */
#define TIMEOUT_USEC        (UINT64_C(25) * 1000000)
#define PROMPT_TIMEOUT_USEC (UINT64_C(120) * 1000000)

#define CHECK_ALLOW_INTERACTION 1U

/* Denials for the same user and action within this time are logged once. */
#define REFUSAL_USEC   (UINT64_C(60) * 1000000)
#define REFUSALS_KNOWN 32U

struct action_row {
        const char *id;
        bool may_prompt; /* whether polkit may prompt if the caller allows it; power-profiles-daemon never prompts */
};

#define PPD "org.freedesktop.UPower.PowerProfiles."
#define OUR "org.governord."

static const struct action_row actions[POLKIT_ACTION_COUNT] = {
        [POLKIT_PPD_SWITCH_PROFILE] = { PPD "switch-profile" },
        [POLKIT_PPD_HOLD_PROFILE] = { PPD "hold-profile" },
        [POLKIT_PPD_CONFIGURE_ACTION] = { PPD "configure-action" },
        [POLKIT_PPD_CONFIGURE_BATTERY_AWARE] = { PPD "configure-battery-aware" },
        [POLKIT_SET_PROFILE] = { OUR "set-profile", true },
        [POLKIT_HOLD_PROFILE] = { OUR "hold-profile", true },
        [POLKIT_REQUEST_LEVEL] = { OUR "request-level", true },
        [POLKIT_SET_LEVEL] = { OUR "set-level", true },
        [POLKIT_RELOAD] = { OUR "reload", true },
        [POLKIT_READ_ENERGY] = { OUR "read-energy", true },
        [POLKIT_OPEN_SESSION] = { OUR "open-session", true },
        [POLKIT_CAP_SESSION] = { OUR "cap-session", true },
        [POLKIT_LOAD_GOVERNOR] = { OUR "load-governor", true },
};

struct pending {
        struct polkit *polkit;
        struct pending *next;
        sd_bus_slot *slot;
        sd_bus_message *call;
        const struct guarded *guarded;
        void *userdata;
        uid_t uid;
};

struct refusal {
        uint64_t usec; /* when it was logged (CLOCK_MONOTONIC); 0: unused item */
        uid_t uid;
        enum polkit_action action;
};

struct polkit {
        struct bus *bus;
        struct refusal refusals[REFUSALS_KNOWN];
        struct pending *pending;
        bool absence_logged;
};

static void pending_free(struct pending *pending) {
        struct pending **p = &pending->polkit->pending;

        while (*p && *p != pending)
                p = &(*p)->next;
        if (*p)
                *p = pending->next;
        sd_bus_slot_unref(pending->slot);
        sd_bus_message_unref(pending->call);
        free(pending);
}

int polkit_start(struct bus *bus) {
        bus->polkit = calloc(1, sizeof(*bus->polkit));
        if (!bus->polkit)
                return -ENOMEM;
        bus->polkit->bus = bus;
        return 0;
}

void polkit_stop(struct bus *bus) {
        while (bus->polkit && bus->polkit->pending)
                pending_free(bus->polkit->pending);
        free(bus->polkit);
        bus->polkit = NULL;
}

const struct guarded *guarded_find(const struct guarded *rows, size_t n, const char *member) {
        for (size_t i = 0; i < n; i++)
                if (strcmp(rows[i].member, member) == 0)
                        return &rows[i];
        return NULL;
}

static int refuse(sd_bus_error *error, const char *why) {
        return sd_bus_error_setf(error, SD_BUS_ERROR_ACCESS_DENIED, "Not Authorized: %s", why);
}

static int try_again(sd_bus_error *error, const char *why) {
        return sd_bus_error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED, why);
}

/* Denies a call for which polkit made no decision, and states this. For the actions of power-profiles-daemon, the text is the one
 * that its clients expect. */
static int refuse_undecided(sd_bus_error *error, const char *id, const char *why) {
        if (strncmp(id, PPD, strlen(PPD)) == 0)
                return refuse(error, why);
        return sd_bus_error_setf(error, SD_BUS_ERROR_ACCESS_DENIED, "Not Authorized: %s (polkit made no decision: %s)", id, why);
}

static int refuse_without_polkit(struct polkit *polkit, const char *id, sd_bus_error *error) {
        if (!polkit->absence_logged)
                log_notice("polkit is not on the bus: only root may change anything");
        polkit->absence_logged = true;
        return sd_bus_error_setf(error, SD_BUS_ERROR_ACCESS_DENIED,
                                 "Not Authorized: %s (polkit is not on the bus, so only root may do this)", id);
}

static bool is_absence(const sd_bus_error *error) {
        return sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
               sd_bus_error_has_name(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER);
}

/* 0 if the call is authorized. */
static int evaluate_reply(struct pending *pending, sd_bus_message *reply, sd_bus_error *error) {
        const sd_bus_error *failure = sd_bus_message_get_error(reply);
        const char *id = actions[pending->guarded->action].id;
        int authorized = 0, challenge = 0;

        if (failure && is_absence(failure))
                return pending->uid == 0 ? 0 : refuse_without_polkit(pending->polkit, id, error);
        if (sd_bus_error_has_name(failure, SD_BUS_ERROR_LIMITS_EXCEEDED))
                return try_again(error, "The bus does not allow another call to polkit now; try again");
        if (failure)
                return refuse_undecided(error, id, failure->message ? failure->message : failure->name);
        pending->polkit->absence_logged = false;
        if (sd_bus_message_enter_container(reply, 'r', "bba{ss}") < 0 ||
            sd_bus_message_read(reply, "bb", &authorized, &challenge) < 0)
                return refuse_undecided(error, id, "its reply has an unknown format");
        return authorized ? 0 : refuse(error, id);
}

/* Prevents a program that repeats a denied call from filling the log. */
static bool was_logged(struct polkit *polkit, uid_t uid, enum polkit_action action) {
        uint64_t now_usec = clock_usec(CLOCK_MONOTONIC);
        struct refusal *oldest = &polkit->refusals[0];

        for (size_t i = 0; i < REFUSALS_KNOWN; i++) {
                struct refusal *refusal = &polkit->refusals[i];

                if (refusal->usec > 0 && refusal->uid == uid && refusal->action == action &&
                    now_usec - refusal->usec < REFUSAL_USEC)
                        return true;
                if (refusal->usec < oldest->usec)
                        oldest = refusal;
        }
        *oldest = (struct refusal){ now_usec, uid, action };
        return false;
}

static void log_refusal(const struct pending *pending, const sd_bus_error *error) {
        enum polkit_action action = pending->guarded->action;

        if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED) && !was_logged(pending->polkit, pending->uid, action))
                log_info("User %u (%s on the bus) was refused %s, action %s: %s", pending->uid,
                         sd_bus_message_get_sender(pending->call), pending->guarded->member, actions[action].id, error->message);
}

static void reply_error(sd_bus_message *call, int r, sd_bus_error *error) {
        if (r < 0 || sd_bus_error_is_set(error))
                (void) sd_bus_reply_method_errno(call, r, error);
        sd_bus_error_free(error);
}

static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        struct pending *pending = userdata;
        struct bus *bus = pending->polkit->bus;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = evaluate_reply(pending, reply, &error);

        (void) ret_error;
        if (r < 0)
                log_refusal(pending, &error);
        if (r >= 0)
                r = sd_bus_message_rewind(pending->call, true);
        if (r >= 0)
                r = pending->guarded->run(pending->call, pending->userdata, &error);
        reply_error(pending->call, r, &error);
        pending_free(pending);
        bus_note_changes(bus, 0); /* the sender may not need to be watched any more */
        return 1;
}

static int check_limits(const struct polkit *polkit, uid_t uid, sd_bus_error *error) {
        size_t all = 0, of_user = 0;

        for (const struct pending *p = polkit->pending; p; p = p->next) {
                all++;
                of_user += p->uid == uid;
        }
        if (of_user >= PENDING_PER_USER_MAX)
                return sd_bus_error_setf(error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                                         "%u calls of user %u are already waiting for polkit; try again", PENDING_PER_USER_MAX,
                                         uid);
        return all < PENDING_MAX ? 0 : try_again(error, "Too many calls are already waiting for polkit; try again");
}

/* Checks the lengths of all strings and the number of values, also in containers. The size of any other value is limited by its
 * type. */
static int check_values(sd_bus_message *call, unsigned *n, sd_bus_error *error) {
        const char *contents, *text;
        char type;
        int r;

        while ((r = sd_bus_message_peek_type(call, &type, &contents)) > 0) {
                if (++*n > VALUES_MAX)
                        return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS, "The call has too many arguments");
                if (strchr("sog", type)) {
                        r = sd_bus_message_read_basic(call, type, &text);
                        if (r >= 0 && strlen(text) > BUS_TEXT_MAX)
                                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
                                                         "A string in the call has %zu bytes; the maximum is %u", strlen(text),
                                                         BUS_TEXT_MAX);
                } else if (!contents)
                        r = sd_bus_message_skip(call, (char[]){ type, '\0' });
                else {
                        r = sd_bus_message_enter_container(call, type, contents);
                        if (r >= 0)
                                r = check_values(call, n, error);
                        if (r >= 0)
                                r = sd_bus_message_exit_container(call);
                }
                if (r < 0)
                        return r;
        }
        return r;
}

/* Copies the arguments only, because a message may also carry unused file descriptors and header fields. A reply to the copy is a
 * reply to the original. */
static int copy_call(sd_bus *bus, sd_bus_message *call, sd_bus_message **ret) {
        sd_bus_message *copy = NULL;
        uint64_t cookie;
        int r = sd_bus_message_new_method_call(bus, &copy, NULL, sd_bus_message_get_path(call), sd_bus_message_get_interface(call),
                                               sd_bus_message_get_member(call));

        if (r >= 0)
                r = sd_bus_message_set_sender(copy, sd_bus_message_get_sender(call));
        if (r >= 0)
                r = sd_bus_message_set_allow_interactive_authorization(
                        copy, sd_bus_message_get_allow_interactive_authorization(call) > 0);
        if (r >= 0)
                r = sd_bus_message_set_expect_reply(copy, sd_bus_message_get_expect_reply(call) > 0);
        if (r >= 0)
                r = sd_bus_message_copy(copy, call, true);
        if (r >= 0)
                r = sd_bus_message_get_cookie(call, &cookie);
        if (r >= 0)
                r = sd_bus_message_seal(copy, cookie, 0);
        if (r < 0) {
                sd_bus_message_unref(copy);
                return r;
        }
        *ret = copy;
        return 0;
}

static int send_check(struct pending *pending, const char *sender) {
        const struct action_row *action = &actions[pending->guarded->action];
        bool prompt = action->may_prompt && sd_bus_message_get_allow_interactive_authorization(pending->call) > 0;
        sd_bus *bus = pending->polkit->bus->bus;
        sd_bus_message *check = NULL;
        int r;

        r = sd_bus_message_new_method_call(bus, &check, "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
                                           "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization");
        if (r >= 0)
                r = sd_bus_message_append(check, "(sa{sv})sa{ss}us", "system-bus-name", 1, "name", "s", sender, action->id, 0,
                                          prompt ? CHECK_ALLOW_INTERACTION : 0U, "");
        if (r >= 0)
                r = sd_bus_call_async(bus, &pending->slot, check, on_reply, pending, prompt ? PROMPT_TIMEOUT_USEC : TIMEOUT_USEC);
        sd_bus_message_unref(check);
        return r;
}

static int queue_call(struct polkit *polkit, sd_bus_message *call, const struct pending *template, sd_bus_error *error) {
        struct pending *pending = malloc(sizeof(*pending));
        struct message message = {};
        int r;

        if (!pending)
                return -ENOMEM;
        *pending = *template;
        pending->polkit = polkit;
        pending->next = polkit->pending;
        polkit->pending = pending;
        r = copy_call(polkit->bus->bus, call, &pending->call);
        if (r >= 0)
                r = owners_watch(polkit->bus, call, &message);
        if (r >= 0)
                r = send_check(pending, sd_bus_message_get_sender(call));
        if (r < 0)
                pending_free(pending);
        bus_note_changes(polkit->bus, 0);
        if (r < 0 && message.text[0])
                return try_again(error, message.text);
        return r < 0 ? r : 1;
}

int polkit_ask(struct polkit *polkit, sd_bus_message *call, const struct guarded *guarded, void *userdata, sd_bus_error *error) {
        struct pending template = { .guarded = guarded, .userdata = userdata };
        unsigned n = 0;
        int r = sd_bus_message_rewind(call, true);

        if (r >= 0)
                r = check_values(call, &n, error);
        if (r >= 0)
                r = sd_bus_message_rewind(call, true);
        if (r < 0)
                return r;
        if (caller_uid(polkit->bus, call, &template.uid) < 0)
                return caller_unknown(error);
        if (template.uid == 0 && !polkit->bus->options.ask_about_root)
                return guarded->run(call, userdata, error);
        r = check_limits(polkit, template.uid, error);
        return r < 0 ? r : queue_call(polkit, call, &template, error);
}

void polkit_owner_gone(struct bus *bus, const char *owner) {
        struct pending *next;

        for (struct pending *p = bus->polkit->pending; p; p = next) {
                next = p->next;
                if (strcmp(sd_bus_message_get_sender(p->call), owner) == 0)
                        pending_free(p);
        }
}

bool polkit_asks_for(const struct bus *bus, const char *owner) {
        for (const struct pending *p = bus->polkit->pending; p; p = p->next)
                if (strcmp(sd_bus_message_get_sender(p->call), owner) == 0)
                        return true;
        return false;
}
