/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GOVERNORD_QOS_H
#define GOVERNORD_QOS_H

/*
 * libgovernord: tell governord how long your work takes, and it gives the CPUs that do it as much performance as your target needs,
 * and no more.
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
 * - If the service is not running, the calls do nothing and return, and the library waits until it appears. It comes back by
 *   itself after a restart of the service or of the bus. gov_qos_status() tells how it stands.
 * - A handle is NULL or comes from gov_qos_open(); NULL is a handle that never does anything.
 * - All may be called from several threads at the same time, also with one handle, except gov_qos_close(), which must be the
 *   handle's last call.
 * - errno is never changed. Nothing is printed, no signal handler is set, no signal is taken: the library has one thread for each
 *   handle, which blocks all signals and sleeps unless the bus has something for it.
 * - In the child of a fork() handles of the parent are dead: all calls do nothing, gov_qos_close() frees the child's copy. The
 *   parent's session goes on. A child that wants its own opens one.
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

/* What a session may ask for: times in microseconds, a percentile in thousandths. */
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

/* What to open. Grows at its end only; what a caller's `size` leaves out counts as 0. Set it with GOV_QOS_OPTIONS(), then change
 * members. */
struct gov_qos_options {
        uint32_t size;           /* sizeof(struct gov_qos_options) of the caller */
        uint32_t flags;          /* GOV_QOS_CAP, GOV_QOS_START_SERVICE */
        uint32_t target_us;      /* microseconds that the percentile of latencies shall not exceed: 1 to 60 000 000 */
        uint32_t permille;       /* which percentile: 500 to 999; 950 is p95. 0: 950 */
        uint32_t window_us;      /* over which time, in microseconds: 1000 to 60 000 000. 0: 100 000 */
        uint32_t stale_us;       /* without a sample for so long the session is silent and asks for nothing: 1000 to 600 000 000.
                                    0: 1 000 000 */
        const char *application; /* name for people, UTF-8; copied. NULL: the service takes the program's name */
};

#define GOV_QOS_OPTIONS(target_us) \
        { (uint32_t) sizeof(struct gov_qos_options), 0, (target_us), 0, 0, 0, NULL }

/* The same as GOV_QOS_OPTIONS(), for languages that cannot use a macro: sets `size` bytes, sizeof(struct gov_qos_options) of the caller, to
 * no flags, `target_us` and the defaults. -EINVAL: `options` is NULL, or `size` is that of no version. Since 0.2. */
GOV_QOS_API int gov_qos_options_init(struct gov_qos_options *options, uint32_t size, uint32_t target_us);

/* How a handle stands: gov_qos_status.state. */
enum {
        GOV_QOS_WAITING = 0, /* no session: no bus, no service, or a new try is due later. `message` says which */
        GOV_QOS_OPENING = 1, /* the service was asked */
        GOV_QOS_OPEN = 2,    /* reports arrive */
        GOV_QOS_REFUSED = 3, /* the service said no. This handle asks again after a restart of the service or the bus, not before */
        GOV_QOS_OFF = 4      /* for good: this process lacks what the library needs, or the handle is a parent's */
};

/* How reports reach the service: gov_qos_status.rung. */
enum {
        GOV_QOS_RUNG_NONE = 0, /* not at all */
        GOV_QOS_RUNG_USER = 1, /* shared memory that the service reads */
        GOV_QOS_RUNG_BPF = 2,  /* a ring of the kernel that a BPF program reads */
        GOV_QOS_RUNG_OTHER = 3 /* they do, in a way for which this version of the library has no name. Since 0.2 */
};

/* Set `size` before the call; what it leaves out is not written. */
struct gov_qos_status {
        uint32_t size;     /* sizeof(struct gov_qos_status) of the caller */
        uint32_t state;    /* GOV_QOS_WAITING and so on */
        uint32_t rung;     /* GOV_QOS_RUNG_* */
        uint32_t changes;  /* counts changes of state, for gov_qos_wait() */
        uint32_t sessions; /* sessions opened since gov_qos_open(): more than 1 after restarts */
        uint32_t reserved; /* 0 */
        uint64_t reported; /* records written into rings, hints included */
        uint64_t dropped;  /* records lost: the ring was full, or other threads reported at the same moment for too long.
                               Without a session nothing is counted */
        char message[160]; /* why it is so, one sentence for people; "" in the state GOV_QOS_OPEN while all is well */
};

