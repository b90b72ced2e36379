/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/settle.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/decide/arbiter.h"
#include "core/manager/degraded.h"
#include "core/manager/inputs.h"
#include "core/manager/manager-private.h"
#include "core/manager/saved-choice.h"
#include "core/write/collect.h"
#include "core/write/diagnose.h"
#include "core/write/restore.h"

#define SERVICE          "governord"
#define RETRY_PROBE_USEC 1000000
#define STOP_WAIT_USEC   1000000

/* -- write -- */

/* Logs once that the ledger cannot be written, and once that it can be written again; `r` is the result of apply(). */
static void note_ledger(struct manager *manager, const struct operations *operations, int r) {
        bool written = false;

        for (uint32_t i = 0; !written && i < operations->n; i++)
                written = !operations->items[i].give_back;
        if (r < 0 && !manager->ledger_failing)
                (void) log_error(
                        r,
                        "Cannot record original values in %s/ledger; no setting is changed until the ledger can be written again",
                        manager->options.runtime_dir);
        else if (r >= 0 && written && manager->ledger_failing)
                log_notice("%s/ledger can be written again", manager->options.runtime_dir);
        manager->ledger_failing = r < 0 || (manager->ledger_failing && !written);
}

static void log_failure(const struct operation *operation, uint32_t more) {
        char text[512];

        diagnose_failure(operation->knob, operation->value, operation->knob->error, text, sizeof(text));
        if (more > 0)
                (void) log_warning(0, "%s (and %u more failures of this setting); continuing with the other settings", text, more);
        else
                (void) log_warning(0, "%s; continuing with the other settings", text);
}

static void report_knobs(struct manager *manager, const struct knob *knob, uint32_t domains, const char *value,
                         const struct change *change) {
        const struct change_summary summary = {
                .usec = change->usec,
                .knob = knob->name,
                .domains = domains,
                .new_value = value,
                .cause = change->cause,
                .who = change->who,
        };

        for (const struct listener *listener = manager->listeners; listener; listener = listener->next)
                if (listener->knobs_changed)
                        listener->knobs_changed(&summary, listener->userdata);
}

/* Reports the operations of one row, which are adjacent, with at most one log line and one call of each listener, as a row can have
 * thousands of knobs. */
static void report_row(struct manager *manager, const struct operation *row, uint32_t n, const struct change *change) {
        const struct operation *failed = NULL, *done = NULL;
        uint32_t n_failed = 0, n_done = 0;

        for (uint32_t i = 0; i < n; i++) {
                bool ok = row[i].knob->state != KNOB_FAILED;

                if (row[i].knob->pending)
                        continue;
                n_failed += !ok;
                n_done += ok;
                if (!ok && !failed)
                        failed = &row[i];
                if (ok && !done)
                        done = &row[i];
        }
        if (failed)
                log_failure(failed, n_failed - 1);
        if (done)
                report_knobs(manager, done->knob, n_done, done->value, change);
}

static void report_rows(struct manager *manager, const struct operations *operations, const struct change *change) {
        uint32_t first = 0;

        for (uint32_t i = 1; i <= operations->n; i++) {
                if (i < operations->n && operations->items[i].knob->row == operations->items[first].knob->row)
                        continue;
                report_row(manager, &operations->items[first], i - first, change);
                first = i;
        }
}

static void report_answers(struct manager *manager) {
        if (manager->answered.n > 0)
                report_rows(manager, &manager->answered, manager->answered_change);
        manager->answered.n = 0;
        manager->answered_change = change_unref(manager->answered_change);
}

/* Receives the answer to a write that carry_out() sent to another process. Answers to writes of one change that arrive before the
 * next turn are reported together. */
static void on_answer(const struct operation *operation, struct change *change, void *userdata) {
        struct manager *manager = userdata;
        bool failed = operation->knob->state == KNOB_FAILED;

        manager->counters.values[COUNTER_WRITES] += !failed;
        manager->counters.values[COUNTER_WRITES_FAILED] += failed;
        if (manager->answered_change != change)
                report_answers(manager);
        if (!manager->answered_change)
                manager->answered_change = change_ref(change);
        if (operations_add(&manager->answered, operation->knob, operation->value, operation->give_back) < 0)
                report_row(manager, operation, 1, change);
        later_answers(&manager->later);
}

