/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads the engine with the highest rung that works, when the first session is opened or a governor is loaded, and stores the
 * reason why no higher rung is used. Queries do this only if they find that BPF cannot be used. Without BPF, sessions are governed
 * in user space. */

#include "bpf/engines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "bpf/governor-advice.h"
#include "bpf/policies.h"
#include "bpf/shortage.h"
#include "bpf/user-engine.h"
#include "core/machine/advice.h"

#define DEFAULT_POLICY "slack"
#define WORDS_MAX      256
#define AGAIN_NS       UINT64_C(10000000000) /* shortest time between two attempts to load BPF */

struct engines {
        struct engine table;
        struct engine *real; /* NULL if none was loaded yet */
        size_t candidate;    /* index of `real` in candidates[] */
        uint32_t n_open;     /* number of open sessions */
        bool shortage;       /* a better engine failed because of a shortage, which may be temporary */
        uint64_t tried_ns;   /* time of the last attempt */
        sd_event *event;
        struct engines_options options;
        struct engine_listener listener;
        struct cpu_bounds *bounds; /* passed to the engine when it is loaded */
        size_t n_bounds;
        int root_fd;      /* root of the running machine, even if the service works on a simulated one */
        char reason[256]; /* why no higher rung is used, or which governor would be loaded */
        struct preview_cache *cache;
};

static const char *wanted_governor(const struct engines *engines, const char **ret_origin) {
        *ret_origin = "";
        return engines->options.governor ? engines->options.governor(ret_origin, engines->options.userdata) : "";
}

#ifdef GOVERNORD_BPF
#include "bpf/bpf-engine.h"
#include "bpf/preview.h"

static struct bpf_engine_options options_for(const struct engines *engines, const char *governor, char words[WORDS_MAX]) {
        words[0] = '\0';
        if (engines->options.platform)
                engines->options.platform(words, WORDS_MAX, engines->options.userdata);
        return (struct bpf_engine_options){
                .dirs = { .vendor = engines->options.vendor_dir,
                          .admin = engines->options.admin_dir,
                          .trust_any_owner = engines->options.trust_any_owner },
                .platform = words,
                .governor = governor,
        };
}

static int try_bpf(struct engines *engines, const char *governor, struct engine **ret) {
        char words[WORDS_MAX];
        const struct bpf_engine_options options = options_for(engines, governor, words);
        int r = bpf_engine_new(engines->event, &options, ret, engines->reason, sizeof(engines->reason));

        if (r == -EPERM) {
                char reason[sizeof(engines->reason)];

                memcpy(reason, engines->reason, sizeof(reason));
                (void) TEXT_FORMAT(engines->reason, "%.400s (loading BPF requires CAP_BPF and CAP_PERFMON)", reason);
        }
        return r;
}

/* Returns 0 if a governor can probably be loaded, or a negative errno. engines->reason then names this governor, or gives the
 * reason of the error. */
static int expect(struct engines *engines) {
        const char *origin;
        char words[WORDS_MAX];
        const struct bpf_engine_options options = options_for(engines, wanted_governor(engines, &origin), words);
        const struct preview *preview;
        int r = preview_cached(&engines->cache, &options, &preview, engines->reason, sizeof(engines->reason));

        if (r < 0)
                return r;
        (void) TEXT_FORMAT(engines->reason,
                           "not loaded yet: the first session loads governor \"%s\", to decide in the kernel (eBPF)",
                           preview->name);
        return 0;
}

static int each_expected(struct engines *engines, int (*each)(const struct governor_view *governor, void *userdata),
                         void *userdata) {
        const char *origin;
        char words[WORDS_MAX];
        const struct bpf_engine_options options = options_for(engines, wanted_governor(engines, &origin), words);
        const struct preview *preview;
        char reason[sizeof(engines->reason)];
        int r = preview_cached(&engines->cache, &options, &preview, reason, sizeof(reason));

        for (size_t i = 0; r >= 0 && i < preview->governors.n; i++) {
                const struct governor_view view = governors_view(&preview->governors.items[i], "");

                r = each(&view, userdata);
        }
        return r;
}

