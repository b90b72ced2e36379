/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes files fail, and makes the process die, at chosen writes. Works as LD_PRELOAD object and linked into a program.
 *
 *   FAULT_FILE        rules "PATH OP ERRNO" (see fault-rules.c), read again whenever the file changes
 *   FAULT_ROOT        directories, separated by ':'; writes below them count
 *   FAULT_KILL_MATCH  instead: writes to real paths that match this glob count ('*' also matches '/')
 *                     neither set: every write to a regular file counts
 *   FAULT_KILL_AT     N: SIGKILL immediately before the N-th counted write
 *   FAULT_KILL_AFTER  N: SIGKILL immediately after it
 *   FAULT_COUNT_FILE  keeps the number of counted writes
 *
 * Only calls made through the C library's symbols are seen: not stdio's own writes (fprintf, fopen), not raw system
 * calls, not mmap. The count is per process.
 *
 * The subtle thing: a descriptor's path is remembered with the file's device and inode and checked at each use, because
 * close() and dup() are not intercepted and numbers are used again.
 */
/* With either of these macros, the headers would rename or inline the functions that are defined here. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include "fault.h"
#include "fault-rules.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The large-file variants and the _FORTIFY_SOURCE entry points, which the headers do not always declare. */
int open64(const char *path, int flags, ...);
int openat64(int dirfd, const char *path, int flags, ...);
ssize_t pread64(int fd, void *buf, size_t n, off64_t at);
ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t at);
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dirfd, const char *path, int flags);
int __openat64_2(int dirfd, const char *path, int flags);
ssize_t __read_chk(int fd, void *buf, size_t n, size_t size);
ssize_t __pread_chk(int fd, void *buf, size_t n, off_t at, size_t size);
ssize_t __pread64_chk(int fd, void *buf, size_t n, off64_t at, size_t size);

/* This code runs before a sanitizer is initialized (its start-up opens files), so it must not be instrumented. */
#if defined(__clang__) || defined(__GNUC__)
#define HOOK __attribute__((visibility("default"), no_sanitize("address")))
#endif

#define FD_CACHE  1024
#define ROOTS_MAX 16
#define COUNT_LEN 11 /* "%10u\n" */

struct fd_path {
        dev_t dev;
        ino_t ino;
        bool known;
        char path[1024];
};