static int carry_out(struct manager *manager, const struct operations *operations, struct change *change, uint64_t at_once_usec,
                     struct apply_result *ret) {
        const struct apply_context context = {
                .ledger = manager->ledger,
                .change = change,
                .at_once_usec = at_once_usec,
                .answered = on_answer,
                .userdata = manager,
        };
        uint64_t *counters = manager->counters.values;
        int r = apply(&context, operations, ret);

        counters[COUNTER_BATCHES_REFUSED] += r < 0;
        counters[COUNTER_WRITES] += r < 0 ? 0 : ret->done;
        counters[COUNTER_WRITES_FAILED] += r < 0 ? 0 : ret->failed;
        note_ledger(manager, operations, r);
        if (r >= 0 && ret->pending > 0)
                later_expire(&manager->later, machine_deadline(&manager->machine));
        return r;
}

/* Plans for the active profile and all requests, and writes the values that differ. `explicit` as in core/write/collect.h. */
static int plan_and_write(struct manager *manager, bool explicit, const char *cause, const char *who, struct apply_result *ret) {
        struct collecting collecting = { .ledger = manager->ledger, .explicit = explicit };
        struct change *change = change_new(clock_usec(CLOCK_REALTIME), cause, who);
        struct plan_input input;
        int r = change ? 0 : -ENOMEM;

        *ret = (struct apply_result){};
        inputs_plan(manager, manager->active, &input);
        if (r >= 0)
                r = plan_each(&input, &manager->machine.knobs, collect, &collecting);
        if (r >= 0)
                r = carry_out(manager, &collecting.operations, change, 0, ret);
        if (r >= 0 && collecting.operations.n > 0)
                log_info("%s: wrote %u knob%s, %u failed%s (%s)", manager->active->name, ret->done, text_plural(ret->done),
                         ret->failed, ret->pending > 0 ? ", others are pending" : "", cause);
        if (r >= 0)
                report_rows(manager, &collecting.operations, change);
        (void) change_unref(change);
        free(collecting.operations.items);
        later_watch(&manager->later); /* for knobs that have a target now */
        return r;
}

/* -- probe -- */

static int probe(struct manager *manager) {
        int r;

        doubts_clear(&manager->doubts);
        manager->counters.values[COUNTER_PROBES]++;
        r = machine_probe(&manager->machine, manager->options.block_drivers, manager->config->block);
        if (r < 0)
                return r;
        restore_adopt(manager->ledger, &manager->machine.knobs);
        knobs_stretch_ranges(&manager->machine.knobs);
        return 0;
}

/* Returns false if memory is short. Original values stay in the ledger, and the next probe assigns them to their knobs again. */
static bool probe_again(struct manager *manager, const char *why) {
        log_info("Probing drivers again: %s", why);
        report_answers(manager); /* before the probe, which replaces the knobs to which answers refer */
        for (size_t i = 0; i < manager->machine.n_plugins; i++)
                if (manager->machine.plugins[i]->stale)
                        manager->driver_sources[i] = sd_event_source_disable_unref(manager->driver_sources[i]);
        if (manager->watch)
                watch_clear(manager->watch);
        if (probe(manager) >= 0)
                return true;
        (void) log_error(ENOMEM, "Cannot probe drivers; no hardware is controlled until a later probe succeeds");
        later_reprobe(&manager->later, "the last probe failed", RETRY_PROBE_USEC);
        return false;
}

