/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Error messages for users: the call that failed, the service's message (without one, the name of the error), and advice. The
 * advice depends on the name of the error, on its text where one name has several causes, and for denials on whether the user is
 * root. */

#include "tools/common/report.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "build-config.h"
#include "tools/common/bus.h"
#include "tools/common/domains.h"
#include "tools/common/manager.h"
#include "tools/common/names.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"

/* Descriptions of calls, and their polkit actions (dbus/org.governord.Manager1.xml); NULL: none. */
static const struct act {
        const char *member, *words, *action;
} acts[] = {
        { "Set", "choose the profile", "org.governord.set-profile" },
        { "HoldProfile", "hold the profile", "org.governord.hold-profile" },
        { "RequestLevel", "request the level", "org.governord.request-level" },
        { "SetLevel", "set the level", "org.governord.set-level" },
        { "ReleaseRequest", "end the request", NULL },
        { "Reload", "read the configuration again", "org.governord.reload" },
        { "LoadGovernor", "load the governor", "org.governord.load-governor" },
        { "ReadPower", "read the power", "org.governord.read-energy" },
        { "GetAll", "read the state of governord", NULL },
        { "Get", "read a device of governord", NULL },
        { "Introspect", "read the list of devices of governord", NULL },
        { "GetManagedObjects", "read the list of sessions of governord", NULL },
        { "ListRequests", "read the list of requests of governord", NULL },
        { "ListDrivers", "read the list of drivers of governord", NULL },
        { "ListKnobs", "read the list of hardware settings from governord", NULL },
        { "ListCpus", "read the list of CPUs of governord", NULL },
        { "ListGovernors", "read the list of governors of governord", NULL },
        { "Explain", "explain the profile or level", NULL },
        { "Why", "read the latest changes from governord", NULL },
        { "GetStatistics", "read the counters of governord", NULL },
        { "Dump", "read the complete state of governord", NULL },
};

#define LOOK     "systemctl status governord shows more"
#define VERSIONS "The versions of governorctl and governord may differ: governorctl version"
#define GOVERNORS                                                                                                            \
        "To list the governors: governorctl governor list. A governor that you have built must be in\n" GOVERNORD_CONFIG_DIR \
        "/governors; governor build prints the command that installs it there."

/* Advice by the last part of the error's name; the prefix is ignored. `names` is the list from which a word that resembles the
 * argument is suggested; N_NAMES: none. The advice for NAMES_PLACES is in domains.c. */
static const struct advice {
        const char *name, *text;
        enum names names;
} advices[] = {
        { "InvalidProfile", "governorctl list shows the profiles of this machine.", NAMES_PROFILES },
        { "NoSuchDomain", NULL, NAMES_PLACES },
        { "NoSuchRequest", "To list the requests and their cookies: governorctl holds", N_NAMES },
        { "LimitReached",
          "Requests end with their programs, and root can release them. To list them: governorctl holds\n"
          "To remove a saved level: governorctl level DOMAIN --auto",
          N_NAMES },
        { "NoSuchGovernor", GOVERNORS, NAMES_GOVERNORS },
        { "NotAvailable", "governorctl list and governorctl knobs show what this machine offers.", N_NAMES },
        { "HardwareRefused", "The log has each setting that failed and the probable reason: journalctl -u governord", N_NAMES },
        { "NotSaved", "Probably /run is full or read-only: df /run; findmnt -T /run/governord. " LOOK, N_NAMES },
        { "UnknownMethod", VERSIONS, N_NAMES },
        { "UnknownInterface", VERSIONS, N_NAMES },
        { "UnknownProperty", VERSIONS, N_NAMES },
};

/* Advice for calls that did not reach governord, or to which it did not reply. */
static const char *const bus_advices[] = {
        [GOV_BUS_ERROR_ABSENT] = "Start it: systemctl start governord",
        [GOV_BUS_ERROR_NOT_STARTED] = LOOK
        ".\nWithout systemd the message bus cannot start it: start it by hand, as root (see governord(8))",
        [GOV_BUS_ERROR_NOT_INSTALLED] = "Start it by hand, or install it: see governord(8)",
        [GOV_BUS_ERROR_MASKED] = "To unmask it: systemctl unmask governord",
        [GOV_BUS_ERROR_ENDED] = LOOK,
        [GOV_BUS_ERROR_SILENT] = LOOK,
        [GOV_BUS_ERROR_BROKEN] = "Check that the bus is running and that this user may connect to it",
        [GOV_BUS_ERROR_FORBIDDEN] =
                "Its policy for governord is missing or not\nloaded: check that /usr/share/dbus-1/system.d has org.governord.conf, "
                "then: systemctl reload dbus",
        [GOV_BUS_ERROR_LIMIT] = "Try again when other programs have finished; dbus-daemon(1) has the limits.",
};

/* The service's message contains this text if polkit made no decision (dbus/bus/polkit.c). */
#define UNDECIDED "(polkit "

static const char *last_part(const char *name) {
        const char *dot = strrchr(name, '.');

        return dot ? dot + 1 : name;
}

