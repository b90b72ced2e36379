/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_OPTIONS_H
#define CORE_OPTIONS_H

#include <stdbool.h>

/* The command line of the daemon; see governord(8). power-profiles-daemon's options keep their meaning. */

enum options_action { ACTION_RUN, ACTION_CHECK_CONFIG, ACTION_PRINT_INTERFACES };

struct options {
        enum options_action action;
        int verbose; /* 0..2 */
        bool replace, disable_upower, disable_logind, dry_run, no_bpf;
        char block_drivers[512], block_actions[512]; /* blank-separated */
        const char *root, *driver_dir, *governor_dir, *state_dir, *runtime_dir, *config_dir, *vendor_dir;
        const char *profile;    /* for --dry-run */
        const char *check_file; /* for --check-config; NULL: the configuration that the service would load */
        bool names_machine;     /* --root was given */
        bool simulated;         /* root is not "/" */
        bool umockdev;          /* root came from UMOCKDEV_DIR */
};

/* Fills *ret from arguments, environment (UMOCKDEV_DIR) and defaults. Returns 1: continue; 0: exit, since all output has been
 * printed (--help, --version); -EINVAL: wrong usage. */
int options_parse(int argc, char **argv, struct options *ret);

#endif
