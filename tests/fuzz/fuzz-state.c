/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interprets the input as a state file, and asserts that what was loaded can be saved and loaded again without loss. */

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/manager/state.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/scratch-folder.h"

static void check_same(const struct state *a, const struct state *b) {
        assert(strcmp(a->profile, b->profile) == 0 && strcmp(a->cpu_driver, b->cpu_driver) == 0);
        assert(strcmp(a->platform_driver, b->platform_driver) == 0 && a->battery_aware == b->battery_aware);
        assert(a->n_actions == b->n_actions && a->n_actions <= STATE_ACTIONS_MAX);
        for (uint32_t i = 0; i < a->n_actions; i++)
                assert(strcmp(a->actions[i].name, b->actions[i].name) == 0 && a->actions[i].enabled == b->actions[i].enabled);
        assert(a->n_levels == b->n_levels && a->n_levels <= STATE_LEVELS_MAX);
        assert(memcmp(a->levels, b->levels, sizeof(a->levels)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct state_trouble trouble;
        struct state state, again;
        char path[128];
        int r;

        (void) TEXT_FORMAT(path, "%s/state.ini", scratch_folder_get());
        scratch_put(path, data, size);
        r = state_load(path, &state, &trouble);
        assert(r == 0 || r == -EFBIG);
        assert(state_save(path, &state) == 0);
        assert(state_load(path, &again, &trouble) == 0 && trouble.n_bad == 0 && trouble.version == 0);
        check_same(&state, &again);
        assert(unlink(path) == 0);
        return 0;
}
