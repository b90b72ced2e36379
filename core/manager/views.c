/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Read-only queries: drivers, knobs, explanations, history and CPUs. Nothing is decided here. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/text.h"
#include "core/config/value.h"
#include "core/machine/cpu-now.h"
#include "core/manager/inputs.h"
#include "core/manager/manager-private.h"
#include "core/write/diagnose.h"

int manager_each_driver(const struct manager *manager, int (*each)(const struct driver_view *driver, void *userdata),
                        void *userdata) {
        for (size_t i = 0; i < manager->machine.n_plugins; i++) {
                const struct plugin *plugin = manager->machine.plugins[i];
                struct driver_view view = {
                        .name = plugin->name,
                        .description = plugin->driver ? plugin->driver->description : "",
                        .backend = plugin->info.backend,
                        .mode = plugin->info.mode,
                        .state = plugin_state_name(plugin->state),
                        .note = plugin->note,
                };
                int r;

                for (uint32_t g = 0; g < manager->machine.knobs.n_groups; g++)
                        if (manager->machine.knobs.groups[g].plugin == plugin)
                                view.n_knobs += manager->machine.knobs.groups[g].count;
                r = each(&view, userdata);
                if (r < 0)
                        return r;
        }
        return 0;
}

bool manager_domain_exists(const struct manager *manager, uint32_t scope, uint32_t domain) {
        return machine_has_domain(&manager->machine, scope, domain);
}

static bool acts_on(const struct manager *manager, const struct knob *knob, uint32_t scope, uint32_t domain) {
        return scope == GOV_SCOPE_COUNT ||
               topology_covers(&manager->machine.topology, scope, domain, knob->row->scope, knob->domain);
}

static bool domain_is_known(const struct manager *manager, uint32_t scope, uint32_t domain) {
        return scope == GOV_SCOPE_COUNT || manager_domain_exists(manager, scope, domain);
}

int manager_each_counter(struct manager *manager, int (*each)(const char *name, uint64_t value, const char *help, void *userdata),
                         void *userdata) {
        int r = 0;

        counters_read_drivers(&manager->counters, &manager->machine);
        for (size_t i = 0; r >= 0 && i < COUNTERS; i++)
                r = each(counter_facts[i].name, manager->counters.values[i], counter_facts[i].help, userdata);
        return MIN(r, 0);
}

/* -- knobs -- */

static const char *state_word(const struct knob *knob) {
        if (knob_is_sensor(knob))
                return "sensor";
        if (!knob_is_writable(knob))
                return "read-only";
        if (knob->pending)
                return "pending";
        switch (knob->state) {
        case KNOB_UNTOUCHED:
                return "untouched";
        case KNOB_OK:
                return "ok";
        case KNOB_FAILED:
                return "failed";
        case KNOB_YIELDED:
                return "yielded";
        }
        return "";
}

/* The value that could not be written: the target, or, without a target, the original value that was to be restored. */
static const char *tried(const struct knob *knob) {
        return knob->wanted ? knob->wanted : knob->original ? knob->original : "";
}

static void format_message(const struct knob *knob, char *ret, size_t size) {
        char shown[KNOB_SHOWN_MAX];

        if (knob->pending)
                (void) text_format(ret, size, "\"%s\" was sent to the driver's process, which has not answered yet",
                                   knob_show(knob, knob->pending->value, shown));
        else if (knob->state == KNOB_FAILED)
                diagnose_failure(knob, tried(knob), knob->error, ret, size);
        else if (knob->state == KNOB_YIELDED)
                (void) text_format(
                        ret, size,
                        "set to \"%s\" by %s; left alone until a profile is chosen, the machine resumes, or the former value is back",
                        knob_show(knob, knob->value ? knob->value : "", shown),
                        knob->change ? knob->change->who : "another program");
        else if (knob_is_leftover_limit(knob))
                (void) text_format(ret, size, "a limit that governord has not set, less than half of the maximum; left alone");
        else
                (void) text_format(ret, size, "%s", knob_note(knob));
}

static void format_unreadable(int r, struct knob_view *view) {
        const char *text = strerrordesc_np(-r);

        (void) TEXT_FORMAT(view->message, "cannot be read now: %s", text ? text : "unknown error");
}

/* A knob whose value differs from its target is not "ok", even if the change has not been handled yet. `r` is the result of reading
 * it. */