static bool see_files(const struct engines_options *options, struct governor_lookup *lookup, char *ret) {
        const struct governor_dirs dirs = {
                .vendor = options->vendor_dir,
                .admin = options->admin_dir,
                .trust_any_owner = options->trust_any_owner,
                .manifests_only = true,
        };
        struct governors governors;
        char words[WORDS_MAX] = "";
        bool fails;

        if (options->platform)
                options->platform(words, sizeof(words), options->userdata);
        governors_find(&governors, &dirs, options->platform ? words : NULL);
        for (size_t i = 0; i < governors.n; i++) {
                const struct governor_view view = governors_view(&governors.items[i], "");

                (void) governor_lookup_add(&view, lookup);
        }
        if (governors.n == 0 || !governors.items[0].fits) /* none fits, since the best comes first */
                governor_lookup_add_policies(lookup);
        fails = governor_lookup_fails(lookup, ret); /* `lookup` points to names in `governors` */
        if (fails && !lookup->known && governors.error < 0)
                (void) text_format(ret, ADVICE_MAX, "there is no governor \"%.32s\", or it was not found: %.*s", lookup->name,
                                   text_cut(governors.failure, 160), governors.failure);
        governors_done(&governors);
        return fails;
}
#else
static struct preview_cache *preview_cache_free(struct preview_cache *cache) {
        return cache; /* always NULL */
}

static int try_bpf(struct engines *engines, const char *governor, struct engine **ret) {
        return TEXT_FORMAT(engines->reason, "this build of governord has no BPF"), -EOPNOTSUPP;
}

static int expect(struct engines *engines) {
        return -EOPNOTSUPP;
}

static int each_expected(struct engines *engines, int (*each)(const struct governor_view *governor, void *userdata),
                         void *userdata) {
        return -EOPNOTSUPP;
}

static bool see_files(const struct engines_options *options, struct governor_lookup *lookup, char *ret) {
        governor_lookup_add_policies(lookup);
        return governor_lookup_fails(lookup, ret);
}
#endif

static int make_bpf(struct engines *engines, struct engine **ret) {
        const char *origin, *governor = wanted_governor(engines, &origin);
        int r;

        if (engines->options.no_bpf)
                return TEXT_FORMAT(engines->reason, "switched off by --no-bpf"), -EOPNOTSUPP;
        r = try_bpf(engines, governor, ret);
        if (r == -ENOENT && governor[0]) {
                (void) log_warning(0, "%s: governor = %s: %s; trying the best one available", origin, governor, engines->reason);
                r = try_bpf(engines, "", ret);
        }
        return r;
}

static int make_user(struct engines *engines, struct engine **ret) {
        const char *origin, *governor = wanted_governor(engines, &origin);

        log_notice("Sessions are governed in user space (rung 4): %s", engines->reason);
        if (governor[0] && !builtin_policy(governor))
                (void) log_warning(0, "%s: governor = %s: user space has only slack, step and race; using " DEFAULT_POLICY, origin,
                                   governor);
        return user_engine_new(engines->event, engines->root_fd, builtin_policy(governor) ? governor : DEFAULT_POLICY, ret);
}

/* The best first. Each make() except the last stores the reason of its failure in engines->reason. */
static const struct {
        int (*make)(struct engines *engines, struct engine **ret);
        const char *place; /* where sessions are governed, for messages */
} candidates[] = {
        { make_bpf, "in the kernel (eBPF)" },
        { make_user, "in user space" },
};

