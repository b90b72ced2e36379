/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_FIXTURE_EXPAND_H
#define GOVERNORD_TESTS_FIXTURE_EXPAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIX_TEXT_MAX   16384u /* a line after expansion; the line itself is limited to 4096 */
#define FIX_RANGES_MAX 4u
#define FIX_SPANS_MAX  64u
#define FIX_VARS_MAX   64u

/* The reason of an error; the caller adds file and line. */
struct fix_err {
        char text[256];
};

/* A string of limited length. It is NUL-terminated, and may contain NUL bytes before len (value escape \0). */
struct fix_text {
        size_t len;
        bool no_newline; /* the value ended in \c */
        char s[FIX_TEXT_MAX];
};

struct fix_var {
        char name[64];
        char value[1024];
        char origin[256]; /* file that defined it; empty = command line */
        bool declared;    /* a tree has a @define for it */
};

struct fix_vars {
        size_t n;
        struct fix_var v[FIX_VARS_MAX];
};

struct fix_span {
        int64_t first, last, step;
};

struct fix_range {
        size_t n_spans, span;
        int64_t now;
        int width; /* zero padding, from a range such as {00..03} */
        struct fix_span spans[FIX_SPANS_MAX];
};

/* A path with its {ranges}; iterate with reset/next and print with path/value. */
struct fix_pattern {
        const char *text;
        size_t n_ranges;
        struct fix_range r[FIX_RANGES_MAX];
};

/* Fills err and returns -code, so that callers can write "return fix_fail(...)". */
int fix_fail(struct fix_err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Adds "NAME=VALUE" from a command line, which overrides every @define. */
int fix_vars_override(struct fix_vars *vars, const char *assignment, struct fix_err *err);
/* @define: the first definition is used, so that a tree can override the defaults of a tree that it includes. */
int fix_vars_define(struct fix_vars *vars, const char *name, const char *value, const char *origin, struct fix_err *err);
/* Returns the first override that no tree declares, which is probably a spelling error; NULL if there is none. */
const char *fix_vars_undeclared(const struct fix_vars *vars);
/* Replaces $NAME and ${NAME}; backslash escapes are passed on untouched. */
int fix_vars_expand(const struct fix_vars *vars, const char *in, struct fix_text *out, struct fix_err *err);

/* Finds the ranges and selects the first combination. Keeps a pointer to text. */
int fix_pattern_parse(struct fix_pattern *p, const char *text, struct fix_err *err);
/* The number of combinations; UINT64_MAX if it would overflow. */
uint64_t fix_pattern_count(const struct fix_pattern *p);
/* Selects the next combination; the last range changes fastest. Returns false after the last combination. */
bool fix_pattern_next(struct fix_pattern *p);
/* The path of the current combination. */
int fix_pattern_path(const struct fix_pattern *p, struct fix_text *out, struct fix_err *err);
/* A value or link target, with {references} to the current combination and escapes resolved. */
int fix_pattern_value(const struct fix_pattern *p, const char *value, struct fix_text *out, struct fix_err *err);

#endif
