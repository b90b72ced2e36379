/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads a governor for a measurement. */

#include "bench/qos/governor.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "bpf/governors.h"
#include "bpf/rings.h"
#include "core/config/config-file.h"

static _Noreturn void give_up(int r, const char *what) {
        (void) fprintf(stderr, "%s: %s\n", what, strerror(-r));
        exit(r == -EPERM ? 77 : 1);
}

void governor_load(const char *directory, const char *name, struct programs *ret) {
        const struct governor_dirs dirs = { .vendor = directory, .trust_any_owner = true };
        const struct governor_file *file;
        struct image platform = {};
        struct governors governors;
        char path[512], reason[256] = "";
        int r;

        (void) TEXT_FORMAT(path, "%s/platform.o", directory);
        r = config_file_read(path, true, &platform.data, &platform.size);
        if (r < 0)
                give_up(r, path);
        governors_find(&governors, &dirs, "any");
        file = governors_named(&governors, name);
        if (!file)
                give_up(-ENOENT, name);
        r = programs_load(&platform, &(struct image){ file->image, file->size }, (uint32_t) libbpf_num_possible_cpus(), NULL, ret,
                          reason, sizeof(reason));
        if (r < 0)
                give_up(r, reason);
        free(platform.data);
        governors_done(&governors);
}

void governor_open(struct programs *programs, uint32_t slot, pid_t tgid, struct bench_session *ret) {
        const struct session_spec spec = { .slot = slot,
                                           .cookie = slot + 1,
                                           .tgid = tgid,
                                           .target_us = 1000,
                                           .permille = 990,
                                           .window_us = 100000,
                                           .stale_us = 600000000 };
        const struct policy_limits limits = policy_limits_for(0, POLICY_LEVEL_MAX);
        size_t page = (size_t) sysconf(_SC_PAGESIZE);
        unsigned char *memory;
        *ret = (struct bench_session){ .slot = slot, .cookie = spec.cookie };
        static struct rings rings;
        struct slot_ring ring = {};
        int r = rings_take(&rings, programs, 0, 0, RING_KIND_ARRAY, slot, &ring.number);

        if (r >= 0)
                r = slots_open(programs, &spec, &limits, &ring);
        if (r < 0)
                give_up(r, "cannot open a session");
        ret->ring_fd = rings.entries[ring.number].fd;
        memory = mmap(NULL, page + GOVERNORD_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, ret->ring_fd, (off_t) page);
        if (memory == MAP_FAILED)
                give_up(-errno, "cannot map a ring");
        ret->producer = (uint64_t *) (void *) memory;
        ret->data = memory + page;
}

void governor_report(const struct bench_session *session, uint32_t latency_us, uint64_t end_ns) {
        uint64_t at = *session->producer;
        struct governord_record *record = (struct governord_record *) (void *) (session->data + at % GOVERNORD_RING_SIZE);

        *record = (struct governord_record){
                .length = sizeof(struct governord_sample),
                .sample = { .kind = GOVERNORD_RECORD_LATENCY, .latency_us = latency_us, .end_ns = end_ns },
        };
        __atomic_store_n(session->producer, at + sizeof(*record), __ATOMIC_RELEASE);
}

void pin(unsigned int cpu) {
        cpu_set_t set;

        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        (void) sched_setaffinity(0, sizeof(set), &set);
}