/* Creates the best engine that works, of the first `n` candidates. */
static int make_best(struct engines *engines, size_t n, struct engine **ret) {
        int r = -EOPNOTSUPP;

        engines->shortage = false;
        for (size_t i = 0; i < n; i++) {
                r = candidates[i].make(engines, ret);
                if (r >= 0) {
                        engines->candidate = i;
                        return 0;
                }
                engines->shortage |= is_shortage(r);
        }
        return r;
}

static void take_over(struct engines *engines) {
        log_info("Governor of sessions: %s", engines->real->governor(engines->real->userdata));
        engines->tried_ns = clock_ns(CLOCK_MONOTONIC);
        engines->cache = preview_cache_free(engines->cache); /* the engine answers queries from now on */
        engines->real->listen(engines->real->userdata, &engines->listener);
        if (engines->n_bounds > 0)
                engines->real->bound(engines->real->userdata, engines->bounds, engines->n_bounds);
        if (engines->listener.changed)
                engines->listener.changed(engines->listener.userdata);
}

static int make_real(struct engines *engines) {
        int r = make_best(engines, ARRAY_SIZE(candidates), &engines->real);

        if (r < 0)
                return log_error(r, "Cannot govern sessions");
        take_over(engines);
        return 0;
}

/* Returns the engine, which is created if necessary; NULL if it could not be created. */
static struct engine *real(struct engines *engines) {
        return engines->real || make_real(engines) >= 0 ? engines->real : NULL;
}

/* Tries again to create a better engine after a temporary shortage. Called before a session is opened, and only effective while
 * there is no other session that would have to be moved. */
static void try_again(struct engines *engines) {
        struct engine *better = NULL;
        uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

        if (!engines->real || !engines->shortage || engines->n_open > 0 || now_ns - engines->tried_ns < AGAIN_NS)
                return;
        engines->tried_ns = now_ns;
        if (make_best(engines, engines->candidate, &better) < 0)
                return;
        engines->real->free(engines->real);
        engines->real = better;
        engines->reason[0] = '\0';
        log_notice("Sessions are governed %s now", candidates[engines->candidate].place);
        take_over(engines);
}

/* For queries. Returns the engine; or NULL if none was loaded yet, with the governor that would be loaded in engines->reason. If
 * BPF cannot be used, the engine without BPF is created at once, because this takes little time; NULL if this failed. */
static struct engine *known(struct engines *engines) {
        if (engines->real || (!engines->options.no_bpf && expect(engines) >= 0))
                return engines->real;
        return real(engines);
}

static const char *any_rung(void *userdata, const char **ret_reason) {
        struct engines *engines = userdata;
        const struct engine *engine = known(engines);
        const char *reason = "", *rung = engine ? engine->rung(engine->userdata, &reason) : "not-loaded";

        if (ret_reason)
                *ret_reason = reason[0] ? reason : engines->reason;
        return rung;
}

static const char *any_governor(void *userdata) {
        const struct engine *engine = known(userdata);

        return engine ? engine->governor(engine->userdata) : "";
}

static void any_listen(void *userdata, const struct engine_listener *listener) {
        struct engines *engines = userdata;

        engines->listener = *listener;
        if (engines->real)
                engines->real->listen(engines->real->userdata, listener);
}

static void any_bound(void *userdata, const struct cpu_bounds *bounds, size_t n) {
        struct engines *engines = userdata;
        struct cpu_bounds *copy = reallocarray(engines->bounds, n + 1, sizeof(*copy));

        if (copy) {
                engines->bounds = copy;
                engines->n_bounds = n;
                if (n > 0)
                        memcpy(copy, bounds, n * sizeof(*copy));
        }
        if (engines->real)
                engines->real->bound(engines->real->userdata, bounds, n);
}

static int any_open(void *userdata, const struct session_spec *spec, struct session_descriptors *ret) {
        struct engines *engines = userdata;
        struct engine *engine;
        int r;

        try_again(engines);
        engine = real(engines);
        r = engine ? engine->open(engine->userdata, spec, ret) : -ENOMEM;
        engines->n_open += r >= 0;
        return r;
}

