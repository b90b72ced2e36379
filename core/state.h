/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What people chose, kept over reboots: STATE_DIR/state.ini, in the form of power-profiles-daemon's own file with some more keys. On the
 * first start the choices in /var/lib/power-profiles-daemon/state.ini are taken over.
 */

struct state_level {
        uint32_t scope, domain;
        int floor, ceiling;
};

#define STATE_LEVELS_MAX 64
#define STATE_ACTIONS_MAX 16

struct state {
        char profile[65];             /* the manual choice; "" none */
        char cpu_driver[33], platform_driver[33]; /* as PPD writes them; for information */
        int battery_aware;            /* -1 never chosen */
        struct state_action {
                char name[33];
                bool enabled;
        } actions[STATE_ACTIONS_MAX];
        uint32_t n_actions;
        struct state_level levels[STATE_LEVELS_MAX];
        uint32_t n_levels;
};

/* Reads a file; lines that make no sense are skipped and counted in *ret_bad. 0, -ENOENT when there is none (then *ret is as after
 * nothing was ever chosen), or negative errno. */
int state_load(const char *path, struct state *ret, uint32_t *ret_bad);
/* Writes a new file, syncs it and puts it in the old one's place: a full disk or a crash leaves the old one. 0 or negative errno. */
int state_save(const char *path, const struct state *state);

#endif