/*
 * Opens a handle. Does not wait: a thread of the library asks the service, so the first reports may be lost. The caller frees *ret
 * with gov_qos_close(); on failure *ret is unchanged.
 *   -EINVAL  an option is out of its range, not known to this library, or `application` is longer than 255 bytes or no UTF-8; or a
 *            pointer is NULL
 *   -ENOMEM  no memory
 * There are no others. If this process has no descriptor or thread left, the handle is opened and its state is GOV_QOS_OFF.
 */
GOV_QOS_API int gov_qos_open(const struct gov_qos_options *options, struct gov_qos **ret);

/* Ends the session and frees the handle; NULL is fine. Ends the library's thread, which takes microseconds. Always returns NULL,
 * to assign back: `qos = gov_qos_close(qos);` */
GOV_QOS_API struct gov_qos *gov_qos_close(struct gov_qos *qos);

/* The time now, CLOCK_MONOTONIC in nanoseconds, for gov_qos_end(); 0, without reading a clock, while no session is open. To be
 * called when a piece of work arrives: what it waited before, in a queue of the program for example, does not count.
 * Signal-safe. */
GOV_QOS_API uint64_t gov_qos_begin(const struct gov_qos *qos);

/* The piece of work that arrived at `begin_ns` has ended now: reports its latency and this moment. Does nothing when `begin_ns` is
 * 0 or in the future. Any time of CLOCK_MONOTONIC will do, from gov_qos_begin() or as the program noted it. Signal-safe. Costs
 * reading the clock and gov_qos_report(). */
GOV_QOS_API void gov_qos_end(struct gov_qos *qos, uint64_t begin_ns);

/*
 * A piece of work took `latency_us` microseconds and ended just now. A latency above one minute counts as one minute. Signal-safe.
 *
 * This function never waits. It makes no system call, with one exception: on GOV_QOS_RUNG_USER the service sleeps while the ring is
 * empty, and a report into an empty ring wakes it by a write to an eventfd. If the ring is full, or if other threads hold its lock
 * for some microseconds, the report is dropped and counted.
 */
GOV_QOS_API void gov_qos_report(struct gov_qos *qos, uint32_t latency_us);

/* Hints, reported like a latency. Spike: more work than usual is about to come; do not wait for latencies to show it. Calm:
 * nothing is expected for a while. Signal-safe. */
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

/* A new target for this session and those after it; ranges and zeros as in gov_qos_options. The service learns of it a moment
 * later, if there is one. -EINVAL: out of range, nothing changed. */
GOV_QOS_API int gov_qos_set_target(struct gov_qos *qos, uint32_t target_us, uint32_t permille, uint32_t window_us);

/*
 * From now on the session requests performance only on the CPUs where these threads of the process run. This is for programs that
 * do their urgent work in some of their threads: the CPUs of the other threads are then not sped up. `tids` has `n` numbers as
 * gettid() gives them, at most GOV_QOS_THREADS_MAX; with `n` 0 all threads count again, as at the start. The numbers are copied,
 * and kept when the service restarts, without threads that have ended by then (all threads count if none is left). Threads that end
 * need not be removed. The service is told a moment later. If it does not accept the threads, the former ones count and `message`
 * of gov_qos_status() has the reason; this happens in PID namespaces (containers), whose thread numbers the service cannot
 * interpret.
 *   -EINVAL  too many, or `tids` is NULL
 *   -ESRCH   one is not a thread of this process; nothing changed
 */
GOV_QOS_API int gov_qos_set_threads(struct gov_qos *qos, const int32_t *tids, uint32_t n);

/* How the handle stands. -EINVAL: `ret` is NULL or its size is none. */
GOV_QOS_API int gov_qos_status(struct gov_qos *qos, struct gov_qos_status *ret);

/*
 * Waits until the handle's number of changes is no longer `changes` (from gov_qos_status()). This is for tests, and for programs
 * that need a session before their first piece of work; most programs do not need it.
 *   -ETIMEDOUT  nothing has changed for `timeout_ms` milliseconds
 *   -EINVAL     nothing will ever change: GOV_QOS_OFF, or the handle is NULL
 */
GOV_QOS_API int gov_qos_wait(struct gov_qos *qos, uint32_t changes, uint32_t timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
