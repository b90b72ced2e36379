/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interprets the input as a ledger file that an earlier instance left, and asserts that it can be opened, that a second reader sees
 * the same entries, and that a new entry is not lost. */

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/write/ledger.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/scratch-folder.h"

#define BOOT "b"

static struct ledger *open_ledger(const char *folder) {
        struct ledger *ledger = NULL;

        assert(ledger_open(folder, BOOT, &ledger) == 0 && ledger);
        return ledger;
}

static void add_entry(struct ledger *ledger) {
        const struct ledger_key key = { .driver = text_intern("d"),
                                        .knob = text_intern("k"),
                                        .path = text_intern("p"),
                                        .label = text_intern(""),
                                        .identity = text_intern("") };

        ledger_begin(ledger);
        assert(ledger_note(ledger, 0, &key, text_intern("original"), text_intern("value")) > 0);
        assert(ledger_commit(ledger) == 0);
        assert(ledger_settle(ledger) == 0);
}

static void check_same(const struct ledger *a, const struct ledger *b) {
        assert(ledger_count(a) == ledger_count(b));
        for (uint32_t i = 0; i < ledger_count(a); i++) {
                const struct ledger_entry *x = ledger_at(a, i), *y = ledger_at(b, i);

                assert(x->id == y->id && ledger_find(a, x->id) == x && ledger_find(b, y->id) == y);
                assert(memcmp(&x->key, &y->key, sizeof(x->key)) == 0 && x->original == y->original && x->n_values == y->n_values);
                for (uint32_t j = 0; j < x->n_values; j++)
                        assert(x->values[j] == y->values[j]);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const char *folder = scratch_folder_get();
        char path[128], name[192];
        struct ledger *ledger, *peeked;

        (void) TEXT_FORMAT(path, "%s/ledger", folder);
        scratch_put(path, data, size);
        ledger = open_ledger(folder);
        if (ledger_trouble(ledger)->kept_as[0]) {
                (void) TEXT_FORMAT(name, "%s/%s", folder, ledger_trouble(ledger)->kept_as);
                assert(unlink(name) == 0);
        }
        assert((ledger_trouble(ledger)->n_bad > 0 || ledger_trouble(ledger)->version > 0) ==
               (ledger_trouble(ledger)->kept_as[0] != '\0'));
        add_entry(ledger);
        assert(ledger_peek(folder, BOOT, &peeked) == 1);
        check_same(ledger, peeked);
        ledger_free(peeked);
        ledger_free(ledger);
        ledger = open_ledger(folder);
        assert(ledger_trouble(ledger)->kept_as[0] == '\0' && ledger_count(ledger) > 0);
        ledger_drop(ledger, ledger_at(ledger, ledger_count(ledger) - 1)->id);
        assert(ledger_settle(ledger) == 0);
        ledger_free(ledger);
        assert(unlink(path) == 0);
        return 0;
}
