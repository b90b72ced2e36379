/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks the facts that a driver supplies: its table (before any call), its instances, and its facts about CPUs. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/machine/plugin.h"
#include "tests/contract/contract.h"

static void check_row(struct contract *c, uint32_t i) {
        const struct gov_knob_row *row = &c->driver->rows[i];

        contract_check(c, row->help[strlen(row->help) - 1] != '.',
                       "%s: the help ends with a full stop, and is shown as part of a line", row->name);
        contract_check(c, row->flags < 2 * GOV_KNOB_SOFT_MAX, "flags of %s", row->name);
        contract_check(c, !(row->flags & GOV_KNOB_SENSOR) || !(row->flags & (GOV_KNOB_LIMIT_MIN | GOV_KNOB_LIMIT_MAX)),
                       "%s is a sensor and a limit", row->name);
        for (uint32_t j = 0; j < i; j++)
                contract_check(c, strcmp(row->name, c->driver->rows[j].name) != 0, "two rows are called %s", row->name);
}

/* The first check uses the function of the service, so the message is the one that the service logs for a driver that it
 * rejects. */
void check_table(struct contract *c, const char *name) {
        const struct gov_driver *d = c->driver;
        bool sensors_only = true;
        char reason[256];

        contract_check(c, plugin_check_table(d, name, reason, sizeof(reason)) >= 0, "the service refuses this driver: %s", reason);
        contract_check(c, d->description[0] && d->n_rows > 0, "it has no description or no row");
        contract_check(c, !d->get_fd == !d->dispatch, "get_fd and dispatch belong together");
        for (uint32_t i = 0; i < d->n_rows; i++) {
                check_row(c, i);
                sensors_only = sensors_only && (d->rows[i].flags & GOV_KNOB_SENSOR);
        }
        contract_check(c, d->write || sensors_only, "knobs, but no write");
}

/* ---- instances ---- */

static void check_path(struct contract *c, const char *name, const char *path) {
        struct stat st;

        contract_check(c, path[0] != '/' && !strstr(path, "../"), "%s: path %s", name, path);
        contract_check(c, fstatat(c->host.root_fd, path, &st, 0) == 0 && !S_ISDIR(st.st_mode), "%s: no file %s", name, path);
}

static void check_choices(struct contract *c, const char *name, const char *choices) {
        for (const char *p = choices; *p; p += strspn(p, " ")) {
                size_t length = strcspn(p, " ");

                contract_check(c, length > 0 && length < GOVERNORD_VALUE_MAX && !strpbrk(choices, "\n\t"), "%s: choices '%s'", name,
                               choices);
                p += length;
        }
}

static void check_instance(struct contract *c, uint32_t row, uint32_t index, const struct gov_instance *instance) {
        const struct gov_knob_row *facts = &c->driver->rows[row];
        int64_t width;

        (void) index;
        contract_check(
                c,
                memchr(instance->path, 0, sizeof(instance->path)) && memchr(instance->choices, 0, sizeof(instance->choices)) &&
                        memchr(instance->label, 0, sizeof(instance->label)) && memchr(instance->note, 0, sizeof(instance->note)) &&
                        memchr(instance->identity, 0, sizeof(instance->identity)),
                "%s: a text without end", facts->name);
        contract_check(c, instance->flags < 4 && instance->step >= 0, "%s: flags or step", facts->name);
        contract_check(c, instance->domain < 100000 && (facts->scope != GOV_SCOPE_NODE || instance->domain == 0), "%s: domain %u",
                       facts->name, instance->domain);
        contract_check(
                c, facts->unit != GOV_UNIT_BOOL || (facts->flags & GOV_KNOB_SENSOR) || (instance->min == 0 && instance->max == 1),
                "%s: range of a switch", facts->name);
        contract_check(
                c, instance->min <= instance->max || (facts->flags & GOV_KNOB_SENSOR) || (instance->min == 1 && instance->max == 0),
                "%s: min %lld is above max %lld; an unknown range stays as it came, "
                "min 1 and max 0",
                facts->name, (long long) instance->min, (long long) instance->max);
        contract_check(c, instance->min > instance->max || !__builtin_sub_overflow(instance->max, instance->min, &width),
                       "%s: range", facts->name);
        if (instance->path[0])
                check_path(c, facts->name, instance->path);
        check_choices(c, facts->name, instance->choices);
}

