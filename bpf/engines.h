/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_ENGINES_H
#define BPF_ENGINES_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "core/sessions/engine.h"

/* Chooses the engine for this machine: the one with the highest rung (lowest number) that works. */

struct engines_options {
        const char *vendor_dir, *admin_dir; /* folders of governors; the strings must stay valid */
        bool trust_any_owner;               /* see struct governor_dirs */
        bool no_bpf;                        /* use only rung 4 */
        /* Formats the words of this machine: the backends of its drivers, separated by blanks. The pointer is NULL if they are
         * unknown. */
        void (*platform)(char *ret, size_t size, void *userdata);
        /* Returns the governor that the configuration names, and the place of this setting in *ret_origin ("file:line"); "" if it
         * names none, so that the best one is used. The pointer may be NULL. */
        const char *(*governor)(const char **ret_origin, void *userdata);
        void *userdata;
};

/* Creates an engine that loads the real engine only when the first session is opened or a governor is loaded, because verification
 * of BPF takes 0.1 s, and most machines never have a session. If BPF cannot be used, a query loads the real engine, too. Returns 0
 * and *ret, or a negative errno. */
int engines_new(sd_event *event, const struct engines_options *options, struct engine **ret);

/* Returns true, with the reason in `ret` (ADVICE_MAX bytes, core/machine/advice.h), if the governor of this name cannot be used.
 * Loads nothing. `engine` was created by engines_new(). */
bool engines_lack_governor(struct engine *engine, const char *name, char *ret);
/* The same without an engine: checks only files, and neither the kernel nor the privileges of this process. */
bool engines_lack_file(const struct engines_options *options, const char *name, char *ret);

#endif
