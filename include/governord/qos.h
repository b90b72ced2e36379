/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GOVERNORD_QOS_H
#define GOVERNORD_QOS_H

/*
 * libgovernord: report to governord how long your work takes. governord gives the CPUs that do this work the performance that your
 * target requires, and no more.
 *
 *     struct gov_qos_options options = GOV_QOS_OPTIONS(2000);  // p95 of the latencies shall be 2000 µs or less
 *     struct gov_qos *qos = NULL;
 *
 *     (void) gov_qos_open(&options, &qos);                     // does not wait for the service
 *     while (next_request(&request)) {                         // notes request.arrived_ns, CLOCK_MONOTONIC, when it is received
 *             serve(&request);
 *             gov_qos_end(qos, request.arrived_ns);            // takes some nanoseconds
 *     }
 *     gov_qos_close(qos);
 *
 * Build with `pkg-config --cflags --libs governord-qos`. This header requires only C99 or C++11.
 *
 * Rules for all functions:
 * - If the service is not running, reports are discarded, and the library waits until the service appears. After a restart of the
 *   service or of the bus, the library reconnects. gov_qos_status() returns the state of a handle.
 * - A handle is NULL or comes from gov_qos_open(). All functions accept a NULL handle and then have no effect: gov_qos_status()
 *   returns the state GOV_QOS_OFF, gov_qos_kick() and gov_qos_wait() return an error.
 * - All functions may be called from several threads at the same time, even with the same handle. The exception is gov_qos_close(),
 *   which must be the last call with a handle.
 * - The library does not change errno, prints nothing, and neither handles nor consumes signals. It has one thread for each handle,
 *   which blocks all signals and sleeps until there is something to do.
 * - In the child of a fork(), handles of the parent have the state GOV_QOS_OFF: calls do nothing, and gov_qos_close() frees the
 *   child's copy. The parent's session is not affected. The child can open its own handle.
 * - Functions that return int return 0, or a negative errno value.
 * - Functions marked "signal-safe" may be called from signal handlers. A call must not be left by siglongjmp() or by asynchronous
 *   cancellation (pthread_cancel()).
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

/* A handle: the target of one kind of work, and the connection to the service. A process should not have more than eight at a time:
 * with BPF, the service refuses the sessions of further ones. */
struct gov_qos;

/* Flags of gov_qos_options. */
#define GOV_QOS_CAP           UINT32_C(0x1) /* the level that the target requires is a ceiling as well, which saves energy */
#define GOV_QOS_START_SERVICE UINT32_C(0x2) /* if the service is not running, ask the bus once to start it */

/* Ranges and defaults of options: times in microseconds, the percentile in thousandths. */
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
#define GOV_QOS_THREADS_MAX       16 /* for gov_qos_set_threads() */

/* Options of gov_qos_open(). Initialize the structure with GOV_QOS_OPTIONS(), then change members. Later versions add members only
 * at the end; members beyond the caller's `size` count as 0. */
struct gov_qos_options {
        uint32_t size;           /* sizeof(struct gov_qos_options) of the caller */
        uint32_t flags;          /* GOV_QOS_CAP, GOV_QOS_START_SERVICE */
        uint32_t target_us;      /* microseconds that the percentile of the latencies shall not exceed: 1 to 60 000 000 */
        uint32_t permille;       /* the percentile in thousandths: 500 to 999; 950 is p95. 0: 950 */
        uint32_t window_us;      /* microseconds over which the percentile is computed: 1000 to 60 000 000. 0: 100 000 */
        uint32_t stale_us;       /* after so many microseconds without a report the session requests no performance until the next
                                    report: 1000 to 600 000 000. 0: 1 000 000 */
        const char *application; /* name shown to users: UTF-8, at most 255 bytes, copied. NULL: the program's name */
};

#define GOV_QOS_OPTIONS(target_us) \
        { (uint32_t) sizeof(struct gov_qos_options), 0, (target_us), 0, 0, 0, NULL }

