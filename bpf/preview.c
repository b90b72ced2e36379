/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Performs the checks that need neither privileges nor much time. Whether the kernel accepts a governor is known only after it was
 * loaded. */

#include "bpf/preview.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/text.h"
#include "core/config/config-file.h"

/* PROC_PID_INIT_INO of linux/proc_ns.h: inode number of the initial PID namespace, whose process IDs BPF programs use. */
#define FIRST_PID_NAMESPACE 0xEFFFFFFCu

static bool has_capability(uint32_t capability) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

        if (syscall(SYS_capget, &header, data) < 0)
                return true; /* unknown; loading fails if it is missing */
        return (data[capability / 32].effective >> (capability % 32)) & 1;
}

int preview_surroundings(char *reason, size_t size) {
        struct stat st;

        if (sysconf(_SC_PAGESIZE) != PLATFORM_PAGE) /* for example arm64 with 16 or 64 KiB */
                return text_format(reason, size, "the page size of this machine is not 4096 bytes"), -EOPNOTSUPP;
        if (stat("/proc/self/ns/pid", &st) >= 0 && st.st_ino != FIRST_PID_NAMESPACE)
                return text_format(reason, size,
                                   "the service is in a PID namespace (a container), whose process IDs differ from the kernel's"),
                       -EOPNOTSUPP;
        if (!has_capability(CAP_SYS_ADMIN) && (!has_capability(CAP_BPF) || !has_capability(CAP_PERFMON)))
                return text_format(reason, size, "loading BPF needs CAP_BPF and CAP_PERFMON"), -EPERM;
        return 0;
}

static int find_first(const struct bpf_engine_options *options, struct preview *preview, char *reason, size_t size) {
        struct governor_dirs dirs = options->dirs;
        const struct governors *governors = &preview->governors;

        dirs.manifests_only = true;
        governors_find(&preview->governors, &dirs, options->platform);
        if (governors->n == 0 || !governors->items[0].fits)
                return governors_none(governors, options->dirs.vendor, reason, size);
        preview->name = governors->items[0].manifest.name;
        if (options->governor && governors_named(governors, options->governor))
                preview->name = options->governor;
        return 0;
}

int preview_new(const struct bpf_engine_options *options, struct preview *ret, char *reason, size_t size) {
        struct preview preview = {};
        char path[256];
        int r = preview_surroundings(reason, size);

        if (r < 0)
                return r;
        r = TEXT_FORMAT(path, "%s/platform.o", options->dirs.vendor);
        if (r >= 0 && access(path, R_OK) < 0)
                r = -errno;
        if (r < 0)
                return text_format(reason, size, "cannot read %s: %s", path, strerrordesc_np(-r)), r;
        r = find_first(options, &preview, reason, size);
        if (r < 0) {
                preview_done(&preview);
                return r;
        }
        *ret = preview;
        return 0;
}

void preview_done(struct preview *preview) {
        governors_done(&preview->governors);
        preview->name = NULL;
}

/* -- cache -- */

struct preview_cache {
        struct preview preview;
        uint64_t files;                /* hash of the state of the files when they were read */
        char governor[64], words[256]; /* the options of the cached result */
        char reason[256];
        int r;
};

struct stating {
        int directory;
        uint64_t state;
};

/* st_ctim changes with content, owner and mode. */
static int add_state(const char *name, void *userdata) {
        struct stating *stating = userdata;
        size_t n = strlen(name);
        struct stat st;

        if (n < 2 || !text_equal(name + n - 2, ".o") || fstatat(stating->directory, name, &st, 0) < 0)
                return 0;
        stating->state = hash64(name, n, stating->state);
        stating->state = hash64(&st.st_ino, sizeof(st.st_ino), stating->state);
        stating->state = hash64(&st.st_ctim, sizeof(st.st_ctim), stating->state);
        return 0;
}

static uint64_t state_of_files(const struct governor_dirs *dirs) {
        const char *const names[] = { dirs->admin, dirs->vendor };
        struct stating stating = {};

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                _cleanup_close_ int fd = names[i] ? config_directory_open(names[i], dirs->trust_any_owner) : -1;

                stating.state = hash64(&(bool){ fd >= 0 }, sizeof(bool), stating.state);
                stating.directory = fd;
                if (fd >= 0)
                        (void) attr_walk(fd, ".", "", add_state, &stating);
        }
        return stating.state;
}

/* The cache is used only for queries; files are read again before a governor is loaded. */
static void drop_images(struct governors *governors) {
        for (size_t i = 0; i < governors->n; i++) {
                free(governors->items[i].image);
                governors->items[i].image = NULL;
        }
}

static void fill_cache(struct preview_cache *cache, const struct bpf_engine_options *options) {
        struct bpf_engine_options kept = *options;

        kept.governor = cache->governor; /* the preview may point to it */
        preview_done(&cache->preview);
        cache->reason[0] = '\0';
        cache->r = preview_new(&kept, &cache->preview, cache->reason, sizeof(cache->reason));
        if (cache->r >= 0)
                drop_images(&cache->preview.governors);
}

int preview_cached(struct preview_cache **cache, const struct bpf_engine_options *options, const struct preview **ret, char *reason,
                   size_t size) {
        const char *governor = options->governor ? options->governor : "";
        uint64_t files = state_of_files(&options->dirs);
        struct preview_cache *c = *cache;
        bool known = c && c->r != -ENOMEM && c->files == files && text_equal(c->governor, governor) &&
                     text_equal(c->words, options->platform);

        if (!c)
                *cache = c = calloc(1, sizeof(*c));
        if (!c)
                return text_format(reason, size, "not enough memory"), -ENOMEM;
        if (!known) {
                c->files = files;
                (void) TEXT_FORMAT(c->governor, "%s", governor);
                (void) TEXT_FORMAT(c->words, "%s", options->platform);
                fill_cache(c, options);
        }
        (void) text_format(reason, size, "%s", c->reason);
        *ret = &c->preview;
        return c->r;
}

struct preview_cache *preview_cache_free(struct preview_cache *cache) {
        if (cache)
                preview_done(&cache->preview);
        free(cache);
        return NULL;
}
