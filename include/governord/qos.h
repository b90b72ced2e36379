/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GOVERNORD_QOS_H
#define GOVERNORD_QOS_H

/*
 * libgovernord: report to governord how long your work takes. It gives the CPUs that do this work as much performance as your
 * target needs, and no more.
 *
 *     struct gov_qos_options options = GOV_QOS_OPTIONS(2000);  // p95 of the latencies shall be 2000 µs or less
 *     struct gov_qos *qos = NULL;
 *
 *     (void) gov_qos_open(&options, &qos);                     // never waits, needs no service
 *     while (next_request(&request)) {                         // notes request.arrived_ns, CLOCK_MONOTONIC, when it is received
 *             serve(&request);
 *             gov_qos_end(qos, request.arrived_ns);            // some nanoseconds, no system call
 *     }
 *     gov_qos_close(qos);
 *
 * Build with `pkg-config --cflags --libs governord-qos`. This header needs nothing but C99 or C++11.
 *
 * What holds for all functions:
 * - If the service is not running, the calls do nothing and return, and the library waits until the service appears. After a
 *   restart of the service or of the bus the library reconnects by itself. gov_qos_status() reports the state of a handle.
 * - A handle is NULL or comes from gov_qos_open(). With NULL, all functions do nothing.
 * - All functions may be called from several threads at the same time, even with the same handle. The exception is gov_qos_close(),
 *   which must be the last call with a handle.
 * - The library never changes errno, prints nothing, sets no signal handler and consumes no signal. It has one thread for each
 *   handle, which blocks all signals and sleeps until a message arrives on the bus.
 * - In the child of a fork() the handles of the parent are dead: all calls do nothing, and gov_qos_close() frees the child's copy.
 *   The parent's session goes on. A child that needs a session opens a handle of its own.
 * - Errors are negative errno values; 0 is success.
 * - Functions marked "signal-safe" may be called from signal handlers. They must not be left by siglongjmp() or an asynchronous
 *   pthread_cancel().
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define GOV_QOS_API __attribute__((visibility("default")))
#else
#define GOV_QOS_API
#endif

/* A handle: the target of one kind of work, and the connection to the service. A process can have eight at a time. */
struct gov_qos;

/* Flags of gov_qos_options. */
#define GOV_QOS_CAP           UINT32_C(0x1) /* the level that the target needs is a ceiling as well: saves energy */
#define GOV_QOS_START_SERVICE UINT32_C(0x2) /* if the service does not run, ask the bus once to start it */

/* Limits of what a session may request: times in microseconds, the percentile in thousandths. */
#define GOV_QOS_TARGET_MIN_US     1
#define GOV_QOS_TARGET_MAX_US     60000000
#define GOV_QOS_PERMILLE_MIN      500
#define GOV_QOS_PERMILLE_MAX      999
#define GOV_QOS_PERMILLE_DEFAULT  950
#define GOV_QOS_WINDOW_MIN_US     1000
#define GOV_QOS_WINDOW_MAX_US     60000000
#define GOV_QOS_WINDOW_DEFAULT_US 100000
#define GOV_QOS_STALE_MIN_US      1000
#define GOV_QOS_STALE_MAX_US      600000000
#define GOV_QOS_STALE_DEFAULT_US  1000000
#define GOV_QOS_THREADS_MAX       16 /* that it may name */

/* Options of gov_qos_open(). Later versions add members at the end only; members beyond the caller's `size` count as 0. Initialize
 * the structure with GOV_QOS_OPTIONS(), then change members. */
struct gov_qos_options {
        uint32_t size;           /* sizeof(struct gov_qos_options) of the caller */
        uint32_t flags;          /* GOV_QOS_CAP, GOV_QOS_START_SERVICE */
        uint32_t target_us;      /* microseconds that the percentile of the latencies shall not exceed: 1 to 60 000 000 */
        uint32_t permille;       /* which percentile: 500 to 999; 950 is p95. 0: 950 */
        uint32_t window_us;      /* microseconds over which the percentile is taken: 1000 to 60 000 000. 0: 100 000 */
        uint32_t stale_us;       /* microseconds without a sample after which the session is silent and requests nothing:
                                    1000 to 600 000 000. 0: 1 000 000 */
        const char *application; /* name shown to users, UTF-8; copied. NULL: the service uses the program's name */
};