static void find_offer(struct manager *manager) {
        for (unsigned int base = 0; base < PROFILE_BASE_COUNT; base++) {
                struct plan_input input;

                inputs_plan(manager, &manager->config->profiles[base], &input);
                carriers_find(&input, &manager->machine.knobs, &manager->carriers[base]);
                manager->available[base] = carriers_offer(&manager->carriers[base], base);
        }
        actions_init(&manager->actions, &manager->machine.knobs, &manager->state, manager->options.block_actions,
                     manager->config->block);
        manager->changed |= CHANGED_PROFILES | CHANGED_ACTIONS;
        if (saved_choice_restore(&manager->state, manager->config, &manager->carriers[PROFILE_BALANCED], manager->available,
                                 &manager->choice))
                manager->changed |= CHANGED_SELECTED;
}

/* -- choose -- */

static void log_limits_from_before(const struct manager *manager) {
        const struct knob *first = NULL;
        uint32_t n = degraded_count_limits(&manager->machine.knobs, &first);
        char name[128], more[32] = "";

        if (!first)
                return;
        knob_format_name(first, name, sizeof(name));
        if (n > 1)
                (void) TEXT_FORMAT(more, " (and %u more)", n - 1);
        log_notice("%s%s is %s%s%s, less than half of %" PRId64
                   ": governord has not set this limit, and profile %s leaves it alone",
                   name, more, first->value, knob_unit_name(first->row->unit)[0] ? " " : "", knob_unit_name(first->row->unit),
                   first->max, manager->active->name);
}

static void update_degraded(struct manager *manager) {
        bool saves_power = !manager->active || manager->active->base == PROFILE_POWER_SAVER;
        uint32_t degraded = degraded_by_knobs(&manager->machine.knobs, saves_power);

        if (manager->heat && heat_is_hot(manager->heat))
                degraded |= DEGRADED_HEAT;
        if (manager->state_unsaved || manager->ledger_failing)
                degraded |= DEGRADED_NOT_SAVED;
        if (manager->config_error[0])
                degraded |= DEGRADED_CONFIG;
        if (degraded == manager->degraded)
                return;
        if ((degraded & ~manager->degraded) & DEGRADED_LIMITED)
                log_limits_from_before(manager);
        manager->degraded = degraded;
        manager->changed |= CHANGED_DEGRADED;
}

static const char *const circumstance_names[CIRCUMSTANCES] = { [ON_LAP] = "lap mode", [ON_BATTERY] = "the charger" };

static void log_imposed(const struct manager *manager) {
        log_notice("The firmware chose profile %s when %s changed; the next such change ends this and restores profile %s",
                   manager->choice.imposed->name, circumstance_names[manager->choice.imposed_by], manager->choice.selected->name);
}

/* Records a cause that was found during the turn. It explains a switch if the event that began the turn concerns no choice. */
static void found(struct turn *turn, const char *before, const char *name, const char *after) {
        (void) TEXT_FORMAT(turn->found, "%s%s%s", before, name, after);
        turn->dirty |= DIRTY_CHOICE;
}

static void look_at_circumstances(struct manager *manager, struct turn *turn) {
        const bool now[CIRCUMSTANCES] = {
                [ON_LAP] = degraded_by_lap(&manager->machine.knobs),
                [ON_BATTERY] = inputs_on_battery(manager),
        };

        for (unsigned int i = 0; i < CIRCUMSTANCES; i++) {
                enum circumstance_effect effect = choice_set_circumstance(&manager->choice, i, now[i], manager->started,
                                                                          clock_usec(CLOCK_BOOTTIME));

                if (effect == CIRCUMSTANCE_SAME)
                        continue;
                if (effect == CIRCUMSTANCE_TAKES_KEY) {
                        log_imposed(manager);
                        (void) TEXT_FORMAT(manager->state.profile, "%s", manager->choice.selected->name);
                        manager->changed |= CHANGED_SELECTED;
                        turn->dirty |= DIRTY_STATE;
                }
                found(turn, "", circumstance_names[i], " changed");
        }
}

static void look_at_rules(struct manager *manager, struct turn *turn) {
        const struct surroundings around = inputs_surroundings(manager);
        const struct rule *rule = rules_decide(manager->config, &around, manager->available);

        if (!choice_set_rule(&manager->choice, rule))
                return;
        manager->changed |= CHANGED_RULES;
        found(turn, rule ? "rule " : "no rule applies any longer", rule ? rule->name : "", "");
}

