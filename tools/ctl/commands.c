/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of governorctl's commands. */

#include "tools/ctl/commands.h"

#include "base/cleanup.h"
#include "tools/ctl/command.h"
#include "tools/top/command-top.h"

static const struct command items[] = {
        { "status", command_status, "[-v]", 0, 0, "v", false, "show what is in force and why (default)", NULL },
        { "list", command_list, "", 0, 0, "", false, "list the profiles", NULL },
        { "get", command_get, "", 0, 0, "", false, "print the active profile", NULL },
        { "set", command_set, "PROFILE", 1, 1, "", false, "choose a profile", NULL },
        { "level", command_level, "[DOMAIN] [N | [--floor N] [--ceiling N] | --auto]", 0, 2, "fcA", false,
          "show or set the range of levels",
          "Levels go from 0 to 1024, the highest performance of the machine; 60% is 614. N alone sets both floor and ceiling.\n"
          "Each call replaces the whole range: --floor alone removes a ceiling, and --ceiling alone removes a floor. The range\n"
          "stays in force until --auto." },
        { "hold", command_hold,
          "[PROFILE] [--level N | [--floor N] [--ceiling N]] [--domain DOMAIN] [--for DURATION] [--reason TEXT] [--appid NAME]", 0,
          1, "lfcdtri", false, "hold a profile or levels until Ctrl-C",
          "The command stays in the foreground. The request ends when the command ends, or after the time given with --for." },
        { "release", command_release, "COOKIE", 1, 1, "", false, "end a request", NULL },
        { "holds", command_holds, "", 0, 0, "", false, "list all requests", NULL },
        { "launch", command_launch,
          "[-p PROFILE] [--level N | [--floor N] [--ceiling N]] [--domain DOMAIN] [--for DURATION] [--reason TEXT] [--appid NAME] "
          "[--] COMMAND [ARGUMENT...]",
          1, -1, "plfcdtri", true, "run a command while holding a profile or levels",
          "Without a profile or a level it holds the profile performance. The exit status is that of COMMAND." },
        { "explain", command_explain, "[PROFILE|LEVEL] [--all]", 0, 1, "a", false, "show what a profile or level would change",
          "Without an argument it explains the profile in force." },
        { "why", command_why, "[DOMAIN|KNOB] [--all]", 0, 1, "a", false, "show the latest changes and who made them", NULL },
        { "monitor", command_monitor, "", 0, 0, "", false, "print changes as they happen, one line each", NULL },
        { "drivers", command_drivers, "", 0, 0, "", false, "list the drivers", NULL },
        { "knobs", command_knobs, "[DOMAIN|KNOB] [--all] [-v]", 0, 1, "av", false, "list the settings of the hardware",
          "With the name of a setting, the output includes its meaning; with -v, the meaning of all settings." },
        { "cpus", command_cpus, "[-v]", 0, 0, "v", false, "list the CPUs, their ranges, frequency and idle time",
          "Measures for half a second." },
        { "power", command_power, "", 0, 0, "", false, "show power limits and the current power", NULL },
        { "sessions", command_sessions, "", 0, 0, "", false, "list the applications that report their latency", NULL },
        { "top", command_top, "[-d SECONDS] [-n COUNT] [--plain] [-v]", 0, 0, "DNPv", false, "watch sessions and levels",
          "Redraws the terminal until q or Ctrl-C is pressed. On a pipe, or with --plain, it prints one block for each update." },
        { "run", command_run,
          "--target TIME [--p95 | --p99 | --percentile P] [--window TIME] [--stale TIME] [--cap] [--] COMMAND [ARGUMENT...]", 1, -1,
          "TYZQWSC", true, "run a command with another target than its own (libgovernord)",
          "The options override those of the program. They have no effect on a program that does not use libgovernord." },
        { "governor", command_governor, "list | build FILE [-o OUT] [-I DIR] | load NAME|--best", 1, 2, "OIB", false,
          "list, build and load governors",
          "build compiles NAME.bpf.c to NAME.bpf.o with clang ($CLANG); the service need not be running." },
        { "stats", command_stats, "", 0, 0, "", false, "show what the service has done since it started", NULL },
        { "reload", command_reload, "", 0, 0, "", false, "read the configuration again", NULL },
        { "config", command_config, "check [--root DIR] [--driver-dir DIR] [FILE...]", 1, -1, "RU", false,
          "check the configuration, or single files", NULL },
        { "check", command_check, "[-v]", 0, -1, "v", false, "check the health of the service, for monitoring",
          "Exit status: 0 ok, 1 warning, 2 critical, 3 unknown." },
        { "report", command_report, "[FILE]", 0, 1, "", false, "write a file for a bug report",
          "FILE is a text file, - is standard output. Names of this machine and its users are replaced. Read it before you send it." },
        { "dump", command_dump, "", 0, 0, "", false, "print the complete state of the service, for bug reports", NULL },
        { "version", command_version, "", 0, 0, "", false, "print the versions of governorctl and governord", NULL },
        { "complete", command_complete, "profiles|domains|knobs|places|requests|governors|commands", 1, 1, "", false,
          "print names, for shell completions", NULL },
        { "help", command_help, "[COMMAND]", 0, 1, "", false, "show help", NULL },
};

const struct commands commands = { items, ARRAY_SIZE(items) };
