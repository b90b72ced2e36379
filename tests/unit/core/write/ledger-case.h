/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_LEDGER_CASE_H
#define GOVERNORD_TESTS_LEDGER_CASE_H

/* A ledger in a temporary folder, for the tests of core/write/ledger. Must be included after <cmocka.h>. */

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/write/ledger.h"
#include "tests/unit/scratch.h"

#define BOOT "0b2c5a5e-0000-4000-8000-000000000001"

static char directory[64];
static inline int set_up(void **state) {
        scratch_make(directory, sizeof(directory));
        return 0;
}

static inline int tear_down(void **state) {
        return fixture_remove(directory);
}

static inline struct ledger *open_boot(const char *boot, bool expect_trouble) {
        struct ledger *ledger = NULL;

        assert_int_equal(ledger_open(directory, boot, &ledger), 0);
        assert_int_equal(ledger_trouble(ledger)->kept_as[0] != '\0', expect_trouble);
        return ledger;
}

static inline struct ledger *reopen(struct ledger *ledger) {
        ledger_free(ledger);
        return open_boot(BOOT, false);
}

/* If `id` is 0, adds a new entry for a knob of this domain. */
static inline int note(struct ledger *ledger, uint32_t id, uint32_t domain, const char *original, const char *value) {
        const struct ledger_key key = { .driver = text_intern("intel"),
                                        .knob = text_intern("epp"),
                                        .scope = 2,
                                        .domain = domain,
                                        .path = text_intern("sys/policy/epp"),
                                        .label = text_intern(""),
                                        .identity = text_intern("") };

        return ledger_note(ledger, id, &key, text_intern(original), text_intern(value));
}

static inline uint32_t commit_one(struct ledger *ledger, uint32_t id, uint32_t domain, const char *original, const char *value) {
        ledger_begin(ledger);
        id = (uint32_t) note(ledger, id, domain, original, value);
        assert_int_equal(ledger_commit(ledger), 0);
        return id;
}

static inline void check(const struct ledger *ledger, uint32_t index, uint32_t domain, const char *original,
                         const char *last_value) {
        const struct ledger_entry *entry = ledger_at(ledger, index);

        assert_non_null(entry);
        assert_int_equal(entry->key.domain, domain);
        assert_string_equal(entry->original, original);
        assert_string_equal(entry->values[entry->n_values - 1], last_value);
        assert_ptr_equal(ledger_find(ledger, entry->id), entry);
}

static inline bool has_value(const struct ledger_entry *entry, const char *value) {
        for (uint32_t i = 0; i < entry->n_values; i++)
                if (text_equal(entry->values[i], value))
                        return true;
        return false;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
