/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_GOVERNORS_H
#define BPF_GOVERNORS_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/manifest.h"
#include "core/sessions/engine.h"

/* The installed governors: the *.bpf.o files of the administrator's and of the package's folder, their manifests, and why one of
 * them is not used. */

#define GOVERNORS_MAX 64

struct governor_file {
        char path[256];
        struct governor_manifest manifest; /* if it could not be read, it has only the file's name */
        char *image;                       /* the content of the file when its manifest was read */
        size_t size;
        bool fits;        /* the manifest is valid and made for this platform */
        char reason[160]; /* why not; "" */
};

struct governors {
        struct governor_file *items; /* best first: those that fit by priority, then the rest */
        size_t n;
        int error; /* errno of the first folder or file that exists but could not be read, or of probing the kernel; 0 none */
        char failure[400]; /* a sentence about that; "" */
};

struct governor_dirs {
        const char *vendor, *admin; /* a file of the administrator replaces the package's one with the same manifest name */
        bool trust_any_owner;
        bool manifests_only; /* the kernel features that they need are not checked */
};

/* Reads both folders. A missing folder counts as empty, an invalid file becomes an entry with a reason, and other failures are in
 * `error` and `failure`. `platform`: words for this machine; NULL: unknown, then every platform matches. */
void governors_find(struct governors *governors, const struct governor_dirs *dirs, const char *platform);
/* Writes to `reason` that no governor fits, and what could not be read, if that may be the cause. Returns -ENOENT, or the errno of
 * a shortage that may be temporary. */
int governors_none(const struct governors *governors, const char *folder, char *reason, size_t size);
void governors_done(struct governors *governors);
/* The description for users; `loaded`: path of the loaded governor, "": none. */
struct governor_view governors_view(const struct governor_file *file, const char *loaded);
const struct governor_file *governors_named(const struct governors *governors, const char *name);

#endif
