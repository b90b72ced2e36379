/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_HANDLE_H
#define CLIENT_HANDLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "include/governord/qos.h"
#include "include/governord/ring.h"

/*
 * A handle is two pages. The first is what report() touches, and nothing else; fork() wipes it (MADV_WIPEONFORK), so that a child
 * finds zeros: no ring, no kick, not alive. The second is everything slow.
 */

/* A ring as it is mapped. All NULL: none. */
struct ring {
        const uint64_t *consumer;
        uint64_t *producer;
        unsigned char *data;
};

/* In gov_qos.rung: the service sleeps while the ring is empty, so whoever writes the first record wakes it. */
#define RING_WAKES UINT32_C(0x100)

enum { KICK_NONE = 0, KICK_EVENTFD = 1, KICK_BPF = 2 };

struct gov_qos {
        /* One cache line. Under `lock`, except that `rung` is also read without. */
        uint32_t lock; /* 0 free, 1 taken */
        uint32_t rung; /* GOV_QOS_RUNG_*, and perhaps RING_WAKES */
        struct ring ring;
        uint64_t position; /* the producer's, as we left it */
        uint64_t consumed; /* the consumer's, when we last looked */
        uint64_t reported;
        uint64_t full; /* dropped, the ring was full */

        /* Atomic, without the lock. */
        uint64_t contended; /* dropped, the lock was taken */
        uint64_t kick_id;   /* struct governord_kick as one number */
        uint64_t time_mask; /* all bits, or 0 where our clock is not the service's */
        uint32_t kick_kind; /* KICK_* */
        int kick_fd;        /* one number as long as the handle lives; what is behind it is exchanged by dup3() */
        uint32_t alive;     /* 1, and 0 in the child of a fork() */
};

struct target {
        uint32_t target_us, permille, window_us;
};

struct threads {
        uint32_t n; /* 0: all of the process */
        int32_t tids[GOV_QOS_THREADS_MAX];
};

/* What the application wants. */
struct wish {
        struct target target;
        struct threads threads;
};

struct control {
        struct gov_qos *qos;

        /* Constant while the thread runs. */
        uint32_t flags, stale_us;
        char application[256]; /* "" none */
        char *address;         /* of the bus */
        int wake_fd;           /* eventfd that wakes the thread */
        bool threaded;         /* `thread` is to be joined */
        bool abandoned;        /* after that: the application has closed our descriptors */
        pthread_t thread;

        /* Under the mutex. */
        pthread_mutex_t mutex;
        pthread_cond_t changed;
        struct wish wish;
        bool stop;
        uint32_t state, changes, sessions;
        char message[160];

        /* The thread's own. */
        sd_bus *bus;
        sd_bus_slot *owner_slot, *filter_slot, *call_slot, *threads_slot;
        struct ring ring;        /* what must be unmapped when it is no longer qos->ring */
        struct wish sent;        /* what the service knows */
        uint32_t n_threads_sent; /* those of them that lived */
        uint64_t due_ns;         /* next try, UINT64_MAX none */
        uint64_t opened_ns;
        uint32_t delay_ms; /* before the last try */
        int lost;          /* errno for which the connection must be given up, 0 fine */
        bool news;         /* a session was opened, and the application was not told yet */
        bool asked_start;  /* GOV_QOS_START_SERVICE was made use of */
        char path[256];    /* the session's object; "" none */
        char owner[256];   /* the service's unique name */
};

/* NULL for NULL and in the child of a fork(). */
struct control *control_of(struct gov_qos *qos);

/* Both pages, zero but for `alive`, `qos` and descriptors (-1). -ENOMEM, or -EOPNOTSUPP from a kernel that cannot wipe on fork:
 * then the handle is there, and must stay off. */
int handle_new(struct gov_qos **ret);
/* Frees the pages and what the control part has on the heap. Closes nothing: a child's descriptor numbers may long be others. */
struct gov_qos *handle_free(struct gov_qos *qos);

#endif
