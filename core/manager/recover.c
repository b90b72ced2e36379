/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Putting originals back: at start what a killed predecessor left in the ledger, at stop everything. Only knobs that still hold a
 * value of ours are written; what another program set since is left alone. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/manager/manager-private.h"
#include "core/write/diagnose.h"

static bool is_key_of(const struct ledger_key *key, const struct knob *knob) {
        return key->driver == knob->plugin->name && key->knob == knob->name && key->scope == knob->row->scope &&
               key->domain == knob->domain && key->path == knob->path && key->label == knob->label;
}

/* Ledger and registry are in much the same order, so the search goes on where the last one ended. */
static struct knob *find_knob(struct knobs *knobs, const struct ledger_key *key, uint32_t *cursor) {
        for (uint32_t tried = 0; tried < knobs->n; tried++) {
                struct knob *knob = &knobs->items[(*cursor + tried) % knobs->n];

                if (is_key_of(key, knob)) {
                        *cursor = (*cursor + tried + 1) % knobs->n;
                        return knob;
                }
        }
        return NULL;
}

void manager_adopt_ledger(struct manager *manager) {
        uint32_t cursor = 0;

        for (uint32_t i = 0; i < ledger_count(manager->ledger); i++) {
                const struct ledger_entry *entry = ledger_at(manager->ledger, i);
                struct knob *knob = find_knob(&manager->knobs, &entry->key, &cursor);

                if (!knob || knob->ledger_id > 0)
                        continue;
                knob->ledger_id = entry->id;
                knob->original = entry->original;
        }
}

/* The latest value counts as it may read back (a number by its name, rounded), since a kill may have come between write and
 * read-back; what was read back after earlier writes is in the ledger letter by letter. */
static bool is_ours(const struct ledger_entry *entry, const struct knob *knob) {
        for (uint32_t i = 0; i < entry->n_values; i++)
                if (knob_same(entry->values[i], knob->value))
                        return true;
        return entry->n_values > 0 && knob_matches(knob, entry->values[entry->n_values - 1], knob->value);
}

enum holding manager_holding(const struct ledger_entry *entry, const struct knob *knob) {
        if (!knob->value)
                return HOLDS_UNKNOWN;
        if (knob_same(entry->original, knob->value))
                return HOLDS_ORIGINAL;
        if (is_ours(entry, knob))
                return HOLDS_OURS;
        return entry->incomplete ? HOLDS_UNKNOWN : HOLDS_FOREIGN;
}

/* Finds out what to do about one entry of the ledger. What cannot be read may still be ours, so its entry stays. */
static int recover_one(struct manager *manager, const struct ledger_entry *entry, uint32_t *cursor, struct operations *operations) {
        struct knob *knob = find_knob(&manager->knobs, &entry->key, cursor);
        char name[128];

        if (!knob) {
                log_notice("%s of %s is not here any longer, its original \"%s\" stays in the ledger", entry->key.knob,
                           entry->key.driver, entry->original);
                return 0;
        }
        knob_format_name(knob, name, sizeof(name));
        knob->ledger_id = entry->id;
        knob->original = entry->original;
        switch (manager_holding(entry, knob)) {
        case HOLDS_OURS:
                return operations_add(operations, knob, entry->original, true);
        case HOLDS_UNKNOWN:
                if (!knob->value)
                        log_notice("%s cannot be read now, its original \"%s\" stays in the ledger", name, entry->original);
                else
                        log_notice(
                                "%s is \"%s\", and a damaged line of the ledger may have told that governord wrote it; leaving it, its "
                                "original \"%s\" stays in the ledger",
                                name, knob->value, entry->original);
                return 0;
        case HOLDS_FOREIGN:
                log_notice("%s is \"%s\", which governord did not write: leaving it", name, knob->value);
                break;
        case HOLDS_ORIGINAL:
                break;
        }
        apply_let_go(manager->ledger, knob);
        return 0;
}

