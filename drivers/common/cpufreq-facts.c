/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The meaning of the levels 0..1024 on a CPU. It is derived from the first of these values that exists: cpu_capacity, the highest
 * frequency, or the CPPC performance numbers of the firmware, each relative to the fastest CPU of the machine.
 *
 * The fastest CPU is determined once per probe, because a search for each of 4096 CPUs would take quadratic time. Nothing is
 * guessed: a value that is in no file stays 0, and CPUs are classified as small or big only if they differ clearly. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "drivers/common/cpufreq-internal.h"
#include "drivers/common/rig.h"

#define LEVEL_MAX 1024

/* Below 3/4 of the fastest CPU. Preferred cores differ by up to about 1/5; small cores differ more. */
#define IS_SMALL(capacity) ((capacity) *4 < LEVEL_MAX * 3)

enum { BY_CAPACITY, BY_FREQUENCY, BY_CPPC, N_SOURCES };

static const char *const source_files[N_SOURCES] = {
        [BY_CAPACITY] = "cpu_capacity",
        [BY_FREQUENCY] = "cpufreq/cpuinfo_max_freq",
        [BY_CPPC] = "acpi_cppc/highest_perf",
};

/* Facts about the machine since the last cpufreq_walk(). */
static struct machine {
        const struct gov_host *host;
        int64_t best[N_SOURCES];
        bool has_small;
} machine;

void cpufreq_forget_machine(void) {
        machine = (struct machine){};
}

/* Returns 0 if the file is missing or invalid. */
static int64_t read_number(const struct gov_host *host, const char *path) {
        int64_t value;

        if (attr_read_i64(host->root_fd, path, &value) < 0)
                return 0;
        return value > 0 && value < INT64_MAX / LEVEL_MAX ? value : 0;
}

static int64_t cpu_number(const struct gov_host *host, uint32_t cpu, const char *file) {
        char path[128];

        return TEXT_FORMAT(path, CPU_DIR "/cpu%u/%s", cpu, file) < 0 ? 0 : read_number(host, path);
}

static int64_t policy_number(const struct gov_host *host, uint32_t policy, const char *file) {
        char path[128];

        return TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/%s", policy, file) < 0 ? 0 : read_number(host, path);
}

/* Uses the first source with a value both for this CPU and for the machine's maximum. */
static uint32_t capacity_of(const struct gov_host *host, uint32_t cpu) {
        for (size_t i = 0; i < N_SOURCES; i++) {
                int64_t value = machine.best[i] ? cpu_number(host, cpu, source_files[i]) : 0;

                if (value > 0)
                        return (uint32_t) MAX(1, MIN(value, machine.best[i]) * LEVEL_MAX / machine.best[i]);
        }
        return LEVEL_MAX;
}

static int note_best(const char *name, void *userdata) {
        const struct gov_host *host = userdata;
        uint32_t cpu;

        if (attr_suffix(name, "cpu", &cpu) < 0)
                return 0;
        for (size_t i = 0; i < N_SOURCES; i++) {
                int64_t value = cpu_number(host, cpu, source_files[i]);

                machine.best[i] = MAX(machine.best[i], value);
        }
        return 0;
}

static int note_small(const char *name, void *userdata) {
        uint32_t cpu;

        if (attr_suffix(name, "cpu", &cpu) == 0)
                machine.has_small = machine.has_small || IS_SMALL(capacity_of(userdata, cpu));
        return 0;
}

static void look_at_machine(const struct gov_host *host) {
        if (machine.host == host)
                return;
        machine = (struct machine){};
        (void) attr_walk(host->root_fd, CPU_DIR, "cpu", note_best, (void *) host);
        (void) attr_walk(host->root_fd, CPU_DIR, "cpu", note_small, (void *) host);
        machine.host = host;
}

static int is_wanted_cpu(uint32_t cpu, void *userdata) {
        return cpu == *(const uint32_t *) userdata ? -EEXIST : 0;
}

/* On hybrid x86 processors, the perf devices cpu_core and cpu_atom list the CPUs of each kind. */
static bool pmu_has_cpu(const struct gov_host *host, const char *pmu_cpus, uint32_t cpu) {
        _cleanup_free_ char *list = NULL;

        return attr_read_list(host->root_fd, pmu_cpus, &list) > 0 &&
               parse_cpu_list(list, UINT32_MAX - 1, is_wanted_cpu, &cpu) == -EEXIST;
}

