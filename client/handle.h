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
 * A handle consists of two pages. The first holds only what report() accesses; fork() wipes it (MADV_WIPEONFORK), so that a child
 * finds zeros: no ring, no kick, not alive. The second page holds everything else.
 */

/* A ring as it is mapped. All NULL: none. */
struct ring {
        const uint64_t *consumer;
        uint64_t *producer;
        unsigned char *data;
};

/* In gov_qos.rung: the service sleeps while the ring is empty, so the writer of the first record has to wake it. */
#define RING_WAKES UINT32_C(0x100)

enum { KICK_NONE = 0, KICK_EVENTFD = 1, KICK_BPF = 2 };

struct gov_qos {
        /* One cache line. Under `lock`, except that `rung` is also read without. */
        uint32_t lock; /* 0 free, 1 taken */
        uint32_t rung; /* GOV_QOS_RUNG_*, and perhaps RING_WAKES */
        struct ring ring;
        uint64_t position; /* the producer position after our last write */
        uint64_t consumed; /* the consumer position at our last read */
        uint64_t reported;
        uint64_t full; /* records dropped because the ring was full */

        /* Atomic, without the lock. */
        uint64_t contended; /* records dropped because the lock was taken */
        uint64_t kick_id;   /* struct governord_kick as one number */
        uint64_t time_mask; /* all bits, or 0 where our clock is not the service's */
        uint32_t kick_kind; /* KICK_* */
        int kick_fd;        /* the same number for the lifetime of the handle; dup3() replaces the file behind it */
        uint32_t alive;     /* 1, and 0 in the child of a fork() */
};

struct target {
        uint32_t target_us, permille, window_us;
};

struct threads {
        uint32_t n; /* 0: all of the process */
        int32_t tids[GOV_QOS_THREADS_MAX];
};

/* What the application requests. */
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
        bool abandoned;        /* after the join: the application had closed our descriptors */
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
        struct ring ring;        /* to be unmapped when it is no longer qos->ring */
        struct wish sent;        /* what was last sent to the service */
        uint32_t n_threads_sent; /* of sent.threads, those that existed then */
        uint64_t due_ns;         /* next try, UINT64_MAX none */
        uint64_t opened_ns;
        uint32_t delay_ms; /* before the last try */
        int lost;          /* the errno because of which the connection must be closed, or 0 */
        bool news;         /* a session was opened, and the application was not notified yet */
        bool asked_start;  /* GOV_QOS_START_SERVICE has been used */
        char path[256];    /* the session's object; "" none */
        char owner[256];   /* the service's unique name */
};

/* NULL for NULL and in the child of a fork(). */
struct control *control_of(struct gov_qos *qos);

/* Allocates both pages, zero except for `alive`, `qos` and descriptors (-1). Returns -ENOMEM, or -EOPNOTSUPP on a kernel that
 * cannot wipe memory on fork: the handle exists then, but must stay off. */
int handle_new(struct gov_qos **ret);
/* Frees the pages and the heap memory of the control part. Closes no descriptor: in a child the numbers may belong to other files
 * by then. */
struct gov_qos *handle_free(struct gov_qos *qos);

#endif
