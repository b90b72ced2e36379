/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passes saved inputs to a fuzz target, so that every run of the tests repeats them. The arguments are files or directories of
 * files. Each input is also tried with its end cut off, in steps of 7 bytes. Fails if there was no input. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "tests/fuzz/fuzz.h"

#define INPUT_MAX (1 << 20)

static unsigned n_tried;

static int replay_file(const char *path) {
        _cleanup_fclose_ FILE *file = fopen(path, "re");
        _cleanup_free_ uint8_t *all = malloc(INPUT_MAX);
        size_t size;

        if (!file || !all)
                return -errno;
        size = fread(all, 1, INPUT_MAX, file);
        if (ferror(file))
                return -EIO;
        for (size_t length = size % 7; length <= size; length += 7) {
                uint8_t *piece = malloc(length ? length : 1); /* of the exact size, so that sanitizers detect reads beyond it */

                if (!piece)
                        return -ENOMEM;
                memcpy(piece, all, length);
                (void) LLVMFuzzerTestOneInput(piece, length);
                free(piece);
        }
        n_tried++;
        return 0;
}

static int replay_directory(const char *path) {
        _cleanup_closedir_ DIR *dir = opendir(path);
        struct dirent *entry;
        int r = 0;

        if (!dir)
                return -errno;
        while (r == 0 && (entry = readdir(dir))) {
                _cleanup_free_ char *file = NULL;

                if (entry->d_name[0] == '.')
                        continue;
                if (asprintf(&file, "%s/%s", path, entry->d_name) < 0) {
                        file = NULL;
                        return -ENOMEM;
                }
                r = replay_file(file);
        }
        return r;
}

int main(int argc, char **argv) {
        for (int i = 1; i < argc; i++) {
                struct stat st;
                int r = stat(argv[i], &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? replay_directory(argv[i]) : replay_file(argv[i]);

                if (r < 0) {
                        (void) fprintf(stderr, "%s: %s\n", argv[i], strerror(-r));
                        return EXIT_FAILURE;
                }
        }
        (void) printf("%u inputs\n", n_tried);
        return n_tried > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