/* -- switch -- */

static void explain_nothing_set(const struct apply_result *result, const char *profile, struct message *ret) {
        char text[384];

        diagnose_failure(result->first_failed, result->first_value, result->first_error, text, sizeof(text));
        (void) TEXT_FORMAT(ret->text, "Failed to activate profile '%s': %s; the former profile stays in force", profile, text);
}

/* Maps the errno of a write to one of these values, which callers can distinguish from errors of the ledger. */
static int hardware_error(int error) {
        static const int known[] = { EACCES, EBUSY, EIO, ERANGE, ENODEV };

        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
                if (known[i] == error)
                        return -error;
        return -EIO;
}

/* As hardware_error(), for errors of the ledger. */
static int ledger_error(int r) {
        return r == -ENOSPC || r == -ENOMEM ? r : -EROFS;
}

static void explain_no_ledger(const struct manager *manager, int r, struct message *ret) {
        if (ret)
                (void) TEXT_FORMAT(ret->text, "Cannot record original values in %s: %s; nothing was changed",
                                   manager->options.runtime_dir, strerrordesc_np(-r));
}

/* Activates a profile. If the ledger cannot be written, or if a caller waits for the result and no knob could be set, restores the
 * former profile and returns an error. Without such a caller, knobs that fail are tried again later. */
static int activate(struct manager *manager, const struct profile *profile, bool explicit, const struct turn *turn) {
        const struct profile *former = manager->active;
        const uint64_t began_usec = clock_usec(CLOCK_MONOTONIC);
        struct apply_result result;
        int r;

        manager->active = profile;
        if (manager->options.dry_run)
                return 0;
        r = plan_and_write(manager, explicit, turn->cause, turn->who, &result);
        if (r < 0) {
                explain_no_ledger(manager, r, turn->ret);
                r = ledger_error(r);
        } else if (turn->ret && result.failed > 0 && result.done == 0 && result.pending == 0 && former != profile &&
                   !(result.first_failed->row->flags & GOV_KNOB_ACTION)) {
                /* knobs of actions are written last, so the first failure is one of them only if no other knob failed: it is only
                 * logged */
                r = hardware_error(result.first_error);
                explain_nothing_set(&result, profile->name, turn->ret);
        }
        if (r < 0 && former) {
                manager->active = former;
                if (former != profile)
                        (void) plan_and_write(manager, true, "return to the former profile after a failed switch", SERVICE,
                                              &result);
        }
        if (r < 0 && former != profile)
                manager->counters.values[COUNTER_SWITCHES_FAILED]++;
        if (former == manager->active)
                return r;
        counters_switched(&manager->counters, clock_usec(CLOCK_MONOTONIC) - began_usec);
        manager->changed |= CHANGED_ACTIVE;
        return r;
}

static void set_cause(struct manager *manager, const char *cause) {
        if (strcmp(manager->cause, cause) == 0)
                return;
        (void) TEXT_FORMAT(manager->cause, "%s", cause);
        manager->changed |= CHANGED_ACTIVE;
}

/* Logs a failed switch for which no caller waits. The profile in force is then not the one that was decided. */
static void log_failed_switch(struct manager *manager, const struct profile *wanted, const char *cause, int r) {
        if (strcmp(manager->cause, "failed") != 0)
                (void) log_warning(r,
                                   "Cannot switch from profile %s to %s (%s); trying again at the next change of requests, "
                                   "rules or configuration",
                                   manager->active->name, wanted->name, cause);
        set_cause(manager, "failed");
}

void manager_end_request(struct manager *manager, struct request *request, const char *reason) {
        log_debug("Request %u of %s ends: %s", request->cookie, request->application[0] ? request->application : "a client",
                  reason);
        manager->changed |= request->kind == REQUEST_PROFILE ? CHANGED_HOLDS : CHANGED_LEVELS;
        request->source = sd_event_source_disable_unref(request->source);
        requests_end(&manager->requests, request, reason);
}

