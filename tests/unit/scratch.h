/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_SCRATCH_H
#define GOVERNORD_TESTS_SCRATCH_H

/* A folder for the files of one test, in memory if the machine has /dev/shm. Must be included after <cmocka.h>. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/fixture.h"

static inline void scratch_make(char *ret, size_t size) {
        (void) snprintf(ret, size, "%s/governord-unit-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        assert_non_null(mkdtemp(ret));
}

static inline const char *scratch_path(const char *directory, const char *name) {
        static char paths[4][512];
        static unsigned int next;
        char *path = paths[next++ % 4];

        (void) snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
        return path;
}

/* Creates or replaces a file; its folder must exist. */
static inline void scratch_write(const char *path, const char *text, size_t n) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, n), n);
        (void) close(fd);
}

/* Returns the whole file, NUL-terminated, which the caller must free; NULL if it does not exist. */
static inline char *scratch_read(const char *path, size_t *ret_n) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        struct stat st;
        char *text;

        if (fd < 0)
                return NULL;
        assert_int_equal(fstat(fd, &st), 0);
        text = calloc(1, (size_t) st.st_size + 1);
        assert_non_null(text);
        assert_int_equal(read(fd, text, (size_t) st.st_size), st.st_size);
        (void) close(fd);
        if (ret_n)
                *ret_n = (size_t) st.st_size;
        return text;
}

#endif
