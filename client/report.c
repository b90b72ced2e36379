/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gov_qos_begin(), _end(), _report() and the hints, which applications may call for each piece of work. They never wait: the number
 * of attempts to get the lock is bounded, and a record is dropped and counted if the lock is not free or the ring is full. There is
 * no system call, except the one that wakes a sleeping reader on rung "user", after the lock was released, and clock_gettime() on
 * machines where the vDSO cannot read the clock.
 *
 * The order at the end of put_record() matters: the producer position is stored before the consumer position is read, with a fence
 * between the two. Before the reader sleeps, it stores the consumer position and then reads the producer position. So at least one
 * side sees the other's store, and the reader does not sleep while the ring has a record.
 */

#include <time.h>

#include "client/handle.h"
#include "client/kick.h"

#define TRIES 100 /* some microseconds: longer than a few reports of other threads take, shorter than a preemption */

_Static_assert(GOVERNORD_RING_SIZE % sizeof(struct governord_record) == 0, "records never wrap around");

static inline void pause_cpu(void) {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
        __asm__ volatile("yield" ::: "memory");
#else
        __asm__ volatile("" ::: "memory");
#endif
}

static __attribute__((noinline, cold)) bool take_contended(struct gov_qos *qos) {
        for (int i = 0; i < TRIES; i++) {
                pause_cpu();
                if (__atomic_load_n(&qos->lock, __ATOMIC_RELAXED) == 0 && __atomic_exchange_n(&qos->lock, 1, __ATOMIC_ACQUIRE) == 0)
                        return true;
        }
        __atomic_fetch_add(&qos->contended, 1, __ATOMIC_RELAXED);
        return false;
}

static inline bool take(struct gov_qos *qos) {
        return __builtin_expect(__atomic_exchange_n(&qos->lock, 1, __ATOMIC_ACQUIRE) == 0, 1) || take_contended(qos);
}

static inline bool has_room(struct gov_qos *qos) {
        const uint64_t most = GOVERNORD_RING_SIZE - sizeof(struct governord_record);

        if (qos->position - qos->consumed <= most)
                return true;
        qos->consumed = __atomic_load_n(qos->ring.consumer, __ATOMIC_ACQUIRE);
        return qos->position - qos->consumed <= most;
}

/* Called with the lock held and a ring in use. Returns true if the reader may be asleep. */
static inline bool put_record(struct gov_qos *qos, uint32_t kind, uint32_t latency_us, uint64_t end_ns) {
        uint64_t position = qos->position;
        struct governord_record *record;

        if (__builtin_expect(!has_room(qos), 0)) {
                __atomic_store_n(&qos->full, qos->full + 1, __ATOMIC_RELAXED);
                return false;
        }
        record = (struct governord_record *) (void *) (qos->ring.data + position % GOVERNORD_RING_SIZE);
        *record = (struct governord_record){
                .length = sizeof(struct governord_sample),
                .sample = { .kind = kind, .latency_us = latency_us, .end_ns = end_ns },
        };
        qos->position = position + sizeof(*record);
        __atomic_store_n(qos->ring.producer, qos->position, __ATOMIC_RELEASE);
        __atomic_store_n(&qos->reported, qos->reported + 1, __ATOMIC_RELAXED);
        if (__builtin_expect(!(__atomic_load_n(&qos->rung, __ATOMIC_RELAXED) & RING_WAKES), 1))
                return false;
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        return __atomic_load_n(qos->ring.consumer, __ATOMIC_RELAXED) == position;
}

static inline bool is_open(const struct gov_qos *qos) {
        return qos && __atomic_load_n(&qos->rung, __ATOMIC_RELAXED) != GOV_QOS_RUNG_NONE;
}

static inline void report(struct gov_qos *qos, uint32_t kind, uint32_t latency_us, uint64_t end_ns) {
        bool asleep = false;

        if (!is_open(qos) || !take(qos))
                return;
        if (is_open(qos)) /* checked again with the lock held */
                asleep = put_record(qos, kind, latency_us, end_ns);
        __atomic_store_n(&qos->lock, 0, __ATOMIC_RELEASE);
        if (__builtin_expect(asleep, 0))
                kick_wake(qos);
}

static inline uint64_t now_ns(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * UINT64_C(1000000000) + (uint64_t) t.tv_nsec;
}

GOV_QOS_API void gov_qos_report(struct gov_qos *qos, uint32_t latency_us) {
        report(qos, GOVERNORD_RECORD_LATENCY, latency_us, 0);
}

GOV_QOS_API void gov_qos_spike(struct gov_qos *qos) {
        report(qos, GOVERNORD_RECORD_SPIKE, 0, 0);
}

GOV_QOS_API void gov_qos_calm(struct gov_qos *qos) {
        report(qos, GOVERNORD_RECORD_CALM, 0, 0);
}

GOV_QOS_API uint64_t gov_qos_begin(const struct gov_qos *qos) {
        return is_open(qos) ? now_ns() : 0;
}

GOV_QOS_API void gov_qos_end(struct gov_qos *qos, uint64_t begin_ns) {
        uint64_t end_ns, latency_us;

        if (begin_ns == 0 || !is_open(qos))
                return;
        end_ns = now_ns();
        if (begin_ns > end_ns)
                return;
        latency_us = (end_ns - begin_ns) / 1000;
        if (latency_us > GOVERNORD_LATENCY_MAX_US)
                latency_us = GOVERNORD_LATENCY_MAX_US;
        report(qos, GOVERNORD_RECORD_LATENCY, (uint32_t) latency_us, end_ns & __atomic_load_n(&qos->time_mask, __ATOMIC_RELAXED));
}
