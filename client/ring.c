/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Maps rings, replaces them while other threads report, and unmaps them. A file that could be truncated while it is mapped would
 * cause SIGBUS in the application; such files, and rings with invalid positions, are rejected. A ring is replaced with the lock of
 * the reports held, so that no report writes to the former ring when it is unmapped. A report holds the lock for nanoseconds,
 * unless its thread is preempted. */

#include "client/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TIMEOUT_MS 1000 /* longer than any usual preemption of a reporting thread */

static size_t page_size(void) {
        return (size_t) sysconf(_SC_PAGESIZE);
}

/* A memfd must be long enough and sealed against shrinking. A BPF map is not a regular file and cannot shrink. */
static int check_file(int fd) {
        struct stat st;
        int seals;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return 0;
        seals = fcntl(fd, F_GET_SEALS);
        if (seals < 0 || !(seals & F_SEAL_SHRINK) || st.st_size < (off_t) (2 * page_size() + GOVERNORD_RING_SIZE))
                return -EBADMSG;
        return 0;
}

static void *map(int fd, int protection, size_t offset, size_t length) {
        void *p = mmap(NULL, length, protection, MAP_SHARED | MAP_POPULATE, fd, (off_t) offset);

        if (p == MAP_FAILED)
                return NULL;
        (void) madvise(p, length, MADV_DONTFORK);
        return p;
}

void ring_unmap(struct ring *ring) {
        if (ring->consumer)
                (void) munmap((void *) (uintptr_t) ring->consumer, page_size());
        if (ring->producer)
                (void) munmap(ring->producer, page_size() + GOVERNORD_RING_SIZE);
        *ring = (struct ring){ NULL };
}

static bool position_fits(const struct ring *ring) {
        uint64_t producer = __atomic_load_n(ring->producer, __ATOMIC_RELAXED);

        return producer % sizeof(struct governord_record) == 0 &&
               producer - __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE) <= GOVERNORD_RING_SIZE;
}

int ring_map(int fd, struct ring *ret) {
        struct ring ring = { NULL };
        int r = check_file(fd);

        if (r < 0)
                return r;
        ring.consumer = map(fd, PROT_READ, 0, page_size());
        if (!ring.consumer)
                return -errno;
        ring.producer = map(fd, PROT_READ | PROT_WRITE, page_size(), page_size() + GOVERNORD_RING_SIZE);
        if (!ring.producer)
                r = -errno;
        else if (!position_fits(&ring))
                r = -EBADMSG;
        if (r < 0) {
                ring_unmap(&ring);
                return r;
        }
        ring.data = (unsigned char *) ring.producer + page_size();
        *ret = ring;
        return 0;
}

static int take_lock(struct gov_qos *qos) {
        const struct timespec step = { .tv_nsec = 1000000 };

        for (int ms = 0; ms < LOCK_TIMEOUT_MS; ms++) {
                if (__atomic_exchange_n(&qos->lock, 1, __ATOMIC_ACQUIRE) == 0)
                        return 0;
                (void) nanosleep(&step, NULL);
        }
        return -EDEADLK;
}

int ring_use(struct gov_qos *qos, uint32_t rung, const struct ring *ring) {
        int r;

        /* From here on, reports find that no ring is in use, so the lock becomes free soon. */
        __atomic_store_n(&qos->rung, GOV_QOS_RUNG_NONE, __ATOMIC_RELAXED);
        r = take_lock(qos);
        if (r < 0)
                return r;
        qos->ring = ring ? *ring : (struct ring){ NULL };
        if (ring) {
                qos->position = __atomic_load_n(ring->producer, __ATOMIC_RELAXED);
                qos->consumed = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
                __atomic_store_n(&qos->rung, rung, __ATOMIC_RELAXED);
        }
        __atomic_store_n(&qos->lock, 0, __ATOMIC_RELEASE);
        return 0;
}