static void end_holds(struct manager *manager) {
        for (size_t i = manager->requests.n; i-- > 0;)
                if (manager->requests.items[i]->kind == REQUEST_PROFILE)
                        manager_end_request(manager, manager->requests.items[i], "manual-switch");
}

static void take_choice(struct manager *manager, const struct choice *choice, bool ends_holds, struct turn *turn) {
        if (choice->selected != manager->choice.selected)
                manager->changed |= CHANGED_SELECTED;
        manager->choice = *choice;
        saved_choice_note(&manager->state, choice->selected, &manager->carriers[PROFILE_BALANCED]);
        turn->dirty |= DIRTY_STATE;
        if (ends_holds)
                end_holds(manager);
}

/* Returns the choice with the selection of the turn, if it has one. */
static struct choice propose(const struct manager *manager, const struct turn *turn) {
        struct choice choice = manager->choice;

        if (turn->select && turn->origin == ORIGIN_FIRMWARE)
                choice_select_by_key(&choice, turn->select, clock_usec(CLOCK_BOOTTIME));
        else if (turn->select)
                choice_select(&choice, turn->select, turn->origin);
        return choice;
}

static int choose_and_write(struct manager *manager, struct turn *turn) {
        static const struct requests none;
        const bool ends_holds = turn->select && turn->select != manager->active;
        const struct choice choice = propose(manager, turn);
        struct decision decision;
        int r;

        choice_decide(&choice, ends_holds ? &none : &manager->requests, manager->config, manager->available, &decision);
        if (turn->found[0] && decision.profile != manager->active) {
                turn->cause = turn->found;
                turn->who = SERVICE;
        }
        r = decision.profile == manager->active && !turn->select && !(turn->dirty & DIRTY_PLAN) ?
                    0 :
                    activate(manager, decision.profile, turn->select || decision.profile != manager->active, turn);
        if (turn->select && r < 0 && turn->ret)
                return r;
        if (turn->select)
                take_choice(manager, &choice, ends_holds, turn);
        if (manager->active == decision.profile)
                set_cause(manager, decision.cause);
        else if (!turn->ret)
                log_failed_switch(manager, decision.profile, turn->cause, r);
        return r;
}

/* -- save and report -- */

static void save(struct manager *manager) {
        char path[PATH_MAX];
        int r;

        if (manager->options.dry_run)
                return;
        r = inputs_state_path(manager, path, sizeof(path));
        if (r >= 0)
                r = state_save(path, &manager->state);
        if (r < 0 && !manager->state_unsaved)
                (void) log_warning(r,
                                   "Cannot save the choice to %s; it is in force, but will be lost at the next start unless a "
                                   "later save succeeds",
                                   path);
        manager->state_unsaved = r < 0;
}

static void find_bounds(const struct manager *manager, struct cpu_bounds *ret) {
        const struct topology *topology = &manager->machine.topology;

        for (uint32_t i = 0; i < topology->n_cpus; i++) {
                struct level_range range;

                arbiter_levels(&manager->requests, topology, GOV_SCOPE_CPU, topology->cpus[i].number, &range);
                ret[i] = (struct cpu_bounds){
                        .cpu = topology->cpus[i].number,
                        .ceiling = range.ceiling < 0 ? LEVEL_MAX : (uint32_t) range.ceiling,
                };
        }
}

static bool are_open(const struct cpu_bounds *bounds, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (bounds[i].floor > 0 || bounds[i].ceiling < LEVEL_MAX)
                        return false;
        return true;
}

/* If memory is short, policies continue with the former bounds, but the values that are written respect the new ones. */
static void report_bounds(struct manager *manager) {
        const size_t n = manager->machine.topology.n_cpus;
        struct cpu_bounds *bounds;

        if (!manager->report_bounds)
                return;
        bounds = calloc(n + 1, sizeof(*bounds));
        if (!bounds)
                return;
        find_bounds(manager, bounds);
        if (n != manager->n_bounds ? !are_open(bounds, n) || !are_open(manager->bounds, manager->n_bounds) :
                                     memcmp(bounds, manager->bounds, n * sizeof(*bounds)) != 0)
                manager->report_bounds(bounds, n, manager->bounds_userdata);
        free(manager->bounds);
        manager->bounds = bounds;
        manager->n_bounds = n;
}

