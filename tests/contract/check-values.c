/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks that a driver reads and writes values correctly, rejects invalid values, and handles files that are removed and created
 * again. Each check restores what it has changed. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/contract/contract.h"

#define VALUE_SIZE (GOVERNORD_VALUE_MAX * 2)

static const char *row_name(const struct contract *c, uint32_t row) {
        return c->driver->rows[row].name;
}

static void read_value(struct contract *c, uint32_t row, uint32_t index, char ret[static VALUE_SIZE]) {
        int r = c->driver->read(c->state, row, index, ret, VALUE_SIZE);

        contract_check(c, r >= 0, "read(%s, %u): %s", row_name(c, row), index, strerror(-r));
        contract_check(c, (size_t) r == strlen(ret) && r < GOVERNORD_VALUE_MAX, "read(%s, %u): length %d of '%s'", row_name(c, row),
                       index, r, ret);
}

static int write_value(struct contract *c, uint32_t row, uint32_t index, const char *value) {
        return c->driver->write ? c->driver->write(c->state, row, index, value) : -EOPNOTSUPP;
}

/* ---- reading ---- */

static void check_read(struct contract *c, uint32_t row, uint32_t index, const struct gov_instance *instance) {
        const struct gov_knob_row *facts = &c->driver->rows[row];
        char value[VALUE_SIZE], tight[4] = "\1\1\1";
        int64_t number;
        int r;

        read_value(c, row, index, value);
        contract_check(c, !strpbrk(value, "\n"), "%s: newline in '%s'", facts->name, value);
        contract_check(c,
                       facts->unit == GOV_UNIT_TEXT || (facts->flags & GOV_KNOB_NAMED) || contract_is_read_only(c, row, instance) ||
                               contract_is_number(value, &number) || ((facts->flags & GOV_KNOB_FD_HELD) && value[0] == '\0'),
                       "%s: '%s' is no number", facts->name, value);
        if (facts->flags & GOV_KNOB_PROBE) { /* while the two differ, the service repeats the probe */
                struct gov_driver_info info = {};

                contract_check(c, c->driver->info(c->state, &info) == 0 && strcmp(info.mode, value) == 0,
                               "%s: '%s', but the mode of info() is '%s'", facts->name, value, info.mode);
        }
        r = c->driver->read(c->state, row, index, tight, 1);
        contract_check(c, r < 1 && tight[1] == 1, "%s: read into one byte is %d", facts->name, r);
}

void check_reads(struct contract *c) {
        contract_each(c, check_read);
}

/* ---- writing ---- */

