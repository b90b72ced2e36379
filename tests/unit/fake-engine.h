/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_FAKE_ENGINE_H
#define GOVERNORD_TESTS_FAKE_ENGINE_H

/* An engine without a policy, for tests of the code that uses engines. It counts, and requests level 1024 while the last latency is
 * above the target. Tests choose its failures through its fields or, in tests/bus, through special latencies in reports. */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "core/sessions/engine.h"

/* Special latencies, which are higher than any real one. */
#define FAKE_BREAK  UINT32_C(4000000001) /* the session is broken */
#define FAKE_BUSY   UINT32_C(4000000002) /* -EBUSY */
#define FAKE_SILENT UINT32_C(4000000003) /* as if the stale time were over */
#define FAKE_ERROR  UINT32_C(4000000004) /* -EIO */

struct fake_session {
        bool open;
        struct session_spec spec;
        struct session_counters counters;
};

struct fake_engine {
        struct engine engine;
        struct fake_session sessions[SESSIONS_MAX];
        struct engine_listener listener;
        uint32_t busy_slots;          /* this number of calls of open() fails with -EBUSY */
        int open_fails, change_fails; /* -errno for all calls, or 0 */
        bool no_descriptors;
        size_t longest_report;
        unsigned opened, closed, looks, unknown; /* unknown: calls for slots that are not open */
};

static inline uint64_t fake_now_ns(void) {
        struct timespec ts;

        (void) clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}

static inline struct fake_session *fake_find(struct fake_engine *fake, uint32_t slot) {
        if (slot < SESSIONS_MAX && fake->sessions[slot].open)
                return &fake->sessions[slot];
        fake->unknown++;
        return NULL;
}

static inline const char *fake_rung(void *userdata, const char **ret_reason) {
        (void) userdata;
        if (ret_reason)
                *ret_reason = "this is a test";
        return "fake";
}

static inline const char *fake_governor(void *userdata) {
        (void) userdata;
        return "fake (tests)";
}

static inline void fake_listen(void *userdata, const struct engine_listener *listener) {
        ((struct fake_engine *) userdata)->listener = *listener;
}

/* All sessions run on CPU 0. */
static inline void fake_demand(struct fake_engine *fake, uint32_t level) {
        const struct cpu_demand demand = { 0, level > 0 ? (int32_t) level : -1, -1 };

        fake->listener.demands(&demand, 1, fake->listener.userdata);
}

static inline int fake_open(void *userdata, const struct session_spec *spec, struct session_descriptors *ret) {
        struct fake_engine *fake = userdata;
        struct session_descriptors new = { -1, -1, "" };

        if (fake->open_fails < 0)
                return fake->open_fails;
        if (fake->busy_slots > 0)
                return fake->busy_slots--, -EBUSY;
        if (fake->sessions[spec->slot].open)
                return -EEXIST;
        if (!fake->no_descriptors) {
                new.ring_fd = memfd_create("fake ring", MFD_CLOEXEC);
                if (new.ring_fd < 0)
                        return -errno;
                new.kick_fd = eventfd(0, EFD_CLOEXEC);
                if (new.kick_fd < 0)
                        return close(new.ring_fd), -EMFILE;
                new.kick_kind = "eventfd";
        }
        fake->sessions[spec->slot] = (struct fake_session){ .open = true, .spec = *spec };
        fake->opened++;
        *ret = new;
        return 0;
}

static inline void fake_close(void *userdata, uint32_t slot) {
        struct fake_session *session = fake_find(userdata, slot);

        if (!session)
                return;
        if (session->counters.level > 0)
                fake_demand(userdata, 0);
        session->open = false;
        ((struct fake_engine *) userdata)->closed++;
}

static inline int fake_change(void *userdata, const struct session_spec *spec) {
        struct fake_session *session = fake_find(userdata, spec->slot);

        if (!session)
                return -ENOENT;
        if (((struct fake_engine *) userdata)->change_fails < 0)
                return ((struct fake_engine *) userdata)->change_fails;
        session->spec = *spec;
        return 0;
}

