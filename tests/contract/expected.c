/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instances that each driver must find on each machine: one line of text for each pair, which must be updated when a driver or
 * a tree changes. `test-driver-contract --print` prints all lines. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/contract/contract.h"

static size_t append(char *ret, size_t size, size_t n, const char *format, ...) __attribute__((format(printf, 4, 5)));

static size_t append(char *ret, size_t size, size_t n, const char *format, ...) {
        va_list args;
        int k;

        va_start(args, format);
        k = n < size ? vsnprintf(ret + n, size - n, format, args) : 0;
        va_end(args);
        return n + (k > 0 ? (size_t) k : 0);
}

static unsigned count_read_only(struct contract *c, uint32_t row, unsigned count) {
        unsigned n = 0;

        for (uint32_t i = 0; i < count; i++) {
                struct gov_instance instance = { .min = 1, .max = 0 };

                if (c->driver->describe(c->state, row, i, &instance) == 0 && (instance.flags & GOV_INSTANCE_READ_ONLY))
                        n++;
        }
        return n;
}

static size_t append_rows(struct contract *c, char *ret, size_t size, size_t n) {
        for (uint32_t row = 0; row < c->driver->n_rows; row++) {
                int count = c->driver->count(c->state, row);
                unsigned read_only;

                if (count <= 0)
                        continue;
                n = append(ret, size, n, " %s:%d", c->driver->rows[row].name, count);
                if (c->driver->rows[row].flags & GOV_KNOB_SENSOR)
                        continue;
                read_only = count_read_only(c, row, (unsigned) count);
                if (read_only > 0)
                        n = append(ret, size, n, "(%uro)", read_only);
        }
        return n;
}

void contract_describe_machine(struct contract *c, int probed, char *ret, size_t size) {
        static const char *const kinds[] = { "other", "cpu", "platform" };
        struct gov_driver_info info = {};
        size_t n;

        n = append(ret, size, 0, "%s %s", c->machine, c->driver->name);
        if (probed < 0) {
                (void) append(ret, size, n, " %s", probed == -ENODEV ? "no" : probed == -EAGAIN ? "later" : "ERROR");
                return;
        }
        (void) c->driver->info(c->state, &info);
        n = append(ret, size, n, " yes %s/%s %s", info.backend, info.mode, info.kind < 3 ? kinds[info.kind] : "?");
        (void) append_rows(c, ret, size, n);
}

static bool is_line_of(const char *line, const char *machine, const char *driver) {
        size_t m = strlen(machine), d = strlen(driver);

        return strncmp(line, machine, m) == 0 && line[m] == ' ' && strncmp(line + m + 1, driver, d) == 0 && line[m + 1 + d] == ' ';
}

const char *contract_expected(const char *file, const char *machine, const char *driver) {
        static char line[4096];
        FILE *f = fopen(file, "re");
        bool found = false;

        while (f && !found && fgets(line, sizeof(line), f)) {
                line[strcspn(line, "\n")] = '\0';
                found = is_line_of(line, machine, driver);
        }
        if (f)
                (void) fclose(f);
        return found ? line : NULL;
}
