/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GOVERNORD_RING_H
#define GOVERNORD_RING_H

/*
 * Layout of a session's ring, for programs that write to a ring without libgovernord (<governord/qos.h>). The ring is a BPF array
 * map, or a sealed memfd if the service runs without BPF. OpenSession() of org.governord.Manager1 returns its file descriptor; the
 * detail "ring" states its kind ("array" or "memfd").
 *
 *   offset 0              one page   consumer position, u64. Map it read-only: some kinds of rings cannot be mapped writable here
 *   offset PAGE           one page   producer position, u64
 *   offset 2 * PAGE       data       GOVERNORD_RING_SIZE bytes
 *
 * PAGE is the page size of this machine (sysconf(_SC_PAGESIZE)). Positions count bytes and never wrap; the record at position P is
 * at data + P % GOVERNORD_RING_SIZE. The size of a record is a multiple of 8 bytes and divides GOVERNORD_RING_SIZE, so a record
 * never wraps around.
 *
 * To report a sample, read the consumer position with acquire semantics. If the ring has no room for a whole record, drop the
 * sample; do not wait. Otherwise write the record, and then store producer + sizeof(struct governord_record) as the new producer
 * position with release semantics. A ring has one producer at a time: threads of a process need a lock, or one session each.
 *
 * If the service runs without BPF, it sleeps while the ring is empty, and the producer must wake it: after the store of the
 * producer position and a full memory barrier, read the consumer position again. If it equals the former producer position, write
 * the 8-byte number 1 to the kick descriptor.
 *
 * The service closes the session, and reports the reason, if positions are not multiples of the record size or more than
 * GOVERNORD_RING_SIZE apart, if a BUSY bit stays set for too long (with BPF a second, otherwise the stale time), or if a record has
 * a wrong length. A discarded record of the right length is skipped. Other sessions are not affected. Some kinds of rings are
 * writable as a whole, so the service stores the true consumer position elsewhere.
 *
 * A ring is never reused for another session. A BPF map that a client keeps after the end of its session counts against the limit
 * of sessions of the client's user until the client releases it.
 *
 * With the option "ring" = "user-ringbuf", OpenSession() returns a BPF_MAP_TYPE_USER_RINGBUF with the same layout and records, if
 * the service runs with BPF. A client could make the kernel read such a ring for many milliseconds. So the kernel reads it during a
 * kick only, in the client's own CPU time: reports without a kick have no effect. A discarded record closes the session.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GOVERNORD_RING_VERSION 1
#define GOVERNORD_RING_SIZE    16384 /* bytes of data: 512 records. A power of two, and whole pages if they have 4 or 16 KiB */

/* Kinds of records. Records of other kinds are ignored and counted as invalid. SPIKE and CALM are hints. */
#define GOVERNORD_RECORD_LATENCY 1 /* one piece of work took latency_us */
#define GOVERNORD_RECORD_SPIKE   2 /* more work than usual is about to arrive: the level may rise before latencies do */
#define GOVERNORD_RECORD_CALM    3 /* no work is expected for a while: the level may fall before the window has passed */

/* The longest latency in microseconds: one minute. Longer latencies count as one minute. */
#define GOVERNORD_LATENCY_MAX_US 60000000

struct governord_sample {
        uint32_t kind;       /* GOVERNORD_RECORD_* */
        uint32_t latency_us; /* microseconds; 0 for hints */
        uint64_t end_ns;     /* CLOCK_MONOTONIC in nanoseconds when the work ended; 0: when the record is read. A record with a time
                                in the future, or longer ago than the session's stale time, counts as invalid */
        uint64_t reserved;   /* must be 0; otherwise the record counts as invalid */
};

/* A sample as stored in the ring. */
struct governord_record {
        uint32_t length; /* sizeof(struct governord_sample), with bit 31 (BPF_RINGBUF_BUSY_BIT) and bit 30 (_DISCARD_BIT) clear */
        uint32_t page;   /* 0 */
        struct governord_sample sample;
};

/*
 * A kick makes the governor read the ring at once. If the detail "kick" of OpenSession() is "eventfd", write the 8-byte number 1 to
 * the kick descriptor: this wakes the service, which reads the ring, or, if the last kick was less than a millisecond ago, reads it
 * at its next tick. If the detail is "bpf", the descriptor is a BPF program that reads the ring: run it with bpf(BPF_PROG_RUN) and
 * this context, in the process that opened the session. The program returns 0 or a negative errno:
 *   -EPERM   the session belongs to another process
 *   -ESTALE  the session is closed, or its ring has become unreadable
 *   -EBUSY   the ring is being read already, or the governor is being replaced
 *   others   the content of the ring is invalid; the service closes the session
 */
struct governord_kick {
        uint32_t slot;   /* detail "slot" of OpenSession() */
        uint32_t cookie; /* detail "cookie" of OpenSession(): distinguishes sessions that use the same slot one after the other */
};

#ifdef __cplusplus
}
#endif

#endif
