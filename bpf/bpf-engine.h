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
        const char *governor; /* wanted by the configuration; NULL or "": the best that fits */
        uint32_t n_cpus;      /* highest CPU number and one; 0: ask the kernel */
};

/* Rung 3: loads the best governor. 0 and *ret; else negative errno and why in `reason`, each governor that was tried in the log. */
int bpf_engine_new(sd_event *event, const struct bpf_engine_options *options, struct engine **ret, char *reason, size_t size);

/* Replaces the governor while sessions go on; NULL or "": the best. On error (-ENOENT no such governor, others as loading has) the
 * former one stays. */
int bpf_engine_replace(struct engine *engine, const char *name, char *reason, size_t size);

/* What is in the kernel, for measurements and tests. */
const struct programs *bpf_engine_programs(const struct engine *engine);

/* The governors as they were found at the last load. */
const struct governors *bpf_engine_governors(const struct engine *engine);

#endif