void manager_follow_bounds(struct manager *manager, void (*report)(const struct cpu_bounds *bounds, size_t n, void *userdata),
                           void *userdata) {
        manager->report_bounds = report;
        manager->bounds_userdata = userdata;
        manager->n_bounds = 0;
        report_bounds(manager);
}

static void report_requests(struct manager *manager, const struct request *added) {
        struct request *ended;

        while ((ended = requests_take_ended(&manager->requests))) {
                for (const struct listener *listener = manager->listeners; listener; listener = listener->next)
                        if (listener->request_ended)
                                listener->request_ended(ended, ended->end_reason, listener->userdata);
                request_free(ended);
        }
        for (const struct listener *listener = manager->listeners; added && listener; listener = listener->next)
                if (listener->request_added)
                        listener->request_added(added, listener->userdata);
}

static void report(struct manager *manager, const struct request *added) {
        uint32_t changed = manager->changed;

        report_requests(manager, added);
        manager->changed = 0;
        if (changed & (CHANGED_ACTIVE | CHANGED_PROFILES | CHANGED_ACTIONS))
                ineffective_forget(&manager->ineffective);
        if (changed == 0 || !manager->started)
                return;
        for (const struct listener *listener = manager->listeners; listener; listener = listener->next)
                if (listener->changed)
                        listener->changed(changed, listener->userdata);
}

static void finish(struct manager *manager, const struct turn *turn) {
        if ((turn->dirty & DIRTY_OFFER) || (manager->changed & CHANGED_LEVELS))
                report_bounds(manager);
        if (turn->dirty & DIRTY_STATE)
                save(manager);
        later_deadline(&manager->later, requests_next_deadline(&manager->requests));
        if (!manager->options.dry_run) /* a dry run does this in manager_print_writes(), for the profile that it prints */
                update_degraded(manager);
        report(manager, turn->added);
}

/* -- settle -- */

static void look_at_hardware(struct manager *manager, struct turn *turn) {
        const bool probed = (turn->dirty & DIRTY_PROBE) && probe_again(manager, turn->cause);

        if (probed)
                turn->dirty |= DIRTY_OFFER;
        if (!(turn->dirty & DIRTY_OFFER))
                return;
        find_offer(manager);
        turn->dirty |= DIRTY_CHOICE | DIRTY_PLAN;
        if (probed && manager->active && !manager->available[manager->active->base])
                log_notice("Profile %s is no longer available on this machine", manager->active->name);
}

/* The lines of a new configuration are judged with the knobs of the next probe. */
static void log_unjudged_lines(struct manager *manager, const struct turn *turn) {
        struct judging judging;

        if (!manager->lines_unjudged || !(turn->dirty & DIRTY_PROBE))
                return;
        inputs_judging(manager, manager->config, &judging);
        ineffective_log(&judging, NULL);
        manager->lines_unjudged = false;
}

/* A cause that was found during the turn counts only if the event that began the turn concerns no choice. */
static void settle_cause(const struct turn *facts, struct turn *turn) {
        if (facts->select || facts->impose || (facts->dirty & DIRTY_CHOICE))
                turn->found[0] = '\0';
        if (!turn->cause)
                turn->cause = turn->found[0] ? turn->found : "a change that was noticed earlier";
        turn->who = turn->who ? turn->who : SERVICE;
}

static int choose(struct manager *manager, struct turn *turn) {
        struct apply_result result;

        if (turn->impose) {
                choice_impose(&manager->choice, turn->impose, turn->by);
                log_imposed(manager);
        }
        if ((turn->dirty & DIRTY_FAILED) && degraded_by_failures(&manager->machine.knobs)) {
                manager->counters.values[COUNTER_RETRIES]++;
                turn->dirty |= DIRTY_PLAN;
        }
        if (turn->select || turn->impose || (turn->dirty & DIRTY_CHOICE))
                return choose_and_write(manager, turn);
        if ((turn->dirty & DIRTY_PLAN) && !manager->options.dry_run)
                (void) plan_and_write(manager, false, turn->cause, turn->who, &result);
        return 0;
}

