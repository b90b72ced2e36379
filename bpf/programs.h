/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BPF_PROGRAMS_H
#define BPF_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/load.h"
#include "bpf/platform.h"

struct bpf_link;

/* A governor in the kernel: its programs, and the memory that they share with this process. */
struct programs {
        struct bpf_object *object;
        struct bpf_link *link; /* of on_switch; NULL: detached */
        uint32_t n_cpus;
        int rings_fd, user_rings_fd, processes_fd, events_fd;
        int kick_fd, tick_fd, forget_fd, feed_fd, holders_fd;
        struct session *sessions;           /* PLATFORM_SESSIONS of them */
        struct platform_cpus *session_cpus; /* likewise */
        struct platform_wish *wishes;       /* n_cpus */
        struct platform_shared *shared;
};

/* Loads a governor. With `former`, all maps are shared with it, its sessions go on, and the caller frees it afterwards. Errors as
 * of load_build(), with the end of a sentence in `reason`. */
int programs_load(const struct image *platform, const struct image *policy, uint32_t n_cpus, const struct programs *former,
                  struct programs *ret, char *reason, size_t size);
void programs_free(struct programs *programs);

/* Attaches on_switch, which is needed only while there are sessions. 0 or negative errno. */
int programs_attach(struct programs *programs);
void programs_detach(struct programs *programs);

/* Runs a program once and returns its result: 0 or a negative errno. */
int programs_run(int program_fd, void *context, size_t size);

#endif