#define GOV_QOS_OPTIONS(target_us) \
        { (uint32_t) sizeof(struct gov_qos_options), 0, (target_us), 0, 0, 0, NULL }

/* The same as GOV_QOS_OPTIONS(), for languages that cannot use a macro: sets `options` to no flags, `target_us` and the defaults.
 * `size` is sizeof(struct gov_qos_options) of the caller; no more bytes are written. -EINVAL: `options` is NULL, or no version of
 * the library has a structure of this size. Since 0.2. */
GOV_QOS_API int gov_qos_options_init(struct gov_qos_options *options, uint32_t size, uint32_t target_us);

/* State of a handle: gov_qos_status.state. */
enum {
        GOV_QOS_WAITING = 0, /* no session: there is no bus or no service, or the next try is due later. `message` states which */
        GOV_QOS_OPENING = 1, /* the library has asked the service for a session */
        GOV_QOS_OPEN = 2,    /* the service receives the reports */
        GOV_QOS_REFUSED = 3, /* the service refused. This handle asks again only after a restart of the service or of the bus */
        GOV_QOS_OFF = 4      /* permanently off: this process lacks what the library needs, or the handle is a parent process's */
};

/* How reports reach the service: gov_qos_status.rung. */
enum {
        GOV_QOS_RUNG_NONE = 0, /* not at all */
        GOV_QOS_RUNG_USER = 1, /* shared memory that the service reads */
        GOV_QOS_RUNG_BPF = 2,  /* a ring of the kernel that a BPF program reads */
        GOV_QOS_RUNG_OTHER = 3 /* in a way that this version of the library has no name for. Since 0.2 */
};

/* Result of gov_qos_status(). Set `size` before the call; members beyond it are not written. */
struct gov_qos_status {
        uint32_t size;     /* sizeof(struct gov_qos_status) of the caller */
        uint32_t state;    /* GOV_QOS_WAITING and so on */
        uint32_t rung;     /* GOV_QOS_RUNG_* */
        uint32_t changes;  /* number of state changes, for gov_qos_wait() */
        uint32_t sessions; /* sessions opened since gov_qos_open(): more than 1 after restarts */
        uint32_t reserved; /* 0 */
        uint64_t reported; /* records written into rings, hints included */
        uint64_t dropped;  /* records lost: the ring was full, or other threads held its lock for too long.
                               Nothing is counted while there is no session */
        char message
                [160]; /* reason for this state, one sentence for users; "" in the state GOV_QOS_OPEN unless something is wrong */
};

/*
 * Opens a handle. This function does not wait: a thread of the library asks the service for a session, so the first reports may be
 * lost. The caller frees *ret with gov_qos_close(); on failure *ret is unchanged.
 *   -EINVAL  an option is out of its range, not known to this library, or `application` is longer than 255 bytes or no UTF-8; or a
 *            pointer is NULL
 *   -ENOMEM  no memory
 * There are no other errors. If this process cannot create another file descriptor or thread, the handle is opened and its state is
 * GOV_QOS_OFF.
 */
GOV_QOS_API int gov_qos_open(const struct gov_qos_options *options, struct gov_qos **ret);

/* Ends the session, stops the library's thread (which takes microseconds) and frees the handle; does nothing with NULL. Always
 * returns NULL, so that the result can be assigned: `qos = gov_qos_close(qos);` */
GOV_QOS_API struct gov_qos *gov_qos_close(struct gov_qos *qos);

/* Returns the current time of CLOCK_MONOTONIC in nanoseconds, for gov_qos_end(). Returns 0, without reading the clock, while no
 * session is open. Call it when a piece of work arrives: time that the work spent waiting before the call, for example in a queue
 * of the program, does not count. Signal-safe. */
