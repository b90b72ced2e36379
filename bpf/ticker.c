/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread sleeps until it is started, and then runs ticks until the program `tick` returns 0: no session is active. */

#include "bpf/ticker.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

#define HOLD_NS UINT64_C(20000000) /* a tick takes about 0.1 ms at most, unless its thread is preempted */

struct ticker {
        struct programs *programs;
        pthread_t thread;
        pthread_mutex_t lock; /* held while the program runs */
        sem_t wanted;
        bool stop;
};

/* Runs one tick. Returns the time until the next one in nanoseconds, or 0 if no tick is needed. */
static uint64_t tick(struct ticker *ticker) {
        uint64_t next_ns = 0;

        (void) pthread_mutex_lock(&ticker->lock);
        /* The ticks continue after an error, because BPF programs rely on them while shared->ticking is set. */
        if (!__atomic_load_n(&ticker->stop, __ATOMIC_ACQUIRE) && programs_run(ticker->programs->tick_fd, NULL, 0) != 0)
                next_ns = __atomic_load_n(&ticker->programs->shared->tick_ns, __ATOMIC_RELAXED);
        (void) pthread_mutex_unlock(&ticker->lock);
        return next_ns;
}

static void *run(void *userdata) {
        struct ticker *ticker = userdata;

        (void) pthread_setname_np(pthread_self(), "governord-tick");
        for (;;) {
                while (sem_wait(&ticker->wanted) < 0 && errno == EINTR)
                        ;
                while (sem_trywait(&ticker->wanted) == 0)
                        ;
                if (__atomic_load_n(&ticker->stop, __ATOMIC_ACQUIRE))
                        return NULL;
                for (uint64_t next_ns = tick(ticker); next_ns > 0; next_ns = tick(ticker)) {
                        const struct timespec pause = { .tv_nsec = (long) (next_ns < 1000000000 ? next_ns : 999999999) };

                        (void) nanosleep(&pause, NULL);
                }
        }
}

/* Blocks all signals in the thread, since the event loop handles them. */
static int start_thread(struct ticker *ticker) {
        sigset_t all, before;
        int r;

        (void) sigfillset(&all);
        (void) pthread_sigmask(SIG_SETMASK, &all, &before);
        r = pthread_create(&ticker->thread, NULL, run, ticker);
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        return -r;
}

int ticker_new(struct programs *programs, struct ticker **ret) {
        struct ticker *ticker = calloc(1, sizeof(*ticker));
        int r;

        if (!ticker)
                return -ENOMEM;
        ticker->programs = programs;
        (void) pthread_mutex_init(&ticker->lock, NULL);
        (void) sem_init(&ticker->wanted, 0, 0);
        r = start_thread(ticker);
        if (r < 0) {
                free(ticker);
                return r;
        }
        *ret = ticker;
        return 0;
}

struct ticker *ticker_free(struct ticker *ticker) {
        if (!ticker)
                return NULL;
        __atomic_store_n(&ticker->stop, true, __ATOMIC_RELEASE);
        ticker_start(ticker);
        (void) pthread_join(ticker->thread, NULL);
        (void) pthread_mutex_destroy(&ticker->lock);
        (void) sem_destroy(&ticker->wanted);
        free(ticker);
        return NULL;
}

void ticker_start(struct ticker *ticker) {
        (void) sem_post(&ticker->wanted);
}

int ticker_hold(struct ticker *ticker) {
        uint64_t end_ns = clock_ns(CLOCK_MONOTONIC) + HOLD_NS;
        const struct timespec end = { .tv_sec = (time_t) (end_ns / 1000000000), .tv_nsec = (long) (end_ns % 1000000000) };

        return pthread_mutex_clocklock(&ticker->lock, CLOCK_MONOTONIC, &end) == 0 ? 0 : -EBUSY;
}

void ticker_release(struct ticker *ticker) {
        (void) pthread_mutex_unlock(&ticker->lock);
}