static void check_place(struct manager *manager, struct knob *knob, int r, struct knob_view *view) {
        char shown[KNOB_SHOWN_MAX], wanted[KNOB_SHOWN_MAX];

        if (knob_is_sensor(knob) || knob->pending || knob->state != KNOB_OK || !knob->wanted ||
            doubts_check(&manager->doubts, &manager->machine.knobs, knob, knob->wanted, view->value))
                return;
        view->state = "failed";
        if (r < 0)
                format_unreadable(r, view);
        else
                (void) TEXT_FORMAT(view->message, "is \"%s\" instead of \"%s\": another program or the kernel has just changed it",
                                   knob_show(knob, view->value, shown), knob_show(knob, knob->wanted, wanted));
}

static void hide_values(const struct knob *knob, struct knob_view *view) {
        view->value[0] = '\0';
        view->original = view->wanted = "";
        (void) TEXT_FORMAT(view->message, "%s", knob_note(knob));
}

static void fill_knob(struct manager *manager, struct knob *knob, bool privileged, struct knob_view *ret) {
        *ret = (struct knob_view){
                .knob = knob->name,
                .label = knob->label,
                .help = knob->row->help,
                .unit = knob_unit_name(knob->row->unit),
                .driver = knob->plugin->name,
                .path = knob->path,
                .state = state_word(knob),
                .original = knob->original ? knob->original : "",
                .wanted = knob->wanted ? knob->wanted : "",
        };
        int r = knob_read(knob, ret->value);

        domain_format(ret->domain, sizeof(ret->domain), knob->row->scope, knob->domain);
        if (r < 0)
                ret->value[0] = '\0';
        if (knob->choices[0])
                (void) TEXT_FORMAT(ret->range, "%s", knob->choices);
        else if (knob->min <= knob->max)
                (void) TEXT_FORMAT(ret->range, "%" PRId64 "..%" PRId64, knob->min, knob->max);
        format_message(knob, ret->message, sizeof(ret->message));
        check_place(manager, knob, r, ret);
        if (r < 0 && !ret->message[0])
                format_unreadable(r, ret);
        if ((knob->flags & GOV_INSTANCE_PRIVATE) && !privileged)
                hide_values(knob, ret);
}