static bool is_choice(const char *choices, const char *value) {
        const char *p = strstr(choices, value);
        size_t n = strlen(value);

        for (; p && n > 0; p = strstr(p + 1, value))
                if ((p == choices || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
                        return true;
        return false;
}

static bool is_near(const struct contract *c, uint32_t row, const struct gov_instance *instance, const char *wish,
                    const char *got) {
        int64_t a, b;

        if (strcmp(wish, got) == 0)
                return true;
        if ((c->driver->rows[row].flags & GOV_KNOB_NAMED) && contract_is_number(wish, &a) && is_choice(instance->choices, got))
                return true;
        if (!(c->driver->rows[row].flags & GOV_KNOB_ROUNDS) || !contract_is_number(wish, &a) || !contract_is_number(got, &b))
                return false;
        return (a > b ? a - b : b - a) <= instance->step;
}

static void try_value(struct contract *c, uint32_t row, uint32_t index, const struct gov_instance *instance, const char *value) {
        char got[VALUE_SIZE];
        int r = write_value(c, row, index, value);

        contract_check(c, r == 0, "write(%s, %u, '%s'): %s", row_name(c, row), index, value, strerror(-r));
        read_value(c, row, index, got);
        contract_check(
                c, is_near(c, row, instance, value, got),
                (c->driver->rows[row].flags & GOV_KNOB_ROUNDS) ?
                        "%s %u: wrote '%s', read '%s', and step is %lld; where the hardware rounds, the row needs GOV_KNOB_ROUNDS, "
                        "which it has, and the instance a step at least as large as the difference" :
                        "%s %u: wrote '%s', read '%s'; where the hardware rounds, the row needs GOV_KNOB_ROUNDS and the instance a step",
                row_name(c, row), index, value, got, (long long) instance->step);
}

static void try_choices(struct contract *c, uint32_t row, uint32_t index, const struct gov_instance *instance) {
        char choices[sizeof(instance->choices)];
        char *rest = NULL;

        memcpy(choices, instance->choices, sizeof(choices));
        for (char *p = strtok_r(choices, " ", &rest); p; p = strtok_r(NULL, " ", &rest))
                try_value(c, row, index, instance, p);
}

static void try_range(struct contract *c, uint32_t row, uint32_t index, const struct gov_instance *instance) {
        const int64_t middle = instance->min + (instance->max - instance->min) / 2;
        /* The ends are probably multiples of the hardware's unit; the adjacent numbers are not. */
        const int64_t one = instance->max > instance->min;
        const int64_t numbers[] = { instance->min, instance->max, middle, instance->min + one, middle + one, instance->max - one };
        char value[32];

        if (instance->min > instance->max || (instance->choices[0] && !(c->driver->rows[row].flags & GOV_KNOB_NAMED)))
                return;
        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
                (void) snprintf(value, sizeof(value), "%lld", (long long) numbers[i]);
                try_value(c, row, index, instance, value);
        }
}

/* A value that was read must be writable unchanged. A write to a read-only instance must fail even with this value. */
static void check_round_trip(struct contract *c, uint32_t row, uint32_t index, const struct gov_instance *instance) {
        char original[VALUE_SIZE];

        read_value(c, row, index, original);
        if (!contract_is_read_only(c, row, instance))
                try_value(c, row, index, instance, original);
        else
                contract_check(c, write_value(c, row, index, original) < 0, "%s %u: read-only, but written", row_name(c, row),
                               index);
}

static void check_write(struct contract *c, uint32_t row, uint32_t index, const struct gov_instance *instance) {
        char original[VALUE_SIZE];

        if (contract_is_read_only(c, row, instance))
                return;
        read_value(c, row, index, original);
        try_choices(c, row, index, instance);
        try_range(c, row, index, instance);
        try_value(c, row, index, instance, original);
}

void check_writes(struct contract *c) {
        uint64_t before = contract_snapshot(c);

        contract_each(c, check_round_trip);
        contract_check(c, contract_snapshot(c) == before, "writing back what was read changed something");
        contract_each(c, check_write);
}

/* ---- originals outside of the described range ---- */

static bool read_file(struct contract *c, const char *path, int64_t *ret) {
        int fd = openat(c->host.root_fd, path, O_RDONLY | O_CLOEXEC);
        char text[64] = "";
        ssize_t n = read(fd, text, sizeof(text) - 1);

        (void) close(fd);
        contract_check(c, n >= 0, "read %s", path);
        text[strcspn(text, " \n")] = '\0';
        return contract_is_number(text, ret);
}

static void write_file(struct contract *c, const char *path, int64_t number) {
        int fd = openat(c->host.root_fd, path, O_WRONLY | O_TRUNC | O_CLOEXEC);

        contract_check(c, dprintf(fd, "%lld\n", (long long) number) > 0 && close(fd) == 0, "write %s", path);
}

/* Simulates that another program or the firmware has written `number` (in the unit of the file), and that the service writes
 * `inside` and later restores the original value. */
static void try_outside(struct contract *c, uint32_t row, uint32_t index, const struct gov_instance *instance, int64_t number,
                        int64_t inside) {
        char original[VALUE_SIZE], value[32], got[VALUE_SIZE];
        int64_t after, apart;
        int r;

        write_file(c, instance->path, number);
        read_value(c, row, index, original);
        (void) snprintf(value, sizeof(value), "%lld", (long long) inside);
        try_value(c, row, index, instance, value);
        r = write_value(c, row, index, original);
        contract_check(
                c, r == 0,
                "%s %u: an original '%s' outside the described range %lld..%lld (%s held %lld) is refused when it is put back: %s",
                row_name(c, row), index, original, (long long) instance->min, (long long) instance->max, instance->path,
                (long long) number, strerror(-r));
        read_value(c, row, index, got);
        contract_check(
                c,
                is_near(c, row, instance, original, got) && read_file(c, instance->path, &after) &&
                        !__builtin_sub_overflow(after, number, &apart) && apart <= number / 100 &&
                        apart >= -number / 100, /* the unit of the file may be smaller than that of the knob */
                "%s %u: an original outside the described range %lld..%lld is not put back: %s held %lld, read() said '%s', after "
                "its write '%s'",
                row_name(c, row), index, (long long) instance->min, (long long) instance->max, instance->path, (long long) number,
                original, got);
}

/* No hardware has more than 100 % or level 1024. */
static bool ends_with_its_unit(const struct contract *c, uint32_t row, const struct gov_instance *instance) {
        uint32_t unit = c->driver->rows[row].unit;

        return (unit == GOV_UNIT_PERCENT && instance->max == 100) || (unit == GOV_UNIT_LEVEL && instance->max == 1024);
}

/* The ends of the range are written to determine their values in the file, which may have another unit. */
static void check_outside(struct contract *c, uint32_t row, uint32_t index, const struct gov_instance *instance) {
        const struct gov_knob_row *facts = &c->driver->rows[row];
        char original[VALUE_SIZE], value[32];
        int64_t low, high;

        if (contract_is_read_only(c, row, instance) || instance->path[0] == '\0' || instance->choices[0] ||
            instance->min > instance->max || facts->unit == GOV_UNIT_BOOL || (facts->flags & GOV_KNOB_FD_HELD))
                return;
        read_value(c, row, index, original);
        (void) snprintf(value, sizeof(value), "%lld", (long long) instance->min);
        try_value(c, row, index, instance, value);
        if (!read_file(c, instance->path, &low))
                return;
        if (low > 1)
                try_outside(c, row, index, instance, low / 2, instance->max);
        (void) snprintf(value, sizeof(value), "%lld", (long long) instance->max);
        try_value(c, row, index, instance, value);
        if (read_file(c, instance->path, &high) && high > 0 && high <= INT64_MAX / 2 && !ends_with_its_unit(c, row, instance))
                try_outside(c, row, index, instance, high * 2, instance->min);
        try_value(c, row, index, instance, original);
}

void check_originals(struct contract *c) {
        contract_each(c, check_outside);
}

/* ---- invalid values ---- */

struct invalid {
        const char *value, *fault;
};

static const struct invalid never[] = {
        { "very-long-very-long-very-long-very-long-very-long-very-long-very-long-very-long-very-long",
          "a text that is longer than GOVERNORD_VALUE_MAX" },
        { "performance\n1", "a text of two lines" },
        { "; rm", "a text that is no value of this knob" },
        { "1 2", "two values" },
        { " 1", "a value after a blank" },
        { "\t", "a control character" },
        { "../../etc/passwd", "a text that is no value of this knob" },
        { "\xff\xfe", "bytes that are not text" },
};
static const struct invalid no_number[] = {
        { "", "an empty value" },
        { "x", "a text that is no number" },
        { "1x", "a number with characters after it" },
        { "0x10", "a number that is not decimal" },
        { "-1", "a negative number" },
        { "+1", "a number with a sign" },
        { "1.5", "a fraction" },
        { "1e3", "a number with characters after it" },
        { "99999999999999999999", "a number that does not fit into 64 bits" },
        { "-9223372036854775808", "a negative number" },
        { "9223372036854775807", "a number that no hardware has" },
        { "NaN", "a text that is no number" },
};
static const struct invalid no_choice[] = {
        { "", "an empty value" },
        { "x", "a text that is none of its choices" },
        { "-1", "a number that is none of its choices" },
        { "99999999999", "a number that is none of its choices" },
        { "PERFORMANCE", "a text that is none of its choices" },
        { "perform", "a text that is none of its choices" },
        { "performancee", "a text that is none of its choices" },
};

static void refuse_all(struct contract *c, uint32_t row, uint32_t index, const struct invalid *values, size_t n) {
        for (size_t i = 0; i < n; i++) {
                char before[VALUE_SIZE], after[VALUE_SIZE];

                read_value(c, row, index, before);
                contract_check(c, write_value(c, row, index, values[i].value) < 0,
                               "%s %u: write() accepts '%s', %s; it must return an error such as -EINVAL or -ERANGE",
                               row_name(c, row), index, values[i].value, values[i].fault);
                read_value(c, row, index, after);
                contract_check(c, strcmp(before, after) == 0,
                               "%s %u: write() rejects '%s', but the value is now '%s' instead of '%s'", row_name(c, row), index,
                               values[i].value, after, before);
        }
}

static void check_refusals(struct contract *c, uint32_t row, uint32_t index, const struct gov_instance *instance) {
        const struct gov_knob_row *facts = &c->driver->rows[row];
        bool lets_go = facts->flags & GOV_KNOB_FD_HELD; /* an empty value is valid for such a row */

        if (index >= 2)
                return;
        refuse_all(c, row, index, never, sizeof(never) / sizeof(never[0]));
        if (instance->choices[0])
                refuse_all(c, row, index, no_choice + lets_go, sizeof(no_choice) / sizeof(no_choice[0]) - lets_go);
        else if (facts->unit != GOV_UNIT_TEXT && instance->min <= instance->max)
                refuse_all(c, row, index, no_number + lets_go, sizeof(no_number) / sizeof(no_number[0]) - lets_go);
}

void check_nonsense(struct contract *c) {
        contract_each(c, check_refusals);
}

/* ---- files that are removed and created again ---- */

static void check_removed(struct contract *c, uint32_t row, uint32_t index, const struct gov_instance *instance) {
        char original[VALUE_SIZE], value[VALUE_SIZE], raw[4096];
        struct stat st;
        ssize_t n;
        int fd;

        if (index > 0 || instance->path[0] == '\0' || fstatat(c->host.root_fd, instance->path, &st, 0) < 0)
                return;
        read_value(c, row, index, original);
        fd = openat(c->host.root_fd, instance->path, O_RDONLY | O_CLOEXEC);
        n = pread(fd, raw, sizeof(raw), 0);
        (void) close(fd);
        contract_check(c, n >= 0 && unlinkat(c->host.root_fd, instance->path, 0) == 0, "unlink %s", instance->path);
        contract_check(c, c->driver->read(c->state, row, index, value, sizeof(value)) < 0, "%s: reads a file that is gone",
                       row_name(c, row));
        contract_check(c, write_value(c, row, index, original) < 0, "%s: writes a file that is gone", row_name(c, row));
        contract_check(c, faccessat(c->host.root_fd, instance->path, F_OK, 0) < 0, "%s: made %s", row_name(c, row), instance->path);
        fd = openat(c->host.root_fd, instance->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        contract_check(c, write(fd, raw, (size_t) n) == n && fchmod(fd, st.st_mode & 07777) == 0, "write %s", instance->path);
        (void) close(fd);
        read_value(c, row, index, value);
        contract_check(c, strcmp(value, original) == 0, "%s: '%s' came back as '%s'", row_name(c, row), original, value);
}

void check_removed_files(struct contract *c) {
        contract_each(c, check_removed);
}
