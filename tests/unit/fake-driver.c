/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/fake-driver.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/config/profile.h"

static struct fake_knob *at(struct fake *fake, uint32_t row, uint32_t index) {
        for (uint32_t i = 0; i < fake->n_knobs; i++)
                if (fake->knobs[i].row == row && index-- == 0)
                        return &fake->knobs[i];
        return NULL;
}

static void record(struct fake *fake, char operation, struct fake_knob *knob, const char *value) {
        struct fake_call *call = &fake->calls[fake->n_calls % FAKE_CALLS_MAX];

        *call = (struct fake_call){ .operation = operation, .knob = knob };
        (void) snprintf(call->value, sizeof(call->value), "%s", value);
        fake->n_calls++;
}

static long long limit_of(const struct fake *fake, uint32_t scope, uint32_t domain, uint32_t flag, long long otherwise) {
        for (uint32_t i = 0; i < fake->n_knobs; i++) {
                const struct gov_knob_row *row = &fake->rows[fake->knobs[i].row];

                if ((row->flags & flag) && row->scope == scope && fake->knobs[i].facts.domain == domain)
                        return atoll(fake->knobs[i].value);
        }
        return otherwise;
}

static void check_limits(struct fake *fake, const struct fake_knob *knob) {
        uint32_t scope = fake->rows[knob->row].scope, domain = knob->facts.domain;

        if (limit_of(fake, scope, domain, GOV_KNOB_LIMIT_MIN, 0) > limit_of(fake, scope, domain, GOV_KNOB_LIMIT_MAX, INT64_MAX))
                fake->crossed = true;
}

static int fake_probe(const struct gov_host *host, void **ret_state) {
        return -ENODEV;
}

static void fake_remove(void *state) {
}

static int fake_info(void *state, struct gov_driver_info *ret) {
        *ret = (struct gov_driver_info){ .backend = "fake", .kind = GOV_KIND_CPU };
        return 0;
}

static int fake_row_count(void *state, uint32_t row) {
        int n = 0;

        while (at(state, row, (uint32_t) n))
                n++;
        return n;
}

static int fake_describe(void *state, uint32_t row, uint32_t index, struct gov_instance *ret) {
        struct fake_knob *knob = at(state, row, index);

        if (!knob)
                return -EINVAL;
        *ret = knob->facts;
        return 0;
}

static int fake_read(void *state, uint32_t row, uint32_t index, char *ret, size_t size) {
        struct fake_knob *knob = at(state, row, index);
        const char *value = knob->shows ? knob->shows : knob->slow_reads > 0 ? knob->before : knob->value;

        if (knob->slow_reads > 0 && knob->slow != UINT_MAX)
                knob->slow_reads--;
        record(state, 'r', knob, value);
        return knob->read_error < 0 ? knob->read_error : snprintf(ret, size, "%s", value);
}

static int fake_write(void *state, uint32_t row, uint32_t index, const char *value) {
        struct fake_knob *knob = at(state, row, index);

        record(state, 'w', knob, value);
        if (knob->write_error < 0)
                return knob->write_error;
        (void) memcpy(knob->before, knob->value, sizeof(knob->before));
        knob->slow_reads = knob->slow;
        (void) snprintf(knob->value, sizeof(knob->value), "%s", knob->stuck_at ? knob->stuck_at : value);
        check_limits(state, knob);
        return 0;
}

static int fake_cpu(void *state, uint32_t cpu, struct gov_cpu_facts *ret) {
        struct fake *fake = state;

        if (cpu >= fake->n_cpus)
                return -ENODEV;
        *ret = fake->cpu;
        ret->policy = cpu;
        return 0;
}

struct fake *fake_new(const char *name) {
        struct fake *fake = calloc(1, sizeof(*fake));

        if (!fake)
                return NULL;
        fake->driver = (struct gov_driver){
                .magic = GOVERNORD_DRIVER_MAGIC,
                .abi_major = GOVERNORD_ABI_MAJOR,
                .abi_minor = GOVERNORD_ABI_MINOR,
                .size = sizeof(struct gov_driver),
                .row_size = sizeof(struct gov_knob_row),
                .name = text_intern(name),
                .description = "a driver made of memory",
                .rows = fake->rows,
                .probe = fake_probe,
                .remove = fake_remove,
                .info = fake_info,
                .count = fake_row_count,
                .describe = fake_describe,
                .read = fake_read,
                .write = fake_write,
                .cpu = fake_cpu,
        };
        fake->plugin = (struct plugin){
                .name = text_intern(name),
                .fd = -1,
                .stale = true,
                .state = PLUGIN_LOADED,
                .driver = &fake->driver,
                .driver_state = fake,
                .info = { .backend = "fake", .kind = GOV_KIND_CPU },
                .mode = text_intern(""),
        };
        fake->cpu = (struct gov_cpu_facts){
                .capacity = 1024, .min_khz = 800000, .efficient_khz = 1200000, .base_khz = 2400000, .max_khz = 4000000
        };
        return fake;
}

void fake_free(struct fake *fake) {
        free(fake);
}

uint32_t fake_row(struct fake *fake, const char *name, uint32_t scope, uint32_t unit, uint32_t order, uint32_t flags) {
        fake->rows[fake->n_rows] = (struct gov_knob_row){
                .name = text_intern(name),
                .help = "a setting",
                .scope = scope,
                .unit = unit,
                .order = order,
                .flags = flags,
        };
        fake->driver.n_rows = ++fake->n_rows;
        return fake->n_rows - 1;
}

struct fake_knob *fake_knob(struct fake *fake, uint32_t row, uint32_t domain, const char *value) {
        struct fake_knob *knob = &fake->knobs[fake->n_knobs++];

        *knob = (struct fake_knob){ .row = row, .facts = { .domain = domain, .min = 1, .max = 0 } };
        (void) snprintf(knob->value, sizeof(knob->value), "%s", value);
        (void) snprintf(knob->facts.path, sizeof(knob->facts.path), "sys/%s/%s%u", fake->driver.name, fake->rows[row].name, domain);
        return knob;
}

const char *fake_write_text(const struct fake *fake, uint32_t n) {
        static char text[192];

        text[0] = '\0';
        for (uint32_t i = 0; i < fake->n_calls && i < FAKE_CALLS_MAX; i++) {
                const struct fake_call *call = &fake->calls[i];
                char domain[24];

                if (call->operation != 'w' || n-- > 0)
                        continue;
                domain_format(domain, sizeof(domain), fake->rows[call->knob->row].scope, call->knob->facts.domain);
                (void) snprintf(text, sizeof(text), "%s %s=%s", domain, fake->rows[call->knob->row].name, call->value);
                break;
        }
        return text;
}

uint32_t fake_count(const struct fake *fake, char operation) {
        uint32_t n = 0;

        for (uint32_t i = 0; i < fake->n_calls && i < FAKE_CALLS_MAX; i++)
                n += fake->calls[i].operation == operation;
        return n;
}

void fake_forget(struct fake *fake) {
        fake->n_calls = 0;
        fake->crossed = false;
}
