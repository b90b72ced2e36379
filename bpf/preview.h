/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_PREVIEW_H
#define BPF_PREVIEW_H

#include "bpf/bpf-engine.h"

/* Predicts the result of loading a governor as far as possible without loading anything, for queries about the service before its
 * first session. */

struct preview {
        struct governors governors; /* by their manifests alone: the kernel features that they need were not checked */
        const char *name;           /* name of the governor that is tried first; points into `governors` */
};

/* Returns 0 and *ret, to be freed. Returns a negative errno, and a sentence in `reason`, if it is known already that none can be
 * loaded: bpf_engine_new() would fail with the same reason before it loads anything. */
int preview_new(const struct bpf_engine_options *options, struct preview *ret, char *reason, size_t size);
void preview_done(struct preview *preview);

/* The same, but files are read again only when one of them, the configured governor or the machine has changed. *ret stays valid
 * until the next call. */
struct preview_cache;
int preview_cached(struct preview_cache **cache, const struct bpf_engine_options *options, const struct preview **ret, char *reason,
                   size_t size);
struct preview_cache *preview_cache_free(struct preview_cache *cache);

/* The checks of preview_new() that do not concern files: page size, PID namespace, capabilities. */
int preview_surroundings(char *reason, size_t size);

#endif
