/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floor frequencies, limited to the number of different values that the hardware supports; see floor.h. The kernel does not enforce
 * this limit, but it checks each value: it returns EINVAL below cpuinfo_min_freq and above scaling_max_freq. Only deferred requests
 * are cached, because other programs may write these files, too. */

#include "drivers/amd/floor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "drivers/common/cpufreq.h"

#define FLOOR_FILE "amd_pstate_floor_freq"

struct floor_policy {
        uint32_t policy;
        uint32_t core; /* lowest policy of the same core */
        int64_t now;   /* value of the file at the last scan, in kHz; negative: it could not be read */
        int64_t wish;  /* deferred request in kHz; 0: none */
        int64_t given; /* value of the file when the request was deferred */
};

static int64_t distance(int64_t a, int64_t b) {
        return a > b ? a - b : b - a;
}

/* Finds a floor that differs by less than `step`. Returns NULL if there is none. */
static const int64_t *find_level(const struct floor_levels *levels, int64_t khz, int64_t step) {
        for (uint32_t i = 0; i < levels->n; i++)
                if (distance(levels->khz[i], khz) < MAX(step, 1))
                        return &levels->khz[i];
        return NULL;
}

void floor_levels_add(struct floor_levels *levels, int64_t khz, int64_t step) {
        if (!find_level(levels, khz, step) && levels->n < FLOOR_LEVELS_MAX)
                levels->khz[levels->n++] = khz;
}

int64_t floor_levels_pick(const struct floor_levels *levels, int64_t wish, int64_t step) {
        const int64_t *same = find_level(levels, wish, step);
        int64_t above = INT64_MAX, highest = 0;

        if (same || levels->n == 0)
                return same ? *same : wish;
        for (uint32_t i = 0; i < levels->n; i++) {
                if (levels->khz[i] >= wish)
                        above = MIN(above, levels->khz[i]);
                highest = MAX(highest, levels->khz[i]);
        }
        return above < INT64_MAX ? above : highest;
}

void floors_init(struct floors *floors, const struct gov_host *host) {
        *floors = (struct floors){ .host = host, .step = 1 };
}

void floors_done(struct floors *floors) {
        free(floors->policies);
        *floors = (struct floors){};
}

static int64_t policy_value(const struct floors *floors, uint32_t policy, const char *file) {
        char path[160];
        int64_t value;

        (void) TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/%s", policy, file);
        return attr_read_i64(floors->host->root_fd, path, &value) < 0 ? -1 : value;
}

static int lowest_policy(uint32_t cpu, void *userdata) {
        struct floor_policy *policy = userdata;

        policy->core = MIN(policy->core, cpu);
        return 0;
}

/* amd-pstate has one policy per CPU, with the number of the CPU. */
static uint32_t core_of(const struct floors *floors, uint32_t policy) {
        struct floor_policy found = { .core = policy };
        _cleanup_free_ char *text = NULL;
        char path[160];

        (void) TEXT_FORMAT(path, CPU_DIR "/cpu%u/topology/thread_siblings_list", policy);
        if (attr_read_list(floors->host->root_fd, path, &text) >= 0)
                (void) parse_cpu_list(text, UINT32_MAX - 1, lowest_policy, &found);
        return found.core;
}

static int make_room(struct floors *floors) {
        size_t room = floors->room ? floors->room * 2 : 16;
        struct floor_policy *policies;

        if (floors->n < floors->room)
                return 0;
        policies = reallocarray(floors->policies, room, sizeof(*policies));
        if (!policies)
                return -ENOMEM;
        floors->policies = policies;
        floors->room = room;
        return 0;
}

int floors_add_policy(struct floors *floors, uint32_t policy) {
        int64_t now = policy_value(floors, policy, FLOOR_FILE);
        int64_t count = policy_value(floors, policy, "amd_pstate_floor_count");
        int64_t khz = policy_value(floors, policy, "amd_pstate_max_freq");
        int64_t perf = policy_value(floors, policy, "amd_pstate_highest_perf");

        if (now < 0)
                return 0;
        if (make_room(floors) < 0)
                return -ENOMEM;
        floors->policies[floors->n++] = (struct floor_policy){ .policy = policy, .core = core_of(floors, policy), .now = now };
        if (count > 0 && count < FLOOR_LEVELS_MAX)
                floors->count = (uint32_t) count;
        if (khz > 0 && perf > 0)
                floors->step = MAX(floors->step, khz / perf + 1);
        return 0;
}

static int add_core(struct floors *floors, struct knobset *set, uint32_t row, uint32_t policy) {
        struct gov_instance instance = { .domain = policy, .step = floors->step };

        instance.min = MAX(policy_value(floors, policy, "cpuinfo_min_freq"), 0);
        instance.max = policy_value(floors, policy, "cpuinfo_max_freq");
        (void) TEXT_FORMAT(instance.path, CPUFREQ_DIR "/policy%u/" FLOOR_FILE, policy);
        if (floors->count > 0)
                (void) TEXT_FORMAT(instance.note, "for all threads of the core; the hardware supports only %u different floor%s",
                                   floors->count, text_plural(floors->count));
        else
                (void) TEXT_FORMAT(instance.note, "for all threads of the core");
        return knobset_add(set, row, &instance);
}