int manager_settle(struct manager *manager, const struct turn *facts) {
        struct turn turn = *facts;
        int r;

        assert(facts->cause || !(facts->dirty & (DIRTY_PROBE | DIRTY_PLAN | DIRTY_FAILED)));
        assert(!(facts->select && facts->impose));
        turn.dirty |= manager->unsettled;
        manager->unsettled = 0;
        report_answers(manager);
        if (turn.foreign && turn.foreign->change)
                report_knobs(manager, turn.foreign, 1, turn.foreign->value ? turn.foreign->value : "", turn.foreign->change);
        look_at_hardware(manager, &turn);
        look_at_circumstances(manager, &turn);
        look_at_rules(manager, &turn);
        settle_cause(facts, &turn);
        r = choose(manager, &turn);
        if (r < 0 && turn.ret) { /* the caller settles once more; the DIRTY_* bits that this turn has added are kept until then */
                manager->unsettled = turn.dirty & ~facts->dirty;
                return r;
        }
        log_unjudged_lines(manager, &turn);
        finish(manager, &turn);
        return r;
}

struct printing {
        struct collecting collecting;
        const struct plan_input *input;
};

static int collect_and_print(struct knob *knob, const struct plan_target *target, void *userdata) {
        struct printing *printing = userdata;
        const struct operations *operations = &printing->collecting.operations;
        const uint32_t n = operations->n;
        char cause[CAUSE_MAX];
        int r = collect(knob, target, &printing->collecting);

        if (r < 0 || operations->n == n)
                return r;
        if (target->limiter == LIMITER_NONE || target->limiter == LIMITER_PROFILE)
                (void) TEXT_FORMAT(cause, "%s", printing->input->profile->name);
        else
                plan_format_limiter(printing->input, target, cause, sizeof(cause));
        apply_print(&operations->items[n], cause);
        return 0;
}

int manager_print_writes(struct manager *manager, const struct profile *profile) {
        struct plan_input input;
        struct printing printing = { .collecting = { .ledger = manager->ledger, .explicit = true }, .input = &input };
        int r;

        inputs_plan(manager, profile, &input);
        r = plan_each(&input, &manager->machine.knobs, collect_and_print, &printing);
        free(printing.collecting.operations.items);
        update_degraded(manager); /* logs low upper limits that the service has not set */
        return r;
}

/* -- demands of sessions -- */

static bool any_failed_of(const struct operations *operations) {
        for (uint32_t i = 0; i < operations->n; i++)
                if (operations->items[i].knob->state == KNOB_FAILED)
                        return true;
        return false;
}

static void log_new_failures(const struct operations *operations, const bool *failed_before) {
        for (uint32_t i = 0; i < operations->n; i++) {
                const struct operation *operation = &operations->items[i];
                char text[512];

                if (operation->knob->state != KNOB_FAILED || failed_before[i])
                        continue;
                diagnose_failure(operation->knob, operation->value, operation->knob->error, text, sizeof(text));
                (void) log_warning(0, "%s; levels of sessions have no effect on this CPU", text);
        }
}

/* Schedules the read-back of the written values, and the watching of knobs that have a target now. */
static void follow(struct manager *manager, const struct operations *operations) {
        bool unwatched = false;

        for (uint32_t i = 0; i < operations->n; i++) {
                struct knob *knob = operations->items[i].knob;

                if (knob->written_usec > 0)
                        doubts_add(&manager->doubts, &manager->machine.knobs, knob, 0, "");
                unwatched |= knob->wanted && !knob->watched;
        }
        if (unwatched)
                later_watch(&manager->later);
}

