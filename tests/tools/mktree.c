/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a simulated machine from a .tree file: mktree [-D NAME=VALUE]... FILE.tree DIR */
#include "../lib/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DEFINES_MAX 64

static int usage(FILE *to, int code) {
        (void) fprintf(to, "Usage: mktree [-D NAME=VALUE]... FILE.tree DIR\n"
                           "Makes the simulated machine that FILE.tree describes below DIR.\n");
        return code;
}

int main(int argc, char **argv) {
        const char *defines[DEFINES_MAX + 1] = { NULL };
        char reason[1024] = "";
        int n = 0, opt;

        while ((opt = getopt(argc, argv, "D:h")) != -1) {
                if (opt == 'h')
                        return usage(stdout, EXIT_SUCCESS);
                if (opt != 'D' || n == DEFINES_MAX)
                        return usage(stderr, 2);
                defines[n++] = optarg;
        }
        if (argc - optind != 2)
                return usage(stderr, 2);
        if (fixture_make(argv[optind], argv[optind + 1], defines, reason, sizeof(reason)) < 0) {
                (void) fprintf(stderr, "mktree: %s\n", reason);
                return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}
