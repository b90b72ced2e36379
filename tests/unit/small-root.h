/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_SMALL_ROOT_H
#define GOVERNORD_TESTS_SMALL_ROOT_H

/* A root directory with the few files that a unit test of driver code needs; complete machines are in tests/machines. Must be
 * included after <cmocka.h>. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "include/governord/driver.h"
#include "tests/lib/fixture.h"

struct small_root {
        char path[64];
        struct gov_host host; /* with `simulated` set */
};

static inline void small_root_make(struct small_root *root) {
        *root = (struct small_root){ .path = "/tmp/governord-unit-XXXXXX" };
        assert_non_null(mkdtemp(root->path));
        root->host = (struct gov_host){ .size = sizeof(root->host), .simulated = 1 };
        root->host.root_fd = open(root->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        assert_true(root->host.root_fd >= 0);
}

static inline void small_root_remove(struct small_root *root) {
        (void) close(root->host.root_fd);
        assert_int_equal(fixture_remove(root->path), 0);
}

/* Creates or replaces a file and the directories above it. */
static inline void small_root_write(const struct small_root *root, const char *path, const char *text) {
        char directory[256];
        int fd;

        (void) snprintf(directory, sizeof(directory), "%s", path);
        for (char *slash = strchr(directory, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                (void) mkdirat(root->host.root_fd, directory, 0755);
                *slash = '/';
        }
        fd = openat(root->host.root_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
        (void) close(fd);
}

static inline const char *small_root_read(const struct small_root *root, const char *path) {
        static char text[256];
        int fd = openat(root->host.root_fd, path, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

        assert_true(n >= 0);
        (void) close(fd);
        while (n > 0 && text[n - 1] == '\n') /* a shorter value is followed by newlines, see attr_write_fd_filled() */
                n--;
        text[n] = '\0';
        return text;
}

#endif
