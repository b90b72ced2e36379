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

#define STATE_LEVELS_MAX  64
#define STATE_ACTIONS_MAX 16

struct state {
        char profile[65];                         /* the manual choice; "" none */
        char cpu_driver[33], platform_driver[33]; /* as PPD writes them; for information */
        int battery_aware;                        /* -1 never chosen */
        struct state_action {
                char name[33];
                bool enabled;
        } actions[STATE_ACTIONS_MAX];
        uint32_t n_actions;
        struct state_level levels[STATE_LEVELS_MAX];
        uint32_t n_levels;
};

/* Format of the file: "# governord-state N" is its first line; one without it is of format 1. */
#define STATE_VERSION   1
#define STATE_BAD_SHOWN 8

struct state_trouble {
        uint32_t n_bad;                /* lines that could not be used; all others count */
        uint32_t bad[STATE_BAD_SHOWN]; /* numbers of the first ones */
        uint32_t version;              /* 0, or a later format, of which the lines that are known here were taken */
};

/* Reads a file. 0, -ENOENT when there is none (then *ret is as after nothing was ever chosen), or negative errno
 * (config_file_reason()). */
int state_load(const char *path, struct state *ret, struct state_trouble *ret_trouble);
/* Gives the file, as it is, a second name beside it, which the next state_save() does not touch: PATH.bad, or PATH.version-N with a
 * `version`. 0 or negative errno. */
int state_keep(const char *path, uint32_t version, char *ret_name, size_t size);
/* Writes a new file, syncs it and puts it in the old one's place: a full disk or a crash leaves the old one. 0 or negative errno. */
int state_save(const char *path, const struct state *state);

#endif
