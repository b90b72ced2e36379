/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Choices of people that are kept across reboots: STATE_DIR/state.ini, in the form of power-profiles-daemon's own file, with some
 * additional keys. The first start takes over the choices in /var/lib/power-profiles-daemon/state.ini.
 */

struct state_level {
        uint32_t scope, domain;
        int floor, ceiling;
};

#define STATE_LEVELS_MAX  64
#define STATE_ACTIONS_MAX 16

struct state {
        char profile[65];                         /* the profile chosen by hand; "" none */
        char cpu_driver[33], platform_driver[33]; /* in the form of PPD; for information */
        int battery_aware;                        /* -1 never chosen */
        struct state_action {
                char name[33];
                bool enabled;
        } actions[STATE_ACTIONS_MAX];
        uint32_t n_actions;
        struct state_level levels[STATE_LEVELS_MAX];
        uint32_t n_levels;
};

/* Format of the file. The first line is "# governord-state N"; a file without it has format 1. */
#define STATE_VERSION   1
#define STATE_BAD_SHOWN 8

struct state_trouble {
        uint32_t n_bad;                /* lines that could not be parsed; all other lines count */
        uint32_t bad[STATE_BAD_SHOWN]; /* numbers of the first ones */
        uint32_t version;              /* 0, or the number of a later format; then only the lines that are known here were used */
};

/* Reads a file. Returns 0; -ENOENT when it does not exist (then *ret is as if nothing was ever chosen); or another negative errno
 * (see config_file_reason()). */
int state_load(const char *path, struct state *ret, struct state_trouble *ret_trouble);
/* Gives the unmodified file a second name beside it, which the next state_save() does not touch: PATH.bad, or PATH.version-N with a
 * `version`. Returns 0 or a negative errno. */
int state_keep(const char *path, uint32_t version, char *ret_name, size_t size);
/* Writes a new file, syncs it and replaces the old one by it: after a full disk or a crash, the old one remains. Returns 0 or a
 * negative errno. */
int state_save(const char *path, const struct state *state);

#endif