/* Accepts any number: the kernel checks values, and it must be possible to restore every original value. */
static int any_frequency(const struct gov_host *host, struct gov_instance *instance) {
        (void) host;
        instance->min = 0; /* the kernel may report 0 if no floor was ever set */
        instance->max = UINT32_MAX;
        return 0;
}

/* The first known policy of a core represents the core, so a core whose lowest thread is offline has an instance, too. */
static bool stands_for_core(const struct floors *floors, size_t index) {
        for (size_t i = 0; i < index; i++)
                if (floors->policies[i].core == floors->policies[index].core)
                        return false;
        return true;
}

int floors_add_knobs(struct floors *floors, struct knobset *set, uint32_t row_freq, uint32_t row_count) {
        int r = 0;

        knobset_set_range(set, row_freq, any_frequency);
        for (size_t i = 0; i < floors->n && r >= 0; i++)
                if (stands_for_core(floors, i))
                        r = add_core(floors, set, row_freq, floors->policies[i].policy);
        if (r >= 0 && floors->n > 0)
                r = knobset_add_file(set, row_count, 0, CPUFREQ_DIR "/policy%u/amd_pstate_floor_count", floors->policies[0].policy);
        return r < 0 ? r : 0;
}

static struct floor_policy *find_policy(struct floors *floors, uint32_t policy) {
        for (size_t i = 0; i < floors->n; i++)
                if (floors->policies[i].policy == policy)
                        return &floors->policies[i];
        return NULL;
}

static int write_policy(struct floors *floors, struct floor_policy *p, int64_t khz) {
        char path[160], text[24];
        int r;

        (void) TEXT_FORMAT(path, CPUFREQ_DIR "/policy%u/" FLOOR_FILE, p->policy);
        (void) TEXT_FORMAT(text, "%lld", (long long) khz);
        r = attr_write(floors->host->root_fd, path, text, floors->host->simulated);
        if (r >= 0)
                p->now = p->given = policy_value(floors, p->policy, FLOOR_FILE);
        return r;
}

/* Writes to all threads of a core, also after an error. Returns the first error. */
static int write_core(struct floors *floors, uint32_t core, int64_t khz) {
        int result = 0;

        for (size_t i = 0; i < floors->n; i++)
                if (floors->policies[i].core == core) {
                        int r = write_policy(floors, &floors->policies[i], khz);

                        result = result < 0 ? result : r;
                }
        return result;
}

static void set_wish(struct floors *floors, uint32_t core, int64_t khz) {
        for (size_t i = 0; i < floors->n; i++)
                if (floors->policies[i].core == core)
                        floors->policies[i].wish = khz;
}

/* Reads the current values. Drops deferred requests whose file has been changed by another program. */
static void scan(struct floors *floors) {
        for (size_t i = 0; i < floors->n; i++) {
                struct floor_policy *p = &floors->policies[i];

                p->now = policy_value(floors, p->policy, FLOOR_FILE);
                if (p->now != p->given)
                        p->wish = 0;
        }
}

/* Collects different floors: with `wishes`, those of all cores after all deferred requests have been applied; otherwise the current
 * ones of all cores except `core`. */
static void collect(const struct floors *floors, bool wishes, uint32_t core, struct floor_levels *ret) {
        ret->n = 0;
        for (size_t i = 0; i < floors->n; i++) {
                const struct floor_policy *p = &floors->policies[i];
                int64_t khz = wishes && p->wish > 0 ? p->wish : p->now;

                if (khz >= 0 && (wishes || p->core != core))
                        floor_levels_add(ret, khz, floors->step);
        }
}

/* Applies all deferred requests. Returns the result for `core`. */
static int fulfil(struct floors *floors, uint32_t core, const struct floor_levels *levels) {
        int result = 0;

        for (size_t i = 0; i < floors->n; i++) {
                struct floor_policy *p = &floors->policies[i];
                int64_t khz = floor_levels_pick(levels, p->wish, floors->step);
                int r = p->wish > 0 ? write_policy(floors, p, khz) : 0;

                p->wish = 0;
                if (p->core == core)
                        result = result < 0 ? result : r;
        }
        return result;
}

int floors_write(struct floors *floors, uint32_t policy, const char *value) {
        struct floor_policy *p = find_policy(floors, policy);
        struct floor_levels levels;
        int64_t khz;

        if (!p)
                return -EOPNOTSUPP;
        if (parse_i64(value, &khz) < 0 || khz <= 0)
                return -EINVAL;
        if (floors->count == 0)
                return write_core(floors, p->core, khz);
        scan(floors);
        set_wish(floors, p->core, khz);
        collect(floors, true, p->core, &levels);
        if (levels.n <= floors->count)
                return fulfil(floors, p->core, &levels);
        collect(floors, false, p->core, &levels);
        return write_core(floors, p->core, floor_levels_pick(&levels, khz, floors->step));
}
