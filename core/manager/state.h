/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Choices of users that are kept across reboots, in STATE_DIR/state.ini. The format is that of power-profiles-daemon's state.ini,
 * with additional keys. If there is no such file, the choices in /var/lib/power-profiles-daemon/state.ini are taken over. */

struct state_level {
        uint32_t scope, domain;
        int floor, ceiling;
};

#define STATE_LEVELS_MAX  64
#define STATE_ACTIONS_MAX 16

struct state {
        char profile[65];                         /* the profile that a user chose, with a call or a key; "" none */
        char cpu_driver[33], platform_driver[33]; /* names in PPD of the drivers with which it was chosen, see saved-choice.h */
        int battery_aware;                        /* -1: never chosen */
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
        uint32_t n_bad;                /* number of lines that could not be used; all other lines were used */
        uint32_t bad[STATE_BAD_SHOWN]; /* line numbers of the first ones */
        uint32_t version; /* 0, or the format of the file if it is not STATE_VERSION: then only the lines that this version supports
                            were used */
};

/* Reads a file. Returns 0; -ENOENT if it does not exist; or another negative errno (see config_file_reason()). After an error, *ret
 * contains no choices. */
int state_load(const char *path, struct state *ret, struct state_trouble *ret_trouble);
/* Adds a hard link to the file in the same folder, which keeps its content when state_save() replaces the file: PATH.version-N if
 * `version` is not 0, else PATH.bad. Stores that path in `ret_name`. Returns 0 or a negative errno. */
int state_keep(const char *path, uint32_t version, char *ret_name, size_t size);
/* Writes a new file, syncs it and renames it over the old one, which remains if the disk is full or the machine crashes. Returns 0
 * or a negative errno. */
int state_save(const char *path, const struct state *state);

#endif
