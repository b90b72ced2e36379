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
 * A handle consists of two pages. The first, struct gov_qos, contains only what reports and kicks access, and `alive`. fork() fills
 * the child's copy of it with zeros (MADV_WIPEONFORK), so that the child has no ring and no kick, and `alive` is 0. The second
 * page, struct control, contains everything else.
 */

/* The mappings of a ring. All pointers are NULL if there is no ring. */
struct ring {
        const uint64_t *consumer;
        uint64_t *producer;
        unsigned char *data;
};

/* Flag in gov_qos.rung: the service sleeps while the ring is empty, so a report into an empty ring must wake it. */
#define RING_WAKES UINT32_C(0x100)

enum { KICK_NONE = 0, KICK_EVENTFD = 1, KICK_BPF = 2 };

struct gov_qos {
        /* One cache line, protected by `lock`; `rung`, `reported` and `full` are also accessed without it, atomically. */
        uint32_t lock; /* 0 free, 1 taken */
        uint32_t rung; /* GOV_QOS_RUNG_*, possibly with RING_WAKES */
        struct ring ring;
        uint64_t position; /* the producer position after the last report */
        uint64_t consumed; /* the consumer position when it was last read */
        uint64_t reported;
        uint64_t full; /* records dropped because the ring was full */

        /* Accessed without the lock, atomically unless constant. */
        uint64_t contended; /* records dropped because the lock was taken */
        uint64_t kick_id;   /* struct governord_kick as one number */
        uint64_t time_mask; /* mask for end times: all bits, or 0 if this process's clock differs from the service's */
        uint32_t kick_kind; /* KICK_* */
        int kick_fd;        /* the same number for the lifetime of the handle; dup3() replaces the file behind it */
        uint32_t alive;     /* 1; 0 in the child of a fork() */
};

struct target {
        uint32_t target_us, permille, window_us;
};

struct threads {
        uint32_t n; /* 0: all threads of the process */
        int32_t tids[GOV_QOS_THREADS_MAX];
};

/* What the application can change while the handle is open. */
struct settings {
        struct target target;
        struct threads threads;
};

struct control {
        struct gov_qos *qos;

        /* Constant while the thread runs, except `threaded`, which the thread does not use, and `abandoned`, which it sets. */
        uint32_t flags, stale_us;
        char application[256]; /* "" if none */
        char *address;         /* of the bus */
        int wake_fd;           /* eventfd that wakes the thread */
        bool threaded;         /* `thread` is to be joined */
        bool abandoned;        /* the application has closed descriptors of the library; valid after the join */
        pthread_t thread;

        /* Protected by the mutex. */
        pthread_mutex_t mutex;
        pthread_cond_t changed;
        struct settings settings;
        bool stop;
        uint32_t state, changes, sessions;
        char message[160];

        /* Used only by the library's thread. */
        sd_bus *bus;
        sd_bus_slot *owner_slot, *filter_slot, *call_slot, *threads_slot;
        struct ring ring;        /* the mappings, to be unmapped when qos->ring does not refer to them any more */
        struct settings sent;    /* what was last sent to the service */
        uint32_t n_threads_sent; /* number of threads in `sent` that existed when they were sent */
        uint64_t due_ns;         /* time of the next attempt, UINT64_MAX if none is planned */
        uint64_t opened_ns;
        uint32_t delay_ms; /* the last delay before an attempt, 0 if there was none yet */
        int lost;          /* the negative errno because of which the connection must be closed, or 0 */
        bool unpublished;  /* a session was opened, but the state is not GOV_QOS_OPEN yet */
        bool asked_start;  /* GOV_QOS_START_SERVICE has been used */
        char path[256];    /* D-Bus object of the session, "" if there is no session */
        char owner[256];   /* unique bus name of the service */
};

/* Returns NULL if `qos` is NULL, and in the child of a fork(). */
struct control *control_of(struct gov_qos *qos);

/* Allocates both pages and initializes `alive`, `qos`, `due_ns` and the descriptors (-1). Returns -ENOMEM; or -EOPNOTSUPP if the
 * kernel cannot wipe memory on fork: *ret is set in this case, but the handle must remain in the state GOV_QOS_OFF. */
int handle_new(struct gov_qos **ret);
/* Frees the pages and control->address. Does not close descriptors: in a child of a fork() their numbers may belong to other files.
 * Accepts NULL. Returns NULL. */
struct gov_qos *handle_free(struct gov_qos *qos);

#endif
