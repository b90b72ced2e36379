/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_BPF_ENGINE_H
#define BPF_BPF_ENGINE_H

#include <systemd/sd-event.h>

#include "bpf/governors.h"
#include "bpf/programs.h"
#include "core/sessions/engine.h"

struct bpf_engine_options {
        struct governor_dirs dirs;
        const char *platform; /* words of this machine (bpf/engines.h), separated by blanks */
        const char *governor; /* the governor that the configuration names; NULL or "" for the best that fits */
        uint32_t n_cpus;      /* highest CPU number plus one; 0: read it from the kernel */
};

/* The engine of rung 3. Loads the governor. Returns 0 and *ret, or a negative errno with a sentence in `reason`:
 *   -ENOENT  no governor fits, or none that fits has the name in options->governor; or the platform part is missing
 *   others   a check of preview_surroundings() or features_check() failed, a file could not be read, no governor could be loaded
 *            (see load_build()), or another system call failed */
int bpf_engine_new(sd_event *event, const struct bpf_engine_options *options, struct engine **ret, char *reason, size_t size);

/* Replaces the governor by the one with this name, or by the best one (NULL or ""). Sessions stay open, except for those whose kick
 * does not end in time and those whose ring is a BPF_MAP_TYPE_USER_RINGBUF, which only the former kick can read. After an error the former governor continues. Returns the same errors as bpf_engine_new(), and also -EBUSY if
 * a tick did not end in time. */
int bpf_engine_replace(struct engine *engine, const char *name, char *reason, size_t size);

/* The loaded programs, for measurements and tests. */
const struct programs *bpf_engine_programs(const struct engine *engine);

/* The governors that were found at the last attempt to load one. */
const struct governors *bpf_engine_governors(const struct engine *engine);

#endif
