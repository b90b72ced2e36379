/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rung 3: BPF programs govern the sessions in the kernel, and wake the daemon through a BPF ring buffer when the demand on a CPU
 * has changed, ticks must start or a ring is unreadable. The daemon does not poll. While there are no sessions, no program is
 * attached and no tick runs. */

#include "bpf/bpf-engine.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "bpf/kernel-features.h"
#include "bpf/preview.h"
#include "bpf/rings.h"
#include "bpf/slots.h"
#include "bpf/ticker.h"
#include "core/config/config-file.h"

#define PLATFORM_PART    "platform.o"
#define TICK_SHORTEST_NS 1000000 /* range of the interval of ticks */
#define TICK_LONGEST_NS  10000000
/* Limits of the wait for programs that hold a session: usually this takes microseconds, but the thread of a kick may be
 * preempted. */
#define PAUSE_NS UINT64_C(20000000)
#define FEED_NS  UINT64_C(200000)

/* The engine's own data of a slot. */
struct slot {
        bool open;
        uid_t uid;
        uint32_t ring, user, target_us;
};

struct bpf_engine {
        struct engine engine;
        sd_event *event;
        sd_event_source *source;
        struct bpf_engine_options options;
        char *platform, *vendor, *admin;
        struct engine_listener listener;
        struct governors governors;
        struct image part; /* the platform part */
        struct programs programs;
        struct ring_buffer *events;
        char name[160], path[256]; /* of the loaded governor */
        struct policy_limits limits;
        struct slot slots[SESSIONS_MAX];
        struct rings rings;
        struct ticker *ticker;
        uint32_t n_open;
};

/* -- events of the programs -- */

static struct cpu_demand demand_of(const struct platform_demand *demand, uint32_t cpu) {
        const struct hint_sum sum = demand->sum;

        return (struct cpu_demand){
                .cpu = cpu,
                .floor = sum.floor == HINT_NOTHING ? -1 : (int32_t) sum.floor,
                .ceiling = sum.ceiling == HINT_NOTHING ? -1 : (int32_t) sum.ceiling,
                .target_us = sum.target_us,
        };
}

static void pass_demands(struct bpf_engine *engine) {
        struct platform_shared *shared = engine->programs.shared;
        struct cpu_demand demands[64];

        for (uint32_t i = 0; i * 64 < engine->programs.n_cpus; i++) {
                uint64_t word = __atomic_exchange_n(&shared->dirty[i], 0, __ATOMIC_SEQ_CST);
                size_t n = 0;

                for (; word; word &= word - 1) {
                        uint32_t cpu = i * 64 + (uint32_t) __builtin_ctzll(word);

                        demands[n++] = demand_of(&engine->programs.demands[cpu], cpu);
                }
                if (n > 0 && engine->listener.demands)
                        engine->listener.demands(demands, n, engine->listener.userdata);
        }
}

static const char *ring_error(uint32_t error) {
        switch (error) {
        case EINVAL:
                return "the positions in its ring are not valid";
        case E2BIG:
                return "a record in its ring is longer than the ring";
        case EBADMSG:
                return "its ring has discarded records or records of a wrong length";
        case ETIMEDOUT:
                return "a record in its ring was never completed";
        default:
                return "its ring cannot be read";
        }
}

/* Reports sessions whose rings BPF programs have marked as unreadable. */
static void look_at_suspects(struct bpf_engine *engine) {
        for (uint32_t i = 0; i < PLATFORM_WORDS; i++) {
                uint64_t word = __atomic_exchange_n(&engine->programs.shared->suspect[i], 0, __ATOMIC_SEQ_CST);

                for (; word; word &= word - 1) {
                        uint32_t slot = i * 64 + (uint32_t) __builtin_ctzll(word), error = engine->programs.sessions[slot].error;

                        if (engine->slots[slot].open && error > 0 && engine->listener.broken)
                                engine->listener.broken(slot, ring_error(error), engine->listener.userdata);
                }
        }
}

static bool any_active(const struct platform_shared *shared) {
        for (uint32_t i = 0; i < PLATFORM_WORDS; i++)
                if (shared->active[i])
                        return true;
        return false;
}

static void keep_ticking(struct bpf_engine *engine) {
        if (!engine->programs.shared->ticking && any_active(engine->programs.shared))
                ticker_start(engine->ticker);
}

static int on_record(void *userdata, void *data, size_t size) {
        return 0; /* the changes are in shared memory */
}