/* Messages identify an instance by its domain and label, so two instances with the same domain and label could not be
 * distinguished. */
static void check_distinct(struct contract *c, uint32_t row, uint32_t index, const struct gov_instance *instance) {
        for (uint32_t i = 0; i < index; i++) {
                struct gov_instance other = { .min = 1, .max = 0 };

                (void) c->driver->describe(c->state, row, i, &other);
                contract_check(c, other.domain != instance->domain || strcmp(other.label, instance->label) != 0,
                               "%s: instances %u and %u have the same domain %u and %s%s", c->driver->rows[row].name, i, index,
                               instance->domain, instance->label[0] ? "the same label " : "no label", instance->label);
                contract_check(c,
                               !other.identity[0] || strcmp(other.identity, instance->identity) != 0 ||
                                       strcmp(other.label, instance->label) != 0,
                               "%s: instances %u and %u have the same identity %s; their originals could not be told apart",
                               c->driver->rows[row].name, i, index, instance->identity);
        }
}

static void check_absent(struct contract *c, uint32_t row, uint32_t index) {
        struct gov_instance instance = { .min = 1, .max = 0 };
        char value[GOVERNORD_VALUE_MAX];

        contract_check(c, c->driver->describe(c->state, row, index, &instance) < 0, "describes an instance too many");
        contract_check(c, c->driver->read(c->state, row, index, value, sizeof(value)) < 0, "reads an instance too many");
        contract_check(c, !c->driver->write || c->driver->write(c->state, row, index, "0") < 0, "writes an instance too many");
}

void check_instances(struct contract *c) {
        contract_each(c, check_instance);
        contract_each(c, check_distinct);
        for (uint32_t row = 0; row < c->driver->n_rows; row++) {
                check_absent(c, row, (uint32_t) c->driver->count(c->state, row));
                check_absent(c, row, UINT32_MAX);
        }
}

/* ---- CPUs ---- */

static void check_cpu(struct contract *c, uint32_t cpu, const struct gov_cpu_facts *f) {
        contract_check(c, f->capacity >= 1 && f->capacity <= 1024, "cpu %u: capacity %u", cpu, f->capacity);
        contract_check(c, f->kind <= GOV_CPU_EFFICIENCY, "cpu %u: kind %u", cpu, f->kind);
        contract_check(c, f->min_khz <= f->max_khz, "cpu %u: min above max", cpu);
        contract_check(c, f->base_khz == 0 || (f->base_khz >= f->min_khz && f->base_khz <= f->max_khz), "cpu %u: base", cpu);
        contract_check(c, f->efficient_khz == 0 || (f->efficient_khz >= f->min_khz && f->efficient_khz <= f->max_khz),
                       "cpu %u: efficient", cpu);
}

void check_cpus(struct contract *c) {
        uint32_t best = 0;

        if (!c->driver->cpu)
                return;
        for (uint32_t cpu = 0; cpu < 256; cpu++) {
                struct gov_cpu_facts facts = {};
                int r = c->driver->cpu(c->state, cpu, &facts);

                contract_check(c, r == 0 || r == -ENODEV, "cpu(%u) is %d", cpu, r);
                if (r < 0)
                        continue;
                check_cpu(c, cpu, &facts);
                best = facts.capacity > best ? facts.capacity : best;
        }
        contract_check(c, best == 0 || best == 1024, "the best CPU has level %u", best);
        contract_check(c, c->driver->cpu(c->state, 4000000, &(struct gov_cpu_facts){}) < 0, "a CPU that is not there");
}
