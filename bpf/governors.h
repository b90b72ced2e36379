/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_GOVERNORS_H
#define BPF_GOVERNORS_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/manifest.h"
#include "core/sessions/engine.h"

/* The installed governors: the files *.bpf.o in the administrator's folder and in the package's folder, with their manifests and
 * the reasons why some of them cannot be used. */

#define GOVERNORS_MAX 64

struct governor_file {
        char path[256];
        struct governor_manifest manifest; /* if it is not valid, only `name` is set, to the name of the file without its suffix */
        char *image; /* content of the file when its manifest was read; NULL if unreadable or no longer needed */
        size_t size;
        bool fits;        /* the manifest is valid and matches the machine, the kernel has the features that it names, and no other
                             governor of the same name is used instead */
        char reason[160]; /* why `fits` is false or loading failed, or "" */
};

struct governors {
        struct governor_file *items; /* best first: those that fit, by priority, then the others */
        size_t n;
        int error;         /* negative errno of the first file or folder that could not be read or checked, 0 if none */
        char failure[400]; /* a sentence about `error`, or "" */
};

struct governor_dirs {
        const char *vendor, *admin; /* if two files that fit have the same name in their manifests, the one in `admin` is used */
        bool trust_any_owner;       /* accept files and folders that other users than root own or may write */
        bool manifests_only;        /* do not check whether the kernel has the features that manifests name */
};

/* Reads both folders. A missing folder counts as empty; an invalid or unreadable file becomes an entry with a reason. The first
 * failure to read a file or folder, or to check for a feature, is stored in `error` and `failure`. Stops at GOVERNORS_MAX files.
 * `platform` has the words of this machine, separated by blanks; NULL means that they are unknown and every platform matches. */
void governors_find(struct governors *governors, const struct governor_dirs *dirs, const char *platform);
/* Formats the reason why no governor fits, with `failure` if there was one. Returns -ENOENT, or governors->error if it is a
 * temporary shortage. */
int governors_none(const struct governors *governors, const char *folder, char *reason, size_t size);
void governors_done(struct governors *governors);
/* Returns the description for users. `loaded` is the path of the loaded governor, "" if there is none. */
struct governor_view governors_view(const struct governor_file *file, const char *loaded);
/* Returns the governor with this name that fits, or NULL. */
const struct governor_file *governors_named(const struct governors *governors, const char *name);

#endif
