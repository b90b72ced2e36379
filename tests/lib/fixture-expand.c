/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of the .tree format that works on strings: variables, ranges, arithmetic, escapes. It does not access files.
 *
 * Braces have two meanings. In a path, a text of digits, dots and commas is a range that multiplies the line; any other text ("",
 * "/2", "2+0") is a reference to a range. In a value, every text is a reference.
 */
#include "fixture-expand.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fix_fail(struct fix_err *err, int code, const char *fmt, ...) {
        va_list ap;

        va_start(ap, fmt);
        (void) vsnprintf(err->text, sizeof(err->text), fmt, ap);
        va_end(ap);
        return -code;
}

static int text_add(struct fix_text *t, const char *s, size_t n, struct fix_err *err) {
        if (n >= sizeof(t->s) - t->len)
                return fix_fail(err, E2BIG, "longer than %u bytes after expansion", FIX_TEXT_MAX);
        memcpy(t->s + t->len, s, n);
        t->len += n;
        t->s[t->len] = '\0';
        return 0;
}

static void text_clear(struct fix_text *t) {
        t->len = 0;
        t->s[0] = '\0';
        t->no_newline = false;
}

/* ---- variables ---- */

static bool name_char(char c) {
        return isalnum((unsigned char) c) || c == '_';
}

static size_t name_length(const char *s) {
        size_t n = 0;

        if (isdigit((unsigned char) s[0]))
                return 0;
        while (name_char(s[n]))
                n++;
        return n;
}

static const struct fix_var *var_find(const struct fix_vars *vars, const char *name, size_t len) {
        for (size_t i = 0; i < vars->n; i++)
                if (strlen(vars->v[i].name) == len && memcmp(vars->v[i].name, name, len) == 0)
                        return &vars->v[i];
        return NULL;
}

static int var_add(struct fix_vars *vars, const char *name, size_t len, const char *value, struct fix_err *err) {
        struct fix_var *v;

        if (len == 0 || len >= sizeof(v->name) || name_length(name) < len)
                return fix_fail(err, EINVAL, "bad variable name '%.*s'", (int) (len > 64 ? 64 : len), name);
        if (strlen(value) >= sizeof(v->value))
                return fix_fail(err, E2BIG, "value of %.*s is too long", (int) len, name);
        if (vars->n == FIX_VARS_MAX)
                return fix_fail(err, E2BIG, "more than %u variables", FIX_VARS_MAX);
        v = &vars->v[vars->n++];
        *v = (struct fix_var){ .declared = false };
        memcpy(v->name, name, len);
        memcpy(v->value, value, strlen(value) + 1);
        return 0;
}

int fix_vars_override(struct fix_vars *vars, const char *assignment, struct fix_err *err) {
        const char *eq = strchr(assignment, '=');

        if (!eq)
                return fix_fail(err, EINVAL, "'%.100s' is not NAME=VALUE", assignment);
        if (var_find(vars, assignment, (size_t) (eq - assignment)))
                return fix_fail(err, EINVAL, "'%.100s' given twice", assignment);
        return var_add(vars, assignment, (size_t) (eq - assignment), eq + 1, err);
}

int fix_vars_define(struct fix_vars *vars, const char *name, const char *value, const char *origin, struct fix_err *err) {
        const struct fix_var *old = var_find(vars, name, strlen(name));
        struct fix_var *v;
        int r;

        if (old && strcmp(old->origin, origin) == 0)
                return fix_fail(err, EEXIST, "%s is already defined in this file", name);
        if (!old) {
                r = var_add(vars, name, strlen(name), value, err);
                if (r < 0)
                        return r;
                old = &vars->v[vars->n - 1];
        }
        v = &vars->v[old - vars->v];
        v->declared = true;
        if (v->origin[0] == '\0')
                (void) snprintf(v->origin, sizeof(v->origin), "%s", origin);
        return 0;
}

const char *fix_vars_undeclared(const struct fix_vars *vars) {
        for (size_t i = 0; i < vars->n; i++)
                if (!vars->v[i].declared)
                        return vars->v[i].name;
        return NULL;
}

/* Appends the value of the variable whose '$' is at *in, and moves *in to the character after the variable. */
static int expand_one(const struct fix_vars *vars, const char **in, struct fix_text *out, struct fix_err *err) {
        bool braces = (*in)[1] == '{';
        const char *name = *in + (braces ? 2 : 1);
        size_t len = name_length(name);
        const struct fix_var *v = var_find(vars, name, len);

        if (len == 0)
                return fix_fail(err, EINVAL, "'$' without a variable name (write \\$)");
        if (braces && name[len] != '}')
                return fix_fail(err, EINVAL, "'${%.*s' is not closed", (int) (len > 64 ? 64 : len), name);
        if (!v)
                return fix_fail(err, EINVAL, "variable %.*s is not defined", (int) (len > 64 ? 64 : len), name);
        *in = name + len + (braces ? 1 : 0);
        return text_add(out, v->value, strlen(v->value), err);
}

