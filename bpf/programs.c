/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A loaded governor: finds its programs and maps by name, maps the shared memory, attaches and runs programs. */

#include "bpf/programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/text.h"

static size_t value_size(size_t size) {
        return (size + 7) & ~(size_t) 7; /* the kernel aligns elements of array maps to 8 bytes */
}

_Static_assert(sizeof(struct session) % 8 == 0 && sizeof(struct platform_cpus) % 8 == 0 && sizeof(struct platform_demand) % 8 == 0,
               "elements of a mapped array have no padding between them");

static size_t map_bytes(size_t size, size_t n) {
        size_t page = (size_t) sysconf(_SC_PAGESIZE);

        return (value_size(size) * n + page - 1) / page * page;
}

static int find_program(const struct bpf_object *object, const char *name) {
        const struct bpf_program *program = bpf_object__find_program_by_name(object, name);

        return program ? bpf_program__fd(program) : -ENOENT;
}

static int find_map(const struct bpf_object *object, const char *name) {
        return bpf_object__find_map_fd_by_name(object, name);
}

static int map_memory(const struct bpf_object *object, const char *name, size_t size, size_t n, void *ret) {
        int fd = find_map(object, name);
        void *memory;

        if (fd < 0)
                return fd;
        memory = mmap(NULL, map_bytes(size, n), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (memory == MAP_FAILED)
                return -errno;
        *(void **) ret = memory;
        return 0;
}

static int map_all(struct programs *programs) {
        int r = map_memory(programs->object, "sessions", sizeof(*programs->sessions), PLATFORM_SESSIONS, &programs->sessions);

        if (r >= 0)
                r = map_memory(programs->object, "session_cpus", sizeof(*programs->session_cpus), PLATFORM_SESSIONS,
                               &programs->session_cpus);
        if (r >= 0)
                r = map_memory(programs->object, "demands", sizeof(*programs->demands), programs->n_cpus, &programs->demands);
        if (r >= 0)
                r = map_memory(programs->object, "shared_map", sizeof(*programs->shared), 1, &programs->shared);
        return r;
}

static int find_all(struct programs *programs) {
        const struct {
                const char *name;
                int *fd;
                int (*find)(const struct bpf_object *object, const char *name);
        } parts[] = {
                { "rings", &programs->rings_fd, find_map },         { "user_rings", &programs->user_rings_fd, find_map },
                { "processes", &programs->processes_fd, find_map }, { "events", &programs->events_fd, find_map },
                { "kick", &programs->kick_fd, find_program },       { "tick", &programs->tick_fd, find_program },
                { "forget", &programs->forget_fd, find_program },   { "feed", &programs->feed_fd, find_program },
                { "holders", &programs->holders_fd, find_program },
        };

        for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
                *parts[i].fd = parts[i].find(programs->object, parts[i].name);
                if (*parts[i].fd < 0)
                        return *parts[i].fd;
        }
        return 0;
}

static void start_from_nothing(struct programs *programs) {
        programs->shared->n_cpus = programs->n_cpus;
        programs->shared->tick_ns = 1000000;
        for (uint32_t i = 0; i < programs->n_cpus; i++)
                programs->demands[i] = (struct platform_demand){ .sum = { .floor = HINT_NOTHING, .ceiling = HINT_NOTHING } };
}

/* Takes ownership of the loaded object. */
static int find_parts(struct programs *programs, struct build *build) {
        int r;

        programs->object = TAKE_PTR(build->object);
        r = find_all(programs);
        return r < 0 ? r : map_all(programs);
}

int programs_load(const struct image *platform, const struct image *policy, uint32_t n_cpus, const struct programs *former,
                  struct programs *ret, char *reason, size_t size) {
        _cleanup_(build_done) struct build build = {
                .platform = platform,
                .policy = policy,
                .n_cpus = n_cpus,
                .generation = former ? former->shared->generation + 1 : 0,
                .former = former ? former->object : NULL,
        };
        struct programs programs = { .n_cpus = n_cpus };
        int r = load_build(&build);

        if (r < 0)
                return text_format(reason, size, "%s", build.reason), r;
        r = find_parts(&programs, &build);
        if (r < 0) {
                (void) text_format(reason, size, "its programs or maps are from another version of governord: %s",
                                   strerrordesc_np(-r));
                programs_free(&programs);
                return r;
        }
        if (!former)
                start_from_nothing(&programs);
        *ret = programs;
        return 0;
}

static void unmap(void *memory, size_t size, size_t n) {
        if (memory)
                (void) munmap(memory, map_bytes(size, n));
}

void programs_free(struct programs *programs) {
        programs_detach(programs);
        unmap(programs->sessions, sizeof(*programs->sessions), PLATFORM_SESSIONS);
        unmap(programs->session_cpus, sizeof(*programs->session_cpus), PLATFORM_SESSIONS);
        unmap(programs->demands, sizeof(*programs->demands), programs->n_cpus);
        unmap(programs->shared, sizeof(*programs->shared), 1);
        bpf_object__close(programs->object);
        *programs = (struct programs){};
}

int programs_attach(struct programs *programs) {
        struct bpf_link *link;

        if (programs->link)
                return 0;
        link = bpf_program__attach(bpf_object__find_program_by_name(programs->object, "on_switch"));
        if (!link)
                return -errno;
        programs->link = link;
        return 0;
}

void programs_detach(struct programs *programs) {
        (void) bpf_link__destroy(programs->link);
        programs->link = NULL;
}

int programs_run(int program_fd, void *context, size_t size) {
        LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context, .ctx_size_in = (uint32_t) size);
        int r = bpf_prog_test_run_opts(program_fd, &options);

        return r < 0 ? r : (int) options.retval;
}