static int by_position(const void *a, const void *b) {
        const struct operation *x = a, *y = b;

        if (x->knob->row->order != y->knob->row->order)
                return x->knob->row->order < y->knob->row->order ? -1 : 1;
        return x->knob < y->knob ? -1 : x->knob > y->knob;
}

/* Back in the order of writing: a governor must leave "performance" before its EPP can be put back, as on the way there. */
static void report(const struct apply_result *result, const char *cause) {
        char text[512];

        log_info("%s: put %u original value%s back, %u failed", cause, result->done, text_plural(result->done), result->failed);
        if (!result->first_failed)
                return;
        diagnose_failure(result->first_failed, result->first_value, result->first_error, text, sizeof(text));
        (void) log_warning(0, "%s; its original stays in the ledger", text);
}

static void give_back(struct manager *manager, struct operations *operations, const char *cause) {
        struct change *change = change_new(clock_usec(CLOCK_REALTIME), cause, "governord");
        const struct apply_context context = { .ledger = manager->ledger, .change = change };
        struct apply_result result;
        int r;

        if (operations->n > 0)
                qsort(operations->items, operations->n, sizeof(*operations->items), by_position);
        r = operations->n == 0 ? 0 : !change ? -ENOMEM : apply(&context, operations, &result);
        if (r < 0)
                (void) log_error(r, "Cannot put original values back");
        else if (operations->n > 0)
                report(&result, cause);
        (void) change_unref(change);
}

void manager_recover(struct manager *manager) {
        struct operations operations = {};
        uint32_t cursor = 0, n = ledger_count(manager->ledger);
        int r = 0;

        if (n == 0 || manager->beside_service || manager->options.config)
                return;
        log_notice("A predecessor ended before it could put settings back (originals in its ledger: %u); doing so now", n);
        for (uint32_t i = 0; r >= 0 && i < n; i++)
                r = recover_one(manager, ledger_at(manager->ledger, i), &cursor, &operations);
        if (manager->options.dry_run)
                apply_print(&operations, "left by a predecessor");
        else
                give_back(manager, &operations, "left by a predecessor");
        free(operations.items);
        (void) ledger_settle(manager->ledger);
}

/* Returns what the knob holds now; HOLDS_ORIGINAL for one that was never written. */
static enum holding give_one_back(struct manager *manager, struct knob *knob, struct operations *operations) {
        const struct ledger_entry *entry = ledger_find(manager->ledger, knob->ledger_id);
        enum holding holding;

        if (knob->ledger_id == 0 || !entry)
                return HOLDS_ORIGINAL;
        if (knob->written_usec == 0) /* else the kernel may still show the value of before */
                (void) knob_refresh(knob);
        holding = manager_holding(entry, knob);
        if (holding == HOLDS_OURS)
                (void) operations_add(operations, knob, knob->original, true);
        else if (holding != HOLDS_UNKNOWN)
                apply_let_go(manager->ledger, knob);
        return holding;
}

void manager_give_all_back(struct manager *manager, const char *cause) {
        struct operations operations = {};
        uint32_t n[HOLDS_UNKNOWN + 1] = {};

        if (manager->options.dry_run)
                return;
        for (uint32_t i = 0; i < manager->knobs.n; i++)
                n[give_one_back(manager, &manager->knobs.items[i], &operations)]++;
        if (n[HOLDS_FOREIGN] > 0)
                log_notice("Knobs that others changed meanwhile, and that are left as they are: %u", n[HOLDS_FOREIGN]);
        if (n[HOLDS_UNKNOWN] > 0)
                log_notice(
                        "Knobs that cannot be read now, or of which a damaged ledger leaves open who wrote their value, and whose originals stay in "
                        "the ledger: %u",
                        n[HOLDS_UNKNOWN]);
        give_back(manager, &operations, cause);
        free(operations.items);
        (void) ledger_settle(manager->ledger);
}
