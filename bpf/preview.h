/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_PREVIEW_H
#define BPF_PREVIEW_H

#include "bpf/bpf-engine.h"

/* What loading a governor would come to, as far as that shows without loading anything: for those who ask about the service before its first session. */

struct preview {
        struct governors governors; /* by their manifests alone: what they need of the kernel was not looked at */
        const char *name;           /* of the one that is tried first, within `governors` */
};

/* 0 and *ret, to be freed. Negative errno, and a sentence in `reason`, when it is known already that none can be loaded: bpf_engine_new() would say the
 * same, before it loads anything. */
int preview_new(const struct bpf_engine_options *options, struct preview *ret, char *reason, size_t size);
void preview_done(struct preview *preview);

/* The same, but files are read again only when one of them, the configuration's wish or the machine has changed. *ret stays valid until the next call. */
struct preview_cache;
int preview_cached(struct preview_cache **cache, const struct bpf_engine_options *options, const struct preview **ret, char *reason,
                   size_t size);
struct preview_cache *preview_cache_free(struct preview_cache *cache);

/* What preview_new() looks at that has nothing to do with files: page size, PID namespace, capabilities. */
int preview_surroundings(char *reason, size_t size);

#endif
