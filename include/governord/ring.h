/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GOVERNORD_RING_H
#define GOVERNORD_RING_H

/*
 * What a session's ring looks like, for those who write into one without libgovernord (<governord/qos.h>) and for those who read it: the
 * BPF governors and the service. The ring is a BPF array map, or, where the service runs without BPF, a sealed memfd of the same layout.
 * OpenSession() of org.governord.Manager1 returns its descriptor; the detail "ring" says which it is ("array", "memfd").
 *
 *   offset 0              one page   consumer position, u64. Map it read-only: that is all that every kind of ring allows
 *   offset PAGE           one page   producer position, u64
 *   offset 2 * PAGE       data       GOVERNORD_RING_SIZE bytes
 *
 * PAGE is the size of a page of this machine (sysconf(_SC_PAGESIZE)). Positions count bytes and never wrap; the record at position P is
 * at data + P % GOVERNORD_RING_SIZE. To report: if producer - consumer (load-acquire) leaves no room for a whole record, drop the sample
 * (waiting is not allowed); else fill the slot in and store producer + sizeof(struct governord_record), release. One producer at a time: a
 * process with several threads needs a lock of its own or a session for each thread. A process that spoils its ring (positions that are
 * no multiples of a record or far ahead, BUSY bits for ever) spoils only its own session: the service closes it, at once or after some reads, and
 * says why. So does a record of another length; a discarded one of the right length counts as invalid.
 *
 * Where the service runs without BPF it sleeps while the ring is empty: after the producer's position was stored, and a full memory barrier,
 * whoever finds that the consumer's position equals the producer's former one writes 1 to the kick descriptor.
 *
 * A client could write all memory of these, so the true consumer position is kept where it cannot: what it writes at offset 0 misleads itself.
 * No ring is used for a second session. One that is kept after its session has ended counts against its user's sessions until it is let go.
 *
 * With the option "ring" = "user-ringbuf" OpenSession() gives a BPF_MAP_TYPE_USER_RINGBUF, of the same layout and with the same records, where BPF
 * decides. What the kernel does when it reads one has no bound that a client could not stretch, so it is read in the client's own time only: by the
 * kick. A program that chooses it must kick for its reports to be seen; discarded records close its session.
 *
 * A record has a multiple of 8 bytes and divides the data area, so it never wraps around.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GOVERNORD_RING_VERSION 1
#define GOVERNORD_RING_SIZE    16384 /* bytes of data: 512 records. A power of two, and whole pages on all machines */

/* What a record says. Others are ignored, and counted as invalid. */
#define GOVERNORD_RECORD_LATENCY 1 /* one piece of work took latency_us */
#define GOVERNORD_RECORD_SPIKE   2 /* more work than usual is about to come: do not wait for latencies to show it */
#define GOVERNORD_RECORD_CALM    3 /* nothing is expected for a while: do not hold the level up for what was */

/* Longest latency that is taken at its word, in microseconds: a minute. Longer ones count as this. */
#define GOVERNORD_LATENCY_MAX_US 60000000

struct governord_sample {
        uint32_t kind;       /* GOVERNORD_RECORD_* */
        uint32_t latency_us; /* microseconds; 0 for hints */
        uint64_t end_ns;     /* CLOCK_MONOTONIC when the work ended; 0: just now. A time in the future, or older than the session's
                                stale time, counts as invalid */
        uint64_t reserved;   /* 0 */
};

/* As it lies in the ring. */
struct governord_record {
        uint32_t length; /* sizeof(struct governord_sample). The kernel's bits 31 (busy) and 30 (discard) are 0 */
        uint32_t page;   /* 0 */
        struct governord_sample sample;
};

/* Context of the kick program, for bpf(BPF_PROG_RUN): "look into my ring now". Only the process that opened the session may run it for
 * that session; the program returns 0, or a negative errno: -EPERM another process's session, -ESTALE closed, -EBUSY it is
 * being looked at already. Where the service runs without BPF the kick descriptor is an eventfd, to which 1 is written; OpenSession() says which. */
struct governord_kick {
        uint32_t slot;   /* the session's number, from OpenSession() */
        uint32_t cookie; /* the session's, from OpenSession() */
};

#ifdef __cplusplus
}
#endif

#endif