/*
 * Function instead of the macro GOV_QOS_OPTIONS(), for other languages: sets `options` to `target_us`, no flags and the defaults.
 * `size` is sizeof(struct gov_qos_options) of the caller; no more bytes are written. Since 0.2.
 *   -EINVAL  `options` is NULL, or `size` is too small to include `target_us`, or larger than 4096
 */
GOV_QOS_API int gov_qos_options_init(struct gov_qos_options *options, uint32_t size, uint32_t target_us);

/* State of a handle: gov_qos_status.state. */
enum {
        GOV_QOS_WAITING = 0, /* no session: the bus or the service is missing, or the library retries later. See `message` */
        GOV_QOS_OPENING = 1, /* the library has requested a session from the service */
        GOV_QOS_OPEN = 2,    /* the service receives the reports */
        GOV_QOS_REFUSED = 3, /* the service or the bus refused the session, the service closed it because of a limit, or the library
                                does not support its ring. The library retries after a restart of the service or of the bus */
        GOV_QOS_OFF = 4      /* permanently without a session: the library cannot work in this process, the program closed
                                descriptors of the library or left a report early, or the handle is NULL or was opened before a
                                fork() */
};

/* How reports reach the service: gov_qos_status.rung. */
enum {
        GOV_QOS_RUNG_NONE = 0, /* no session */
        GOV_QOS_RUNG_USER = 1, /* through shared memory, which the service reads */
        GOV_QOS_RUNG_BPF = 2,  /* through a BPF map, which a BPF program in the kernel reads */
        GOV_QOS_RUNG_OTHER = 3 /* in a way for which this version of the library has no constant. Since 0.2 */
};

/* Result of gov_qos_status(). Set `size` before the call; members beyond it are not written. */
struct gov_qos_status {
        uint32_t size;     /* sizeof(struct gov_qos_status) of the caller */
        uint32_t state;    /* GOV_QOS_WAITING and so on */
        uint32_t rung;     /* GOV_QOS_RUNG_* */
        uint32_t changes;  /* how often the state or the message was set, for gov_qos_wait() */
        uint32_t sessions; /* number of sessions opened by this handle: more than 1, for example, after a restart of the service */
        uint32_t reserved; /* 0 */
        uint64_t reported; /* number of records written into rings, including hints */
        uint64_t dropped;  /* number of records lost while a session was open: the ring was full, or other threads held its lock for
                              too long */
        char message[160]; /* reason for the state: one sentence for users. "" in GOV_QOS_OPEN unless there is a problem */
};

/*
 * Opens a handle and stores it in *ret; the caller frees it with gov_qos_close(). On failure *ret is unchanged. This function does
 * not wait: a thread of the library requests the session from the service, and reports before the session is open are discarded.
 *   -EINVAL  a pointer is NULL, or an option is out of its range or unknown to this library, or `application` is longer than 255
 *            bytes or not valid UTF-8
 *   -ENOMEM  not enough memory
 * There are no other errors. If the process cannot create another file descriptor or thread, the function succeeds, and the state
 * of the handle is GOV_QOS_OFF.
 */
GOV_QOS_API int gov_qos_open(const struct gov_qos_options *options, struct gov_qos **ret);

/* Ends the session, stops the library's thread (this usually takes microseconds) and frees the handle. Always returns NULL, so that
 * a caller can write `qos = gov_qos_close(qos);`. */
GOV_QOS_API struct gov_qos *gov_qos_close(struct gov_qos *qos);

/* Returns the current time of CLOCK_MONOTONIC in nanoseconds, for gov_qos_end(); or 0, without reading the clock, if no session is
 * open. Call it when a piece of work arrives: time before this call, for example in a queue of the program, is not measured.
 * Signal-safe. */
GOV_QOS_API uint64_t gov_qos_begin(const struct gov_qos *qos);