GOV_QOS_API uint64_t gov_qos_begin(const struct gov_qos *qos);

/* Reports that the piece of work that arrived at `begin_ns` has ended now. Does nothing when `begin_ns` is 0 or in the future.
 * `begin_ns` is a time of CLOCK_MONOTONIC, from gov_qos_begin() or noted by the program itself. Signal-safe. The call costs one
 * read of the clock and one gov_qos_report(). */
GOV_QOS_API void gov_qos_end(struct gov_qos *qos, uint64_t begin_ns);

/*
 * Reports that a piece of work took `latency_us` microseconds and ended just now. A latency above one minute counts as one minute.
 * Signal-safe.
 *
 * This function never waits. It makes no system call, with one exception: on GOV_QOS_RUNG_USER the service sleeps while the ring is
 * empty, and a report into an empty ring wakes it by a write to an eventfd. If the ring is full, or if other threads hold its lock
 * for some microseconds, the report is dropped and counted.
 */
GOV_QOS_API void gov_qos_report(struct gov_qos *qos, uint32_t latency_us);

/* Hints, reported like a latency. Spike: more work than usual is about to arrive, and the governor shall not wait until latencies
 * show it. Calm: no work is expected for a while. Signal-safe. */
GOV_QOS_API void gov_qos_spike(struct gov_qos *qos);
GOV_QOS_API void gov_qos_calm(struct gov_qos *qos);

/*
 * Makes the service read the reports now, for a program that is about to miss its target. This is one system call of some
 * microseconds; without it the service reads the reports within milliseconds. Signal-safe. Errors may be ignored:
 *   -ENOTCONN  no session is open, or it has no kick
 *   -EBUSY     the ring is being read already
 *   -ESTALE    the session has just been closed
 * and others of the system call.
 */
GOV_QOS_API int gov_qos_kick(struct gov_qos *qos);

/* Sets a new target for this session and later ones of this handle; ranges and the meaning of 0 are those of gov_qos_options. The
 * library sends it to the service, if that is running, shortly after the call. -EINVAL: a value is out of range, and nothing has
 * changed. */
GOV_QOS_API int gov_qos_set_target(struct gov_qos *qos, uint32_t target_us, uint32_t permille, uint32_t window_us);

/*
 * From now on the session requests performance only on the CPUs where these threads of the process run. This is for programs that
 * do their urgent work in some of their threads: the CPUs of the other threads are then not sped up. `tids` has `n` numbers as
 * gettid() gives them, at most GOV_QOS_THREADS_MAX; with `n` 0 all threads count again, as at the start. The numbers are copied,
 * and stay in force when the service restarts, without threads that have ended by then (all threads count if none is left). Threads
 * that end need not be removed. The library sends the numbers to the service shortly after the call. If the service does not accept
 * them, the former threads count and `message` of gov_qos_status() has the reason; this happens in PID namespaces (containers),
 * whose thread numbers the service cannot interpret.
 *   -EINVAL  `n` is too large, or `tids` is NULL
 *   -ESRCH   one of them is not a thread of this process; nothing has changed
 */
GOV_QOS_API int gov_qos_set_threads(struct gov_qos *qos, const int32_t *tids, uint32_t n);

/* Stores the state of the handle in *ret. -EINVAL: `ret` is NULL, or ret->size is too small. */
GOV_QOS_API int gov_qos_status(struct gov_qos *qos, struct gov_qos_status *ret);

/*
 * Waits until the number of state changes of the handle differs from `changes` (a value of gov_qos_status()). This is for tests,
 * and for programs that need a session before their first piece of work; most programs do not need it.
 *   -ETIMEDOUT  nothing has changed for `timeout_ms` milliseconds
 *   -EINVAL     the state will never change: it is GOV_QOS_OFF, or the handle is NULL
 */
GOV_QOS_API int gov_qos_wait(struct gov_qos *qos, uint32_t changes, uint32_t timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
