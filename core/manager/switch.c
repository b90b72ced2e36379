/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One switch: plan for the active profile and all requests, then apply what differs. Also gives knobs back that have no target any
 * longer. It does not choose the profile (selection.c does). */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/manager/manager-private.h"
#include "core/write/diagnose.h"

void manager_fill_plan(const struct manager *manager, const struct profile *profile, struct plan_input *ret) {
        *ret = (struct plan_input){
                .profile = profile,
                .context = manager_context(manager),
                .requests = &manager->requests,
                .topology = &manager->topology,
                .demands = &manager->demands,
                .enabled = manager->config->enable,
                .blocked = manager->config->block,
                .refresh = true,
                .action_enabled = manager_action_enabled,
                .userdata = (void *) manager,
        };
}

/* No target for this knob: back to its original, if it still holds what we wrote, or may do so without being readable. */
static int collect_unwanted(struct collecting *collecting, struct knob *knob) {
        const struct ledger_entry *entry = ledger_find(collecting->ledger, knob->ledger_id);
        enum holding holding = entry ? manager_holding(entry, knob) : HOLDS_ORIGINAL;

        knob->wanted = NULL;
        if (!entry) {
                knob->state = KNOB_UNTOUCHED;
                knob->error = 0;
        } else if (knob->state == KNOB_YIELDED || holding == HOLDS_ORIGINAL || holding == HOLDS_FOREIGN)
                apply_let_go(collecting->ledger, knob);
        else if (holding == HOLDS_OURS || !knob->value)
                return operations_add(&collecting->operations, knob, knob->original, true);
        return 0;
}

static void settle_as_it_is(struct knob *knob) {
        if (knob->written_usec > 0 && knob->state == KNOB_FAILED) /* what it has is not known before it was read back */
                return;
        knob->state = knob->ledger_id > 0 ? KNOB_OK : KNOB_UNTOUCHED;
        knob->yielded = NULL;
        knob->error = 0;
}

/* Left to another program, until it has the value that is wanted: so that one is kept up to date. */
static int collect_yielded(struct knob *knob, const struct plan_target *target) {
        knob->wanted = NULL;
        if (target->value[0] == '\0')
                return 0;
        knob->wanted = target->satisfied ? knob->value : text_intern(target->value);
        if (!knob->wanted)
                return -ENOMEM;
        if (target->satisfied)
                settle_as_it_is(knob);
        return 0;
}

int manager_collect(struct knob *knob, const struct plan_target *target, void *userdata) {
        struct collecting *collecting = userdata;
        const char *wanted;

        if (target->read_only)
                return 0;
        if (target->bounded_by)
                target->bounded_by->bounds = true;
        if (knob->state == KNOB_YIELDED && !collecting->explicit)
                return collect_yielded(knob, target);
        if (target->value[0] == '\0')
                return collect_unwanted(collecting, knob);
        wanted = target->satisfied ? knob->value : text_intern(target->value);
        if (!wanted)
                return -ENOMEM;
        knob->wanted = wanted;
        if (collecting->explicit)
                knob->reasserted = 0;
        if (!target->satisfied)
                return operations_add(&collecting->operations, knob, wanted, false);
        settle_as_it_is(knob);
        return 0;
}

static void log_failure(const struct operation *operation, uint32_t more) {
        char text[512];

        diagnose_failure(operation->knob, operation->value, operation->knob->error, text, sizeof(text));
        if (more > 0)
                (void) log_warning(0, "%s (and %u more of this kind), going on with the rest", text, more);
        else
                (void) log_warning(0, "%s, going on with the rest", text);
}

/* Operations of one row stand side by side: one log line and one signal for each row, not for each of a thousand CPUs. */
static void report_row(struct manager *manager, const struct operation *row, uint32_t n, const struct change *change) {
        const struct operation *failed = NULL, *done = NULL;
        uint32_t n_failed = 0, n_done = 0;

        for (uint32_t i = 0; i < n; i++) {
                bool ok = row[i].knob->state != KNOB_FAILED;

                n_failed += !ok;
                n_done += ok;
                if (!ok && !failed)
                        failed = &row[i];
                if (ok && !done)
                        done = &row[i];
        }
        if (failed)
                log_failure(failed, n_failed - 1);
        if (done && manager->listener.knobs_changed)
                manager->listener.knobs_changed(
                        &(struct change_summary){
                                .usec = change->usec,
                                .knob = done->knob->name,
                                .domains = n_done,
                                .new_value = done->value,
                                .cause = change->cause,
                                .who = change->who,
                        },
                        manager->listener.userdata);
}

static void report(struct manager *manager, const struct operations *operations, const struct change *change) {
        uint32_t first = 0;

        for (uint32_t i = 1; i <= operations->n; i++) {
                if (i < operations->n && operations->items[i].knob->row == operations->items[first].knob->row)
                        continue;
                report_row(manager, &operations->items[first], i - first, change);
                first = i;
        }
}

