/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_GOVERNORS_H
#define BPF_GOVERNORS_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/manifest.h"
#include "core/sessions/engine.h"

/* The governors that are there: *.bpf.o files of the administrator's and of the package's folder, their manifests, and why one is not used. */

#define GOVERNORS_MAX 64

struct governor_file {
        char path[256];
        struct governor_manifest manifest; /* the file's own name, and nothing else, when it could not be read */
        char *image;                       /* the whole file, as it was when its manifest was read */
        size_t size;
        bool fits;        /* manifest in order and made for this platform */
        char reason[160]; /* why not; "" */
};

struct governors {
        struct governor_file *items; /* best first: those that fit by priority, then the rest */
        size_t n;
        int error; /* of the first folder or file that could not be read although it is there, or of asking the kernel; 0 none */
        char failure[400]; /* a sentence about that; "" */
};

struct governor_dirs {
        const char *vendor, *admin; /* a file of the administrator's replaces the package's of the same manifest name */
        bool trust_any_owner;
        bool manifests_only; /* the kernel is not asked for what they need: they count as fitting without */
};

/* Folders that are missing are empty, bad files are entries with a reason; what else failed is in the result. `platform`: words for this machine; NULL
 * not known, then all are. */
void governors_find(struct governors *governors, const struct governor_dirs *dirs, const char *platform);
/* None fits: says so, and what could not be read, if that may be why. Returns -ENOENT, or what was short and may be there later. */
int governors_none(const struct governors *governors, const char *folder, char *reason, size_t size);
void governors_done(struct governors *governors);
/* For people; `loaded`: path of the one that runs, "" none. */
struct governor_view governors_view(const struct governor_file *file, const char *loaded);
const struct governor_file *governors_named(const struct governors *governors, const char *name);

#endif
