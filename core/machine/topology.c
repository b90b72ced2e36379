/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CPUs, packages and cpufreq policies of the machine. CPUs and policies are looked up by index, since a switch may need
 * thousands of lookups. Numbers from CPUS_MAX on are rejected. */

#include "core/machine/topology.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"
#include "core/machine/access.h"
#include "core/machine/plugin.h"

/* NR_CPUS of the largest distribution kernels is 8192. */
#define CPUS_MAX     UINT32_C(65536)
#define PACKAGES_MAX UINT32_C(4096)
#define CPU_DIR      "sys/devices/system/cpu"

struct builder {
        struct topology *topology;
        int root_fd;
        uint32_t room;
};

static int add_cpu(uint32_t number, void *userdata) {
        struct builder *b = userdata;
        struct topology *t = b->topology;

        if (t->n_cpus == b->room) {
                uint32_t room = b->room ? b->room * 2 : 16;
                struct cpu *cpus = reallocarray(t->cpus, room, sizeof(*cpus));

                if (!cpus)
                        return -ENOMEM;
                t->cpus = cpus;
                b->room = room;
        }
        t->cpus[t->n_cpus++] = (struct cpu){ .number = number, .package = UINT32_MAX, .facts.policy = UINT32_MAX };
        return 0;
}

static int mark_online(uint32_t number, void *userdata) {
        struct builder *b = userdata;
        struct cpu *cpu = (struct cpu *) topology_cpu(b->topology, number);

        if (cpu)
                cpu->online = true;
        return 0;
}

/* The list may be long: 8192 CPUs of which every second one is missing need 20 KiB. */
static int walk_list(int root_fd, const char *path, int (*each)(uint32_t, void *), void *userdata) {
        _cleanup_free_ char *list = NULL;
        int r = attr_read_list(root_fd, path, &list);

        return r < 0 ? r : parse_cpu_list(list, CPUS_MAX - 1, each, userdata);
}

static int index_cpus(struct topology *t) {
        if (t->n_cpus == 0)
                return 0;
        t->n_numbers = t->cpus[t->n_cpus - 1].number + 1;
        t->by_number = calloc(t->n_numbers, sizeof(*t->by_number));
        if (!t->by_number)
                return -ENOMEM;
        for (uint32_t i = 0; i < t->n_cpus; i++)
                if (t->cpus[i].number < t->n_numbers)
                        t->by_number[t->cpus[i].number] = &t->cpus[i];
        return 0;
}

static void ask_plugins(struct cpu *cpu, struct plugin *const *plugins, size_t n_plugins) {
        for (size_t i = 0; i < n_plugins; i++) {
                struct gov_cpu_facts facts = { .policy = UINT32_MAX };

                if (plugins[i]->state != PLUGIN_LOADED || access_cpu(plugins[i], cpu->number, &facts) < 0)
                        continue;
                if (facts.policy != UINT32_MAX && facts.policy >= CPUS_MAX)
                        facts.policy = UINT32_MAX;
                facts.capacity = MIN(MAX(facts.capacity, 1), 1024);
                cpu->facts = facts;
                return;
        }
}

static uint32_t read_package(int root_fd, uint32_t number) {
        char path[96];
        int64_t package;

        if (TEXT_FORMAT(path, CPU_DIR "/cpu%u/topology/physical_package_id", number) < 0 ||
            attr_read_i64(root_fd, path, &package) < 0 || package < 0 || package >= (int64_t) PACKAGES_MAX)
                return 0; /* arm64 and virtual machines may report -1 */
        return (uint32_t) package;
}

static int collect_packages(struct topology *t) {
        _cleanup_free_ bool *seen = calloc(PACKAGES_MAX, sizeof(*seen));

        if (!seen)
                return -ENOMEM;
        for (uint32_t i = 0; i < t->n_cpus; i++)
                if (t->cpus[i].package != UINT32_MAX && !seen[t->cpus[i].package]) {
                        seen[t->cpus[i].package] = true;
                        t->n_packages++;
                }
        t->packages = calloc(t->n_packages + 1, sizeof(*t->packages));
        if (!t->packages)
                return -ENOMEM;
        for (uint32_t package = 0, n = 0; package < PACKAGES_MAX; package++)
                if (seen[package])
                        t->packages[n++] = package;
        return 0;
}

static int index_policies(struct topology *t) {
        for (uint32_t i = 0; i < t->n_cpus; i++)
                if (t->cpus[i].facts.policy != UINT32_MAX)
                        t->n_policies = MAX(t->n_policies, t->cpus[i].facts.policy + 1);
        t->by_policy = calloc(t->n_policies + 1, sizeof(*t->by_policy));
        if (!t->by_policy)
                return -ENOMEM;
        for (uint32_t i = t->n_cpus; i-- > 0;) /* in descending order, so that the lowest CPU of a policy remains */
                if (t->cpus[i].facts.policy != UINT32_MAX)
                        t->by_policy[t->cpus[i].facts.policy] = &t->cpus[i];
        return 0;
}

static void read_model(struct topology *t, int root_fd) {
        char text[4096]; /* enough for the block of the first CPU */
        _cleanup_close_ int fd = attr_open(root_fd, "proc/cpuinfo", NULL);
        ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof(text) - 1, 0);
        const char *line, *colon;

        if (n <= 0)
                return;
        text[n] = '\0';
        line = strstr(text, "model name");
        colon = line ? strchr(line, ':') : NULL;
        if (!colon)
                return;
        colon += strspn(colon, ": \t");
        (void) TEXT_FORMAT(t->model, "%.*s", (int) MIN(strcspn(colon, "\n"), sizeof(t->model) - 1), colon);
}