/* Reports that a piece of work has just ended. `begin_ns` is the time of its arrival, in nanoseconds of CLOCK_MONOTONIC, from
 * gov_qos_begin() or from the program itself. Does nothing if `begin_ns` is 0 or in the future. Costs one read of the clock and one
 * gov_qos_report(). Signal-safe. */
GOV_QOS_API void gov_qos_end(struct gov_qos *qos, uint64_t begin_ns);

/*
 * Reports that a piece of work took `latency_us` microseconds and has just ended. A latency above one minute counts as one minute.
 * Signal-safe.
 *
 * This function does not wait. If the ring is full, or if other threads hold its lock for some microseconds, the report is dropped
 * and counted in gov_qos_status.dropped. There is no system call, with one exception: on GOV_QOS_RUNG_USER the service sleeps while
 * the ring is empty, and a report into an empty ring wakes it by a write to an eventfd.
 */
GOV_QOS_API void gov_qos_report(struct gov_qos *qos, uint32_t latency_us);

/* Hints to the governor, with the cost of a report. Spike: more work than usual is about to arrive, so the level should rise before
 * latencies do. Calm: no work is expected for a while. Signal-safe. */
GOV_QOS_API void gov_qos_spike(struct gov_qos *qos);
GOV_QOS_API void gov_qos_calm(struct gov_qos *qos);

/*
 * Makes the governor read the reports at once, for a program that is about to miss its target. This is one system call, which takes
 * some microseconds: depending on the session, it runs a BPF program that reads the ring, or wakes the service, which reads it.
 * Without it the reports are usually read within milliseconds. Signal-safe. Errors may be ignored:
 *   -ENOTCONN  no session is open, also because the service has ended, or the session does not support kicks
 *   -EBUSY     the ring is being read already, or the governor is being replaced
 *   -ESTALE    the session has just been closed, or its ring has become unreadable
 *   others     the system call failed, or the content of the ring is invalid
 */
GOV_QOS_API int gov_qos_kick(struct gov_qos *qos);

/*
 * Sets the target of the handle's present and later sessions. Units, ranges and the meaning of 0 are as in struct gov_qos_options.
 * The library sends the target to the service shortly after the call.
 *   -EINVAL  a value is out of range; nothing has changed
 */
GOV_QOS_API int gov_qos_set_target(struct gov_qos *qos, uint32_t target_us, uint32_t permille, uint32_t window_us);

/*
 * Restricts the handle's present and later sessions to these threads: performance is requested only on CPUs where they run. Use it
 * if only some threads of the process do urgent work. `tids` is an array of `n` thread IDs (gettid()), which is copied; with `n` 0,
 * all threads count, as they do initially. Threads that end need not be removed. After a restart of the service the library sends
 * the threads that still exist; if none exists, all threads count.
 *
 * The library sends the list to the service shortly after the call. If the service rejects it, the former threads still count, and
 * `message` of gov_qos_status() gives the reason. This happens in a PID namespace (a container), because the service cannot
 * translate its thread IDs.
 *   -EINVAL  `n` is larger than GOV_QOS_THREADS_MAX, or `tids` is NULL and `n` is not 0
 *   -ESRCH   a number is not the ID of a thread of this process; nothing has changed
 */
GOV_QOS_API int gov_qos_set_threads(struct gov_qos *qos, const int32_t *tids, uint32_t n);

/*
 * Stores the state of the handle in *ret. The caller sets ret->size before.
 *   -EINVAL  `ret` is NULL, or ret->size is less than 4
 */
GOV_QOS_API int gov_qos_status(struct gov_qos *qos, struct gov_qos_status *ret);

/*
 * Waits until gov_qos_status.changes of the handle differs from `changes`, a value that gov_qos_status() returned. It is intended
 * for tests, and for programs that need a session before their first piece of work.
 *   -ETIMEDOUT  it did not change within `timeout_ms` milliseconds
 *   -EINVAL     it will never change: the state is GOV_QOS_OFF, or the handle is NULL
 */
GOV_QOS_API int gov_qos_wait(struct gov_qos *qos, uint32_t changes, uint32_t timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
