/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_BPF_ENGINE_H
#define BPF_BPF_ENGINE_H

#include <systemd/sd-event.h>

#include "bpf/governors.h"
#include "bpf/programs.h"
#include "core/sessions/engine.h"

struct bpf_engine_options {
        struct governor_dirs dirs;
        const char *platform; /* words for this machine */
        const char *governor; /* the one that the configuration names; NULL or "": the best that fits */
        uint32_t n_cpus;      /* highest CPU number plus one; 0: read from the kernel */
};

/* Rung 3: loads the best governor. Returns 0 and *ret; otherwise a negative errno and the reason in `reason`. Each failed governor
 * is logged. */
int bpf_engine_new(sd_event *event, const struct bpf_engine_options *options, struct engine **ret, char *reason, size_t size);

/* Replaces the governor while sessions go on; NULL or "": the best. On an error (-ENOENT no such governor, others as of loading)
 * the former one stays. */
int bpf_engine_replace(struct engine *engine, const char *name, char *reason, size_t size);

/* The loaded programs, for measurements and tests. */
const struct programs *bpf_engine_programs(const struct engine *engine);

/* The governors that the last load found. */
const struct governors *bpf_engine_governors(const struct engine *engine);

#endif
