/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_PREVIEW_H
#define BPF_PREVIEW_H

#include "bpf/bpf-engine.h"

/* Predicts, without loading anything, which governor will be loaded. Used for queries before the first session. */

struct preview {
        struct governors governors; /* required kernel features are not checked */
        const char *name;           /* name of the governor that is tried first; points into `governors` or to the option */
};

/* Returns 0 and *ret, which the caller frees with preview_done(). Returns a negative errno, with a sentence in `reason`, if no
 * governor can be loaded: bpf_engine_new() would fail now, too. */
int preview_new(const struct bpf_engine_options *options, struct preview *ret, char *reason, size_t size);
void preview_done(struct preview *preview);

/* Like preview_new(), but reads the files again only if one of them, options->governor or options->platform has changed, or memory
 * was short. *cache is created if it is NULL. *ret belongs to the cache and is valid until the next call. */
struct preview_cache;
int preview_cached(struct preview_cache **cache, const struct bpf_engine_options *options, const struct preview **ret, char *reason,
                   size_t size);
struct preview_cache *preview_cache_free(struct preview_cache *cache);

/* Checks the page size, the PID namespace and the capabilities of this process. Returns 0 or a negative errno with a reason. */
int preview_surroundings(char *reason, size_t size);

#endif
