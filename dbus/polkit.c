/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks polkit, without ever waiting for it: the call is kept, the loop goes on, and the answer either runs the call or refuses it.
 * A polkit that hangs, fails or dies refuses; only where nobody has polkit's name at all, root alone is let through. It refuses
 * to remember answers: polkit's rules may change at any time. */

#include "dbus/polkit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

#define PENDING_MAX 512U
#define PENDING_PER_SENDER_MAX 64U

/* How long polkit may think, and how long a person may look for the password. */
#define TIMEOUT_USEC        (UINT64_C(25) * 1000000)
#define PROMPT_TIMEOUT_USEC (UINT64_C(120) * 1000000)

#define CHECK_ALLOW_INTERACTION 1U

struct action_row {
        const char *id;
        bool may_prompt; /* if the caller allows it; power-profiles-daemon never does */
};

#define PPD "org.freedesktop.UPower.PowerProfiles."
#define OUR "org.governord."

static const struct action_row actions[POLKIT_ACTION_COUNT] = {
        [POLKIT_PPD_SWITCH_PROFILE]          = { PPD "switch-profile" },
        [POLKIT_PPD_HOLD_PROFILE]            = { PPD "hold-profile" },
        [POLKIT_PPD_CONFIGURE_ACTION]        = { PPD "configure-action" },
        [POLKIT_PPD_CONFIGURE_BATTERY_AWARE] = { PPD "configure-battery-aware" },
        [POLKIT_SET_PROFILE]                 = { OUR "set-profile", true },
        [POLKIT_HOLD_PROFILE]                = { OUR "hold-profile", true },
        [POLKIT_REQUEST_LEVEL]               = { OUR "request-level", true },
        [POLKIT_SET_LEVEL]                   = { OUR "set-level", true },
        [POLKIT_RELOAD]                      = { OUR "reload", true },
        [POLKIT_READ_ENERGY]                 = { OUR "read-energy", true },
        [POLKIT_OPEN_SESSION]                = { OUR "open-session", true },
        [POLKIT_CAP_SESSION]                 = { OUR "cap-session", true },
        [POLKIT_LOAD_GOVERNOR]               = { OUR "load-governor", true },
};

struct pending {
        struct polkit *polkit;
        struct pending *next;
        sd_bus_slot *slot;
        sd_bus_message *call;
        const struct guarded *guarded;
        void *userdata;
};

struct polkit {
        sd_bus *bus;
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

int polkit_new(sd_bus *bus, struct polkit **ret) {
        struct polkit *polkit = calloc(1, sizeof(*polkit));

        if (!polkit)
                return -ENOMEM;
        polkit->bus = bus;
        *ret = polkit;
        return 0;
}

struct polkit *polkit_free(struct polkit *polkit) {
        while (polkit && polkit->pending)
                pending_free(polkit->pending);
        free(polkit);
        return NULL;
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

/* Reads the uid from the bus, not from polkit: there is none. */
static int decide_alone(struct polkit *polkit, sd_bus_message *call, const char *id, sd_bus_error *error) {
        sd_bus_creds *creds = NULL;
        uid_t uid = (uid_t) -1;

        if (!polkit->absence_logged)
                log_notice("polkit is not on the bus: only root may change anything");
        polkit->absence_logged = true;
        if (sd_bus_query_sender_creds(call, SD_BUS_CREDS_EUID, &creds) >= 0)
                (void) sd_bus_creds_get_euid(creds, &uid);
        sd_bus_creds_unref(creds);
        return uid == 0 ? 0 : refuse(error, id);
}

static bool says_absent(const sd_bus_error *error) {
        return sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
               sd_bus_error_has_name(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER);
}

/* 0 when the call may go on. */
static int verdict(struct pending *pending, sd_bus_message *reply, sd_bus_error *error) {
        const sd_bus_error *failure = sd_bus_message_get_error(reply);
        const char *id = actions[pending->guarded->action].id;
        int authorized = 0, challenge = 0;

        if (failure && says_absent(failure))
                return decide_alone(pending->polkit, pending->call, id, error);
        if (failure)
                return refuse(error, failure->message ? failure->message : failure->name);
        pending->polkit->absence_logged = false;
        if (sd_bus_message_enter_container(reply, 'r', "bba{ss}") < 0 ||
            sd_bus_message_read(reply, "bb", &authorized, &challenge) < 0)
                return refuse(error, "polkit's answer makes no sense");
        return authorized ? 0 : refuse(error, id);
}

static int on_verdict(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error) {
        struct pending *pending = userdata;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = verdict(pending, reply, &error);

        (void) ret_error;
        if (r >= 0)
                r = sd_bus_message_rewind(pending->call, true);
        if (r >= 0)
                r = pending->guarded->run(pending->call, pending->userdata, &error);
        if (r < 0 || sd_bus_error_is_set(&error))
                (void) sd_bus_reply_method_errno(pending->call, r, &error);
        sd_bus_error_free(&error);
        pending_free(pending);
        return 1;
}

static int check_limits(const struct polkit *polkit, const char *sender, sd_bus_error *error) {
        size_t all = 0, of_sender = 0;

        for (const struct pending *p = polkit->pending; p; p = p->next) {
                all++;
                of_sender += strcmp(sd_bus_message_get_sender(p->call), sender) == 0;
        }
        if (all < PENDING_MAX && of_sender < PENDING_PER_SENDER_MAX)
                return 0;
        return sd_bus_error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED, "Too many calls wait for polkit's answer already");
}

static int send_question(struct pending *pending, const char *sender) {
        const struct action_row *action = &actions[pending->guarded->action];
        bool prompt = action->may_prompt && sd_bus_message_get_allow_interactive_authorization(pending->call) > 0;
        sd_bus_message *question = NULL;
        int r;

        r = sd_bus_message_new_method_call(pending->polkit->bus, &question, "org.freedesktop.PolicyKit1",
                                           "/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority",
                                           "CheckAuthorization");
        if (r >= 0)
                r = sd_bus_message_append(question, "(sa{sv})sa{ss}us", "system-bus-name", 1, "name", "s", sender, action->id, 0,
                                          prompt ? CHECK_ALLOW_INTERACTION : 0U, "");
        if (r >= 0)
                r = sd_bus_call_async(pending->polkit->bus, &pending->slot, question, on_verdict, pending,
                                      prompt ? PROMPT_TIMEOUT_USEC : TIMEOUT_USEC);
        sd_bus_message_unref(question);
        return r;
}

int polkit_ask(struct polkit *polkit, sd_bus_message *call, const struct guarded *guarded, void *userdata, sd_bus_error *error) {
        const char *sender = sd_bus_message_get_sender(call);
        struct pending *pending;
        int r;

        if (!sender) /* not over a bus: cannot happen, and nobody to ask about */
                return refuse(error, actions[guarded->action].id);
        r = check_limits(polkit, sender, error);
        if (r < 0)
                return r;
        pending = calloc(1, sizeof(*pending));
        if (!pending)
                return -ENOMEM;
        *pending = (struct pending) { .polkit = polkit, .call = sd_bus_message_ref(call), .guarded = guarded,
                                      .userdata = userdata, .next = polkit->pending };
        polkit->pending = pending;
        r = send_question(pending, sender);
        if (r < 0) {
                pending_free(pending);
                return r;
        }
        return 1;
}
