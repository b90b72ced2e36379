/* SPDX-License-Identifier: GPL-2.0-or-later */
/* powerprofilesctl: the command line of power-profiles-daemon 0.30, for existing scripts. Arguments, output and exit statuses are
 * the same, except for help texts, and for error messages, which replace the tracebacks of the original. Only the API of
 * power-profiles-daemon is used. */

#include "tools/ppd/powerprofilesctl.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "tools/common/cli.h"
#include "tools/common/utf8.h"
#include "tools/ppd/ppd-bus.h"
#include "tools/ppd/ppd.h"

#define HELP     PPD_BIT(PPD_HELP)
#define SWITCHES (HELP | PPD_BIT(PPD_ENABLE) | PPD_BIT(PPD_DISABLE))
#define LAUNCH   (HELP | PPD_BIT(PPD_PROFILE) | PPD_BIT(PPD_REASON) | PPD_BIT(PPD_APPID))

static const struct ppd_command ppd_commands[] = {
        { "list", ppd_list, HELP, 0, NULL, "[-h]", "Show the power profiles of this machine" },
        { "list-holds", ppd_list_holds, HELP, 0, NULL, "[-h]", "Show the programs that hold a power profile" },
        { "list-actions", ppd_list_actions, HELP, 0, NULL, "[-h]", "Show the actions that belong to the profiles" },
        { "get", ppd_get_profile, HELP, 0, NULL, "[-h]", "Print the active power profile" },
        { "set", ppd_set_profile, HELP, 1, "profile", "[-h] {%s}", "Choose a power profile" },
        { "configure-action", ppd_configure_action, SWITCHES, 1, "action", "[-h] [--enable] [--disable] action",
          "Turn an action on or off" },
        { "configure-battery-aware", ppd_configure_battery_aware, SWITCHES, 0, NULL, "[-h] [--enable] [--disable]",
          "Set whether profiles adapt to charger and battery" },
        { "query-battery-aware", ppd_query_battery_aware, HELP, 0, NULL, "[-h]",
          "Show whether profiles adapt to charger and battery" },
        { "launch", ppd_launch, LAUNCH, -1, NULL,
          "[-h] [--profile PROFILE] [--reason REASON]\n                               [--appid APPID]\n"
          "                               [arguments ...]",
          "Run a command while holding a power profile (default: performance)" },
        { "version", ppd_version, HELP, 0, NULL, "[-h]", "Print the versions of client and daemon" },
};

static const char *const option_help[PPD_OPTIONS] = {
        [PPD_HELP] = "  -h, --help            show this help and exit",
        [PPD_ENABLE] = "  --enable              turn the action or setting on",
        [PPD_DISABLE] = "  --disable             turn the action or setting off",
        [PPD_PROFILE] = "  --profile PROFILE, -p PROFILE\n                        the profile to hold",
        [PPD_REASON] = "  --reason REASON, -r REASON\n                        the reason for the hold",
        [PPD_APPID] = "  --appid APPID, -i APPID\n                        the name of the application",
};

static void print_names(FILE *f, const char *before, const char *between, const char *after) {
        (void) fputs(before, f);
        for (size_t i = 0; i < ARRAY_SIZE(ppd_commands); i++)
                (void) fprintf(f, "%s%s", i > 0 ? between : "", ppd_commands[i].name);
        (void) fputs(after, f);
}

static void print_main_usage(FILE *f) {
        (void) fputs("usage: powerprofilesctl [-h]\n", f);
        print_names(f, "                        {", ",", "}\n                        ...\n");
}

static int print_main_help(void) {
        print_main_usage(stdout);
        (void) printf("\nChoose and watch power profiles.\n\n");
        for (size_t i = 0; i < ARRAY_SIZE(ppd_commands); i++)
                (void) printf("  %-24s%s\n", ppd_commands[i].name, ppd_commands[i].summary);
        (void) printf("\noptions:\n%s\n\n\"powerprofilesctl COMMAND --help\" shows the help of a command.\n",
                      option_help[PPD_HELP]);
        return CLI_OK;
}

static void print_usage(FILE *f, const struct ppd_command *command, const char *choices) {
        const char *gap = strstr(command->usage, "%s");

        (void) fprintf(f, "usage: powerprofilesctl %s ", command->name);
        if (gap) {
                (void) fwrite(command->usage, 1, (size_t) (gap - command->usage), f);
                clean_print(f, choices, false);
        }
        (void) fprintf(f, "%s\n", gap ? gap + 2 : command->usage);
}

