/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors for people: which call, what the service said, what to do. The advice is a table. It never hides the service's own
 * words, and never guesses a cause that the error's name does not give. */

#include <string.h>

#include "base/cleanup.h"
#include "build-config.h"
#include "tools/cli.h"
#include "tools/utf8.h"

/* What guards each call: dbus/org.governord.Manager1.xml. */
static const struct {
        const char *member, *action;
} guards[] = {
        { "Set", "org.governord.set-profile" },
        { "HoldProfile", "org.governord.hold-profile" },
        { "RequestLevel", "org.governord.request-level" },
        { "SetLevel", "org.governord.set-level" },
        { "Reload", "org.governord.reload" },
        { "LoadGovernor", "org.governord.load-governor" },
        { "ReadPower", "org.governord.read-energy" },
};

/* By the last part of the error's name, so that it fits whatever prefix it has. */
static const struct {
        const char *name;
        int status;
        const char *advice;
} advices[] = {
        { "ServiceUnknown", CLI_ABSENT, "governord is not running. Start it: systemctl start governord" },
        { "NameHasNoOwner", CLI_ABSENT, "governord is not running. Start it: systemctl start governord" },
        { "NoReply", CLI_ABSENT, "governord ended or hangs. Look: systemctl status governord" },
        { "Timeout", CLI_ABSENT, "governord does not answer. Look: systemctl status governord" },
        { "Disconnected", CLI_ABSENT, "The connection to the bus broke." },
        { "ChildExited", CLI_ABSENT, "governord could not be started. Look: systemctl status governord" },
        { "ExecFailed", CLI_ABSENT, "governord could not be started. Look: systemctl status governord" },
        { "NoSuchUnit", CLI_ABSENT, "governord is not installed as a service." },
        { "UnitMasked", CLI_ABSENT, "The service is masked. Allow it: systemctl unmask governord" },
        { "InvalidProfile", CLI_FAILED, "The profiles of this machine: governorctl list" },
        { "NoSuchDomain", CLI_FAILED, "The domains of this machine: governorctl knobs, governorctl cpus" },
        { "NoSuchRequest", CLI_FAILED, "The requests and their cookies: governorctl holds" },
        { "LimitReached", CLI_FAILED, "There are too many requests: governorctl holds" },
        { "NoSuchGovernor", CLI_FAILED, "The governors of this machine: governorctl governor list. The service finds one that you have built only in\n"
          GOVERNORD_CONFIG_DIR "/governors: governor build prints the command that puts it there." },
        { "NotAvailable", CLI_FAILED, "What this machine offers: governorctl list, governorctl knobs" },
        { "HardwareRefused", CLI_FAILED, "Which settings failed, and probably why: governorctl status" },
        { "NotSaved", CLI_FAILED, "Space or permissions of the state folder are the cause: systemctl status governord" },
        { "UnknownMethod", CLI_FAILED, "This governord is of another version: governorctl version" },
        { "UnknownInterface", CLI_FAILED, "This governord is of another version: governorctl version" },
        { "UnknownProperty", CLI_FAILED, "This governord is of another version: governorctl version" },
};

static const char *last_part(const char *name) {
        const char *dot = strrchr(name, '.');

        return dot ? dot + 1 : name;
}

static void advise_access(const char *what) {
        for (size_t i = 0; i < ARRAY_SIZE(guards); i++)
                if (strcmp(guards[i].member, what) == 0) {
                        (void) fprintf(stderr,
                                       "polkit decides by the action %s. Run this in the active local session or with sudo, or\n"
                                       "allow it by a rule in /etc/polkit-1/rules.d/ (pkaction --verbose --action-id %s).\n",
                                       guards[i].action, guards[i].action);
                        return;
                }
        (void) fputs("Only who made the request, or root, may do this.\n", stderr);
}

static int advise(const char *what, const char *name) {
        const char *part = last_part(name);

        if (strcmp(part, "AccessDenied") == 0 || strcmp(part, "InteractiveAuthorizationRequired") == 0 ||
            strcmp(part, "NotAuthorized") == 0) {
                advise_access(what);
                return CLI_FAILED;
        }
        for (size_t i = 0; i < ARRAY_SIZE(advices); i++)
                if (strcmp(part, advices[i].name) == 0) {
                        (void) fprintf(stderr, "%s\n", advices[i].advice);
                        return advices[i].status;
                }
        return CLI_FAILED;
}

static int quiet_status(const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(advices); i++)
                if (strcmp(last_part(name), advices[i].name) == 0)
                        return advices[i].status;
        return CLI_FAILED;
}

static bool is_broken_connection(int r) {
        return r == -ECONNRESET || r == -ENOTCONN || r == -EPIPE || r == -ESHUTDOWN;
}

int cli_report(struct cli *cli, const char *what, const sd_bus_error *error, int r) {
        if (cli->quiet)
                return error && error->name ? quiet_status(error->name) : CLI_FAILED;
        (void) fprintf(stderr, "%s: %s failed: ", cli->program, what);
        if (error && error->name) {
                clean_print(stderr, error->message && error->message[0] ? error->message : error->name, true);
                (void) fputs(" (", stderr);
                clean_print(stderr, error->name, false);
                (void) fputs(")\n", stderr);
                return advise(what, error->name);
        }
        if (r == -ENXIO || r == -EBADMSG) {
                (void) fputs("the answer has a form that is not known here\n", stderr);
                return advise(what, "UnknownMethod");
        }
        (void) fprintf(stderr, "%s\n", strerror(-r));
        return is_broken_connection(r) ? CLI_ABSENT : CLI_FAILED;
}
