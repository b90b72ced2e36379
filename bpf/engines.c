/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Takes the highest rung that this machine allows when the first session, or the first question about it, comes; and says why not a higher one.
 * It refuses to fail for want of BPF. */

#include "bpf/engines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "bpf/policies.h"
#include "bpf/user-engine.h"

#define DEFAULT_POLICY "slack"
#define WORDS_MAX 256

struct engines {
        struct engine table;
        struct engine *real;    /* NULL: not asked for anything yet */
        sd_event *event;
        struct engines_options options;
        struct engine_listener listener;
        uint32_t floor, ceiling;
        int root_fd;            /* of the running machine, also when the service works on a simulated one */
        char reason[256];       /* why not a higher rung */
};

#ifdef GOVERNORD_BPF
#include "bpf/bpf-engine.h"

static int try_bpf(struct engines *engines, const char *governor, struct engine **ret) {
        char words[WORDS_MAX] = "";
        const struct bpf_engine_options options = {
                .dirs = { .vendor = engines->options.vendor_dir, .admin = engines->options.admin_dir,
                          .trust_any_owner = engines->options.trust_any_owner },
                .platform = words, .governor = governor,
        };
        int r;

        if (engines->options.platform)
                engines->options.platform(words, sizeof(words), engines->options.userdata);
        r = bpf_engine_new(engines->event, &options, ret, engines->reason, sizeof(engines->reason));
        if (r == -EPERM)
                (void) TEXT_FORMAT(engines->reason, "the kernel does not let this service load BPF programs: they need CAP_BPF and CAP_PERFMON");
        return r;
}
#else
static int try_bpf(struct engines *engines, const char *governor, struct engine **ret) {
        return TEXT_FORMAT(engines->reason, "this build of governord has no BPF"), -EOPNOTSUPP;
}
#endif

static int make_real(struct engines *engines) {
        const char *governor = engines->options.governor ? engines->options.governor(engines->options.userdata) : "";
        int r = -EOPNOTSUPP;

        if (engines->options.no_bpf)
                (void) TEXT_FORMAT(engines->reason, "switched off by --no-bpf");
        else
                r = try_bpf(engines, governor, &engines->real);
        if (r == -ENOENT && governor[0]) {
                (void) log_warning(0, "governor = %s: %s; taking the best that there is", governor, engines->reason);
                r = try_bpf(engines, "", &engines->real);
        }
        if (r < 0) {
                log_notice("Sessions are governed in user space (rung 4): %s", engines->reason);
                if (governor[0] && !builtin_policy(governor))
                        (void) log_warning(0, "governor = %s: not one of slack, step and race, which user space has; taking " DEFAULT_POLICY, governor);
                r = user_engine_new(engines->event, engines->root_fd, builtin_policy(governor) ? governor : DEFAULT_POLICY, &engines->real);
        }
        if (r < 0)
                return log_error(r, "Cannot govern sessions");
        log_info("Governor of sessions: %s", engines->real->governor(engines->real->userdata));
        engines->real->listen(engines->real->userdata, &engines->listener);
        engines->real->limit(engines->real->userdata, engines->floor, engines->ceiling);
        return 0;
}

/* NULL only when memory is short. */
static struct engine *real(struct engines *engines) {
        return engines->real || make_real(engines) >= 0 ? engines->real : NULL;
}

static const char *any_rung(void *userdata, const char **ret_reason) {
        struct engines *engines = userdata;
        const char *reason = "", *rung = real(engines) ? engines->real->rung(engines->real->userdata, &reason) : "";

        if (ret_reason)
                *ret_reason = reason[0] ? reason : engines->reason;
        return rung;
}

static const char *any_governor(void *userdata) {
        struct engine *engine = real(userdata);

        return engine ? engine->governor(engine->userdata) : "";
}

static void any_listen(void *userdata, const struct engine_listener *listener) {
        struct engines *engines = userdata;

        engines->listener = *listener;
        if (engines->real)
                engines->real->listen(engines->real->userdata, listener);
}

static void any_limit(void *userdata, uint32_t floor, uint32_t ceiling) {
        struct engines *engines = userdata;

        engines->floor = floor;
        engines->ceiling = ceiling;
        if (engines->real)
                engines->real->limit(engines->real->userdata, floor, ceiling);
}

static int any_open(void *userdata, const struct session_spec *spec, struct session_descriptors *ret) {
        struct engine *engine = real(userdata);

        return engine ? engine->open(engine->userdata, spec, ret) : -ENOMEM;
}

/* Slots that are open have a real engine. */
static void any_close(void *userdata, uint32_t slot) {
        const struct engines *engines = userdata;

        if (engines->real)
                engines->real->close(engines->real->userdata, slot);
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
        struct engine *engine = real(userdata);

        return engine ? engine->governors(engine->userdata, each, each_userdata) : -ENOMEM;
}

static int any_load(void *userdata, const char *name, char *reason, size_t size) {
        struct engine *engine = real(userdata);

        return engine ? engine->load(engine->userdata, name, reason, size) : -ENOMEM;
}

static struct engine *any_free(struct engine *engine) {
        struct engines *engines = engine ? engine->userdata : NULL;

        if (!engines)
                return NULL;
        if (engines->real)
                engines->real->free(engines->real);
        (void) close_fd(engines->root_fd);
        sd_event_unref(engines->event);
        free(engines);
        return NULL;
}

int engines_new(sd_event *event, const struct engines_options *options, struct engine **ret) {
        struct engines *engines = calloc(1, sizeof(*engines));

        if (!engines)
                return -ENOMEM;
        engines->table = (struct engine) {
                .userdata = engines, .rung = any_rung, .governor = any_governor, .listen = any_listen, .open = any_open, .close = any_close,
                .change = any_change, .report = any_report, .look = any_look, .cpus = any_cpus, .limit = any_limit,
                .governors = any_governors, .load = any_load, .free = any_free,
        };
        engines->event = sd_event_ref(event);
        engines->options = *options;
        engines->ceiling = POLICY_LEVEL_MAX;
        engines->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (engines->root_fd < 0) {
                int r = -errno;

                any_free(&engines->table);
                return r;
        }
        *ret = &engines->table;
        return 0;
}