static struct fault_io io;
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pread)(int, void *, size_t, off64_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool configured;
static struct fd_path cache[FD_CACHE];
static char roots[ROOTS_MAX][PATH_MAX];
static size_t n_roots;
static char kill_match[PATH_MAX];
static unsigned long kill_at, kill_after;
static unsigned count;
static char *count_map; /* mapped from the file, so that it survives SIGKILL and a daemon that closes all descriptors */

/* ---- set-up ---- */

/* POSIX guarantees that an object pointer from dlsym() can be converted to a function pointer; C does not, so it is copied. */
static void resolve_one(void *function, const char *name) {
        void *p = dlsym(RTLD_NEXT, name);

        if (!p)
                abort();
        memcpy(function, &p, sizeof(p));
}

static void resolve(void) {
        resolve_one(&io.openat, "openat");
        resolve_one(&io.read, "read");
        resolve_one(&real_write, "write");
        resolve_one(&real_pread, "pread64");
        resolve_one(&real_pwrite, "pwrite64");
}

static unsigned long env_number(const char *name) {
        const char *s = getenv(name);

        return s ? strtoul(s, NULL, 10) : 0;
}

/* Roots are compared with real paths, so links in them must be resolved. */
static void add_root(const char *s, size_t len) {
        char *root = roots[n_roots], raw[PATH_MAX];

        if (len == 0 || len >= sizeof(raw) || n_roots == ROOTS_MAX)
                return;
        memcpy(raw, s, len);
        raw[len] = '\0';
        if (!realpath(raw, root))
                memcpy(root, raw, len + 1);
        len = strlen(root);
        while (len > 1 && root[len - 1] == '/')
                root[--len] = '\0';
        n_roots++;
}

static void read_roots(void) {
        const char *s = getenv("FAULT_ROOT");

        n_roots = 0;
        for (; s && *s; s += s[strcspn(s, ":")] ? strcspn(s, ":") + 1 : strcspn(s, ":"))
                add_root(s, strcspn(s, ":"));
}

static void show_count(void) {
        char digits[COUNT_LEN + 1];

        if (!count_map)
                return;
        (void) snprintf(digits, sizeof(digits), "%10u\n", count);
        memcpy(count_map, digits, COUNT_LEN);
}

static void open_count_file(void) {
        const char *file = getenv("FAULT_COUNT_FILE");
        void *map;
        int fd;

        if (count_map)
                (void) munmap(count_map, COUNT_LEN);
        count_map = NULL;
        if (!file)
                return;
        fd = io.openat(AT_FDCWD, file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0)
                return;
        if (ftruncate(fd, COUNT_LEN) == 0) {
                map = mmap(NULL, COUNT_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
                count_map = map == MAP_FAILED ? NULL : map;
        }
        (void) close(fd);
}

static void configure(void) {
        const char *match = getenv("FAULT_KILL_MATCH");

        configured = true;
        count = 0;
        (void) snprintf(kill_match, sizeof(kill_match), "%s", match ? match : "");
        kill_at = env_number("FAULT_KILL_AT");
        kill_after = env_number("FAULT_KILL_AFTER");
        fault_rules_file(getenv("FAULT_FILE"));
        read_roots();
        open_count_file();
        show_count();
}

static void ready(void) {
        if (!io.openat || !io.read || !real_write || !real_pread || !real_pwrite)
                resolve();
        if (!configured)
                configure();
}

static void take_lock(void) {
        (void) pthread_mutex_lock(&lock);
        ready();
}

static void drop_lock(void) {
        (void) pthread_mutex_unlock(&lock);
}

/* A child of fork() has only one thread, so the lock is free, even if it was held in the parent. The child counts only its own
 * writes. */
static void in_child(void) {
        (void) pthread_mutex_init(&lock, NULL);
        count = 0;
}

__attribute__((constructor)) static void at_start(void) {
        take_lock();
        drop_lock();
        (void) pthread_atfork(take_lock, drop_lock, in_child);
}

void fault_reset(void) {
        take_lock();
        configure();
        drop_lock();
}

/* ---- paths of descriptors ---- */

static bool read_fd_path(int fd, char *path, size_t size) {
        char link[64];
        ssize_t n;

        (void) snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        n = readlink(link, path, size - 1);
        if (n < 0)
                return false;
        path[n] = '\0';
        return path[0] == '/';
}

static bool is_regular(int fd) {
        struct stat st;

        return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* Returns the real path of an open regular file; NULL for pipes, sockets and terminals. */
static const char *fd_path(int fd) {
        struct fd_path *c = &cache[fd >= 0 && fd < FD_CACHE ? fd : 0];
        struct stat st;

        if (fd < 0 || fd >= FD_CACHE || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return NULL;
        if (c->known && c->dev == st.st_dev && c->ino == st.st_ino)
                return c->path;
        c->known = read_fd_path(fd, c->path, sizeof(c->path));
        c->dev = st.st_dev;
        c->ino = st.st_ino;
        return c->known ? c->path : NULL;
}

static bool below_root(const char *path) {
        for (size_t i = 0; i < n_roots; i++) {
                size_t len = strlen(roots[i]);

                if (strncmp(path, roots[i], len) == 0 && (path[len] == '/' || path[len] == '\0'))
                        return true;
        }
        return false;
}

static bool counts(const char *path) {
        if (kill_match[0])
                return fnmatch(kill_match, path, 0) == 0;
        return n_roots == 0 || below_root(path);
}

/* ---- the decision ---- */

static void die(void) {
        (void) kill(getpid(), SIGKILL);
        for (;;)
                (void) pause();
}

/* Returns the errno for this operation, or 0 to execute it. *ret_last: the process must die after the write. */
static int decide(enum fault_op op, int fd, bool *ret_last) {
        int saved = errno, error = 0;
        const char *path;

        if (configured && !is_regular(fd)) /* without the lock, because a signal handler may be writing to an eventfd */
                return errno = saved, 0;
        take_lock();
        path = fd_path(fd);
        if (path) {
                if (op == FAULT_WRITE && counts(path)) {
                        count++;
                        show_count();
                        if (count == kill_at)
                                die();
                        *ret_last = count == kill_after;
                }
                fault_rules_refresh(&io);
                error = fault_rules_match(op, path);
        }
        drop_lock();
        errno = saved;
        return error;
}

static ssize_t finish(ssize_t r, bool last) {
        if (last)
                die();
        return r;
}

static ssize_t fail(int error, bool last) {
        errno = error;
        return finish(-1, last);
}

/* Determines the real path of a file without opening it, because O_CREAT and O_TRUNC must have no effect if the open fails. */
static bool open_target(int dirfd, const char *path, char *real, size_t size) {
        int fd = io.openat(dirfd, path, O_PATH | O_CLOEXEC);
        bool ok;

        if (fd < 0)
                return false;
        ok = read_fd_path(fd, real, size);
        (void) close(fd);
        return ok;
}

static int decide_open(int dirfd, const char *path) {
        char real[PATH_MAX];
        int saved = errno, error = 0;

        take_lock();
        fault_rules_refresh(&io);
        if (fault_rules_any(FAULT_OPEN))
                error = fault_rules_match(FAULT_OPEN, open_target(dirfd, path, real, sizeof(real)) ? real : path);
        drop_lock();
        errno = saved;
        return error;
}

/* Updates the path of a descriptor whose number may have been used for another file. A new file may even have the same inode. */
static void remember(int fd) {
        int saved = errno;

        if (fd >= 0 && fd < FD_CACHE) {
                take_lock();
                cache[fd].known = false;
                (void) fd_path(fd);
                drop_lock();
        }
        errno = saved;
}

static int do_open(int dirfd, const char *path, int flags, mode_t mode) {
        int fd, error = path ? decide_open(dirfd, path) : 0;

        if (error) {
                errno = error;
                return -1;
        }
        fd = io.openat(dirfd, path, flags, mode);
        remember(fd);
        return fd;
}

/* ---- the hooks ---- */

static bool wants_mode(int flags) {
        return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
}

/* A macro, because va_start is allowed only in the variadic function. */
#define GET_MODE(flags, mode)                        \
        do {                                         \
                if (wants_mode(flags)) {             \
                        va_list ap;                  \
                        va_start(ap, flags);         \
                        (mode) = va_arg(ap, mode_t); \
                        va_end(ap);                  \
                }                                    \
        } while (0)

HOOK int open(const char *path, int flags, ...) {
        mode_t mode = 0;

        GET_MODE(flags, mode);
        return do_open(AT_FDCWD, path, flags, mode);
}

HOOK int open64(const char *path, int flags, ...) {
        mode_t mode = 0;

        GET_MODE(flags, mode);
        return do_open(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

HOOK int openat(int dirfd, const char *path, int flags, ...) {
        mode_t mode = 0;

        GET_MODE(flags, mode);
        return do_open(dirfd, path, flags, mode);
}

HOOK int openat64(int dirfd, const char *path, int flags, ...) {
        mode_t mode = 0;

        GET_MODE(flags, mode);
        return do_open(dirfd, path, flags | O_LARGEFILE, mode);
}

HOOK int __open_2(const char *path, int flags) {
        return do_open(AT_FDCWD, path, flags, 0);
}

HOOK int __open64_2(const char *path, int flags) {
        return do_open(AT_FDCWD, path, flags | O_LARGEFILE, 0);
}

HOOK int __openat_2(int dirfd, const char *path, int flags) {
        return do_open(dirfd, path, flags, 0);
}

HOOK int __openat64_2(int dirfd, const char *path, int flags) {
        return do_open(dirfd, path, flags | O_LARGEFILE, 0);
}

HOOK ssize_t read(int fd, void *buf, size_t n) {
        int error = decide(FAULT_READ, fd, &(bool){ false });

        return error ? fail(error, false) : io.read(fd, buf, n);
}

HOOK ssize_t pread64(int fd, void *buf, size_t n, off64_t at) {
        int error = decide(FAULT_READ, fd, &(bool){ false });

        return error ? fail(error, false) : real_pread(fd, buf, n, at);
}

HOOK ssize_t pread(int fd, void *buf, size_t n, off_t at) {
        return pread64(fd, buf, n, at);
}

HOOK ssize_t __read_chk(int fd, void *buf, size_t n, size_t size) {
        if (n > size)
                abort();
        return read(fd, buf, n);
}

HOOK ssize_t __pread64_chk(int fd, void *buf, size_t n, off64_t at, size_t size) {
        if (n > size)
                abort();
        return pread64(fd, buf, n, at);
}

HOOK ssize_t __pread_chk(int fd, void *buf, size_t n, off_t at, size_t size) {
        return __pread64_chk(fd, buf, n, at, size);
}

HOOK ssize_t write(int fd, const void *buf, size_t n) {
        bool last = false;
        int error = decide(FAULT_WRITE, fd, &last);

        return error ? fail(error, last) : finish(real_write(fd, buf, n), last);
}

HOOK ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t at) {
        bool last = false;
        int error = decide(FAULT_WRITE, fd, &last);

        return error ? fail(error, last) : finish(real_pwrite(fd, buf, n, at), last);
}

HOOK ssize_t pwrite(int fd, const void *buf, size_t n, off_t at) {
        return pwrite64(fd, buf, n, at);
}