void manager_note_ledger(struct manager *manager, const struct operations *operations, int r) {
        bool written = false;

        for (uint32_t i = 0; !written && i < operations->n; i++)
                written = !operations->items[i].give_back;
        if (r < 0 && !manager->ledger_failing)
                (void) log_error(
                        r, "Cannot record original values in %s/ledger, so no further setting is changed until that works again",
                        manager->options.runtime_dir);
        else if (r >= 0 && written && manager->ledger_failing)
                log_notice("%s/ledger can be written again", manager->options.runtime_dir);
        manager->ledger_failing = r < 0 || (manager->ledger_failing && !written);
}

static int carry_out(struct manager *manager, const struct operations *operations, const char *cause, const char *who,
                     struct apply_result *result) {
        struct change *change = change_new(clock_usec(CLOCK_REALTIME), cause, who);
        const struct apply_context context = { .ledger = manager->ledger, .change = change };
        int r;

        if (!change)
                return -ENOMEM;
        r = apply(&context, operations, result);
        if (r >= 0) {
                if (operations->n > 0)
                        log_info("%s: wrote %u knob%s, %u failed (%s)", manager->active->name, result->done,
                                 text_plural(result->done), result->failed, cause);
                report(manager, operations, change);
        }
        manager_note_ledger(manager, operations, r);
        (void) change_unref(change);
        return r;
}

int manager_apply(struct manager *manager, bool explicit, const char *cause, const char *who, struct apply_result *ret) {
        struct collecting collecting = { .ledger = manager->ledger, .explicit = explicit };
        struct apply_result result = {};
        struct plan_input input;
        int r;

        manager_fill_plan(manager, manager->active, &input);
        r = plan_each(&input, &manager->knobs, manager_collect, &collecting);
        if (r >= 0 && manager->options.dry_run)
                apply_print(&collecting.operations, cause);
        else if (r >= 0)
                r = carry_out(manager, &collecting.operations, cause, who, &result);
        free(collecting.operations.items);
        manager_update_ceiling(manager);
        manager_watch_later(manager);
        manager_update_degraded(manager);
        if (ret)
                *ret = result;
        return r;
}

void manager_retry(struct manager *manager, const char *cause) {
        for (uint32_t i = 0; i < manager->knobs.n; i++)
                if (manager->knobs.items[i].state == KNOB_FAILED) {
                        (void) manager_apply(manager, false, cause, "governord", NULL);
                        return;
                }
}

static int count_target(struct knob *knob, const struct plan_target *target, void *userdata) {
        struct knob_counts *counts = userdata;

        if (target->read_only)
                return 0;
        counts->named += target->line != NULL;
        counts->offered += target->line && !target->unavailable;
        counts->to_write += target->value[0] && !target->satisfied;
        return 0;
}

void manager_count_knobs(struct manager *manager, struct knob_counts *ret) {
        struct plan_input input;

        *ret = (struct knob_counts){};
        manager_fill_plan(manager, manager->active, &input);
        input.refresh = false;
        (void) plan_each(&input, &manager->knobs, count_target, ret);
        for (uint32_t g = 0; g < manager->knobs.n_groups; g++) {
                const struct knob_group *group = &manager->knobs.groups[g];
                bool allowed = plan_allows(&input, group);

                for (uint32_t i = group->first; i < group->first + group->count; i++) {
                        ret->settable += allowed && knob_is_writable(&manager->knobs.items[i]);
                        ret->changed += manager->knobs.items[i].ledger_id > 0;
                }
        }
}

/* Ends a dry run with the numbers that the log of the service has, too. Where no write was printed they say why: silence looks like success or
 * like a fault. */
static void print_counts(struct manager *manager) {
        const char *profile = manager->active->name;
        struct knob_counts counts;

        manager_count_knobs(manager, &counts);
        if (counts.settable == 0) {
                (void) fprintf(stderr,
                               "No driver found a setting that may be written on this machine; governorctl drivers tells why.\n");
                return;
        }
        (void) fprintf(stderr, "%u knob%s can be set; profile %s ", counts.settable, text_plural(counts.settable), profile);
        if (counts.named == 0 && counts.to_write == 0)
                (void) fprintf(stderr, "sets none of them.\n");
        else if (counts.offered == 0 && counts.to_write == 0)
                (void) fprintf(stderr, "names %u of them, with values that they do not offer.\n", counts.named);
        else if (counts.to_write == 0)
                (void) fprintf(stderr, "sets %u of them, which have these values already.\n", counts.offered);
        else
                (void) fprintf(stderr, "sets %u of them; to be changed: %u.\n", counts.offered, counts.to_write);
}

int manager_print_plan(struct manager *manager, const char *profile) {
        const struct profile *wanted = profile ? config_profile(manager->config, profile) : manager->active;
        int r;

        if (!wanted)
                return -ENOENT;
        manager->active = wanted;
        r = manager_apply(manager, true, wanted->name, "governord", NULL);
        if (r >= 0)
                print_counts(manager);
        return r;
}