int manager_each_knob(struct manager *manager, uint32_t scope, uint32_t domain, bool privileged,
                      int (*each)(const struct knob_view *knob, void *userdata), void *userdata) {
        if (!domain_is_known(manager, scope, domain))
                return -ENXIO;
        for (uint32_t i = 0; i < manager->machine.knobs.n; i++) {
                struct knob_view view;
                int r;

                if (!acts_on(manager, &manager->machine.knobs.items[i], scope, domain))
                        continue;
                fill_knob(manager, &manager->machine.knobs.items[i], privileged, &view);
                r = each(&view, userdata);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* -- explain -- */

struct explaining {
        struct manager *manager;
        const struct plan_input *input;
        int (*each)(const struct explain_view *knob, void *userdata);
        void *userdata;
        int result;
};

/* If the knob offers none of the values of the line, appends the values that it offers. */
static void add_offer(const struct manager *manager, const struct knob *knob, const struct plan_target *target,
                      struct explain_view *view) {
        char offer[sizeof(view->limiter)], text[sizeof(view->limiter)];
        struct profile_knob seen;

        if (target->limiter != LIMITER_NONE || !target->unavailable || target->read_only)
                return;
        knob_profile_view(knob, &manager->machine.topology, &seen);
        value_format_offer(&seen, knob_unit_name(knob->row->unit), offer, sizeof(offer));
        if (offer[0] && TEXT_FORMAT(text, "%s, %s", view->limiter, offer) >= 0)
                (void) strcpy(view->limiter, text);
}

static int explain_one(struct knob *knob, const struct plan_target *target, void *userdata) {
        struct explaining *explaining = userdata;
        struct explain_view view = {
                .knob = knob->name,
                .label = knob->label,
                .unit = knob_unit_name(knob->row->unit),
                .driver = knob->plugin->name,
                .now = knob->value ? knob->value : "",
                .then = target->satisfied && knob->value ? knob->value : target->value,
        };

        domain_format(view.domain, sizeof(view.domain), knob->row->scope, knob->domain);
        plan_format_limiter(explaining->input, target, view.limiter, sizeof(view.limiter));
        add_offer(explaining->manager, knob, target, &view);
        if (view.then[0] == '\0' && knob->original) {
                view.then = knob->original;
                (void) TEXT_FORMAT(view.limiter, "its original value");
        } else if (view.then[0] == '\0' && knob_is_leftover_limit(knob))
                (void) TEXT_FORMAT(view.limiter, "a limit that governord has not set is in force");
        return explaining->each(&view, explaining->userdata);
}

/* Explains a level as if it were requested as floor and ceiling of the whole machine, in addition to the existing requests. */
static int explain_level(struct manager *manager, int level, struct explaining *explaining, struct plan_input *input) {
        struct request question = {
                .kind = REQUEST_LEVEL,
                .door = DOOR_PERSISTENT,
                .owner = (char *) "",
                .application = (char *) "this query",
                .reason = (char *) "",
                .pidfd = -1,
                .scope = GOV_SCOPE_NODE,
                .floor = level,
                .ceiling = level,
        };
        _cleanup_free_ struct request **items = calloc(manager->requests.n + 1, sizeof(struct request *));
        struct requests requests = { .items = items, .n = manager->requests.n + 1 };

        if (!items)
                return -ENOMEM;
        if (manager->requests.n > 0)
                memcpy(items, manager->requests.items, manager->requests.n * sizeof(*items));
        items[manager->requests.n] = &question;
        input->requests = &requests;
        return plan_each(input, &manager->machine.knobs, explain_one, explaining);
}

/* Reports a line without effect, with an empty domain. */
static void explain_line(const struct ineffective_line *line, void *userdata) {
        struct explaining *explaining = userdata;
        struct explain_view view = {
                .knob = line->knob, .unit = "", .driver = line->driver ? line->driver : "", .label = "", .now = "", .then = ""
        };

        if (text_format(view.limiter, sizeof(view.limiter), "no effect here: %s (%s)", line->reason, line->origin) < 0)
                (void) text_format(view.limiter, sizeof(view.limiter), "no effect here: %s", line->reason);
        if (explaining->result >= 0)
                explaining->result = explaining->each(&view, explaining->userdata);
}

static int explain_profile(const struct profile *profile, struct explaining *explaining) {
        struct judging judging;

        inputs_judging(explaining->manager, explaining->manager->config, &judging);
        explaining->result = plan_each(explaining->input, &explaining->manager->machine.knobs, explain_one, explaining);
        if (explaining->result >= 0)
                ineffective_each_hidden(&judging, profile, explain_line, explaining);
        return explaining->result;
}

int manager_explain(struct manager *manager, const char *what, int (*each)(const struct explain_view *knob, void *userdata),
                    void *userdata) {
        const struct profile *profile = config_profile(manager->config, what);
        struct plan_input input;
        struct explaining explaining = { .manager = manager, .input = &input, .each = each, .userdata = userdata };
        int64_t level;

        inputs_plan(manager, profile ? profile : manager->active, &input);
        if (profile)
                return explain_profile(profile, &explaining);
        if (parse_i64(what, &level) < 0 || level < 0 || level > LEVEL_MAX)
                return -ENOENT;
        return explain_level(manager, (int) level, &explaining, &input);
}

/* -- lines without effect -- */

void manager_each_ineffective(struct manager *manager, ineffective_fn each, void *userdata) {
        struct judging judging;

        inputs_judging(manager, manager->config, &judging);
        ineffective_each(&manager->ineffective, &judging, each, userdata);
}

/* -- why -- */

static int newest_first(const void *a, const void *b) {
        const struct knob *x = *(const struct knob *const *) a, *y = *(const struct knob *const *) b;

        if (x->change->usec != y->change->usec)
                return x->change->usec > y->change->usec ? -1 : 1;
        return x < y ? -1 : x > y;
}

static int report_change(const struct knob *knob, int (*each)(const struct change_view *change, void *userdata), void *userdata) {
        struct change_view view = {
                .usec = knob->change->usec,
                .knob = knob->name,
                .old_value = knob->changed_from,
                .new_value = knob->value ? knob->value : "",
                .cause = knob->change->cause,
                .who = knob->change->who,
        };

        domain_format(view.domain, sizeof(view.domain), knob->row->scope, knob->domain);
        return each(&view, userdata);
}

int manager_why(const struct manager *manager, uint32_t scope, uint32_t domain,
                int (*each)(const struct change_view *change, void *userdata), void *userdata) {
        _cleanup_free_ const struct knob **sorted = calloc(manager->machine.knobs.n + 1, sizeof(struct knob *));
        uint32_t n = 0;
        int r = 0;

        if (!sorted)
                return -ENOMEM;
        if (!domain_is_known(manager, scope, domain))
                return -ENXIO;
        for (uint32_t i = 0; i < manager->machine.knobs.n; i++)
                if (manager->machine.knobs.items[i].change && acts_on(manager, &manager->machine.knobs.items[i], scope, domain))
                        sorted[n++] = &manager->machine.knobs.items[i];
        qsort(sorted, n, sizeof(*sorted), newest_first);
        for (uint32_t i = 0; r >= 0 && i < n; i++)
                r = report_change(sorted[i], each, userdata);
        return r;
}

/* -- CPUs and packages -- */

static void fill_cpu(const struct manager *manager, const struct cpu *cpu, struct cpu_view *ret) {
        struct level_range range;

        arbiter_levels(&manager->requests, &manager->machine.topology, GOV_SCOPE_CPU, cpu->number, &range);
        demands_merge(&manager->demands, &manager->machine.topology, GOV_SCOPE_CPU, cpu->number, &range);
        *ret = (struct cpu_view){
                .cpu = cpu->number,
                .policy = cpu->facts.policy,
                .package = cpu->package,
                .facts = cpu->facts,
                .online = cpu->online,
                .floor = range.floor < 0 ? 0 : (uint32_t) range.floor,
                .ceiling = range.ceiling < 0 ? LEVEL_MAX : (uint32_t) range.ceiling,
        };
}

int manager_each_cpu(const struct manager *manager, int (*each)(const struct cpu_view *cpu, void *userdata), void *userdata) {
        int r = 0;

        for (uint32_t i = 0; r >= 0 && i < manager->machine.topology.n_cpus; i++) {
                struct cpu_view view;

                fill_cpu(manager, &manager->machine.topology.cpus[i], &view);
                r = each(&view, userdata);
        }
        return r < 0 ? r : 0;
}

/* The last CPU has the highest number, since CPUs are sorted. */
int manager_each_cpu_now(const struct manager *manager, int (*each)(const struct cpu_view *cpu, void *userdata), void *userdata) {
        uint32_t n = manager->machine.topology.n_cpus, end = n > 0 ? manager->machine.topology.cpus[n - 1].number + 1 : 0;
        _cleanup_free_ struct cpu_times *times = calloc(end + 1, sizeof(*times));
        int r = 0;

        if (!times)
                return -ENOMEM;
        (void) cpu_times_read(manager->root_fd, times, end); /* after an error, the times stay 0: unknown */
        for (uint32_t i = 0; r >= 0 && i < n; i++) {
                struct cpu_view view;

                fill_cpu(manager, &manager->machine.topology.cpus[i], &view);
                view.now_khz = view.online ? cpu_khz_now(manager->root_fd, view.cpu) : 0;
                view.idle_usec = times[view.cpu].idle_usec;
                view.total_usec = times[view.cpu].total_usec;
                r = each(&view, userdata);
        }
        return r < 0 ? r : 0;
}

size_t manager_packages(const struct manager *manager, const uint32_t **ret) {
        *ret = manager->machine.topology.packages;
        return manager->machine.topology.n_packages;
}

const char *manager_cpu_model(const struct manager *manager) {
        return manager->machine.topology.model;
}

/* Returns true for energy counters of the whole package; those of its parts have other labels. */
static bool counts_package(const struct knob *knob, uint32_t package) {
        return knob->row->unit == GOV_UNIT_MICROJOULE && knob->row->scope == GOV_SCOPE_PACKAGE && knob->domain == package &&
               (!knob->label[0] || strncmp(knob->label, "package", strlen("package")) == 0);
}

/* A counter with two interfaces (MSR and MMIO) has labels that differ only after a blank: "package-0", "package-0 (mmio)". */
static bool is_counted(const struct energy_counter *counters, int n, const char *name) {
        size_t length = strcspn(name, " ");

        for (int i = 0; i < n; i++)
                if (strcspn(counters[i].name, " ") == length && memcmp(counters[i].name, name, length) == 0)
                        return true;
        return false;
}

static int read_energy(const struct knob *knob, int64_t *ret, struct message *ret_message) {
        char value[GOVERNORD_VALUE_MAX], name[96];
        int r = knob_read(knob, value);

        if (r >= 0 && (parse_i64(value, ret) < 0 || *ret < 0))
                r = -EBADMSG;
        if (r >= 0)
                return 0;
        knob_format_name(knob, name, sizeof(name));
        if (!ret_message)
                return r;
        return message_error(ret_message, r, "The energy counter %s cannot be read: %s", name,
                             r == -EBADMSG ? "its content is not a number" : strerror(-r));
}

int manager_package_energy(struct manager *manager, uint32_t package, struct energy_counter ret[static ENERGY_COUNTERS_MAX],
                           struct message *ret_message) {
        int n = 0, r;

        for (uint32_t i = 0; i < manager->machine.knobs.n; i++) {
                const struct knob *knob = &manager->machine.knobs.items[i];
                int64_t energy;

                if (!counts_package(knob, package) || is_counted(ret, n, knob->label))
                        continue;
                if (n == ENERGY_COUNTERS_MAX)
                        return -ENODATA;
                r = read_energy(knob, &energy, ret_message);
                if (r < 0)
                        return r;
                ret[n++] = (struct energy_counter){
                        .name = knob->label,
                        .energy_uj = (uint64_t) energy,
                        .range_uj = knob->max > 0 ? (uint64_t) knob->max : 0,
                };
        }
        return n > 0 ? n : -ENODATA;
}

/* -- everything as text -- */

static int dump_driver(const struct driver_view *driver, void *userdata) {
        return fprintf(userdata, "driver %s: %s, backend \"%s\", mode \"%s\", %u knob%s; %s\n", driver->name, driver->state,
                       driver->backend, driver->mode, driver->n_knobs, text_plural(driver->n_knobs), driver->note) < 0 ?
                       -EIO :
                       0;
}

static int dump_knob(const struct knob_view *knob, void *userdata) {
        return fprintf(userdata, "knob %s %s%s%s: \"%s\" (original \"%s\", wanted \"%s\"), %s; %s; %s; %s\n", knob->domain,
                       knob->knob, knob->label[0] ? " " : "", knob->label, knob->value, knob->original, knob->wanted, knob->state,
                       knob->range, knob->path, knob->message) < 0 ?
                       -EIO :
                       0;
}

static int dump_change(const struct change_view *change, void *userdata) {
        return fprintf(userdata, "change %" PRIu64 " %s %s: \"%s\" -> \"%s\" by %s (%s)\n", change->usec, change->domain,
                       change->knob, change->old_value, change->new_value, change->who, change->cause) < 0 ?
                       -EIO :
                       0;
}

static void dump_requests(const struct manager *manager, FILE *file) {
        for (size_t i = 0; i < manager->requests.n; i++) {
                const struct request *request = manager->requests.items[i];
                char domain[24];

                domain_format(domain, sizeof(domain), request->scope, request->domain);
                (void) fprintf(file, "request %u: %s, floor %d, ceiling %d, application \"%s\", reason \"%s\", owner %s, pid %d\n",
                               request->cookie, request->kind == REQUEST_PROFILE ? request->profile : domain, request->floor,
                               request->ceiling, request->application, request->reason, request->owner, (int) request->pid);
        }
}

int manager_dump(struct manager *manager, char **ret) {
        size_t size;
        FILE *file = open_memstream(ret, &size);
        size_t n_watched = manager->watch ? watch_count(manager->watch) : 0;
        struct power_view power;

        if (!file)
                return -errno;
        manager_power(manager, &power);
        (void) fprintf(file, "profile %s (%s), selected %s, degraded 0x%x, power %s %d%%, %u CPU%s, %u package%s, model \"%s\"\n",
                       manager->active->name, manager->cause, manager->choice.selected->name, manager->degraded, power.source,
                       power.percent, manager->machine.topology.n_cpus, text_plural(manager->machine.topology.n_cpus),
                       (uint32_t) manager->machine.topology.n_packages, text_plural(manager->machine.topology.n_packages),
                       manager->machine.topology.model);
        (void) fprintf(file, "watching %zu file%s, writers are %s\n", n_watched, text_plural(n_watched),
                       manager->watch && watch_knows_writers(manager->watch) ? "known" : "not known");
        (void) manager_each_driver(manager, dump_driver, file);
        dump_requests(manager, file);
        (void) manager_each_knob(manager, GOV_SCOPE_COUNT, 0, false, dump_knob, file);
        (void) manager_why(manager, GOV_SCOPE_COUNT, 0, dump_change, file);
        return fclose(file) == 0 ? 0 : -errno;
}
