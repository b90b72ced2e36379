/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads records from memory that is shared with a client, which can write all of it at any time. So positions and records are
 * copied once by atomic loads before they are checked, and the true consumer position is stored elsewhere. bpf/session.h checks the
 * content of samples.
 *
 * The memory is allocated and sealed against truncation before the client gets it, because access after the end of a file raises
 * SIGBUS. The fence in user_ring_release() pairs with one in the client, between its store of the producer position and its read of
 * the consumer position: at least one side sees the other's store. */

#include "bpf/user-ring.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "bpf/ring-rules.h"

/* Since Linux 6.3. Without this flag, newer kernels log a warning, or fail if vm.memfd_noexec is 2. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define RECORD_WORDS (sizeof(struct governord_record) / sizeof(uint64_t))

_Static_assert(sizeof(struct governord_record) % sizeof(uint64_t) == 0, "a record is copied by words");
_Static_assert(GOVERNORD_RING_SIZE % sizeof(struct governord_record) == 0, "no record wraps around");

static uint64_t *position(const struct user_ring *ring, size_t page) {
        return (uint64_t *) (void *) (ring->map + page * ring->page);
}

static int make_memfd(size_t bytes) {
        const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
        _cleanup_close_ int fd = memfd_create("governord-ring", flags | MFD_NOEXEC_SEAL);

        if (fd < 0 && errno == EINVAL)
                fd = memfd_create("governord-ring", flags);
        if (fd < 0 || ftruncate(fd, (off_t) bytes) < 0 || fallocate(fd, 0, 0, (off_t) bytes) < 0 ||
            fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
                return -errno;
        return TAKE_FD(fd);
}

int user_ring_new(struct user_ring *ring, int *ret_fd) {
        const size_t page = (size_t) sysconf(_SC_PAGESIZE), bytes = 2 * page + GOVERNORD_RING_SIZE;
        _cleanup_close_ int fd = make_memfd(bytes);
        void *map;

        if (fd < 0)
                return fd;
        map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map == MAP_FAILED)
                return -errno;
        *ring = (struct user_ring){ .map = map, .page = page, .bytes = bytes };
        *ret_fd = TAKE_FD(fd);
        return 0;
}

void user_ring_done(struct user_ring *ring) {
        if (ring->map)
                (void) munmap(ring->map, ring->bytes);
        ring->map = NULL;
}

int user_ring_look(struct user_ring *ring) {
        uint64_t produced = __atomic_load_n(position(ring, 1), __ATOMIC_ACQUIRE);

        if (!ring_fits(ring->consumed, produced)) {
                (void) TEXT_FORMAT(ring->reason, "the producer position %llu of its ring is invalid after position %llu",
                                   (unsigned long long) produced, (unsigned long long) ring->consumed);
                return -EBADMSG;
        }
        ring->produced = produced;
        return 0;
}

static void copy_record(const struct user_ring *ring, struct governord_record *ret) {
        const uint8_t *at = ring->map + 2 * ring->page + ring->consumed % GOVERNORD_RING_SIZE;
        const uint64_t *from = (const uint64_t *) (const void *) at;
        uint64_t words[RECORD_WORDS];

        words[0] = __atomic_load_n(&from[0], __ATOMIC_ACQUIRE); /* has the BUSY bit: without it, the rest is complete */
        for (size_t i = 1; i < RECORD_WORDS; i++)
                words[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
        memcpy(ret, words, sizeof(*ret));
}

static int wait_for_record(struct user_ring *ring, uint64_t now_ns, uint64_t patience_ns) {
        if (ring->busy_since_ns == 0)
                ring->busy_since_ns = now_ns;
        if (now_ns - ring->busy_since_ns <= patience_ns)
                return 0;
        (void) TEXT_FORMAT(ring->reason, "a record in its ring has been incomplete for %llu ms",
                           (unsigned long long) ((now_ns - ring->busy_since_ns) / 1000000));
        return -ETIMEDOUT;
}

int user_ring_take(struct user_ring *ring, uint64_t now_ns, uint64_t patience_ns, struct governord_sample *ret) {
        struct governord_record record;

        while (ring->consumed != ring->produced) {
                enum ring_verdict verdict;

                copy_record(ring, &record);
                verdict = ring_judge(record.length);
                if (verdict == RING_WAIT)
                        return wait_for_record(ring, now_ns, patience_ns);
                ring->busy_since_ns = 0;
                if (verdict == RING_BAD) {
                        (void) TEXT_FORMAT(ring->reason, "a record in its ring has a length of %u bytes instead of %zu",
                                           record.length & ~RING_RECORD_DISCARD, sizeof(record.sample));
                        return -EBADMSG;
                }
                ring->consumed += sizeof(record);
                if (verdict == RING_DISCARD)
                        continue;
                *ret = record.sample;
                return 1;
        }
        return 0;
}

bool user_ring_release(struct user_ring *ring) {
        __atomic_store_n(position(ring, 0), ring->consumed, __ATOMIC_RELEASE);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        return __atomic_load_n(position(ring, 1), __ATOMIC_RELAXED) != ring->consumed;
}