static uint32_t kind_of(const struct gov_host *host, uint32_t cpu, uint32_t capacity) {
        if (pmu_has_cpu(host, "sys/devices/cpu_atom/cpus", cpu))
                return GOV_CPU_EFFICIENCY;
        if (pmu_has_cpu(host, "sys/devices/cpu_core/cpus", cpu))
                return GOV_CPU_PERFORMANCE;
        if (!machine.has_small)
                return GOV_CPU_UNKNOWN;
        return IS_SMALL(capacity) ? GOV_CPU_EFFICIENCY : GOV_CPU_PERFORMANCE;
}

/* ---- frequencies ---- */

/* Converts a CPPC performance number to a frequency: in the tables of the firmware, nominal_perf corresponds to nominal_freq
 * (MHz). */
static uint64_t cppc_khz(const struct gov_host *host, uint32_t cpu, const char *file) {
        int64_t perf = cpu_number(host, cpu, file), nominal = cpu_number(host, cpu, "acpi_cppc/nominal_perf"),
                mhz = cpu_number(host, cpu, "acpi_cppc/nominal_freq");

        if (perf == 0 || nominal == 0 || mhz == 0 || perf > 1000000 || mhz > 1000000)
                return 0;
        return (uint64_t) (mhz * 1000 * perf / nominal);
}

static uint64_t first_khz(const struct gov_host *host, uint32_t cpu, uint32_t policy, const char *file, const char *cppc_file) {
        int64_t khz = policy_number(host, policy, file);

        return khz > 0 ? (uint64_t) khz : cppc_khz(host, cpu, cppc_file);
}

/* Callers rely on min <= efficient <= max and min <= base <= max. The values may violate this, because firmware rounds them, and
 * disabled boost lowers cpuinfo_max_freq. */
static void put_in_order(struct gov_cpu_facts *facts) {
        if (facts->max_khz == 0)
                facts->max_khz = MAX(facts->base_khz, facts->efficient_khz);
        if (facts->min_khz > facts->max_khz)
                facts->min_khz = 0;
        if (facts->base_khz != 0)
                facts->base_khz = MAX(facts->min_khz, MIN(facts->base_khz, facts->max_khz));
        if (facts->efficient_khz != 0)
                facts->efficient_khz = MAX(facts->min_khz, MIN(facts->efficient_khz, facts->max_khz));
}

static void read_frequencies(const struct gov_host *host, uint32_t cpu, struct gov_cpu_facts *facts) {
        uint32_t policy = facts->policy;
        uint64_t ever = (uint64_t) policy_number(host, policy, "amd_pstate_max_freq");

        facts->min_khz = first_khz(host, cpu, policy, "cpuinfo_min_freq", "acpi_cppc/lowest_perf");
        facts->efficient_khz = first_khz(host, cpu, policy, "amd_pstate_lowest_nonlinear_freq", "acpi_cppc/lowest_nonlinear_perf");
        facts->base_khz = first_khz(host, cpu, policy, "base_frequency", "acpi_cppc/nominal_perf");
        facts->max_khz = MAX(ever, first_khz(host, cpu, policy, "cpuinfo_max_freq", "acpi_cppc/highest_perf"));
        put_in_order(facts);
}

/* cpuN/cpufreq is a link to ../cpufreq/policyM. */
static int policy_of(const struct gov_host *host, uint32_t cpu, uint32_t *ret) {
        char path[64], target[128];
        const char *slash;
        ssize_t n;

        (void) TEXT_FORMAT(path, CPU_DIR "/cpu%u/cpufreq", cpu);
        n = readlinkat(host->root_fd, path, target, sizeof(target) - 1);
        if (n < 0)
                return rig_policy_of(host, cpu, ret);
        target[n] = '\0';
        slash = strrchr(target, '/');
        return attr_suffix(slash ? slash + 1 : target, "policy", ret) < 0 ? -ENODEV : 0;
}

int cpufreq_cpu_facts(const struct gov_host *host, const char *scaling_drivers, uint32_t cpu, struct gov_cpu_facts *ret) {
        uint32_t policy;
        int r = policy_of(host, cpu, &policy);

        if (r < 0)
                return r;
        if (!cpufreq_policy_matches(host, scaling_drivers, policy))
                return -ENODEV;
        look_at_machine(host);
        *ret = (struct gov_cpu_facts){ .policy = policy, .capacity = capacity_of(host, cpu) };
        ret->kind = kind_of(host, cpu, ret->capacity);
        read_frequencies(host, cpu, ret);
        return 0;
}
