/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_PROGRAMS_H
#define BPF_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/load.h"
#include "bpf/platform.h"

struct bpf_link;

/* A loaded governor: its programs, and the memory that they share with the daemon. */
struct programs {
        struct bpf_object *object;
        struct bpf_link *link; /* of on_switch, NULL while it is detached */
        uint32_t n_cpus;
        int rings_fd, user_rings_fd, processes_fd, events_fd;
        int kick_fd, tick_fd, forget_fd, feed_fd, holders_fd;
        struct session *sessions;           /* array of PLATFORM_SESSIONS */
        struct platform_cpus *session_cpus; /* array of PLATFORM_SESSIONS */
        struct platform_demand *demands;    /* array of n_cpus */
        struct platform_shared *shared;
};

/* Loads a governor. With `former` it uses the same maps, so that sessions continue; the caller frees `former` afterwards. Errors
 * are those of load_build(), -ENOENT if a program or map is missing, and those of mmap(), with the end of a sentence in
 * `reason`. */
int programs_load(const struct image *platform, const struct image *policy, uint32_t n_cpus, const struct programs *former,
                  struct programs *ret, char *reason, size_t size);
void programs_free(struct programs *programs);

/* Attaches on_switch, if it is not attached. Returns 0 or negative errno. */
int programs_attach(struct programs *programs);
void programs_detach(struct programs *programs);

/* Runs a program once. Returns its result, or a negative errno if it could not be run. */
int programs_run(int program_fd, void *context, size_t size);

#endif