int fix_vars_expand(const struct fix_vars *vars, const char *in, struct fix_text *out, struct fix_err *err) {
        int r = 0;

        text_clear(out);
        while (*in && r == 0) {
                if (*in == '$') {
                        r = expand_one(vars, &in, out, err);
                } else {
                        size_t n = in[0] == '\\' && in[1] ? 2 : 1;

                        r = text_add(out, in, n, err);
                        in += n;
                }
        }
        return r;
}

/* ---- ranges ---- */

/* Accepts only digits, up to 9, so that no calculation with ranges overflows. */
static int parse_number(const char **s, int64_t *ret, int *ret_digits) {
        int64_t v = 0;
        int n = 0;

        for (; isdigit((unsigned char) **s); (*s)++, n++) {
                if (n == 9)
                        return -ERANGE;
                v = v * 10 + (**s - '0');
        }
        if (n == 0)
                return -EINVAL;
        *ret = v;
        if (ret_digits)
                *ret_digits = n;
        return 0;
}

/* "7", "0..7" or "0..7..2" */
static int parse_span(const char **s, struct fix_span *span, int *width) {
        const char *start = *s;
        int digits, r;

        r = parse_number(s, &span->first, &digits);
        if (r < 0)
                return r;
        if (start[0] == '0' && digits > *width && digits > 1)
                *width = digits;
        span->last = span->first;
        span->step = 1;
        if (strncmp(*s, "..", 2) == 0) {
                *s += 2;
                r = parse_number(s, &span->last, NULL);
        }
        if (r == 0 && strncmp(*s, "..", 2) == 0) {
                *s += 2;
                r = parse_number(s, &span->step, NULL);
        }
        if (r == 0 && (span->last < span->first || span->step == 0))
                return -EDOM;
        return r;
}

static int parse_range(const char *body, struct fix_range *range, struct fix_err *err) {
        const char *s = body;
        int r;

        *range = (struct fix_range){ .n_spans = 0 };
        for (;;) {
                if (range->n_spans == FIX_SPANS_MAX)
                        return fix_fail(err, E2BIG, "more than %u items in a list", FIX_SPANS_MAX);
                r = parse_span(&s, &range->spans[range->n_spans++], &range->width);
                if (r == -EDOM)
                        return fix_fail(err, EINVAL, "range {%.60s runs backwards or has step 0", body);
                if (r < 0 || (*s != ',' && *s != '}'))
                        return fix_fail(err, EINVAL, "bad range {%.60s", body);
                if (*s == '}')
                        break;
                s++;
        }
        range->now = range->spans[0].first;
        return 0;
}

/* In a path, a text of only digits, dots and commas multiplies the line; an empty text is a reference. */
static bool is_range(const char *body) {
        size_t n = strspn(body, "0123456789.,");

        return n > 0 && body[n] == '}';
}