static const struct act *find_act(const char *member) {
        for (size_t i = 0; i < ARRAY_SIZE(acts); i++)
                if (strcmp(acts[i].member, member) == 0)
                        return &acts[i];
        return NULL;
}

static const struct advice *find_advice(const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(advices); i++)
                if (strcmp(last_part(name), advices[i].name) == 0)
                        return &advices[i];
        return NULL;
}

static bool is_refusal(const char *name) {
        const char *part = last_part(name);

        return strcmp(part, "AccessDenied") == 0 || strcmp(part, "InteractiveAuthorizationRequired") == 0 ||
               strcmp(part, "NotAuthorized") == 0;
}

static void advise_on_bus(enum gov_bus_error kind) {
        const char *text = gov_bus_error_text(kind);
        bool name = strncmp(text, "governord", strlen("governord")) == 0;

        (void) fprintf(stderr, "%c%s. %s\n", name ? text[0] : toupper((unsigned char) text[0]), text + 1, bus_advices[kind]);
}

/* Prints advice after a denial, by polkit or because the caller is not the owner. */
static void advise_refused(const struct act *act, const sd_bus_error *error) {
        bool root = geteuid() == 0;

        if (error->message && strstr(error->message, UNDECIDED))
                (void) fprintf(stderr,
                               "polkit made no decision: check systemctl status polkit, and that /usr/share/polkit-1/actions has\n"
                               "org.governord.policy.%s\n",
                               root ? "" : " Root does not need polkit: run this with sudo.");
        else if (act && act->action && root)
                (void) fprintf(
                        stderr,
                        "governord does not regard this user as root, for example because of a user namespace (a container), so\n"
                        "polkit decides by the action %s. Its defaults, or a rule in /etc/polkit-1/rules.d/, denied it:\n"
                        "pkaction --verbose --action-id %s\n",
                        act->action, act->action);
        else if (act && act->action)
                (void) fprintf(
                        stderr,
                        "polkit decides by the action %s. Run this with sudo, or in the active local session (some actions\n"
                        "also need an administrator's password there), or allow it by a rule in /etc/polkit-1/rules.d/ (pkaction --verbose --action-id %s).\n",
                        act->action, act->action);
        else if (!root)
                (void) fputs("Only the connection that made the request, or root, may do this.\n", stderr);
}

static void print_suggestion(struct cli *cli, const struct advice *advice) {
        _cleanup_free_ char *names = NULL;
        char text[SUGGEST_MAX];

        if (!cli->subject || !advice || advice->names == N_NAMES)
                return;
        if (advice->names == NAMES_PLACES) {
                domain_guess(cli, cli->subject);
                return;
        }
        names = names_quietly(cli, advice->names);
        clean_print(stderr, suggest(text, cli->subject, names), false);
}

/* Prints why the configuration was not loaded, if it was not: a profile may be unknown for this reason. */
static void print_not_loaded(struct cli *cli) {
        _cleanup_(manager_free) struct manager m = {};

        if (manager_ask(cli, NULL, &m) != CLI_OK || !m.config_error[0])
                return;
        (void) fputs("The configuration has errors and is not in force: ", stderr);
        clean_print(stderr, m.config_error, false);
        (void) fputs("\nTo show all errors: governorctl config check\n", stderr);
}

static void report_error(struct cli *cli, const struct act *act, const sd_bus_error *error) {
        const struct advice *advice = find_advice(error->name);
        bool worded = error->message && error->message[0];
        _cleanup_free_ char *text = xstrdup(worded ? error->message : error->name);

        if (strcmp(last_part(error->name), "InvalidConfiguration") == 0)
                (void) fputs("the configuration in force does not change\n", stderr);
        text[strlen(text) - (strlen(text) > 0 && text[strlen(text) - 1] == '\n')] = '\0'; /* a list ends with a newline */
        clean_print(stderr, text, true);
        print_suggestion(cli, advice);
        (void) fputc('\n', stderr);
        if (bus_obstacle(error) != GOV_BUS_ERROR_OF_SERVICE)
                advise_on_bus(bus_obstacle(error));
        else if (is_refusal(error->name))
                advise_refused(act, error);
        else if (advice && advice->names == NAMES_PLACES)
                domains_advise(cli);
        else if (advice)
                (void) fprintf(stderr, "%s\n", advice->text);
        if (advice && advice->names == NAMES_PROFILES)
                print_not_loaded(cli);
}

int cli_report(struct cli *cli, const char *what, const sd_bus_error *error, int r) {
        const struct act *act = find_act(what);

        (void) fprintf(stderr, "%s: cannot %s: ", cli->program, act ? act->words : what);
        if (error && error->name)
                report_error(cli, act, error);
        else if (r == -ENXIO || r == -EBADMSG)
                (void) fputs("the answer has an unknown format\n" VERSIONS "\n", stderr);
        else
                (void) fprintf(stderr, "%s\n", strerror(-r));
        return bus_status(error, r);
}
