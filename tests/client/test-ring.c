/* SPDX-License-Identifier: GPL-2.0-or-later */
/* client/report.c and client/ring.c without a service: contents of the ring, full rings, threads, exchange of rings while threads
 * report, and descriptors that are not valid rings. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/kick.h"
#include "client/ring.h"

#define N_RECORDS (GOVERNORD_RING_SIZE / sizeof(struct governord_record))
#define THREADS   3
#define EACH      200000

/* The reader's side of a ring. */
struct reader {
        int fd;
        size_t page;
        unsigned char *map;
};

static size_t length_of(const struct reader *reader) {
        return 2 * reader->page + GOVERNORD_RING_SIZE;
}

static void reader_open(struct reader *reader, int seals) {
        reader->page = (size_t) sysconf(_SC_PAGESIZE);
        reader->fd = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        assert_true(reader->fd >= 0);
        assert_int_equal(ftruncate(reader->fd, (off_t) length_of(reader)), 0);
        assert_true(fcntl(reader->fd, F_ADD_SEALS, seals) == 0);
        reader->map = mmap(NULL, length_of(reader), PROT_READ | PROT_WRITE, MAP_SHARED, reader->fd, 0);
        assert_true(reader->map != MAP_FAILED);
}

static void reader_close(struct reader *reader) {
        (void) munmap(reader->map, length_of(reader));
        (void) close(reader->fd);
}

static uint64_t *consumer(const struct reader *reader) {
        return (uint64_t *) (void *) reader->map;
}

static uint64_t produced(const struct reader *reader) {
        return __atomic_load_n((uint64_t *) (void *) (reader->map + reader->page), __ATOMIC_ACQUIRE);
}

/* Takes the oldest record; returns 0 if there is none. */
static int reader_take(struct reader *reader, struct governord_record *ret) {
        uint64_t at = *consumer(reader);

        if (at == produced(reader))
                return 0;
        memcpy(ret, reader->map + 2 * reader->page + at % GOVERNORD_RING_SIZE, sizeof(*ret));
        __atomic_store_n(consumer(reader), at + sizeof(*ret), __ATOMIC_RELEASE);
        return 1;
}

static struct gov_qos *attached(struct reader *reader, uint32_t rung, struct ring *ring) {
        struct gov_qos *qos = NULL;

        reader_open(reader, F_SEAL_SHRINK | F_SEAL_GROW);
        assert_int_equal(handle_new(&qos), 0);
        qos->time_mask = UINT64_MAX;
        assert_int_equal(ring_map(reader->fd, ring), 0);
        assert_int_equal(ring_use(qos, rung == GOV_QOS_RUNG_USER ? rung | RING_WAKES : rung, ring), 0);
        return qos;
}

static void detached(struct gov_qos *qos, struct reader *reader, struct ring *ring) {
        assert_int_equal(ring_use(qos, GOV_QOS_RUNG_NONE, NULL), 0);
        ring_unmap(ring);
        (void) handle_free(qos);
        reader_close(reader);
}

static void expect(struct reader *reader, uint32_t kind, uint32_t latency_us) {
        struct governord_record record;

        assert_int_equal(reader_take(reader, &record), 1);
        assert_int_equal(record.length, 24);
        assert_int_equal(record.page, 0);
        assert_int_equal(record.sample.kind, kind);
        assert_int_equal(record.sample.latency_us, latency_us);
        assert_true(record.sample.end_ns == 0 && record.sample.reserved == 0);
}

static void test_values(void **state) {
        struct governord_record record;
        struct reader reader;
        struct ring ring;
        struct gov_qos *qos = attached(&reader, GOV_QOS_RUNG_BPF, &ring);
        uint64_t begin, after;

        (void) state;
        gov_qos_report(qos, 7);
        gov_qos_report(qos, UINT32_MAX);
        gov_qos_spike(qos);
        gov_qos_calm(qos);
        expect(&reader, GOVERNORD_RECORD_LATENCY, 7);
        expect(&reader, GOVERNORD_RECORD_LATENCY, UINT32_MAX);
        expect(&reader, GOVERNORD_RECORD_SPIKE, 0);
        expect(&reader, GOVERNORD_RECORD_CALM, 0);

        begin = gov_qos_begin(qos);
        assert_true(begin > 0);
        gov_qos_end(qos, begin - 3000000);
        after = gov_qos_begin(qos);
        assert_int_equal(reader_take(&reader, &record), 1);
        assert_true(record.sample.latency_us >= 3000 && record.sample.end_ns >= begin && record.sample.end_ns <= after);
        assert_true(record.sample.latency_us == (record.sample.end_ns - begin + 3000000) / 1000);
        gov_qos_end(qos, 0);
        gov_qos_end(qos, after + UINT64_C(1000000000000));
        assert_int_equal(reader_take(&reader, &record), 0);
        gov_qos_end(qos, 1); /* at boot, so the latency may exceed the maximum */
        qos->time_mask = 0;
        gov_qos_end(qos, gov_qos_begin(qos) - 5000);
        assert_int_equal(reader_take(&reader, &record), 1);
        assert_true(record.sample.latency_us <= GOVERNORD_LATENCY_MAX_US);
        assert_int_equal(reader_take(&reader, &record), 1);
        assert_true(record.sample.end_ns == 0 && record.sample.latency_us >= 5);
        detached(qos, &reader, &ring);
}

