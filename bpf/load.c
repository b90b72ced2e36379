/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of loading a governor. The linker of older versions of libbpf accepts only file names, so the parts are passed in
 * memfds, which unprivileged programs cannot replace. If the kernel rejects a program, the reason quotes the verifier. */

#include "bpf/load.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "bpf/platform.h"

#define VERIFIER_LOG (1024 * 1024)
#define LINKED_MAX   (4 * 1024 * 1024)

__attribute__((format(printf, 2, 0))) static int print(enum libbpf_print_level level, const char *format, va_list args) {
        char line[1024];

        (void) vsnprintf(line, sizeof(line), format, args);
        line[strcspn(line, "\n")] = '\0';
        if (level == LIBBPF_WARN)
                log_debug("%s", line);
        return 0;
}

static int write_all(int fd, const char *data, size_t size) {
        while (size > 0) {
                ssize_t n = write(fd, data, size);

                if (n < 0)
                        return -errno;
                data += n;
                size -= (size_t) n;
        }
        return 0;
}

static int image_to_memfd(const struct image *image) {
        _cleanup_close_ int fd = memfd_create("governord-bpf", MFD_CLOEXEC);
        int r;

        if (fd < 0)
                return -errno;
        r = write_all(fd, image->data, image->size);
        return r < 0 ? r : TAKE_FD(fd);
}

static int read_image(int fd, struct image *ret) {
        _cleanup_free_ char *data = NULL;
        size_t size = 0;
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (st.st_size <= 0 || st.st_size > LINKED_MAX)
                return -EFBIG;
        data = malloc((size_t) st.st_size);
        if (!data)
                return -ENOMEM;
        while (size < (size_t) st.st_size) {
                ssize_t n = pread(fd, data + size, (size_t) st.st_size - size, (off_t) size);

                if (n <= 0)
                        return n < 0 ? -errno : -EIO;
                size += (size_t) n;
        }
        *ret = (struct image){ .data = TAKE_PTR(data), .size = size };
        return 0;
}

static int link_files(const int *parts, size_t n, int to) {
        struct bpf_linker *linker;
        char path[32];
        int r = 0;

        (void) TEXT_FORMAT(path, "/proc/self/fd/%d", to);
        linker = bpf_linker__new(path, NULL);
        if (!linker)
                return -errno;
        for (size_t i = 0; r == 0 && i < n; i++) {
                (void) TEXT_FORMAT(path, "/proc/self/fd/%d", parts[i]);
                r = bpf_linker__add_file(linker, path, NULL);
        }
        if (r == 0)
                r = bpf_linker__finalize(linker);
        bpf_linker__free(linker);
        return r;
}

/* -- the steps -- */

static int link_parts(struct build *build) {
        _cleanup_close_ int first = image_to_memfd(build->platform), second = image_to_memfd(build->policy);
        _cleanup_close_ int to = memfd_create("governord-linked", MFD_CLOEXEC);
        int r;

        if (first < 0 || second < 0 || to < 0)
                r = first < 0 ? first : second < 0 ? second : -errno;
        else
                r = link_files((const int[]){ first, second }, 2, to);
        if (r >= 0)
                r = read_image(to, &build->linked);
        if (r < 0)
                (void) TEXT_FORMAT(build->reason, "it cannot be linked with platform.o, governord's part of the program: %s",
                                   strerrordesc_np(-r));
        return r;
}

static int open_object(struct build *build) {
        LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "governord", .kernel_log_size = VERIFIER_LOG);

        build->verifier_log = calloc(1, VERIFIER_LOG);
        if (!build->verifier_log)
                return -ENOMEM;
        options.kernel_log_buf = build->verifier_log;
        build->object = bpf_object__open_mem(build->linked.data, build->linked.size, &options);
        if (build->object)
                return 0;
        (void) TEXT_FORMAT(build->reason, "libbpf cannot read the linked object: %s", strerrordesc_np(errno));
        return -errno;
}

static int set_entries(struct bpf_object *object, const char *name, uint32_t n) {
        struct bpf_map *map = bpf_object__find_map_by_name(object, name);

        return map ? bpf_map__set_max_entries(map, n) : -EINVAL;
}

