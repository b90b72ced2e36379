/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_ENGINES_H
#define BPF_ENGINES_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "core/sessions/engine.h"

/* Which engine this machine gets: the highest rung that works. */

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

/* An engine that becomes the real one with the first session, or when a governor is to be loaded: verifying BPF takes a tenth of a second, and most
 * machines never see a session. 0 and *ret, or negative errno. */
int engines_new(sd_event *event, const struct engines_options *options, struct engine **ret);

/* True when sessions cannot have the governor of this name; `ret`, of ADVICE_MAX bytes (core/machine/advice.h), says why. Loads nothing. */
bool engines_lack_governor(struct engine *engine, const char *name, char *ret);
/* The same by the files alone, without an engine: neither the kernel nor the rights of this process are asked. */
bool engines_lack_file(const struct engines_options *options, const char *name, char *ret);

#endif