static int on_events(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        struct bpf_engine *engine = userdata;

        (void) ring_buffer__consume(engine->events);
        /* Cleared before the changes are read, so that later changes send another event. */
        __atomic_store_n(&engine->programs.shared->wake_pending, 0, __ATOMIC_SEQ_CST);
        keep_ticking(engine);
        pass_demands(engine);
        look_at_suspects(engine);
        return 0;
}

/* -- loading -- */

static int try_governor(struct bpf_engine *engine, const struct governor_file *file, const struct programs *former,
                        struct programs *ret, char *reason, size_t size) {
        const struct image policy = { .data = file->image, .size = file->size };

        return programs_load(&engine->part, &policy, engine->options.n_cpus, former, ret, reason, size);
}

static const struct programs *loaded(const struct bpf_engine *engine) {
        return engine->programs.object ? &engine->programs : NULL;
}

/* Formats the reason why no governor of this name can be used. */
static void explain_mismatch(const struct governors *governors, const char *name, char *reason, size_t size) {
        for (size_t i = 0; i < governors->n; i++)
                if (!governors->items[i].fits && strcmp(governors->items[i].manifest.name, name) == 0) {
                        (void) text_format(reason, size, "governor \"%.32s\" cannot be used: %s", name, governors->items[i].reason);
                        return;
                }
        (void) text_format(reason, size, "there is no governor \"%.32s\"%s%s", name,
                           governors->error < 0 ? ", or it was not found: " : "", governors->failure);
}

/* Loads the best governor that can be loaded, or only one with the given name if `name` is not empty. *ret_file is valid until the
 * next search for governors. */
static int choose_governor(struct bpf_engine *engine, const char *name, struct programs *ret, const struct governor_file **ret_file,
                           char *reason, size_t size) {
        int r = governors_none(&engine->governors, engine->options.dirs.vendor, reason, size), tries = 0;

        if (engine->governors.error < 0)
                (void) log_warning(0, "Some governors may be missing: %s", engine->governors.failure);
        if (name && name[0])
                explain_mismatch(&engine->governors, name, reason, size);
        for (size_t i = 0; i < engine->governors.n; i++) {
                struct governor_file *file = &engine->governors.items[i];

                if (!file->fits || (name && name[0] && strcmp(file->manifest.name, name) != 0))
                        continue;
                r = try_governor(engine, file, loaded(engine), ret, file->reason, sizeof(file->reason));
                tries++;
                if (r >= 0) {
                        *ret_file = file;
                        return 0;
                }
                if (tries == 1) /* report the failure of the best governor */
                        (void) text_format(reason, size, "%s: %s", file->manifest.name, file->reason);
                log_debug("Governor %s from %s: %s", file->manifest.name, file->path, file->reason);
                if (r == -EPERM)
                        break;
        }
        return r;
}

static void remember(struct bpf_engine *engine, const struct governor_file *file) {
        (void) TEXT_FORMAT(engine->name, "%s (%s)", file->manifest.name, file->manifest.description);
        (void) TEXT_FORMAT(engine->path, "%s", file->path);
}

static int read_part(struct bpf_engine *engine, char *reason, size_t size) {
        char path[256];
        int r = TEXT_FORMAT(path, "%s/" PLATFORM_PART, engine->options.dirs.vendor);

        if (r >= 0)
                r = config_file_read(path, engine->options.dirs.trust_any_owner, &engine->part.data, &engine->part.size);
        if (r < 0)
                (void) text_format(reason, size, "cannot read %s: %s", path, config_file_reason(r));
        return r;
}

static int listen_to_programs(struct bpf_engine *engine) {
        engine->events = ring_buffer__new(engine->programs.events_fd, on_record, NULL, NULL);
        if (!engine->events)
                return -errno;
        return sd_event_add_io(engine->event, &engine->source, ring_buffer__epoll_fd(engine->events), EPOLLIN, on_events, engine);
}

/* Makes the programs of the former governor stop using sessions. A session whose kick does not end in time is closed, because the
 * kick could mix the states of both policies. Kicks that begin later find `paused` set. */
static void pause_programs(struct bpf_engine *engine) {
        const struct timespec moment = { .tv_nsec = 20000 };
        uint64_t deadline_ns = clock_ns(CLOCK_MONOTONIC) + PAUSE_NS;
        bool idle[SESSIONS_MAX] = {};
        uint32_t n_busy;

        __atomic_store_n(&engine->programs.shared->paused, 1, __ATOMIC_SEQ_CST);
        for (;;) {
                n_busy = 0;
                for (uint32_t i = 0; i < SESSIONS_MAX; i++) {
                        idle[i] = idle[i] || !slots_busy(&engine->programs, i);
                        n_busy += !idle[i];
                }
                if (n_busy == 0)
                        return;
                if (clock_ns(CLOCK_MONOTONIC) >= deadline_ns)
                        break;
                (void) nanosleep(&moment, NULL);
        }
        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                if (!idle[i] && engine->slots[i].open && engine->listener.broken)
                        engine->listener.broken(i, "its kick did not end while the governor was replaced",
                                                engine->listener.userdata);
}

