/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds governors. Each file is read once, so that the content that is loaded is the content that was checked. Files and folders
 * that other users than root own or can write are rejected (except on a simulated machine), because a governor becomes code in the
 * kernel. */

#include "bpf/governors.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "bpf/kernel-features.h"
#include "bpf/shortage.h"
#include "core/config/config-file.h"

#define SUFFIX ".bpf.o"

struct walk {
        struct governors *governors;
        const struct governor_dirs *dirs;
        const char *directory, *platform;
};

static bool has_suffix(const char *name) {
        size_t length = strlen(name), n = strlen(SUFFIX);

        return length > n && strcmp(name + length - n, SUFFIX) == 0;
}

static void note_error(struct governors *governors, int error, const char *path, const char *what) {
        if (governors->error < 0)
                return;
        governors->error = error;
        (void) TEXT_FORMAT(governors->failure, "cannot read %s: %s", path, what);
}

static bool has_what_it_needs(struct governor_file *file, const struct walk *walk) {
        int r = walk->dirs->manifests_only ? 0 : features_check(file->manifest.needs, file->reason, sizeof(file->reason));

        if (r < 0 && r != -EOPNOTSUPP)
                note_error(walk->governors, r, file->path, file->reason);
        return r >= 0;
}

static void check_manifest(struct governor_file *file, const char *name, const struct walk *walk) {
        int r = config_file_read(file->path, walk->dirs->trust_any_owner, &file->image, &file->size);

        if (r < 0) {
                (void) TEXT_FORMAT(file->reason, "%s", config_file_reason(r));
                note_error(walk->governors, r, file->path, file->reason);
        } else
                r = manifest_read(file->image, file->size, &file->manifest, file->reason, sizeof(file->reason));
        if (r < 0) {
                (void) TEXT_FORMAT(file->manifest.name, "%.*s",
                                   (int) MIN(strlen(name) - strlen(SUFFIX), sizeof(file->manifest.name) - 1), name);
                return;
        }
        if (governors_named(walk->governors, file->manifest.name))
                (void) TEXT_FORMAT(
                        file->reason,
                        "replaced by another governor of the same name, which the administrator installed or which is in an earlier file");
        else if (walk->platform && !manifest_matches(&file->manifest, walk->platform))
                (void) TEXT_FORMAT(file->reason, "made for %.64s, but this machine has %.64s", file->manifest.platforms,
                                   walk->platform[0] ? walk->platform : "no known platform");
        else
                file->fits = has_what_it_needs(file, walk);
}

static int add_file(const char *name, void *userdata) {
        struct walk *walk = userdata;
        struct governors *governors = walk->governors;
        struct governor_file *items;

        if (!has_suffix(name) || governors->n == GOVERNORS_MAX)
                return 0;
        items = reallocarray(governors->items, governors->n + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        governors->items = items;
        items[governors->n] = (struct governor_file){};
        if (TEXT_FORMAT(items[governors->n].path, "%s/%s", walk->directory, name) < 0)
                return 0;
        check_manifest(&items[governors->n], name, walk);
        governors->n++;
        return 0;
}

static void read_directory(struct walk *walk, const char *directory) {
        _cleanup_close_ int fd = directory ? config_directory_open(directory, walk->dirs->trust_any_owner) : -ENOENT;
        int r = fd;

        if (fd >= 0) {
                walk->directory = directory;
                r = attr_walk(fd, ".", "", add_file, walk);
        }
        if (r < 0 && r != -ENOENT)
                note_error(walk->governors, r, directory, config_file_reason(r));
}

static int by_fitness(const void *a, const void *b) {
        const struct governor_file *x = a, *y = b;

        if (x->fits != y->fits)
                return x->fits ? -1 : 1;
        if (x->manifest.priority != y->manifest.priority)
                return x->manifest.priority > y->manifest.priority ? -1 : 1;
        return strcmp(x->path, y->path);
}

void governors_find(struct governors *governors, const struct governor_dirs *dirs, const char *platform) {
        struct walk walk = { .governors = governors, .dirs = dirs, .platform = platform };

        *governors = (struct governors){};
        read_directory(&walk, dirs->admin);
        read_directory(&walk, dirs->vendor);
        if (governors->n > 0)
                qsort(governors->items, governors->n, sizeof(*governors->items), by_fitness);
}

int governors_none(const struct governors *governors, const char *folder, char *reason, size_t size) {
        int r = governors->error;

        if (r == 0)
                return text_format(reason, size,
                                   "no governor in %s or in the folder of the administrator can be used on this machine", folder),
                       -ENOENT;
        (void) text_format(reason, size, "no governor was found: %s", governors->failure);
        return is_shortage(r) ? r : -ENOENT;
}

void governors_done(struct governors *governors) {
        for (size_t i = 0; i < governors->n; i++)
                free(governors->items[i].image);
        free(governors->items);
        *governors = (struct governors){};
}

const struct governor_file *governors_named(const struct governors *governors, const char *name) {
        for (size_t i = 0; i < governors->n; i++)
                if (governors->items[i].fits && strcmp(governors->items[i].manifest.name, name) == 0)
                        return &governors->items[i];
        return NULL;
}

struct governor_view governors_view(const struct governor_file *file, const char *loaded) {
        return (struct governor_view){
                .name = file->manifest.name,
                .description = file->manifest.description,
                .path = file->path,
                .priority = file->manifest.priority,
                .fits = file->fits,
                .loaded = strcmp(file->path, loaded) == 0,
                .reason = file->reason,
        };
}
