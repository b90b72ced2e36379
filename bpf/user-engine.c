/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a policy in the daemon if BPF is not available. All sessions share one timer, which is off while no session needs ticks;
 * then only the eventfd of a client and calls of the engine's functions wake the engine.
 *
 * Callbacks call the listener last, because it may open and close sessions. The functions of struct engine do not call it; their
 * changes are reported in the next iteration of the event loop. */

#include "bpf/user-engine.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "bpf/spec.h"
#include "bpf/user-claims.h"
#include "bpf/user-cpus.h"
#include "bpf/user-session.h"
#include "build-config.h"

#define TICK_MIN_US      4000
#define TICK_MAX_US      10000
#define TICK_ACCURACY_US 500
#define CPUS_MIN_NS      UINT64_C(50000000) /* shortest time between two reads of the CPUs where a process runs */
#define THREADS_PER_TICK 64                 /* after so many threads of all processes, the CPUs of the others are read later */
#define REPORT_MAX       512                /* number of records in a full ring */
#define REASON_MAX       128

struct place {
        struct user_session *session; /* NULL if the slot is free */
        struct user_cpus cpus;
        uint64_t cpus_ns;     /* time when `cpus` was read, 0: never */
        bool reported_broken; /* the listener was notified that the ring is broken */
};

struct user_engine {
        struct engine table;
        struct engine_listener listener;
        const struct builtin_policy *policy;
        char governor[64];
        int root_fd; /* borrowed */
        sd_event *event;
        sd_event_source *tick, *settle;
        uint64_t tick_us; /* interval of the timer, 0 while it is off */
        struct place places[SESSIONS_MAX];
        uint32_t cursor;      /* slot whose threads are read first */
        int64_t threads_left; /* number of threads that may be read before the next tick */
        struct policy_limits limits;
        struct user_claims claims;
};

static struct user_session *find_session(struct user_engine *engine, uint32_t slot) {
        return slot < SESSIONS_MAX ? engine->places[slot].session : NULL;
}

/* ---- the timer ---- */

uint64_t user_engine_tick_us(uint32_t target_us) {
        return MAX(TICK_MIN_US, MIN(TICK_MAX_US, target_us / 4));
}

static void arm_timer(struct user_engine *engine, uint64_t tick_us) {
        engine->tick_us = tick_us;
        if (tick_us == 0)
                (void) sd_event_source_set_enabled(engine->tick, SD_EVENT_OFF);
        else if (sd_event_source_set_time_relative(engine->tick, tick_us) < 0 ||
                 sd_event_source_set_enabled(engine->tick, SD_EVENT_ONESHOT) < 0)
                engine->tick_us = 0;
}

/* Returns 0 if the session needs no ticks. */
static uint64_t wanted_tick_us(const struct user_session *s) {
        return user_session_needs_ticks(s) ? user_engine_tick_us(user_session_record(s)->target.target_us) : 0;
}

/* Sets the timer to the interval that this session needs, unless it is already shorter. */
static void arm_for(struct user_engine *engine, const struct user_session *s) {
        uint64_t tick_us = wanted_tick_us(s);

        if (tick_us > 0 && (engine->tick_us == 0 || tick_us < engine->tick_us))
                arm_timer(engine, tick_us);
}

static void arm_for_all(struct user_engine *engine) {
        uint64_t tick_us = 0, wanted;

        for (uint32_t i = 0; i < SESSIONS_MAX; i++) {
                wanted = engine->places[i].session ? wanted_tick_us(engine->places[i].session) : 0;
                if (wanted > 0 && (tick_us == 0 || wanted < tick_us))
                        tick_us = wanted;
        }
        arm_timer(engine, tick_us);
}

/* ---- claims ---- */

/* Sessions of a process in which all threads count share one read of their CPUs. */
static bool same_threads(const struct session *a, const struct session *b) {
        return a->tgid == b->tgid && a->n_threads == 0 && b->n_threads == 0;
}

