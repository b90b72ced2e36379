/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GOVERNORD_RING_H
#define GOVERNORD_RING_H

/*
 * The layout of a session's ring, for programs that write into one without libgovernord (<governord/qos.h>) and for its readers:
 * the BPF governors and the service. The ring is a BPF array map, or, where the service runs without BPF, a sealed memfd of the
 * same layout. OpenSession() of org.governord.Manager1 returns its file descriptor; the detail "ring" states its kind ("array",
 * "memfd").
 *
 *   offset 0              one page   consumer position, u64. Map it read-only: some kinds of ring do not allow more
 *   offset PAGE           one page   producer position, u64
 *   offset 2 * PAGE       data       GOVERNORD_RING_SIZE bytes
 *
 * PAGE is the page size of this machine (sysconf(_SC_PAGESIZE)). Positions count bytes and never wrap; the record at position P is
 * at data + P % GOVERNORD_RING_SIZE. To report a sample: if producer - consumer (load-acquire) leaves no room for a whole record,
 * drop the sample (waiting is not allowed); otherwise write the record and then store producer + sizeof(struct governord_record)
 * with release semantics. A ring has one producer at a time: a process with several threads needs a lock of its own or a session
 * for each thread. A process that damages its ring (positions that are not multiples of a record or too far ahead, BUSY bits that
 * are never cleared, a record of another length) damages only its own session: the service closes it, at once or after some reads,
 * and reports why. A discarded record of the right length counts as invalid.
 *
 * Where the service runs without BPF it sleeps while the ring is empty, and the producer must wake it: after storing the producer
 * position and a full memory barrier, read the consumer position; if it equals the former producer position, write 1 to the kick
 * descriptor.
 *
 * A client may be able to write to all of this memory, so the service keeps the true consumer position elsewhere: a client that
 * writes at offset 0 misleads only itself. No ring is used for a second session. A ring that a client still holds after its session
 * has ended counts against its user's limit of sessions until the client releases it.
 *
 * With the option "ring" = "user-ringbuf", OpenSession() returns a BPF_MAP_TYPE_USER_RINGBUF of the same layout and with the same
 * records, if the service runs with BPF. A client can make the kernel's read of such a ring arbitrarily slow, so it is read in the
 * client's own CPU time only: by the kick. A program that chooses this ring must kick for its reports to be seen. Discarded records
 * close its session.
 *
 * The size of a record is a multiple of 8 bytes and divides the size of the data area, so a record never wraps around.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GOVERNORD_RING_VERSION 1
#define GOVERNORD_RING_SIZE    16384 /* bytes of data: 512 records. A power of two, and whole pages on all machines */

/* Kinds of records. Records of other kinds are ignored and counted as invalid. */
#define GOVERNORD_RECORD_LATENCY 1 /* one piece of work took latency_us */
#define GOVERNORD_RECORD_SPIKE   2 /* more work than usual is about to arrive: do not wait for latencies to show it */
#define GOVERNORD_RECORD_CALM    3 /* no work is expected for a while: do not keep the level up because of earlier work */

/* The longest latency, in microseconds: one minute. Longer ones count as this one. */
#define GOVERNORD_LATENCY_MAX_US 60000000

struct governord_sample {
        uint32_t kind;       /* GOVERNORD_RECORD_* */
        uint32_t latency_us; /* microseconds; 0 for hints */
        uint64_t end_ns;     /* CLOCK_MONOTONIC when the work ended; 0: just now. A time in the future, or older than the session's
                                stale time, counts as invalid */
        uint64_t reserved;   /* 0 */
};

/* A sample as stored in the ring. */
struct governord_record {
        uint32_t length; /* sizeof(struct governord_sample). The kernel's bits 31 (busy) and 30 (discard) are 0 */
        uint32_t page;   /* 0 */
        struct governord_sample sample;
};

/* Context of the kick program, for bpf(BPF_PROG_RUN): it makes the service read the ring now. Only the process that opened the
 * session may run it for that session. The program returns 0 or a negative errno: -EPERM the session belongs to another process,
 * -ESTALE the session is closed, -EBUSY the ring is being read already. Where the service runs without BPF, the kick descriptor is
 * an eventfd, to which 1 is written; the detail "kick" of OpenSession() states which of the two it is. */
struct governord_kick {
        uint32_t slot;   /* the session's number, from OpenSession() */
        uint32_t cookie; /* the session's, from OpenSession() */
};

#ifdef __cplusplus
}
#endif

#endif