static int change_over(struct bpf_engine *engine, struct programs *next, char *reason, size_t size) {
        struct programs *now = &engine->programs;
        int r = now->link ? programs_attach(next) : 0;

        if (r < 0)
                return text_format(reason, size, "it cannot be attached to the tracepoint sched_switch: %s", strerrordesc_np(-r)),
                       r;
        r = ticker_hold(engine->ticker);
        if (r < 0)
                return text_format(reason, size, "a tick of the former governor did not end in time; try again"), r;
        pause_programs(engine);
        slots_forget_policy(now);
        __atomic_store_n(&next->shared->generation, next->shared->generation + 1, __ATOMIC_SEQ_CST);
        __atomic_store_n(&next->shared->paused, 0, __ATOMIC_SEQ_CST);
        programs_free(now);
        *now = *next;
        ticker_release(engine->ticker);
        ticker_start(engine->ticker);
        return 0;
}

/* Closes the sessions whose rings only a kick reads: their clients have the kick of the former governor. */
static void close_kicked(struct bpf_engine *engine) {
        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                if (engine->slots[i].open && engine->programs.sessions[i].ring_kind == RING_KIND_USER_RINGBUF &&
                    engine->listener.broken)
                        engine->listener.broken(i, "the governor was replaced, and only its kick could read the ring",
                                                engine->listener.userdata);
}

int bpf_engine_replace(struct engine *handle, const char *name, char *reason, size_t size) {
        struct bpf_engine *engine = handle->userdata;
        const struct governor_file *file = NULL;
        struct programs next = {};
        int r;

        governors_done(&engine->governors);
        governors_find(&engine->governors, &engine->options.dirs, engine->options.platform);
        r = choose_governor(engine, name, &next, &file, reason, size);
        if (r >= 0)
                r = change_over(engine, &next, reason, size);
        if (r < 0) {
                programs_free(&next);
                return r;
        }
        remember(engine, file);
        close_kicked(engine);
        if (engine->listener.changed)
                engine->listener.changed(engine->listener.userdata);
        log_notice("Governor of sessions is now %s", engine->name);
        return 0;
}

const struct governors *bpf_engine_governors(const struct engine *handle) {
        const struct bpf_engine *engine = handle->userdata;

        return &engine->governors;
}

const struct programs *bpf_engine_programs(const struct engine *handle) {
        const struct bpf_engine *engine = handle->userdata;

        return &engine->programs;
}

/* -- functions of struct engine -- */

static const char *engine_governor(void *userdata) {
        const struct bpf_engine *engine = userdata;

        return engine->name;
}

static const char *engine_rung(void *userdata, const char **ret_reason) {
        if (ret_reason)
                *ret_reason = "rungs 1 and 2 need a kernel module, which this version does not have";
        return "bpf";
}

static int engine_governors(void *userdata, int (*each)(const struct governor_view *governor, void *userdata),
                            void *each_userdata) {
        const struct bpf_engine *engine = userdata;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < engine->governors.n; i++) {
                const struct governor_view view = governors_view(&engine->governors.items[i], engine->path);

                r = each(&view, each_userdata);
        }
        return r;
}

static int engine_load(void *userdata, const char *name, char *reason, size_t size) {
        struct bpf_engine *engine = userdata;

        return bpf_engine_replace(&engine->engine, name, reason, size);
}

static void engine_listen(void *userdata, const struct engine_listener *listener) {
        struct bpf_engine *engine = userdata;

        engine->listener = *listener;
}

/* Sets the interval of ticks to a quarter of the shortest target, within limits. */
static void set_tick(struct bpf_engine *engine) {
        uint64_t tick_ns = TICK_LONGEST_NS;

        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                if (engine->slots[i].open)
                        tick_ns = MIN(tick_ns, MAX((uint64_t) engine->slots[i].target_us * 250, TICK_SHORTEST_NS));
        engine->programs.shared->tick_ns = tick_ns;
}

static void close_slot(struct bpf_engine *engine, uint32_t slot) {
        slots_close(&engine->programs, slot);
        rings_give_back(&engine->rings, engine->slots[slot].ring);
        engine->slots[slot].open = false;
        engine->n_open--;
        if (engine->n_open == 0)
                programs_detach(&engine->programs);
        set_tick(engine);
}

