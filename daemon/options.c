/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses the command line. An unknown option is an error. Further words are ignored, as in power-profiles-daemon, except that the
 * first one is the file for --check-config. */

#include "daemon/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "build-config.h"

enum {
        OPTION_BLOCK_DRIVER = 256,
        OPTION_BLOCK_ACTION,
        OPTION_DISABLE_UPOWER,
        OPTION_DISABLE_LOGIND,
        OPTION_ROOT,
        OPTION_DRIVER_DIR,
        OPTION_STATE_DIR,
        OPTION_RUNTIME_DIR,
        OPTION_CONFIG_DIR,
        OPTION_DRY_RUN,
        OPTION_PROFILE,
        OPTION_CHECK_CONFIG,
        OPTION_INTROSPECT,
        OPTION_VERSION,
        OPTION_GOVERNOR_DIR,
        OPTION_NO_BPF,
};

static const struct option long_options[] = {
        { "verbose", no_argument, NULL, 'v' },
        { "replace", no_argument, NULL, 'r' },
        { "block-driver", required_argument, NULL, OPTION_BLOCK_DRIVER },
        { "block-action", required_argument, NULL, OPTION_BLOCK_ACTION },
        { "disable-upower", no_argument, NULL, OPTION_DISABLE_UPOWER },
        { "disable-logind", no_argument, NULL, OPTION_DISABLE_LOGIND },
        { "root", required_argument, NULL, OPTION_ROOT },
        { "driver-dir", required_argument, NULL, OPTION_DRIVER_DIR },
        { "governor-dir", required_argument, NULL, OPTION_GOVERNOR_DIR },
        { "no-bpf", no_argument, NULL, OPTION_NO_BPF },
        { "state-dir", required_argument, NULL, OPTION_STATE_DIR },
        { "runtime-dir", required_argument, NULL, OPTION_RUNTIME_DIR },
        { "config-dir", required_argument, NULL, OPTION_CONFIG_DIR },
        { "dry-run", no_argument, NULL, OPTION_DRY_RUN },
        { "profile", required_argument, NULL, OPTION_PROFILE },
        { "check-config", optional_argument, NULL, OPTION_CHECK_CONFIG },
        { "bus-introspect", no_argument, NULL, OPTION_INTROSPECT },
        { "version", no_argument, NULL, OPTION_VERSION },
        { "help", no_argument, NULL, 'h' },
        {},
};

static const char help[] = "Usage: governord [OPTION...]\n"
                           "\n"
                           "Owns the power and performance settings of this machine. See governord(8).\n"
                           "\n"
                           "  -v, --verbose            log more; twice: log everything\n"
                           "  -r, --replace            take over the bus names from a running instance\n"
                           "      --block-driver=NAME  do not use this driver (may be given several times)\n"
                           "      --block-action=NAME  do not perform this action (may be given several times)\n"
                           "      --disable-upower     behave as on mains power\n"
                           "      --disable-logind     do not listen to logind for sleep and idleness\n"
                           "      --no-bpf             govern sessions in user space\n"
                           "      --dry-run            print the writes of the saved profile without making them\n"
                           "      --profile=NAME       with --dry-run: use this profile instead of the saved one\n"
                           "      --check-config[=FILE]  check the configuration, or one file, and exit; with\n"
                           "                           --root also compare it with what that machine offers\n"
                           "      --root=DIR           use the simulated machine in DIR instead of this one\n"
                           "      --driver-dir=DIR     load drivers from DIR\n"
                           "      --governor-dir=DIR   load eBPF governors from DIR\n"
                           "      --config-dir=DIR     load the configuration from DIR\n"
                           "      --state-dir=DIR      save choices in DIR\n"
                           "      --runtime-dir=DIR    keep the ledger of original values in DIR\n"
                           "      --bus-introspect     print the bus interfaces as XML and exit\n"
                           "      --version            print the version and exit\n"
                           "  -h, --help               print this and exit\n";

static int add_word(char *list, size_t size, const char *option, const char *word) {
        size_t length = strlen(list);

        if (length + 1 + strlen(word) + 1 > size) {
                (void) fprintf(stderr, "governord: the names given with %s must not be longer than %zu bytes in total\n", option,
                               size - 2);
                return -EINVAL;
        }
        if (length > 0)
                list[length++] = ' ';
        strcpy(list + length, word);
        return 0;
}

static int too_verbose(int verbose) {
        if (verbose <= 2)
                return 0;
        (void) fprintf(stderr, "governord: --verbose can be given at most twice\n");
        return -EINVAL;
}