/* Reads the CPUs of a session's threads, if the last read is too old. Returns false if the limit of threads is reached. */
static bool refresh_cpus(struct user_engine *engine, struct place *place, uint64_t now_ns) {
        const struct session *record = user_session_record(place->session);
        struct user_cpus cpus;

        if (place->cpus_ns > 0 && now_ns - place->cpus_ns < CPUS_MIN_NS)
                return true;
        if (engine->threads_left <= 0)
                return false;
        /* After a failure the set is empty; for example, the process has ended or is hidden. */
        (void) user_cpus_read(engine->root_fd, record, place->cpus_ns > 0 ? &place->cpus : NULL, &cpus);
        engine->threads_left -= (int64_t) cpus.n_threads + 1;
        for (uint32_t i = 0; i < SESSIONS_MAX; i++) {
                struct place *other = &engine->places[i];

                if (other != place && (!other->session || !same_threads(user_session_record(other->session), record)))
                        continue;
                other->cpus = cpus;
                other->cpus_ns = now_ns;
                if (cpus.n == 0)
                        user_claims_drop(&engine->claims, i);
        }
        return true;
}

/* Renews the claims of an active session, or drops those of one that is not active. */
static void claim_cpus(struct user_engine *engine, struct place *place, uint64_t now_ns) {
        const struct hint_claim mine = user_session_claim(place->session, now_ns);

        if (!user_session_is_active(place->session))
                user_claims_drop(&engine->claims, mine.slot);
        else
                for (size_t i = 0; i < place->cpus.n; i++) /* -ENOMEM: the next tick tries again */
                        (void) user_claims_set(&engine->claims, place->cpus.cpus[i], &mine, now_ns);
}

static void claim_for_all(struct user_engine *engine, uint64_t now_ns) {
        const uint32_t first = engine->cursor;
        bool skipped = false;

        for (uint32_t i = 0; i < SESSIONS_MAX; i++) {
                const uint32_t slot = (first + i) % SESSIONS_MAX;
                struct place *place = &engine->places[slot];

                if (!place->session || !user_session_is_active(place->session))
                        continue;
                if (!refresh_cpus(engine, place, now_ns) && !skipped) {
                        skipped = true;
                        engine->cursor = slot;
                }
                claim_cpus(engine, place, now_ns);
        }
}

/* ---- notifications ---- */

static void notify_broken(struct user_engine *engine, uint32_t slot) {
        const struct engine_listener listener = engine->listener;
        struct place *place = &engine->places[slot];
        char copy[REASON_MAX]; /* the listener may close the session, which frees the reason */
        const char *reason;

        if (!place->session || place->reported_broken || user_session_error(place->session, &reason) >= 0)
                return;
        place->reported_broken = true;
        (void) TEXT_FORMAT(copy, "%s", reason);
        listener.broken(slot, copy, listener.userdata);
}

/* The listener may close sessions during this call. */
static void notify_listener(struct user_engine *engine, uint64_t now_ns) {
        const struct engine_listener listener = engine->listener;
        size_t n;

        if (!listener.demands || !listener.broken)
                return;
        n = user_claims_changes(&engine->claims, now_ns);
        if (n > 0)
                listener.demands(engine->claims.changed, n, listener.userdata);
        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                notify_broken(engine, i);
}

/* ---- events ---- */

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata) {
        struct user_engine *engine = userdata;
        uint32_t slots[SESSIONS_MAX];
        size_t n = 0;
        uint64_t now_ns;

        (void) source, (void) usec;
        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                if (engine->places[i].session && user_session_needs_ticks(engine->places[i].session)) {
                        user_session_look(engine->places[i].session);
                        slots[n++] = i;
                }
        now_ns = clock_ns(CLOCK_MONOTONIC);
        for (size_t i = 0; i < n; i++) {
                struct place *place = &engine->places[slots[i]];

                user_session_take_tick(place->session, now_ns);
                if (!user_session_is_active(place->session))
                        user_claims_drop(&engine->claims, slots[i]);
        }
        engine->threads_left = THREADS_PER_TICK;
        claim_for_all(engine, now_ns);
        arm_for_all(engine);
        notify_listener(engine, now_ns);
        return 0;
}