/* Returns the number of this user in the open sessions, or a free one. */
static uint32_t user_of(const struct bpf_engine *engine, uid_t uid) {
        bool taken[SESSIONS_MAX] = {};
        uint32_t user = 0;

        for (uint32_t i = 0; i < SESSIONS_MAX; i++) {
                if (engine->slots[i].open && engine->slots[i].uid == uid)
                        return engine->slots[i].user;
                if (engine->slots[i].open)
                        taken[engine->slots[i].user] = true;
        }
        while (user < SESSIONS_MAX - 1 && taken[user])
                user++;
        return user;
}

static int open_slot(struct bpf_engine *engine, const struct session_spec *spec) {
        const uint32_t kind = spec->flags & SESSION_USER_RINGBUF ? RING_KIND_USER_RINGBUF : RING_KIND_ARRAY;
        struct slot_ring ring = { .kind = kind, .user = user_of(engine, spec->uid) };
        int r = slots_check(&engine->programs, spec);

        if (r >= 0)
                r = rings_take(&engine->rings, &engine->programs, spec->uid, spec->user_most, kind, spec->slot, &ring.number);
        if (r < 0)
                return r;
        r = slots_open(&engine->programs, spec, &engine->limits, &ring);
        if (r < 0) {
                rings_give_back(&engine->rings, ring.number);
                return r;
        }
        engine->slots[spec->slot] = (struct slot){
                .open = true,
                .uid = spec->uid,
                .ring = ring.number,
                .user = ring.user,
                .target_us = spec->target_us,
        };
        engine->n_open++;
        return 0;
}

static int engine_open(void *userdata, const struct session_spec *spec, struct session_descriptors *ret) {
        struct bpf_engine *engine = userdata;
        _cleanup_close_ int ring = -1, kick = -1;
        int r = open_slot(engine, spec);

        if (r < 0)
                return r;
        ring = fcntl(engine->rings.entries[engine->slots[spec->slot].ring].fd, F_DUPFD_CLOEXEC, 3);
        kick = fcntl(engine->programs.kick_fd, F_DUPFD_CLOEXEC, 3);
        r = kick < 0 || ring < 0 ? -errno : programs_attach(&engine->programs);
        if (r < 0) {
                close_slot(engine, spec->slot);
                return r;
        }
        set_tick(engine);
        *ret = (struct session_descriptors){
                .ring_fd = TAKE_FD(ring),
                .kick_fd = TAKE_FD(kick),
                .kick_kind = "bpf",
                .ring_kind = spec->flags & SESSION_USER_RINGBUF ? "user-ringbuf" : "array",
        };
        return 0;
}

static void engine_close(void *userdata, uint32_t slot) {
        struct bpf_engine *engine = userdata;

        if (slot >= SESSIONS_MAX || !engine->slots[slot].open)
                return;
        close_slot(engine, slot);
        pass_demands(engine); /* at once, without waiting for an event */
}

static int engine_change(void *userdata, const struct session_spec *spec) {
        struct bpf_engine *engine = userdata;
        int r = slots_change(&engine->programs, spec);

        if (r < 0)
                return r;
        engine->slots[spec->slot].target_us = spec->target_us;
        set_tick(engine);
        pass_demands(engine); /* claims may have been dropped; do not wait for an event */
        return 0;
}

/* Waits while another program holds the session, usually for microseconds. The wait is limited, because a client could cause the
 * thread of its kick to be preempted in order to block the event loop. */
static int feed(const struct bpf_engine *engine, struct platform_feed *context, uint64_t deadline_ns) {
        int r;

        do
                r = programs_run(engine->programs.feed_fd, context, sizeof(*context));
        while (r == -EBUSY && clock_ns(CLOCK_MONOTONIC) < deadline_ns);
        return r;
}

static int engine_report(void *userdata, uint32_t slot, const uint32_t *latencies_us, size_t n) {
        struct bpf_engine *engine = userdata;
        uint64_t deadline_ns = clock_ns(CLOCK_MONOTONIC) + FEED_NS;
        size_t accepted = 0;
        int r = 0;

        while (r >= 0 && accepted < n) {
                struct platform_feed context = { .slot = slot, .n = (uint32_t) MIN(n - accepted, (size_t) PLATFORM_FEED_MAX) };

                memcpy(engine->programs.shared->feed, latencies_us + accepted, context.n * sizeof(*latencies_us));
                r = feed(engine, &context, deadline_ns);
                accepted += r < 0 ? 0 : context.n;
        }
        keep_ticking(engine);
        pass_demands(engine);
        return accepted > 0 ? (int) accepted : r;
}

