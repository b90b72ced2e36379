/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An instance that was requested to stop (--replace) may still be restoring original values, and two instances at once would undo
 * each other's writes. The new instance waits before its event loop runs, so no client is delayed, and SIGTERM or SIGINT ends the
 * wait. */

#include "core/write/ledger-lock.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/file.h>
#include <time.h>

#define PAUSE_NSEC 20000000
#define TRIES      250 /* five seconds: restoring 65536 knobs takes less than one */

static bool asked_to_stop(void) {
        sigset_t pending;

        return sigpending(&pending) == 0 && (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1);
}

int ledger_lock(int directory_fd) {
        const struct timespec pause = { .tv_nsec = PAUSE_NSEC };

        for (unsigned int tried = 0; flock(directory_fd, LOCK_EX | LOCK_NB) < 0; tried++) {
                if (errno != EWOULDBLOCK)
                        return 0; /* the file system does not support locks */
                if (tried == TRIES)
                        return -EBUSY;
                if (asked_to_stop())
                        return -EINTR;
                (void) nanosleep(&pause, NULL);
        }
        return 0;
}

/* If the directory is not locked, this function locks it for a moment. An instance that starts at that moment tries again. */
bool ledger_is_locked(int directory_fd) {
        if (flock(directory_fd, LOCK_SH | LOCK_NB) < 0)
                return errno == EWOULDBLOCK;
        (void) flock(directory_fd, LOCK_UN);
        return false;
}