static void any_close(void *userdata, uint32_t slot) {
        struct engines *engines = userdata;

        if (!engines->real)
                return;
        engines->real->close(engines->real->userdata, slot);
        engines->n_open -= engines->n_open > 0;
}

static int any_change(void *userdata, const struct session_spec *spec) {
        const struct engines *engines = userdata;

        return engines->real ? engines->real->change(engines->real->userdata, spec) : -ENOENT;
}

static int any_report(void *userdata, uint32_t slot, const uint32_t *latencies_us, size_t n) {
        const struct engines *engines = userdata;

        return engines->real ? engines->real->report(engines->real->userdata, slot, latencies_us, n) : -ENOENT;
}

static int any_look(void *userdata, uint32_t slot, struct session_counters *ret) {
        const struct engines *engines = userdata;

        return engines->real ? engines->real->look(engines->real->userdata, slot, ret) : -ENOENT;
}

static size_t any_cpus(void *userdata, uint32_t slot, uint32_t *ret, size_t max) {
        const struct engines *engines = userdata;

        return engines->real ? engines->real->cpus(engines->real->userdata, slot, ret, max) : 0;
}

static int any_governors(void *userdata, int (*each)(const struct governor_view *governor, void *userdata), void *each_userdata) {
        struct engine *engine = known(userdata);

        return engine ? engine->governors(engine->userdata, each, each_userdata) : each_expected(userdata, each, each_userdata);
}

static int any_load(void *userdata, const char *name, char *reason, size_t size) {
        const struct engines *engines = userdata;
        struct engine *engine = real(userdata);

        if (!engine)
                return text_format(reason, size, "no engine for sessions could be created: %s", engines->reason), -ENOMEM;
        return engine->load(engine->userdata, name, reason, size);
}

static struct engine *any_free(struct engine *engine) {
        struct engines *engines = engine ? engine->userdata : NULL;

        if (!engines)
                return NULL;
        if (engines->real)
                engines->real->free(engines->real);
        preview_cache_free(engines->cache);
        free(engines->bounds);
        (void) close_fd(engines->root_fd);
        sd_event_unref(engines->event);
        free(engines);
        return NULL;
}

int engines_new(sd_event *event, const struct engines_options *options, struct engine **ret) {
        struct engines *engines = calloc(1, sizeof(*engines));

        if (!engines)
                return -ENOMEM;
        engines->table = (struct engine){
                .userdata = engines,
                .rung = any_rung,
                .governor = any_governor,
                .listen = any_listen,
                .open = any_open,
                .close = any_close,
                .change = any_change,
                .report = any_report,
                .look = any_look,
                .cpus = any_cpus,
                .bound = any_bound,
                .governors = any_governors,
                .load = any_load,
                .free = any_free,
        };
        engines->event = sd_event_ref(event);
        engines->options = *options;
        engines->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (engines->root_fd < 0) {
                int r = -errno;

                any_free(&engines->table);
                return r;
        }
        *ret = &engines->table;
        return 0;
}

bool engines_lack_governor(struct engine *engine, const char *name, char *ret) {
        struct governor_lookup lookup = governor_lookup(name);
        struct engines *engines = engine->userdata;

        if (engines->real)
                (void) engines->real->governors(engines->real->userdata, governor_lookup_add, &lookup);
        else if (engines->options.no_bpf || each_expected(engines, governor_lookup_add, &lookup) < 0)
                governor_lookup_add_policies(&lookup);
        return governor_lookup_fails(&lookup, ret);
}

bool engines_lack_file(const struct engines_options *options, const char *name, char *ret) {
        struct governor_lookup lookup = governor_lookup(name);

        if (!options->no_bpf)
                return see_files(options, &lookup, ret);
        governor_lookup_add_policies(&lookup);
        return governor_lookup_fails(&lookup, ret);
}