/* Reuses all maps of `former` except for those that libbpf creates for constants and variables, such as ".rodata", because each
 * object has its own. */
static int share_maps(struct bpf_object *object, const struct bpf_object *former) {
        struct bpf_map *map;

        bpf_object__for_each_map(map, object) {
                const struct bpf_map *old = bpf_object__find_map_by_name(former, bpf_map__name(map));
                int r = bpf_map__is_internal(map) ? 0 : old ? bpf_map__reuse_fd(map, bpf_map__fd(old)) : -EINVAL;

                if (r < 0)
                        return r;
        }
        return 0;
}

/* Sets `constants` of platform-rings.bpf.h. */
static int set_constants(struct bpf_object *object, uint32_t generation) {
        const struct { uint32_t generation; } constants = { generation };
        struct bpf_map *map;

        bpf_object__for_each_map(
                map, object) if (bpf_map__is_internal(map) &&
                                 strstr(bpf_map__name(map), "constants")) return bpf_map__set_initial_value(map, &constants,
                                                                                                            sizeof(constants));
        return -EINVAL;
}

static int set_up(const struct build *build) {
        int r = sysconf(_SC_PAGESIZE) == PLATFORM_PAGE ? set_constants(build->object, build->generation) : -EOPNOTSUPP;

        if (r < 0)
                return r;
        if (build->former)
                return share_maps(build->object, build->former);
        r = set_entries(build->object, "hints", build->n_cpus);
        return r < 0 ? r : set_entries(build->object, "demands", build->n_cpus);
}

/* Sets the constants, and the sizes of maps or the maps of the former governor. */
static int prepare(struct build *build) {
        int r = set_up(build);

        if (r < 0)
                (void) TEXT_FORMAT(build->reason, "platform.o in the folder of the governors is from another version of governord");
        return r;
}

/* Returns true for lines of the verifier's log that do not describe the error: statistics, states, source lines and
 * instructions. */
static bool is_noise(const char *line) {
        static const char *const prefixes[] = {
                "processed ", "verification time", "stack depth", "old state", "cur state", "from ", "; ", " "
        };

        for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
                if (strncmp(line, prefixes[i], strlen(prefixes[i])) == 0)
                        return true;
        if (line[0] == 'R' && strchr(line, '=') && !strstr(line, "expected"))
                return true; /* registers */
        return line[0] >= '0' && line[0] <= '9';
}

/* Sets the reason to the last line of the verifier's log that describes an error, and logs the whole log at debug level. */
static void explain_rejection(struct build *build, int r) {
        const char *last = "";
        char *rest = build->verifier_log;

        for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
                if (line[0] == '\0')
                        continue;
                log_debug("verifier: %s", line);
                if (!is_noise(line))
                        last = line;
        }
        (void) TEXT_FORMAT(build->reason, "the kernel rejected it: %s%s%.120s", strerrordesc_np(-r), last[0] ? "; verifier: " : "",
                           last);
}

static int verify(struct build *build) {
        int r = bpf_object__load(build->object);

        if (r < 0)
                explain_rejection(build, r);
        return r;
}

static const struct step {
        const char *name;
        int (*run)(struct build *build); /* returns 0 or a negative errno, with a reason unless it is -ENOMEM */
} steps[] = {
        { "link", link_parts },
        { "open", open_object },
        { "prepare", prepare },
        { "verify", verify },
};

int load_build(struct build *build) {
        (void) libbpf_set_print(print);
        for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
                int r = steps[i].run(build);

                if (r >= 0)
                        continue;
                build->failed = steps[i].name;
                if (!build->reason[0])
                        (void) TEXT_FORMAT(build->reason, "%s", strerrordesc_np(-r));
                log_debug("Loading a governor: step \"%s\": %s", build->failed, build->reason);
                return r;
        }
        return 0;
}

void build_done(struct build *build) {
        free(build->linked.data);
        free(build->verifier_log);
        bpf_object__close(build->object);
        *build = (struct build){};
}