/* Used if no file lists the CPUs (in a test rig): the number of a policy is taken as that of its only CPU. */
static int add_policy_cpu(const char *name, void *userdata) {
        struct builder *b = userdata;
        uint32_t number;
        int r;

        if (attr_suffix(name, "policy", &number) < 0 || number >= CPUS_MAX)
                return 0;
        r = add_cpu(number, b);
        if (r >= 0)
                b->topology->cpus[b->topology->n_cpus - 1].online = true;
        return r;
}

static int add_named_cpu(const char *name, void *userdata) {
        uint32_t number;

        return attr_suffix(name, "cpu", &number) < 0 || number >= CPUS_MAX ? 0 : add_cpu(number, userdata);
}

/* The list of present CPUs is preferred: the list of possible ones, especially in a virtual machine, often has many that are never
 * added. */
static int add_cpus(struct builder *b) {
        static const char *const lists[] = { CPU_DIR "/present", CPU_DIR "/possible" };

        for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
                int r = walk_list(b->root_fd, lists[i], add_cpu, b);

                if (r == -E2BIG)
                        return attr_walk(b->root_fd, CPU_DIR, "cpu", add_named_cpu, b);
                if (r != -ENOENT)
                        return r;
        }
        return attr_walk(b->root_fd, CPU_DIR "/cpufreq", "policy", add_policy_cpu, b);
}

/* The boot CPU often has no `online` file. */
static bool says_online(int root_fd, uint32_t number) {
        int64_t online = 1;
        char path[64];

        if (TEXT_FORMAT(path, CPU_DIR "/cpu%u", number) < 0 || !attr_exists(root_fd, path))
                return false;
        if (TEXT_FORMAT(path, CPU_DIR "/cpu%u/online", number) >= 0)
                (void) attr_read_i64(root_fd, path, &online);
        return online != 0;
}

static void mark_online_cpus(struct builder *b) {
        struct topology *t = b->topology;

        if (walk_list(b->root_fd, CPU_DIR "/online", mark_online, b) != -E2BIG)
                return;
        for (uint32_t i = 0; i < t->n_cpus; i++)
                t->cpus[i].online = says_online(b->root_fd, t->cpus[i].number);
}

int topology_build(struct topology *topology, int root_fd, struct plugin *const *plugins, size_t n_plugins) {
        struct builder b = { .topology = topology, .root_fd = root_fd };
        int r;

        if (add_cpus(&b) == -ENOMEM)
                return -ENOMEM;
        r = index_cpus(topology);
        if (r < 0)
                return r;
        mark_online_cpus(&b);
        for (uint32_t i = 0; i < topology->n_cpus; i++) {
                struct cpu *cpu = &topology->cpus[i];

                if (!cpu->online)
                        continue;
                cpu->package = read_package(root_fd, cpu->number);
                ask_plugins(cpu, plugins, n_plugins);
        }
        r = collect_packages(topology);
        if (r < 0)
                return r;
        read_model(topology, root_fd);
        return index_policies(topology);
}

void topology_done(struct topology *topology) {
        free(topology->cpus);
        free(topology->packages);
        free(topology->by_policy);
        free(topology->by_number);
        *topology = (struct topology){};
}

const struct cpu *topology_cpu(const struct topology *topology, uint32_t number) {
        return number < topology->n_numbers ? topology->by_number[number] : NULL;
}

static const struct cpu *first_of_package(const struct topology *topology, uint32_t package) {
        for (uint32_t i = 0; i < topology->n_cpus; i++)
                if (topology->cpus[i].package == package)
                        return &topology->cpus[i];
        return NULL;
}

const struct cpu *topology_first_cpu(const struct topology *topology, uint32_t scope, uint32_t domain) {
        switch (scope) {
        case GOV_SCOPE_NODE:
                return topology->n_cpus > 0 ? &topology->cpus[0] : NULL;
        case GOV_SCOPE_PACKAGE:
                return domain == UINT32_MAX ? NULL : first_of_package(topology, domain); /* the package of an offline CPU is
                                                                                            unknown */
        case GOV_SCOPE_POLICY:
                return domain < topology->n_policies ? topology->by_policy[domain] : NULL;
        case GOV_SCOPE_CPU:
                return topology_cpu(topology, domain);
        default:
                return NULL;
        }
}

/* Returns true if the domain contains the CPU. Called with the wider of two domains and the first CPU of the narrower one; the
 * values of GOV_SCOPE_* are ordered from wide to narrow. */
static bool wide_has_cpu(uint32_t scope, uint32_t domain, const struct cpu *cpu) {
        switch (scope) {
        case GOV_SCOPE_PACKAGE:
                return cpu->package == domain;
        case GOV_SCOPE_POLICY:
                return cpu->facts.policy == domain;
        default:
                return false;
        }
}

bool topology_covers(const struct topology *topology, uint32_t scope_a, uint32_t domain_a, uint32_t scope_b, uint32_t domain_b) {
        const struct cpu *cpu;

        if (scope_a == GOV_SCOPE_NODE || scope_b == GOV_SCOPE_NODE)
                return true;
        if (scope_a == scope_b)
                return domain_a == domain_b;
        if (scope_a > scope_b)
                return topology_covers(topology, scope_b, domain_b, scope_a, domain_a);
        cpu = topology_first_cpu(topology, scope_b, domain_b);
        return cpu && wide_has_cpu(scope_a, domain_a, cpu);
}
