/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_BPF_WITNESS_H
#define GOVERNORD_TESTS_BPF_WITNESS_H

/* A well-behaved session beside those of misbehaving clients. Tests check that its records are still read. */

#include "tests/bpf/engine-case.h"

#define BUSY        (UINT32_C(1) << 31)
#define DISCARD     (UINT32_C(1) << 30)
#define OTHERS_SLOT 40

static struct client witness;

static inline void check_witness(void) {
        uint64_t before = look(OTHERS_SLOT).samples;

        report(&witness, 64);
        assert_int_equal(kick(&witness), 0);
        assert_int_equal(look(OTHERS_SLOT).samples, before + 1);
        assert_int_equal(look(OTHERS_SLOT).level, 64);
}

static inline int set_up_witness(void **state) {
        int r = set_up(state);

        open_slot(&witness, OTHERS_SLOT);
        return r;
}

static inline int tear_down_witness(void **state) {
        close_client(&witness);
        return tear_down(state);
}

#define HOSTILE(f) cmocka_unit_test_setup_teardown(f, set_up_witness, tear_down_witness)

#endif
