/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of powerprofilesctl. Scripts and other programs parse their output, so it must equal that of the original, including
 * every blank. */

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "tools/common/child.h"
#include "tools/common/cli.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"
#include "tools/ppd/ppd-bus.h"
#include "tools/ppd/ppd.h"

/* The version of the API and of the command line that this program implements. */
#define CLIENT_VERSION "0.30"

static void print_line(const char *before, const char *text) {
        (void) fputs(before, stdout);
        clean_print(stdout, text ? text : "", false);
        (void) fputc('\n', stdout);
}

struct listing {
        unsigned n; /* number of items printed so far; blank lines separate items */
        const char *active, *degraded;
};

static void begin_item(struct listing *listing) {
        if (listing->n++ > 0)
                (void) fputc('\n', stdout);
}

static void print_profile(char *const *pairs, void *userdata) {
        struct listing *listing = userdata;
        const char *name = ppd_value(pairs, "Profile");

        if (!name)
                return;
        begin_item(listing);
        (void) fputs(strcmp(name, listing->active) == 0 ? "* " : "  ", stdout);
        clean_print(stdout, name, false);
        (void) fputs(":\n", stdout);
        if (ppd_value(pairs, "CpuDriver"))
                print_line("    CpuDriver:\t", ppd_value(pairs, "CpuDriver"));
        if (ppd_value(pairs, "PlatformDriver"))
                print_line("    PlatformDriver:\t", ppd_value(pairs, "PlatformDriver"));
        if (strcmp(name, "performance") != 0)
                return;
        (void) fputs("    Degraded:   ", stdout);
        (void) fputs(listing->degraded[0] ? "yes (" : "no", stdout);
        clean_print(stdout, listing->degraded, false);
        (void) fputs(listing->degraded[0] ? ")\n" : "\n", stdout);
}

int ppd_list(const struct ppd_args *args) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_free_ char *active = NULL, *degraded = NULL;
        struct listing listing = {};
        int r = ppd_get("Profiles", "aa{sv}", &m, &error);

        (void) args;
        if (r >= 0)
                r = ppd_get_string("PerformanceDegraded", &degraded, &error);
        if (r >= 0)
                r = ppd_get_string("ActiveProfile", &active, &error);
        if (r >= 0) {
                listing.active = active;
                listing.degraded = degraded;
                r = ppd_each_dict(m, true, print_profile, &listing);
        }
        return r < 0 ? ppd_failed(&error, r) : CLI_OK;
}

static void print_hold(char *const *pairs, void *userdata) {
        begin_item(userdata);
        print_line("Hold:", "");
        print_line("  Profile:         ", ppd_value(pairs, "Profile"));
        print_line("  Application ID:  ", ppd_value(pairs, "ApplicationId"));
        print_line("  Reason:          ", ppd_value(pairs, "Reason"));
}

static void print_action(char *const *pairs, void *userdata) {
        begin_item(userdata);
        for (; pairs[0]; pairs += 2) {
                clean_print(stdout, pairs[0], false);
                print_line(": ", pairs[1]);
        }
}

static int list_dicts(const char *property, void (*print)(char *const *pairs, void *userdata)) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        struct listing listing = {};
        int r = ppd_get(property, "aa{sv}", &m, &error);

        if (r >= 0)
                r = ppd_each_dict(m, false, print, &listing);
        return r < 0 ? ppd_failed(&error, r) : CLI_OK;
}

int ppd_list_holds(const struct ppd_args *args) {
        (void) args;
        return list_dicts("ActiveProfileHolds", print_hold);
}

int ppd_list_actions(const struct ppd_args *args) {
        (void) args;
        return list_dicts("ActionsInfo", print_action);
}

int ppd_get_profile(const struct ppd_args *args) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_free_ char *active = NULL;
        int r = ppd_get_string("ActiveProfile", &active, &error);

        (void) args;
        if (r < 0)
                return ppd_failed(&error, r);
        print_line("", active);
        return CLI_OK;
}

int ppd_set_profile(const struct ppd_args *args) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = ppd_set("ActiveProfile", &error, "s", args->words[0]);

        return r < 0 ? ppd_failed(&error, r) : CLI_OK;
}

static void add_choice(char *const *pairs, void *userdata) {
        char **choices = userdata, *before = *choices;
        const char *name = ppd_value(pairs, "Profile");

        if (!name)
                return;
        *choices = xasprintf("%s%s%s", before, before[0] ? "," : "", name);
        free(before);
}

char *ppd_choices(void) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        char *choices = xstrdup("");

        if (ppd_get("Profiles", "aa{sv}", &m, &error) >= 0)
                (void) ppd_each_dict(m, false, add_choice, &choices);
        return choices;
}

/* Reports an error unless exactly one of --enable and --disable was given. */
static int one_of_both(const struct ppd_args *args) {
        if (!args->values[PPD_ENABLE] && !args->values[PPD_DISABLE])
                (void) fputs("Error: enable or disable is required\n", stderr);
        else if (args->values[PPD_ENABLE] && args->values[PPD_DISABLE])
                (void) fputs("Error: can't set both enable and disable\n", stderr);
        else
                return CLI_OK;
        return CLI_FAILED;
}

int ppd_configure_action(const struct ppd_args *args) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        bool enable = args->values[PPD_ENABLE];
        int r = one_of_both(args);

        if (r != CLI_OK)
                return r;
        (void) fputs("action: ", stdout);
        clean_print(stdout, args->words[0], false);
        (void) printf(", enable: %s\n", enable ? "True" : "False");
        r = ppd_call("SetActionEnabled", NULL, &error, "sb", args->words[0], (int) enable);
        return r < 0 ? ppd_failed(&error, r) : CLI_OK;
}

int ppd_configure_battery_aware(const struct ppd_args *args) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = one_of_both(args);

        if (r != CLI_OK)
                return r;
        r = ppd_set("BatteryAware", &error, "b", args->values[PPD_ENABLE] != NULL);
        return r < 0 ? ppd_failed(&error, r) : CLI_OK;
}

int ppd_query_battery_aware(const struct ppd_args *args) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int aware, r = ppd_get("BatteryAware", "b", &m, &error);

        (void) args;
        if (r >= 0)
                r = sd_bus_message_read(m, "b", &aware);
        if (r < 0)
                return ppd_failed(&error, r);
        (void) printf("Dynamic changes from charger and battery events: %s\n", aware ? "True" : "False");
        return CLI_OK;
}

int ppd_version(const struct ppd_args *args) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_free_ char *version = NULL;

        (void) args;
        (void) printf("client: %s\n", CLIENT_VERSION);
        print_line("daemon: ", ppd_get_string("Version", &version, &error) < 0 ? "unknown" : version);
        return CLI_OK;
}
