/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_ENGINES_H
#define BPF_ENGINES_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "core/sessions/engine.h"

/* Chooses the engine for this machine: the highest rung that works. */

struct engines_options {
        const char *vendor_dir, *admin_dir; /* of governors; these texts must stay valid */
        bool trust_any_owner;
        bool no_bpf; /* rung 4, by choice */
        /* Called when the engine is made: blank-separated words for this machine, the backends of its drivers (NULL: not known); and which governor
         * the configuration names, "" the best, and where ("file:line"). */
        void (*platform)(char *ret, size_t size, void *userdata);
        const char *(*governor)(const char **ret_origin, void *userdata);
        void *userdata;
};

/* Creates a placeholder that becomes the real engine with the first session, or when a governor is to be loaded: verification of
 * BPF takes 0.1 s, and most machines never have a session. 0 and *ret, or negative errno. */
int engines_new(sd_event *event, const struct engines_options *options, struct engine **ret);

/* Returns true if the governor of this name cannot be used; `ret`, of ADVICE_MAX bytes (core/machine/advice.h), gets the reason.
 * Loads nothing. */
bool engines_lack_governor(struct engine *engine, const char *name, char *ret);
/* The same by the files alone, without an engine: neither the kernel nor the privileges of this process are checked. */
bool engines_lack_file(const struct engines_options *options, const char *name, char *ret);

#endif