static void on_kick(struct user_session *s, void *userdata) {
        struct user_engine *engine = userdata;
        struct place *place = &engine->places[user_session_slot(s)];
        uint64_t now_ns;

        user_session_look(s);
        now_ns = clock_ns(CLOCK_MONOTONIC);
        user_session_take_kick(s, now_ns);
        if (engine->tick_us == 0)
                engine->threads_left = THREADS_PER_TICK;
        if (user_session_is_active(s))
                (void) refresh_cpus(engine, place, now_ns);
        claim_cpus(engine, place, now_ns);
        arm_for(engine, s);
        notify_listener(engine, now_ns);
}

/* Applies changes made by functions of struct engine since the last iteration of the event loop. */
static int on_settle(sd_event_source *source, void *userdata) {
        struct user_engine *engine = userdata;
        uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

        (void) source;
        if (engine->tick_us == 0)
                engine->threads_left = THREADS_PER_TICK;
        claim_for_all(engine, now_ns);
        arm_for_all(engine);
        notify_listener(engine, now_ns);
        return 0;
}

static void settle_soon(struct user_engine *engine) {
        (void) sd_event_source_set_enabled(engine->settle, SD_EVENT_ONESHOT);
}

/* ---- functions of struct engine ---- */

static const char *user_governor(void *userdata) {
        const struct user_engine *engine = userdata;

        return engine->governor;
}

static void user_listen(void *userdata, const struct engine_listener *listener) {
        struct user_engine *engine = userdata;

        engine->listener = *listener;
        user_claims_forget(&engine->claims);
        settle_soon(engine);
}

static int user_open(void *userdata, const struct session_spec *spec, struct session_descriptors *ret) {
        struct user_engine *engine = userdata;
        struct place *place;
        int r;

        if (spec->slot >= SESSIONS_MAX || spec->tgid <= 0)
                return -EINVAL;
        if (spec->flags & SESSION_USER_RINGBUF)
                return -EOPNOTSUPP;
        place = &engine->places[spec->slot];
        if (place->session)
                return -EEXIST;
        r = user_session_new(engine->event, engine->policy, spec, on_kick, engine, ret, &place->session);
        if (r < 0)
                return r;
        user_session_limit(place->session, &engine->limits);
        return 0;
}

static void user_close(void *userdata, uint32_t slot) {
        struct user_engine *engine = userdata;
        struct user_session *s = find_session(engine, slot);

        if (!s)
                return;
        (void) user_session_free(s);
        engine->places[slot] = (struct place){};
        user_claims_drop(&engine->claims, slot);
        settle_soon(engine);
}

static int user_change(void *userdata, const struct session_spec *spec) {
        struct user_engine *engine = userdata;
        struct user_session *s = find_session(engine, spec->slot);
        int r = s ? user_session_change(s, spec) : -ENOENT;

        if (r < 0)
                return r;
        if (r > 0)
                engine->places[spec->slot].cpus_ns = 0; /* read the CPUs again */
        settle_soon(engine);
        return 0;
}

static int user_report(void *userdata, uint32_t slot, const uint32_t *latencies_us, size_t n) {
        struct user_engine *engine = userdata;
        struct user_session *s = find_session(engine, slot);
        const char *reason;

        if (!s)
                return -ENOENT;
        if (user_session_error(s, &reason) < 0)
                return user_session_error(s, &reason);
        if (n > REPORT_MAX)
                return -E2BIG;
        user_session_report(s, latencies_us, n, clock_ns(CLOCK_MONOTONIC));
        settle_soon(engine);
        return (int) n;
}

static int user_look(void *userdata, uint32_t slot, struct session_counters *ret) {
        const struct user_session *s = find_session(userdata, slot);

        if (!s)
                return -ENOENT;
        spec_counters(user_session_record(s), ret);
        return 0;
}