static void test_full(void **state) {
        struct gov_qos_status status = { sizeof(status), 0, 0, 0, 0, 0, 0, 0, "" };
        struct reader reader;
        struct ring ring;
        struct gov_qos *qos = attached(&reader, GOV_QOS_RUNG_BPF, &ring);

        (void) state;
        for (uint32_t i = 0; i < N_RECORDS + 10; i++)
                gov_qos_report(qos, i);
        expect(&reader, GOVERNORD_RECORD_LATENCY, 0); /* a full ring is not overwritten */
        gov_qos_report(qos, 99999);
        gov_qos_report(qos, 88888);
        for (uint32_t i = 1; i < N_RECORDS; i++)
                expect(&reader, GOVERNORD_RECORD_LATENCY, i);
        expect(&reader, GOVERNORD_RECORD_LATENCY, 99999);
        assert_int_equal(reader_take(&reader, &(struct governord_record){ 0 }), 0);
        assert_int_equal(pthread_mutex_init(&control_of(qos)->mutex, NULL), 0);
        assert_int_equal(gov_qos_status(qos, &status), 0);
        assert_int_equal(status.reported, N_RECORDS + 1);
        assert_int_equal(status.dropped, 11);

        *consumer(&reader) = produced(&reader) + 32; /* an invalid position must not be taken for free space */
        for (uint32_t i = 0; i < N_RECORDS + 10; i++)
                gov_qos_report(qos, i);
        assert_true(produced(&reader) <= (N_RECORDS + 1 + N_RECORDS) * 32);
        detached(qos, &reader, &ring);
}

/* On rung "user", a report writes to the eventfd only if the ring was empty. */
static void test_wake(void **state) {
        struct governord_record record;
        struct reader reader;
        struct ring ring;
        struct gov_qos *qos = attached(&reader, GOV_QOS_RUNG_USER, &ring);
        uint64_t count = 0;
        int fd = eventfd(0, EFD_NONBLOCK);

        (void) state;
        qos->kick_fd = eventfd(0, 0);
        assert_int_equal(gov_qos_kick(qos), -ENOTCONN);
        assert_int_equal(kick_use(qos, KICK_EVENTFD, fd, 0, 0), 0);
        errno = 4711;
        gov_qos_report(qos, 1);
        gov_qos_report(qos, 2);
        gov_qos_report(qos, 3);
        assert_int_equal(errno, 4711);
        assert_int_equal(read(fd, &count, sizeof(count)), 8);
        assert_int_equal(count, 1);
        while (reader_take(&reader, &record) == 1)
                ;
        gov_qos_report(qos, 4);
        assert_int_equal(read(fd, &count, sizeof(count)), 8);
        assert_int_equal(count, 1);
        assert_int_equal(gov_qos_kick(qos), 0);
        assert_int_equal(read(fd, &count, sizeof(count)), 8);
        assert_int_equal(kick_use(qos, KICK_NONE, fd, 0, 0), 0);
        assert_int_equal(gov_qos_kick(qos), -ENOTCONN);
        (void) close(qos->kick_fd);
        (void) close(fd);
        detached(qos, &reader, &ring);
}

