/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

/* Scope-exit helpers, so that an early return can neither leak nor free twice. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Closes a descriptor (negative ones are ignored) and keeps errno. Returns -1, to be assigned to the variable. */
static inline int close_fd(int fd) {
        if (fd >= 0) {
                int saved = errno;

                (void) close(fd);
                errno = saved;
        }
        return -1;
}

static inline void cleanup_free(void *p) {
        free(*(void **) p);
}
static inline void cleanup_close(int *fd) {
        (void) close_fd(*fd);
}
static inline void cleanup_closedir(DIR **dir) {
        if (*dir)
                (void) closedir(*dir);
}
static inline void cleanup_fclose(FILE **file) {
        if (*file)
                (void) fclose(*file);
}

#define _cleanup_(f)       __attribute__((cleanup(f)))
#define _cleanup_free_     _cleanup_(cleanup_free)
#define _cleanup_close_    _cleanup_(cleanup_close)
#define _cleanup_closedir_ _cleanup_(cleanup_closedir)
#define _cleanup_fclose_   _cleanup_(cleanup_fclose)

/* Moves a pointer or descriptor out of a cleanup variable. */
#define TAKE_PTR(p)                              \
        ({                                       \
                __typeof__(p) *_take_ = &(p);    \
                __typeof__(p) _taken_ = *_take_; \
                *_take_ = NULL;                  \
                _taken_;                         \
        })
#define TAKE_FD(fd)                    \
        ({                             \
                int *_take_ = &(fd);   \
                int _taken_ = *_take_; \
                *_take_ = -1;          \
                _taken_;               \
        })

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)     ((a) < (b) ? (a) : (b))
#define MAX(a, b)     ((a) > (b) ? (a) : (b))

#endif