static int engine_look(void *userdata, uint32_t slot, struct session_counters *ret) {
        struct bpf_engine *engine = userdata;

        if (slot >= SESSIONS_MAX || !engine->slots[slot].open)
                return -ENOENT;
        slots_look(&engine->programs, slot, ret);
        return 0;
}

static size_t engine_cpus(void *userdata, uint32_t slot, uint32_t *ret, size_t max) {
        struct bpf_engine *engine = userdata;

        return slot < SESSIONS_MAX && engine->slots[slot].open ? slots_cpus(&engine->programs, slot, ret, max) : 0;
}

/* The threads of a session may move to any CPU, so its limits are the lowest floor and the highest ceiling of all CPUs. */
static void engine_bound(void *userdata, const struct cpu_bounds *bounds, size_t n) {
        const struct cpu_bounds hull = bounds_hull(bounds, n);
        struct bpf_engine *engine = userdata;

        engine->limits = policy_limits_for(hull.floor, hull.ceiling);
        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                if (engine->slots[i].open)
                        engine->programs.sessions[i].limits = engine->limits;
}

static struct engine *engine_free(struct engine *handle) {
        struct bpf_engine *engine = handle ? handle->userdata : NULL;

        if (!engine)
                return NULL;
        for (uint32_t i = 0; i < SESSIONS_MAX; i++)
                if (engine->slots[i].open)
                        close_slot(engine, i);
        (void) sd_event_source_disable_unref(engine->source);
        ring_buffer__free(engine->events);
        engine->ticker = ticker_free(engine->ticker);
        if (engine->programs.object)
                programs_free(&engine->programs);
        rings_done(&engine->rings);
        governors_done(&engine->governors);
        sd_event_unref(engine->event);
        free(engine->part.data);
        free(engine->platform);
        free(engine->vendor);
        free(engine->admin);
        free(engine);
        return NULL;
}

static int copy_options(struct bpf_engine *engine, const struct bpf_engine_options *options) {
        engine->platform = strdup(options->platform);
        engine->vendor = strdup(options->dirs.vendor);
        engine->admin = strdup(options->dirs.admin ? options->dirs.admin : "");
        if (!engine->platform || !engine->vendor || !engine->admin)
                return -ENOMEM;
        engine->options = *options;
        if (engine->options.n_cpus == 0) {
                int n = libbpf_num_possible_cpus();

                if (n < 0)
                        return n;
                engine->options.n_cpus = MIN((uint32_t) n, PLATFORM_CPUS_MAX);
        }
        engine->options.platform = engine->platform;
        engine->options.dirs.vendor = engine->vendor;
        engine->options.dirs.admin = engine->admin[0] ? engine->admin : NULL;
        return 0;
}

int bpf_engine_new(sd_event *event, const struct bpf_engine_options *options, struct engine **ret, char *reason, size_t size) {
        struct bpf_engine *engine = calloc(1, sizeof(*engine));
        const struct governor_file *file = NULL;
        int r;

        if (!engine)
                return -ENOMEM;
        engine->engine = (struct engine){
                .userdata = engine,
                .rung = engine_rung,
                .governors = engine_governors,
                .load = engine_load,
                .governor = engine_governor,
                .listen = engine_listen,
                .open = engine_open,
                .close = engine_close,
                .change = engine_change,
                .report = engine_report,
                .look = engine_look,
                .cpus = engine_cpus,
                .bound = engine_bound,
                .free = engine_free,
        };
        engine->event = sd_event_ref(event);
        engine->limits = policy_limits_for(0, POLICY_LEVEL_MAX);
        (void) text_format(reason, size, "out of memory");
        r = copy_options(engine, options);
        if (r >= 0)
                r = preview_surroundings(reason, size);
        if (r >= 0)
                r = read_part(engine, reason, size);
        if (r >= 0)
                r = features_check(FEATURES_OF_PLATFORM_PART, reason, size);
        if (r >= 0) {
                governors_find(&engine->governors, &engine->options.dirs, engine->options.platform);
                r = choose_governor(engine, options->governor, &engine->programs, &file, reason, size);
        }
        if (r >= 0)
                r = listen_to_programs(engine);
        if (r >= 0)
                r = ticker_new(&engine->programs, &engine->ticker);
        if (r < 0) {
                engine_free(&engine->engine);
                return r;
        }
        remember(engine, file);
        *ret = &engine->engine;
        return 0;
}
