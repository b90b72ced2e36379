/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A kick makes the governor read the ring at once: depending on its kind, it runs a BPF program, which reads the ring, or writes to
 * an eventfd, which wakes the service. It takes no lock, because it may be called from a signal handler. Instead, the descriptor
 * number is constant during the lifetime of the handle, and dup3() replaces the file behind it atomically for all threads. A kick
 * that read the former kind and then uses the new descriptor does no harm: it fails, kicks the new session, or, if the new kind is
 * KICK_NONE, may wake the library's own thread.
 *
 * syscall() is used instead of write(), which is a cancellation point.
 */

#include "client/kick.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int kick_use(struct gov_qos *qos, uint32_t kind, int fd, uint32_t slot, uint32_t cookie) {
        __atomic_store_n(&qos->kick_kind, KICK_NONE, __ATOMIC_RELEASE);
        if (dup3(fd, qos->kick_fd, O_CLOEXEC) < 0)
                return -errno;
        __atomic_store_n(&qos->kick_id, (uint64_t) cookie << 32 | slot, __ATOMIC_RELAXED);
        __atomic_store_n(&qos->kick_kind, kind, __ATOMIC_RELEASE);
        return 0;
}

static int write_eventfd(int fd) {
        const uint64_t one = 1;

        /* EAGAIN: the counter has its maximum, which kicks alone, each of which adds 1, do not reach. This is not reported. */
        return syscall(SYS_write, fd, &one, sizeof(one)) < 0 && errno != EAGAIN ? -errno : 0;
}

static int run_program(int fd, uint64_t id) {
        struct governord_kick kick = { .slot = (uint32_t) id, .cookie = (uint32_t) (id >> 32) };
        union bpf_attr attr;

        memset(&attr, 0, sizeof(attr));
        attr.test.prog_fd = (uint32_t) fd;
        attr.test.ctx_in = (uint64_t) (uintptr_t) &kick;
        attr.test.ctx_size_in = sizeof(kick);
        if (syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, sizeof(attr)) < 0)
                return -errno;
        return (int) attr.test.retval < 0 ? (int) attr.test.retval : 0;
}

void kick_wake(struct gov_qos *qos) {
        int saved = errno;

        if (__atomic_load_n(&qos->kick_kind, __ATOMIC_ACQUIRE) == KICK_EVENTFD)
                (void) write_eventfd(qos->kick_fd);
        errno = saved;
}

GOV_QOS_API int gov_qos_kick(struct gov_qos *qos) {
        uint32_t kind = qos ? __atomic_load_n(&qos->kick_kind, __ATOMIC_ACQUIRE) : KICK_NONE;
        int saved = errno, r = -ENOTCONN;

        if (kind == KICK_EVENTFD)
                r = write_eventfd(qos->kick_fd);
        else if (kind == KICK_BPF)
                r = run_program(qos->kick_fd, __atomic_load_n(&qos->kick_id, __ATOMIC_RELAXED));
        errno = saved;
        return r;
}