static int print_help(const struct ppd_command *command, const char *choices) {
        print_usage(stdout, command, choices);
        (void) printf("\n%s.\n\noptions:\n", command->summary);
        for (int i = 0; i < PPD_OPTIONS; i++)
                if (command->options & PPD_BIT(i))
                        (void) printf("%s\n", option_help[i]);
        return CLI_OK;
}

static int complain(const struct ppd_command *command, const char *choices, const char *what) {
        print_usage(stderr, command, choices);
        (void) fprintf(stderr, "powerprofilesctl %s: error: ", command->name);
        clean_print(stderr, what, false);
        (void) fputc('\n', stderr);
        return CLI_USAGE;
}

static int unrecognized(int argc, char **argv, const struct ppd_args *args) {
        print_main_usage(stderr);
        (void) fputs("powerprofilesctl: error: unrecognized arguments:", stderr);
        for (int i = 0; i < argc + args->n_extras; i++) {
                (void) fputc(' ', stderr);
                clean_print(stderr, i < argc ? argv[i] : args->extras[i - argc], false);
        }
        (void) fputc('\n', stderr);
        return CLI_USAGE;
}

static bool is_choice(const char *choices, const char *word) {
        size_t n = strlen(word);

        for (; *choices; choices += strspn(choices, ",")) {
                size_t length = strcspn(choices, ",");

                if (length == n && strncmp(choices, word, n) == 0)
                        return true;
                choices += length;
        }
        return false;
}

static int bad_choice(const struct ppd_command *command, const char *choices, const char *word) {
        print_usage(stderr, command, choices);
        (void) fputs("powerprofilesctl set: error: argument profile: invalid choice: '", stderr);
        clean_print(stderr, word, false);
        (void) fputs("' (choose from ", stderr);
        for (const char *p = choices; *p; p += strspn(p, ",")) {
                (void) fprintf(stderr, "%s'%.*s'", p == choices ? "" : ", ", (int) strcspn(p, ","), p);
                p += strcspn(p, ",");
        }
        (void) fputs(")\n", stderr);
        if (!choices[0])
                (void) fputs("No service offers power profiles. To start governord: systemctl start governord\n", stderr);
        return CLI_USAGE;
}

/* `before`: unknown options before the command. They are an error, but errors in the command itself are reported first. */
static int run(const struct ppd_command *command, int n_before, char **before, int argc, char **argv) {
        _cleanup_(ppd_args_free) struct ppd_args args = {};
        _cleanup_free_ char *choices = NULL, *error = NULL;
        char missing[64];

        error = ppd_args_parse(&args, command->options, command->max_words, argc, argv);
        if (strstr(command->usage, "%s"))
                choices = ppd_choices();
        if (error)
                return complain(command, choices, error);
        if (args.values[PPD_HELP])
                return print_help(command, choices);
        (void) snprintf(missing, sizeof(missing), "the following arguments are required: %s", command->word ? command->word : "");
        if (command->word && args.n_words == 0)
                return complain(command, choices, missing);
        if (choices && !is_choice(choices, args.words[0]))
                return bad_choice(command, choices, args.words[0]);
        if (n_before > 0 || (args.n_extras > 0 && command->run != ppd_launch))
                return unrecognized(n_before, before, &args);
        return command->run(&args);
}

static int unknown_command(const char *name) {
        print_main_usage(stderr);
        (void) fputs("powerprofilesctl: error: argument command: invalid choice: '", stderr);
        clean_print(stderr, name, false);
        print_names(stderr, "' (choose from '", "', '", "')\n");
        return CLI_USAGE;
}

static const struct ppd_command *find_command(const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(ppd_commands); i++)
                if (strcmp(ppd_commands[i].name, name) == 0)
                        return &ppd_commands[i];
        return NULL;
}

static bool is_help(const char *word) {
        return strcmp(word, "-h") == 0 || (strlen(word) > 2 && strncmp("--help", word, strlen(word)) == 0);
}

int powerprofilesctl(int argc, char **argv) {
        static const struct ppd_args nothing = {};
        const struct ppd_command *command;
        int i = 1, r;

        for (; i < argc && argv[i][0] == '-' && argv[i][1] && strcmp(argv[i], "--") != 0; i++)
                if (is_help(argv[i]))
                        return print_main_help();
        if (i >= argc)
                return i == 1 ? ppd_list(&nothing) : unrecognized(argc - 1, argv + 1, &nothing);
        command = find_command(argv[i]);
        if (!command)
                return unknown_command(argv[i]);
        r = run(command, i - 1, argv + 1, argc - i - 1, argv + i + 1);
        ppd_disconnect();
        if (fflush(stdout) != 0)
                r = r == CLI_OK ? CLI_FAILED : r;
        return r;
}