static size_t user_cpus(void *userdata, uint32_t slot, uint32_t *ret, size_t max) {
        struct user_engine *engine = userdata;

        return find_session(engine, slot) ? user_claims_of(&engine->claims, slot, clock_ns(CLOCK_MONOTONIC), ret, max) : 0;
}

/* The threads of a session may move to any CPU, so its limits are the lowest floor and the highest ceiling of all CPUs. */
static void user_bound(void *userdata, const struct cpu_bounds *bounds, size_t n) {
        const struct cpu_bounds hull = bounds_hull(bounds, n);
        struct user_engine *engine = userdata;

        engine->limits = policy_limits_for(hull.floor, hull.ceiling);
        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                if (engine->places[i].session)
                        user_session_limit(engine->places[i].session, &engine->limits);
}

static struct engine *user_free(struct engine *table) {
        struct user_engine *engine = table ? table->userdata : NULL;

        if (!engine)
                return NULL;
        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                engine->places[i].session = user_session_free(engine->places[i].session);
        (void) sd_event_source_disable_unref(engine->tick);
        (void) sd_event_source_disable_unref(engine->settle);
        (void) sd_event_unref(engine->event);
        user_claims_done(&engine->claims);
        free(engine);
        return NULL;
}

static const char *user_rung(void *userdata, const char **ret_reason) {
        (void) userdata;
        if (ret_reason)
                *ret_reason = "";
        return "user";
}

static int user_governors(void *userdata, int (*each)(const struct governor_view *governor, void *userdata), void *each_userdata) {
        const struct user_engine *engine = userdata;
        size_t n;
        const struct builtin_policy *policies = builtin_policies(&n);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < n; i++) {
                const bool loaded = strcmp(policies[i].name, engine->policy->name) == 0;
                const struct governor_view view = {
                        .name = policies[i].name,
                        .description = "built in",
                        .path = "",
                        .fits = true,
                        .loaded = loaded,
                        .reason = "",
                };

                r = each(&view, each_userdata);
        }
        return r;
}

static int user_load(void *userdata, const char *name, char *reason, size_t size) {
        (void) userdata, (void) name;
        return text_format(reason, size,
                           "Without BPF, set governor = NAME in governord.conf and restart the service to change the policy"),
               -EOPNOTSUPP;
}

static const struct engine user_table = {
        .rung = user_rung,
        .governor = user_governor,
        .listen = user_listen,
        .open = user_open,
        .close = user_close,
        .change = user_change,
        .report = user_report,
        .look = user_look,
        .cpus = user_cpus,
        .bound = user_bound,
        .governors = user_governors,
        .load = user_load,
        .free = user_free,
};

static int add_sources(struct user_engine *engine) {
        int r = sd_event_add_time(engine->event, &engine->tick, CLOCK_MONOTONIC, 0, TICK_ACCURACY_US, on_tick, engine);

        if (r >= 0)
                r = sd_event_source_set_enabled(engine->tick, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_defer(engine->event, &engine->settle, on_settle, engine);
        return r < 0 ? r : sd_event_source_set_enabled(engine->settle, SD_EVENT_OFF);
}

int user_engine_new_with(sd_event *event, int root_fd, const struct builtin_policy *policy, struct engine **ret) {
        struct user_engine *engine = calloc(1, sizeof(*engine));
        int r;

        if (!engine)
                return -ENOMEM;
        engine->table = user_table;
        engine->table.userdata = engine;
        engine->policy = policy;
        engine->root_fd = root_fd;
        engine->event = sd_event_ref(event);
        user_bound(engine, NULL, 0);
        r = TEXT_FORMAT(engine->governor, "%s (governord " GOVERNORD_VERSION ")", policy->name);
        if (r >= 0)
                r = add_sources(engine);
        if (r < 0) {
                (void) user_free(&engine->table);
                return r;
        }
        *ret = &engine->table;
        return 0;
}

int user_engine_new(sd_event *event, int root_fd, const char *policy, struct engine **ret) {
        const struct builtin_policy *found = builtin_policy(policy);

        return found ? user_engine_new_with(event, root_fd, found, ret) : -ENOENT;
}