int fix_pattern_parse(struct fix_pattern *p, const char *text, struct fix_err *err) {
        const char *s = text;
        int r;

        p->text = text;
        p->n_ranges = 0;
        while ((s = strchr(s, '{'))) {
                s++;
                if (!strchr(s, '}'))
                        return fix_fail(err, EINVAL, "'{' is not closed");
                if (!is_range(s))
                        continue;
                if (p->n_ranges == FIX_RANGES_MAX)
                        return fix_fail(err, E2BIG, "more than %u ranges in a path", FIX_RANGES_MAX);
                r = parse_range(s, &p->r[p->n_ranges++], err);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The product of four ranges may overflow; then the result is a value above every limit. */
uint64_t fix_pattern_count(const struct fix_pattern *p) {
        uint64_t n = 1;

        for (size_t i = 0; i < p->n_ranges; i++) {
                uint64_t here = 0;

                for (size_t k = 0; k < p->r[i].n_spans; k++) {
                        const struct fix_span *s = &p->r[i].spans[k];

                        here += (uint64_t) ((s->last - s->first) / s->step) + 1;
                }
                if (__builtin_mul_overflow(n, here, &n))
                        return UINT64_MAX;
        }
        return n;
}

/* Returns true if the range has advanced, false if it has wrapped to its start. */
static bool range_next(struct fix_range *r) {
        const struct fix_span *span = &r->spans[r->span];

        if (r->now + span->step <= span->last) {
                r->now += span->step;
                return true;
        }
        r->span = (r->span + 1) % r->n_spans;
        r->now = r->spans[r->span].first;
        return r->span != 0;
}

bool fix_pattern_next(struct fix_pattern *p) {
        for (size_t i = p->n_ranges; i > 0; i--)
                if (range_next(&p->r[i - 1]))
                        return true;
        return false;
}

/* ---- references ---- */

static int apply(int64_t *v, char op, int64_t arg) {
        switch (op) {
        case '+':
                return __builtin_add_overflow(*v, arg, v) ? -ERANGE : 0;
        case '-':
                return __builtin_sub_overflow(*v, arg, v) ? -ERANGE : 0;
        case '*':
                return __builtin_mul_overflow(*v, arg, v) ? -ERANGE : 0;
        case '/':
        case '%':
                if (arg == 0)
                        return -EDOM;
                *v = op == '/' ? *v / arg : *v % arg;
                return 0;
        default:
                return -EINVAL;
        }
}

/* body is the text after '{': an optional number of a range, then operators, which are applied from left to right, up to '}'. */
static int evaluate(const struct fix_pattern *p, const char *body, int64_t *ret, struct fix_err *err) {
        const char *s = body;
        int64_t which = 1, arg;
        int r = 0;

        if (isdigit((unsigned char) *s))
                r = parse_number(&s, &which, NULL);
        if (r == 0 && (which < 1 || which > (int64_t) p->n_ranges))
                return fix_fail(err, EINVAL, "{%.40s: the path has %zu range(s) (a plain brace is \\{)", body, p->n_ranges);
        *ret = r == 0 ? p->r[which - 1].now : 0;
        while (r == 0 && *s && *s != '}') {
                char op = *s++;

                r = parse_number(&s, &arg, NULL);
                if (r == 0)
                        r = apply(ret, op, arg);
        }
        if (r == -ERANGE || r == -EDOM)
                return fix_fail(err, ERANGE, "{%.40s: overflow or division by zero", body);
        if (r < 0 || *s != '}')
                return fix_fail(err, EINVAL, "bad expression {%.40s (a plain brace is \\{)", body);
        return 0;
}

static int add_number(struct fix_text *out, int64_t v, int width, struct fix_err *err) {
        char digits[32];
        int n = snprintf(digits, sizeof(digits), "%0*lld", width, (long long) v);

        return text_add(out, digits, (size_t) n, err);
}

int fix_pattern_path(const struct fix_pattern *p, struct fix_text *out, struct fix_err *err) {
        const char *s = p->text;
        size_t range = 0;
        int64_t v;
        int r = 0;

        text_clear(out);
        while (*s && r == 0) {
                if (*s != '{') {
                        size_t n = strcspn(s, "{");

                        r = text_add(out, s, n, err);
                        s += n;
                        continue;
                }
                if (is_range(s + 1)) {
                        r = add_number(out, p->r[range].now, p->r[range].width, err);
                        range++;
                } else {
                        r = evaluate(p, s + 1, &v, err);
                        if (r == 0)
                                r = add_number(out, v, 0, err);
                }
                s = strchr(s, '}') + 1; /* not NULL, because the parser has checked it */
        }
        return r;
}

static int add_escape(const char *s, struct fix_text *out, struct fix_err *err) {
        static const char from[] = "nts0\\{}$#", to[] = "\n\t \0\\{}$#";
        const char *at = *s ? strchr(from, *s) : NULL;

        if (*s == 'c' && s[1] == '\0') {
                out->no_newline = true;
                return 0;
        }
        if (!at)
                return fix_fail(err, EINVAL, "unknown escape '\\%c' (\\n \\t \\s \\0 \\\\ \\{ \\} \\$ \\#, \\c at the end)",
                                *s ? *s : ' ');
        return text_add(out, &to[at - from], 1, err);
}

int fix_pattern_value(const struct fix_pattern *p, const char *value, struct fix_text *out, struct fix_err *err) {
        const char *s = value;
        int64_t v;
        int r = 0;

        text_clear(out);
        while (*s && r == 0) {
                if (*s == '\\') {
                        r = add_escape(s + 1, out, err);
                        s += s[1] ? 2 : 1;
                } else if (*s == '{') {
                        r = evaluate(p, s + 1, &v, err);
                        if (r == 0)
                                r = add_number(out, v, 0, err);
                        s += strcspn(s, "}");
                        s += *s ? 1 : 0;
                } else {
                        size_t n = strcspn(s, "\\{");

                        r = text_add(out, s, n, err);
                        s += n;
                }
        }
        return r;
}