static void test_refused(void **state) {
        struct reader reader;
        struct ring ring;

        (void) state;
        reader_open(&reader, 0);
        assert_int_equal(ring_map(reader.fd, &ring), -EBADMSG); /* not sealed, so it could shrink */
        assert_int_equal(ftruncate(reader.fd, (off_t) (length_of(&reader) - reader.page)), 0);
        assert_int_equal(fcntl(reader.fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
        assert_int_equal(ring_map(reader.fd, &ring), -EBADMSG); /* too short */
        reader_close(&reader);

        reader_open(&reader, F_SEAL_SHRINK);
        *(uint64_t *) (void *) (reader.map + reader.page) = 31;
        assert_int_equal(ring_map(reader.fd, &ring), -EBADMSG);
        *(uint64_t *) (void *) (reader.map + reader.page) = GOVERNORD_RING_SIZE + 32;
        assert_int_equal(ring_map(reader.fd, &ring), -EBADMSG);
        reader_close(&reader);
        assert_true(ring_map(-1, &ring) < 0);
        assert_true(ring_map(STDIN_FILENO, &ring) < 0);
}

/* A forked child has no ring, and its calls do not change the parent's ring. */
static void test_fork(void **state) {
        struct gov_qos_status status = { sizeof(status), 0, 0, 0, 0, 0, 0, 0, "" };
        struct governord_record record;
        struct reader reader;
        struct ring ring;
        struct gov_qos *qos = attached(&reader, GOV_QOS_RUNG_BPF, &ring);
        pid_t child;
        int end;

        (void) state;
        qos->lock = 1; /* held by a thread that does not exist in the child */
        child = fork();
        if (child == 0) {
                gov_qos_report(qos, 1);
                gov_qos_spike(qos);
                gov_qos_end(qos, 1);
                if (gov_qos_begin(qos) != 0 || gov_qos_kick(qos) != -ENOTCONN || gov_qos_set_target(qos, 1000, 0, 0) != 0 ||
                    gov_qos_status(qos, &status) != 0 || status.state != GOV_QOS_OFF || gov_qos_wait(qos, 0, 1000) != -EINVAL)
                        _exit(1);
                _exit(gov_qos_close(qos) ? 2 : 0);
        }
        qos->lock = 0;
        assert_int_equal(waitpid(child, &end, 0), child);
        assert_int_equal(end, 0);
        assert_int_equal(reader_take(&reader, &record), 0);
        gov_qos_report(qos, 2);
        expect(&reader, GOVERNORD_RECORD_LATENCY, 2);
        detached(qos, &reader, &ring);
}

/* A lock that is never released: reports are dropped after a short time, and ring_use() fails. */
static void test_stuck(void **state) {
        struct reader reader;
        struct ring ring;
        struct gov_qos *qos = attached(&reader, GOV_QOS_RUNG_BPF, &ring);

        (void) state;
        qos->lock = 1;
        gov_qos_report(qos, 1);
        assert_int_equal(qos->contended, 1);
        assert_int_equal(ring_use(qos, GOV_QOS_RUNG_NONE, NULL), -EDEADLK);
        qos->lock = 0;
        gov_qos_report(qos, 1); /* no ring is in use after the failure */
        assert_true(produced(&reader) == 0);
        detached(qos, &reader, &ring);
}

struct writer {
        pthread_t thread;
        struct gov_qos *qos;
        uint32_t number;
};

static void *write_many(void *userdata) {
        const struct writer *writer = userdata;

        for (uint32_t i = 0; i < EACH; i++)
                gov_qos_report(writer->qos, writer->number << 24 | i);
        return NULL;
}

static void start_writers(struct writer *writers, struct gov_qos *qos) {
        for (uint32_t i = 0; i < THREADS; i++) {
                writers[i] = (struct writer){ .qos = qos, .number = i };
                assert_int_equal(pthread_create(&writers[i].thread, NULL, write_many, &writers[i]), 0);
        }
}

/* Every record is complete, and the records of each thread are in the order of its reports. */
static void check_record(const struct governord_record *record, uint32_t *next) {
        uint32_t number = record->sample.latency_us >> 24, i = record->sample.latency_us & 0xffffff;

        assert_true(record->length == 24 && record->page == 0 && record->sample.kind == GOVERNORD_RECORD_LATENCY);
        assert_true(number < THREADS && i >= next[number] && i < EACH);
        next[number] = i + 1;
}

static uint64_t lost(struct gov_qos *qos) {
        return __atomic_load_n(&qos->full, __ATOMIC_RELAXED) + __atomic_load_n(&qos->contended, __ATOMIC_RELAXED);
}

static void test_threads(void **state) {
        struct writer writers[THREADS];
        struct governord_record record;
        uint32_t next[THREADS] = { 0 };
        struct reader reader;
        struct ring ring;
        struct gov_qos *qos = attached(&reader, GOV_QOS_RUNG_BPF, &ring);
        uint64_t n = 0;

        (void) state;
        start_writers(writers, qos);
        while (n + lost(qos) < THREADS * EACH) {
                if (reader_take(&reader, &record) == 0)
                        continue;
                check_record(&record, next);
                n++;
        }
        for (size_t i = 0; i < THREADS; i++)
                assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
        assert_int_equal(reader_take(&reader, &record), 0);
        assert_int_equal(n, qos->reported);
        assert_int_equal(n + lost(qos), THREADS * EACH);
        print_message("%u records, %u lost to a full ring, %u to the lock\n", (unsigned int) n, (unsigned int) qos->full,
                      (unsigned int) qos->contended);
        detached(qos, &reader, &ring);
}

/* Rings are replaced while threads report. Nothing is written to an unmapped ring, which would cause SIGSEGV. */
static void test_exchange(void **state) {
        struct writer writers[THREADS];
        struct reader reader;
        struct ring ring, next;
        struct gov_qos *qos = attached(&reader, GOV_QOS_RUNG_BPF, &ring);

        (void) state;
        start_writers(writers, qos);
        for (int i = 0; i < 300; i++) {
                *consumer(&reader) = produced(&reader);
                assert_int_equal(ring_map(reader.fd, &next), 0);
                assert_int_equal(ring_use(qos, GOV_QOS_RUNG_BPF, &next), 0);
                ring_unmap(&ring);
                ring = next;
        }
        for (size_t i = 0; i < THREADS; i++)
                assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
        assert_true(qos->reported > 0);
        detached(qos, &reader, &ring);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_values),  cmocka_unit_test(test_full),     cmocka_unit_test(test_wake),
                cmocka_unit_test(test_refused), cmocka_unit_test(test_fork),     cmocka_unit_test(test_stuck),
                cmocka_unit_test(test_threads), cmocka_unit_test(test_exchange),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
