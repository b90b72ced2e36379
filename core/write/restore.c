/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/write/restore.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"

static bool is_key_of(const struct ledger_key *key, const struct knob *knob) {
        if (key->driver != knob->plugin->name || key->knob != knob->name || key->scope != knob->row->scope ||
            key->label != knob->label)
                return false;
        return key->identity[0] ? key->identity == knob->identity : key->domain == knob->domain && key->path == knob->path;
}

/* Ledger and registry have almost the same order, so each search continues where the previous one ended. */
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

void restore_adopt(const struct ledger *ledger, struct knobs *knobs) {
        uint32_t cursor = 0;

        for (uint32_t i = 0; i < ledger_count(ledger); i++) {
                const struct ledger_entry *entry = ledger_at(ledger, i);
                struct knob *knob = find_knob(knobs, &entry->key, &cursor);

                if (!knob || knob->ledger_id > 0)
                        continue;
                knob->ledger_id = entry->id;
                knob->original = entry->original;
        }
}

/* The latest value also matches in a form in which it may be read back (a number shown by its name, or rounded), since the service
 * may have been killed before it could read the value back. For earlier writes, the ledger contains the exact text that was read
 * back. */
static bool is_ours(const struct ledger_entry *entry, const struct knob *knob) {
        for (uint32_t i = 0; i < entry->n_values; i++)
                if (knob_same(entry->values[i], knob->value))
                        return true;
        return entry->n_values > 0 && knob_matches(knob, entry->values[entry->n_values - 1], knob->value);
}

enum holding restore_holding(const struct ledger_entry *entry, const struct knob *knob) {
        if (knob->pending)
                return HOLDS_OURS;
        if (!knob->value)
                return HOLDS_UNKNOWN;
        if (knob_same(entry->original, knob->value))
                return HOLDS_ORIGINAL;
        if (is_ours(entry, knob))
                return HOLDS_OURS;
        return entry->incomplete ? HOLDS_UNKNOWN : HOLDS_FOREIGN;
}

/* Handles one entry of the ledger. A knob that cannot be read may still have a value of the service, so its entry is kept. */
static int restore_one(struct ledger *ledger, struct knobs *knobs, const struct ledger_entry *entry, uint32_t *cursor,
                       struct operations *operations) {
        struct knob *knob = find_knob(knobs, &entry->key, cursor);
        char name[128], now[KNOB_SHOWN_MAX], original[KNOB_SHOWN_MAX];

        if (!knob) {
                log_notice(
                        "Knob %s of driver %s was not found (hardware removed, or driver not used); its original value \"%s\" is kept "
                        "in the ledger",
                        entry->key.knob, entry->key.driver, entry->original);
                return 0;
        }
        knob_format_name(knob, name, sizeof(name));
        knob->ledger_id = entry->id;
        knob->original = entry->original;
        knob_show(knob, knob->value ? knob->value : "", now);
        knob_show(knob, entry->original, original);
        switch (restore_holding(entry, knob)) {
        case HOLDS_OURS:
                return operations_add(operations, knob, entry->original, true);
        case HOLDS_UNKNOWN:
                if (!knob->value)
                        log_notice("%s cannot be read; its original value \"%s\" is kept in the ledger", name, original);
                else
                        log_notice("%s is \"%s\"; it is unknown whether governord wrote this, since the ledger was damaged; it is "
                                   "left unchanged, and the original value \"%s\" is kept in the ledger",
                                   name, now, original);
                return 0;
        case HOLDS_FOREIGN:
                log_notice("%s is \"%s\", which governord did not write; it is left unchanged", name, now);
                break;
        case HOLDS_ORIGINAL:
                break;
        }
        apply_let_go(ledger, knob);
        return 0;
}

/* Values are restored in the order of writing, as in a switch: the EPP, for example, can be restored only after the governor has
 * been changed from "performance". */
static int by_position(const void *a, const void *b) {
        const struct operation *x = a, *y = b;

        if (x->knob->row->order != y->knob->row->order)
                return x->knob->row->order < y->knob->row->order ? -1 : 1;
        return x->knob < y->knob ? -1 : x->knob > y->knob;
}

static void sort(struct operations *operations) {
        if (operations->n > 0)
                qsort(operations->items, operations->n, sizeof(*operations->items), by_position);
}

int restore_left(struct ledger *ledger, struct knobs *knobs, struct operations *ret) {
        uint32_t cursor = 0, n = ledger_count(ledger);
        int r = 0;

        for (uint32_t i = 0; r >= 0 && i < n; i++)
                r = restore_one(ledger, knobs, ledger_at(ledger, i), &cursor, ret);
        sort(ret);
        return r;
}

/* Returns the origin of the present value; HOLDS_ORIGINAL for a knob that was never written. */
static enum holding give_back(struct ledger *ledger, struct knob *knob, struct operations *operations) {
        const struct ledger_entry *entry = ledger_find(ledger, knob->ledger_id);
        enum holding holding;

        if (knob->ledger_id == 0 || !entry)
                return HOLDS_ORIGINAL;
        if (knob->pending && knob->pending->give_back)
                return HOLDS_OURS;
        if (knob->written_usec == 0) /* otherwise the kernel may still show the previous value */
                (void) knob_refresh(knob);
        holding = restore_holding(entry, knob);
        if (holding == HOLDS_OURS)
                return operations_add(operations, knob, knob->original, true) < 0 ? HOLDS_UNKNOWN : holding;
        if (holding != HOLDS_UNKNOWN)
                apply_let_go(ledger, knob);
        return holding;
}

void restore_all(struct ledger *ledger, struct knobs *knobs, struct operations *ret) {
        uint32_t n[HOLDS_UNKNOWN + 1] = {};

        for (uint32_t i = 0; i < knobs->n; i++)
                n[give_back(ledger, &knobs->items[i], ret)]++;
        if (n[HOLDS_FOREIGN] > 0)
                log_notice("Not restored: %u knob%s that other programs have set", n[HOLDS_FOREIGN], text_plural(n[HOLDS_FOREIGN]));
        if (n[HOLDS_UNKNOWN] > 0)
                log_notice(
                        "Not restored: %u knob%s that cannot be read, or whose lines in the ledger are damaged; the ledger keeps the "
                        "original values",
                        n[HOLDS_UNKNOWN], text_plural(n[HOLDS_UNKNOWN]));
        sort(ret);
}
