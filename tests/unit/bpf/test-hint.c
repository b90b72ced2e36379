/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bpf/hint.h: the combination of the claims on one CPU, and claims for which there is no place. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bpf/hint.h"

#define NOW  UINT64_C(1000)
#define LATE UINT64_C(2000)

static struct hint_sum sum_of(const struct hint_claim *claims) {
        struct hint_sum sum;

        hint_combine(claims, NOW, &sum);
        return sum;
}

static int put(struct hint_claim *claims, uint32_t slot, uint16_t level, uint16_t flags, uint32_t target_us) {
        const struct hint_claim mine = { .until_ns = LATE, .slot = slot, .level = level, .flags = flags, .target_us = target_us };

        return hint_put(claims, &mine, NOW);
}

static void test_highest_wins(void **state) {
        struct hint_claim claims[HINT_CLAIMS] = { 0 };

        assert_int_equal(sum_of(claims).floor, HINT_NOTHING);
        assert_true(put(claims, 1, 300, CLAIM_CAPS, 5000));
        assert_true(put(claims, 2, 700, CLAIM_CAPS, 9000));
        assert_int_equal(sum_of(claims).floor, 700);
        assert_int_equal(sum_of(claims).ceiling, 700);
        assert_int_equal(sum_of(claims).target_us, 5000);
        assert_true(put(claims, 3, 100, 0, 60000));
        assert_int_equal(sum_of(claims).ceiling, HINT_NOTHING);
}

/* More sessions than places: the level of the session with the lowest claim does not count, but its target and its lack of a cap
 * do. */
static void check_crowd(int low_first) {
        struct hint_claim claims[HINT_CLAIMS] = { 0 };

        if (low_first)
                (void) put(claims, 99, 900, 0, 500);
        for (uint32_t slot = 0; slot < HINT_CLAIMS; slot++)
                (void) put(claims, slot, 1000, CLAIM_CAPS, 60000000);
        if (!low_first)
                assert_false(put(claims, 99, 900, 0, 500));
        assert_int_equal(sum_of(claims).floor, 1000);
        assert_int_equal(sum_of(claims).ceiling, HINT_NOTHING);
        assert_int_equal(sum_of(claims).target_us, 500);
}

static void test_crowd(void **state) {
        check_crowd(0);
        check_crowd(1);
}

static void test_ended_claims_make_room(void **state) {
        struct hint_claim claims[HINT_CLAIMS] = { 0 };

        for (uint32_t slot = 0; slot < HINT_CLAIMS; slot++)
                (void) put(claims, slot, 1000, 0, 500);
        for (uint32_t i = 0; i < HINT_CLAIMS; i++)
                claims[i].until_ns = NOW;
        assert_true(put(claims, 99, 10, CLAIM_CAPS, 7000));
        assert_int_equal(sum_of(claims).floor, 10);
        assert_int_equal(sum_of(claims).ceiling, 10);
        assert_int_equal(sum_of(claims).target_us, 7000);
}

static void test_gone(void **state) {
        struct hint_claim claims[HINT_CLAIMS] = { 0 },
                          mine = { .until_ns = HINT_AS_LONG, .slot = 4, .level = 800, .target_us = 100 };

        assert_false(hint_put(claims, &mine, NOW)); /* equal to the present claim */
        assert_true(put(claims, 4, 300, 0, 100));
        assert_true(hint_put(claims, &mine, NOW));
        assert_int_equal(sum_of(claims).floor, 800);
        mine.until_ns = HINT_GONE;
        assert_false(hint_put(claims, &mine, NOW));
        assert_int_equal(sum_of(claims).floor, HINT_NOTHING);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_highest_wins),
                cmocka_unit_test(test_crowd),
                cmocka_unit_test(test_ended_claims_make_room),
                cmocka_unit_test(test_gone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