static int take_path(int option, const char *value, struct options *ret) {
        switch (option) {
        case OPTION_ROOT:
                ret->root = value;
                ret->names_machine = true;
                return 0;
        case OPTION_DRIVER_DIR:
                ret->driver_dir = value;
                return 0;
        case OPTION_GOVERNOR_DIR:
                ret->governor_dir = value;
                return 0;
        case OPTION_STATE_DIR:
                ret->state_dir = value;
                return 0;
        case OPTION_RUNTIME_DIR:
                ret->runtime_dir = value;
                return 0;
        case OPTION_CONFIG_DIR:
                ret->config_dir = value;
                return 0;
        case OPTION_PROFILE:
                ret->profile = value;
                return 0;
        default:
                return -EINVAL;
        }
}

static int take_flag(int option, const char *value, struct options *ret) {
        switch (option) {
        case 'v':
                return too_verbose(++ret->verbose);
        case 'r':
                ret->replace = true;
                return 0;
        case OPTION_DISABLE_UPOWER:
                ret->disable_upower = true;
                return 0;
        case OPTION_DISABLE_LOGIND:
                ret->disable_logind = true;
                return 0;
        case OPTION_NO_BPF:
                ret->no_bpf = true;
                return 0;
        case OPTION_DRY_RUN:
                ret->dry_run = true;
                return 0;
        case OPTION_BLOCK_DRIVER:
                return add_word(ret->block_drivers, sizeof(ret->block_drivers), "--block-driver", value);
        case OPTION_BLOCK_ACTION:
                return add_word(ret->block_actions, sizeof(ret->block_actions), "--block-action", value);
        case OPTION_CHECK_CONFIG:
                ret->action = ACTION_CHECK_CONFIG;
                ret->check_file = value;
                return 0;
        case OPTION_INTROSPECT:
                ret->action = ACTION_PRINT_INTERFACES;
                return 0;
        default:
                return take_path(option, value, ret);
        }
}

/* A simulated machine must not share saved choices and the ledger with the real one. */
static int fill_defaults(struct options *ret) {
        static char state[4096], runtime[4096];
        const char *testbed = getenv("UMOCKDEV_DIR");

        if (!ret->root && testbed && testbed[0]) {
                ret->root = testbed;
                ret->umockdev = true;
        }
        ret->simulated = ret->root && strcmp(ret->root, "/") != 0;
        if (!ret->root)
                ret->root = "/";
        if (text_format(state, sizeof(state), "%s%s", ret->simulated ? ret->root : GOVERNORD_STATE_DIR,
                        ret->simulated && !ret->umockdev ? "/governord-state" : "") < 0 ||
            text_format(runtime, sizeof(runtime), "%s%s", ret->simulated ? ret->root : GOVERNORD_RUNTIME_DIR,
                        ret->simulated ? "/governord-runtime" : "") < 0) {
                (void) fprintf(stderr, "governord: the path of the root folder (--root, or UMOCKDEV_DIR) is too long\n");
                return -EINVAL;
        }
        if (!ret->state_dir)
                ret->state_dir = state;
        if (!ret->runtime_dir)
                ret->runtime_dir = runtime;
        if (!ret->driver_dir)
                ret->driver_dir = GOVERNORD_DRIVER_DIR;
        if (!ret->governor_dir)
                ret->governor_dir = GOVERNORD_GOVERNOR_DIR;
        if (!ret->config_dir && !ret->simulated) {
                ret->config_dir = GOVERNORD_CONFIG_DIR;
                ret->vendor_dir = GOVERNORD_VENDOR_DIR;
        }
        return 1;
}

int options_parse(int argc, char **argv, struct options *ret) {
        int option;

        *ret = (struct options){ .action = ACTION_RUN };
        while ((option = getopt_long(argc, argv, "vrh", long_options, NULL)) >= 0) {
                if (option == 'h')
                        return fputs(help, stdout), 0;
                if (option == OPTION_VERSION)
                        return puts("governord " GOVERNORD_VERSION), 0;
                if (option == '?' || take_flag(option, optarg, ret) < 0)
                        return -EINVAL;
        }
        if (ret->profile && !ret->dry_run) {
                (void) fprintf(stderr, "governord: --profile requires --dry-run; to choose a profile, run: governorctl set %s\n",
                               ret->profile);
                return -EINVAL;
        }
        if (ret->action == ACTION_CHECK_CONFIG && !ret->check_file && optind < argc)
                ret->check_file = argv[optind];
        return fill_defaults(ret);
}