static inline void fake_silence(struct fake_engine *fake, struct fake_session *session) {
        session->counters.active = false;
        session->counters.level = 0;
        fake_demand(fake, 0);
}

static inline void fake_sample(struct fake_engine *fake, struct fake_session *session, uint32_t latency_us) {
        struct session_counters *counters = &session->counters;
        uint32_t level = latency_us > session->spec.target_us ? 1024 : 512;

        counters->samples++;
        counters->violations += latency_us > session->spec.target_us;
        counters->estimate_us = latency_us;
        counters->last_sample_ns = fake_now_ns();
        counters->active = true;
        if (level != counters->level)
                fake_demand(fake, level);
        counters->level = level;
}

static inline int fake_report(void *userdata, uint32_t slot, const uint32_t *latencies_us, size_t n) {
        struct fake_session *session = fake_find(userdata, slot);
        struct fake_engine *fake = userdata;

        if (!session)
                return -ENOENT;
        if (n > fake->longest_report)
                fake->longest_report = n;
        for (size_t i = 0; i < n; i++)
                switch (latencies_us[i]) {
                case FAKE_BUSY:
                        return i > 0 ? (int) i : -EBUSY;
                case FAKE_ERROR:
                        return i > 0 ? (int) i : -EIO;
                case FAKE_BREAK:
                        fake->listener.broken(slot, "it was told so", fake->listener.userdata);
                        break;
                case FAKE_SILENT:
                        fake_silence(fake, session);
                        break;
                default:
                        fake_sample(fake, session, latencies_us[i]);
                }
        return (int) n;
}

static inline int fake_look(void *userdata, uint32_t slot, struct session_counters *ret) {
        struct fake_session *session = fake_find(userdata, slot);

        ((struct fake_engine *) userdata)->looks++;
        if (!session)
                return -ENOENT;
        *ret = session->counters;
        return 0;
}

static inline size_t fake_cpus(void *userdata, uint32_t slot, uint32_t *ret, size_t max) {
        static const uint32_t cpus[] = { 0, 1, 2, 3, 5, 8, 9, 1023 };
        struct fake_session *session = fake_find(userdata, slot);
        size_t n = session && session->counters.level > 0 ? sizeof(cpus) / sizeof(cpus[0]) : 0;

        n = n < max ? n : max;
        memcpy(ret, cpus, n * sizeof(*ret));
        return n;
}

static inline void fake_bound(void *userdata, const struct cpu_bounds *bounds, size_t n) {
        (void) userdata, (void) bounds, (void) n;
}

static inline int fake_governors(void *userdata, int (*each)(const struct governor_view *governor, void *userdata),
                                 void *each_userdata) {
        const struct governor_view view = { "fake", "for tests", "/fake.bpf.o", 7, true, true, "" };

        (void) userdata;
        return each(&view, each_userdata);
}

static inline int fake_load(void *userdata, const char *name, char *reason, size_t size) {
        (void) userdata;
        (void) snprintf(reason, size, "no governor \"%s\"", name);
        return strcmp(name, "fake") == 0 || !name[0] ? 0 : -ENOENT;
}

static inline struct engine *fake_free(struct engine *engine) {
        (void) engine;
        return NULL;
}

/* Initializes the engine in place; it does not need to be freed. */
static inline struct engine *fake_engine_init(struct fake_engine *fake) {
        memset(fake, 0, sizeof(*fake));
        fake->engine = (struct engine){
                .userdata = fake,
                .rung = fake_rung,
                .governor = fake_governor,
                .listen = fake_listen,
                .open = fake_open,
                .close = fake_close,
                .change = fake_change,
                .report = fake_report,
                .look = fake_look,
                .cpus = fake_cpus,
                .bound = fake_bound,
                .governors = fake_governors,
                .load = fake_load,
                .free = fake_free,
        };
        return &fake->engine;
}

#endif
