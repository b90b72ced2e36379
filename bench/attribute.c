/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measures a write to a real attribute in sysfs, alternating between two values, in two ways: open, write and close, as
 * power-profiles-daemon does it; and write and read-back through a descriptor that stays open, as governord does it. Prints one
 * JSON object with nanoseconds per write. At the end, the original value is restored.
 *
 * usage: attribute PATH VALUE VALUE
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WRITES 20000

static uint64_t now_ns(void) {
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * UINT64_C(1000000000) + (uint64_t) t.tv_nsec;
}

static int write_opening(const char *path, const char *value) {
        int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
        ssize_t n;

        if (fd < 0)
                return -1;
        n = write(fd, value, strlen(value));
        close(fd);
        return n < 0 ? -1 : 0;
}

static int write_held(int fd, const char *value) {
        char back[64];

        return pwrite(fd, value, strlen(value), 0) < 0 || pread(fd, back, sizeof(back), 0) < 0 ? -1 : 0;
}

int main(int argc, char **argv) {
        char original[64] = "";
        uint64_t start, opening, held;
        int fd, bad = 0;

        if (argc != 4)
                return 2;
        fd = open(argv[1], O_RDWR | O_CLOEXEC);
        if (fd < 0 || pread(fd, original, sizeof(original) - 1, 0) < 0) {
                fprintf(stderr, "attribute: %s: %s\n", argv[1], strerror(errno));
                return 1;
        }
        start = now_ns();
        for (int i = 0; i < WRITES; i++)
                bad |= write_opening(argv[1], argv[2 + (i & 1)]);
        opening = now_ns() - start;
        start = now_ns();
        for (int i = 0; i < WRITES; i++)
                bad |= write_held(fd, argv[2 + (i & 1)]);
        held = now_ns() - start;
        bad |= write_held(fd, original);
        printf("{\"opening_ns\": %.0f, \"held_ns\": %.0f}\n", (double) opening / WRITES, (double) held / WRITES);
        return bad ? 1 : 0;
}
