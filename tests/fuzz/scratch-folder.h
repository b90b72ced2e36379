/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_FUZZ_SCRATCH_FOLDER_H
#define TESTS_FUZZ_SCRATCH_FOLDER_H

/* A folder in memory for fuzz targets that read files. It is made once, and removed when the program ends. */

#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char scratch_folder[64];

static inline void scratch_remove_folder(void) {
        (void) rmdir(scratch_folder);
}

static inline const char *scratch_folder_get(void) {
        if (!scratch_folder[0]) {
                (void) snprintf(scratch_folder, sizeof(scratch_folder), "%s/governord-fuzz-XXXXXX",
                                access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
                assert(mkdtemp(scratch_folder));
                assert(atexit(scratch_remove_folder) == 0);
        }
        return scratch_folder;
}

static inline void scratch_put(const char *path, const uint8_t *data, size_t size) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        assert(fd >= 0 && write(fd, data, size) == (ssize_t) size);
        assert(close(fd) == 0);
}

#endif