void manager_settle_demands(struct manager *manager, const struct operations *operations) {
        _cleanup_free_ bool *failed_before = calloc(operations->n + 1, sizeof(*failed_before));
        struct change *change = change_new(clock_usec(CLOCK_REALTIME), "levels of sessions", SERVICE);
        bool failed = any_failed_of(operations), ledger_failed = manager->ledger_failing;
        struct apply_result result;
        int r;

        if (!change || !failed_before)
                return;
        for (uint32_t i = 0; i < operations->n; i++)
                failed_before[i] = operations->items[i].knob->state == KNOB_FAILED;
        manager->counters.values[COUNTER_DEMAND_BATCHES]++;
        r = carry_out(manager, operations, change, clock_usec(CLOCK_BOOTTIME), &result);
        if (r >= 0 && result.failed > 0)
                log_new_failures(operations, failed_before);
        follow(manager, operations);
        if (failed != any_failed_of(operations) || ledger_failed != manager->ledger_failing) {
                update_degraded(manager);
                report(manager, NULL);
        }
        (void) change_unref(change);
}

/* -- the first and the last turn -- */

/* Logs how many original values were restored. The ledger still has those that failed, and those whose writes were not answered. */
static void log_put_back(const struct operations *operations, const char *cause) {
        uint32_t left = 0, pending = 0;

        for (uint32_t i = 0; i < operations->n; i++) {
                left += operations->items[i].knob->ledger_id > 0;
                pending += operations->items[i].knob->pending != NULL;
        }
        log_info("%s: restored %u original value%s, %u failed%s", cause, operations->n - left, text_plural(operations->n - left),
                 left - pending, pending > 0 ? ", the writes of others have not been answered yet" : "");
}

/* Restores original values. `wait_usec` is the maximum time to wait for answers to pending writes. */
static void put_back(struct manager *manager, const struct operations *operations, const char *cause, uint64_t wait_usec) {
        struct change *change = change_new(clock_usec(CLOCK_REALTIME), cause, SERVICE);
        struct apply_result result = {};
        char text[512];
        int r = 0;

        if (operations->n > 0)
                r = change ? carry_out(manager, operations, change, 0, &result) : -ENOMEM;
        if (wait_usec > 0)
                machine_drain(&manager->machine, clock_usec(CLOCK_MONOTONIC) + wait_usec);
        report_answers(manager);
        if (r < 0)
                (void) log_error(r, "Cannot restore original values");
        else if (operations->n > 0)
                log_put_back(operations, cause);
        if (r >= 0 && result.first_failed) {
                diagnose_failure(result.first_failed, result.first_value, result.first_error, text, sizeof(text));
                (void) log_warning(0, "%s; its original value stays in the ledger", text);
        }
        (void) change_unref(change);
        (void) ledger_settle(manager->ledger);
}

static void put_back_left(struct manager *manager) {
        static const char cause[] = "recovery after an unclean stop";
        struct operations operations = {};

        log_notice("The previous instance ended without restoring all settings (original values in its ledger: %u); %s",
                   ledger_count(manager->ledger), manager->options.dry_run ? "they would be restored first" : "restoring them now");
        (void) restore_left(manager->ledger, &manager->machine.knobs, &operations);
        if (!manager->options.dry_run)
                put_back(manager, &operations, cause, 0);
        else
                for (uint32_t i = 0; i < operations.n; i++)
                        apply_print(&operations.items[i], cause);
        free(operations.items);
}

int manager_settle_first(struct manager *manager) {
        int r = probe(manager);

        if (r >= 0 && ledger_count(manager->ledger) > 0 && !manager->beside_service && !manager->options.config)
                put_back_left(manager);
        return r;
}

void manager_settle_last(struct manager *manager) {
        struct operations operations = {};

        while (manager->requests.n > 0)
                manager_end_request(manager, manager->requests.items[manager->requests.n - 1], "service-stops");
        report_requests(manager, NULL);
        if (manager->state_unsaved)
                save(manager);
        if (manager->options.dry_run)
                return;
        restore_all(manager->ledger, &manager->machine.knobs, &operations);
        put_back(manager, &operations, "stop", STOP_WAIT_USEC);
        free(operations.items);
}
