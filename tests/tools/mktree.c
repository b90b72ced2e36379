/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a simulated machine from a .tree file: mktree [-D NAME=VALUE]... FILE.tree DIR */
#include "../lib/fixture.h"

#include <dirent.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFINES_MAX 64

static int usage(FILE *to, int code) {
        (void) fprintf(to, "Usage: mktree [-D NAME=VALUE]... FILE.tree DIR\n"
                           "Makes the simulated machine that FILE.tree describes below DIR, which is made if it is not there.\n"
                           "DIR must be empty otherwise: two machines in one folder would be mixed.\n");
        return code;
}

/* Returns false also for a folder that cannot be opened, for which fixture_make() reports an error. */
static bool has_files(const char *dir) {
        const struct dirent *entry;
        DIR *d = opendir(dir);
        bool found = false;

        while (d && !found && (entry = readdir(d)))
                found = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
        if (d)
                (void) closedir(d);
        return found;
}

int main(int argc, char **argv) {
        static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
        const char *defines[DEFINES_MAX + 1] = { NULL };
        char reason[1024] = "";
        int n = 0, opt;

        while ((opt = getopt_long(argc, argv, "D:h", options, NULL)) != -1) {
                if (opt == 'h')
                        return usage(stdout, EXIT_SUCCESS);
                if (opt != 'D' || n == DEFINES_MAX)
                        return usage(stderr, 2);
                defines[n++] = optarg;
        }
        if (argc - optind != 2)
                return usage(stderr, 2);
        if (has_files(argv[optind + 1])) {
                (void) fprintf(
                        stderr,
                        "mktree: %s is not empty, and two machines in one folder would be mixed. Remove it, or name another one\n",
                        argv[optind + 1]);
                return EXIT_FAILURE;
        }
        if (fixture_make(argv[optind], argv[optind + 1], defines, reason, sizeof(reason)) < 0) {
                (void) fprintf(stderr, "mktree: %s\n", reason);
                return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}
