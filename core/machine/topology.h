/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_TOPOLOGY_H
#define CORE_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "include/governord/driver.h"

struct plugin;

struct cpu {
        uint32_t number, package; /* package: UINT32_MAX for an offline CPU, whose package is unknown */
        bool online;
        struct gov_cpu_facts facts; /* facts.policy is UINT32_MAX when there is none */
};

struct topology {
        struct cpu *cpus; /* in ascending order of number */
        uint32_t n_cpus;
        uint32_t *packages; /* ascending */
        uint32_t n_packages;
        const struct cpu **by_policy; /* first CPU of policy N, NULL where there is no such policy */
        uint32_t n_policies;          /* length of by_policy */
        const struct cpu **by_number; /* CPU N, NULL where there is no such CPU */
        uint32_t n_numbers;           /* length of by_number */
        char model[128];              /* from /proc/cpuinfo; "" if unknown */
};

/* Reads the list of CPUs below root_fd, and obtains the facts of those that are online from the loaded plugins. If the list cannot
 * be read, there are no CPUs. Returns 0 or -ENOMEM. */
int topology_build(struct topology *topology, int root_fd, struct plugin *const *plugins, size_t n_plugins);
void topology_done(struct topology *topology);

const struct cpu *topology_cpu(const struct topology *topology, uint32_t number);
/* Returns the first CPU of a domain; NULL for a domain that has no CPUs or does not exist. */
const struct cpu *topology_first_cpu(const struct topology *topology, uint32_t scope, uint32_t domain);
/* Returns true when two domains have a CPU in common, when one of them is the node, or when they are the same. */
bool topology_covers(const struct topology *topology, uint32_t scope_a, uint32_t domain_a, uint32_t scope_b, uint32_t domain_b);

#endif
