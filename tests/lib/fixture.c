/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a .tree file line by line and makes the files. For each line, $variables are expanded, the line is split into path,
 * operator and value, and it is executed for each combination of the {ranges} in the path.
 *
 * Faults are only recorded here (DIR/.faults); tests/lib/fault.c injects them, because a plain file cannot return EBUSY, and root
 * can open a file with mode 0000.
 */
#include "fixture.h"
#include "fixture-dir.h"
#include "fixture-expand.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_LENGTH_MAX   4096u
#define ENTRIES_MAX       200000u
#define INCLUDE_DEPTH_MAX 4u
#define FAULTS_NAME       ".faults"
#define ERRNO_MAX         133 /* EHWPOISON, the highest errno of Linux */

enum op { OP_FILE, OP_APPEND, OP_LINK, OP_DIR, OP_FAULT, OP_REMOVE };

struct statement {
        enum op op;
        char *path;
        const char *value;
        unsigned mode;
};

struct maker {
        struct fix_vars vars;
        struct fix_dir dir;
        struct fix_pattern pattern;
        struct fix_text line, path, value;
        struct fix_err err;
        size_t entries;
        int faults; /* descriptor of .faults, opened for the first fault */
        const char *file;
        unsigned line_no;
        char where[512];
};

static int make_tree(struct maker *m, const char *file, unsigned depth);

/* Stores the position of the error: in the innermost file, not the line that includes it. */
static int located(struct maker *m, int r) {
        if (r < 0 && m->where[0] == '\0')
                (void) snprintf(m->where, sizeof(m->where), "%s:%u", m->file, m->line_no);
        return r;
}

/* ---- splitting a line ---- */

static char *skip_space(char *s) {
        return s + strspn(s, " \t");
}

static int parse_mode(struct maker *m, char **s, struct statement *st) {
        char *end;

        if (**s != '(')
                return 0;
        if (!isdigit((unsigned char) (*s)[1]))
                return fix_fail(&m->err, EINVAL, "bad mode '%.20s'", *s);
        st->mode = (unsigned) strtoul(*s + 1, &end, 8);
        if (*end != ')' || st->mode > 07777)
                return fix_fail(&m->err, EINVAL, "bad mode '%.20s'", *s);
        *s = skip_space(end + 1);
        return 1;
}

static int parse_dir(struct maker *m, struct statement *st, const char *rest, size_t len) {
        if (st->path[len - 1] != '/')
                return fix_fail(&m->err, EINVAL, "expected '=', '+=', '->' or '!' after the path (a directory ends in '/')");
        if (*rest)
                return fix_fail(&m->err, EINVAL, "unexpected '%.40s' after a directory", rest);
        st->op = OP_DIR;
        st->path[len - 1] = '\0';
        return 0;
}

/* Cuts "path (mode) op value" in place. */
static int parse_statement(struct maker *m, char *line, struct statement *st) {
        size_t len = strcspn(line, " \t");
        char *s = skip_space(line + len);
        int has_mode;

        st->path = line;
        st->mode = 0;
        has_mode = parse_mode(m, &s, st);
        if (has_mode < 0)
                return has_mode;
        line[len] = '\0';
        if (s[0] == '=' && line[len - 1] != '/') {
                st->op = OP_FILE;
                st->value = skip_space(s + 1);
        } else if (s[0] == '+' && s[1] == '=' && line[len - 1] != '/') {
                st->op = OP_APPEND;
                st->value = skip_space(s + 2);
        } else if (s[0] == '-' && s[1] == '>' && !has_mode) {
                st->op = OP_LINK;
                st->value = skip_space(s + 2);
        } else if (s[0] == '!' && !has_mode) {
                st->op = OP_FAULT;
                st->value = skip_space(s + 1);
        } else {
                int r = parse_dir(m, st, s, len);

                if (r < 0)
                        return r;
        }
        if (!has_mode)
                st->mode = st->op == OP_DIR ? 0755 : 0644;
        return 0;
}

/* ---- executing a line ---- */

static int errno_known(const char *name) {
        for (int e = 1; e <= ERRNO_MAX; e++) {
                const char *known = strerrorname_np(e);

                if (known && strcmp(known, name) == 0)
                        return 1;
        }
        return strcmp(name, "OK") == 0; /* removes a fault of an included tree */
}

static int check_fault(struct maker *m, const char *rule) {
        char op[16], name[32];
        int end = 0;

        if (sscanf(rule, "%15s %31s %n", op, name, &end) != 2 || rule[end])
                return fix_fail(&m->err, EINVAL, "a fault is 'read|write|open ERRNO'");
        if (strcmp(op, "read") != 0 && strcmp(op, "write") != 0 && strcmp(op, "open") != 0)
                return fix_fail(&m->err, EINVAL, "unknown operation '%s' (read, write, open)", op);
        if (!errno_known(name))
                return fix_fail(&m->err, EINVAL, "unknown error '%s'", name);
        return 0;
}

static int record_fault(struct maker *m, const char *path, const char *rule) {
        int r = check_fault(m, rule);

        if (r < 0)
                return r;
        if (m->faults < 0)
                m->faults = openat(m->dir.root, FAULTS_NAME, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (m->faults < 0 || dprintf(m->faults, "%s %s\n", path, rule) < 0)
                return fix_fail(&m->err, errno, "%s: %s", FAULTS_NAME, strerror(errno));
        return 0;
}

static int make_file(struct maker *m, const struct statement *st) {
        struct fix_text *v = &m->value;

        /* "path =" is an empty file, without a newline. The newline fits, because there is space for a terminating NUL */
        if (*st->value && !v->no_newline)
                v->s[v->len++] = '\n';
        if (st->op == OP_APPEND)
                return fix_dir_append(&m->dir, m->path.s, v->s, v->len, (mode_t) st->mode);
        return fix_dir_file(&m->dir, m->path.s, v->s, v->len, (mode_t) st->mode);
}

static int make_one(struct maker *m, const struct statement *st) {
        switch (st->op) {
        case OP_FILE:
        case OP_APPEND:
                return make_file(m, st);
        case OP_LINK:
                if (m->value.len == 0)
                        return fix_fail(&m->err, EINVAL, "a link needs a target");
                return fix_dir_link(&m->dir, m->path.s, m->value.s);
        case OP_DIR:
                return fix_dir_mkdir(&m->dir, m->path.s, (mode_t) st->mode);
        case OP_FAULT:
                return record_fault(m, m->path.s, m->value.s);
        case OP_REMOVE:
                return fix_dir_remove(&m->dir, m->path.s);
        }
        return -EINVAL;
}

static const char *explain(int r) {
        switch (r) {
        case -ELOOP:
        case -ENOTDIR:
                return "a parent is a link or a file (name the real path)";
        case -ENOTEMPTY:
        case -EEXIST:
                return "there is a directory with files of that name";
        default:
                return strerror(-r);
        }
}

static int make_combination(struct maker *m, const struct statement *st) {
        int r;

        r = fix_pattern_path(&m->pattern, &m->path, &m->err);
        if (r == 0)
                r = fix_pattern_value(&m->pattern, st->value, &m->value, &m->err);
        if (r < 0)
                return r;
        if (fix_path_check(m->path.s) < 0 || strcmp(m->path.s, FAULTS_NAME) == 0)
                return fix_fail(&m->err, EINVAL, "bad path '%.150s'", m->path.s);
        r = make_one(m, st);
        if (r < 0 && m->err.text[0] == '\0')
                return fix_fail(&m->err, -r, "%.150s: %s", m->path.s, explain(r));
        return r;
}

static int make_all(struct maker *m, const struct statement *st) {
        uint64_t n;
        int r;

        r = fix_pattern_parse(&m->pattern, st->path, &m->err);
        if (r < 0)
                return r;
        n = fix_pattern_count(&m->pattern);
        if (n > ENTRIES_MAX - m->entries)
                return fix_fail(&m->err, E2BIG, "more than %u entries", ENTRIES_MAX);
        m->entries += (size_t) n;
        do
                r = make_combination(m, st);
        while (r == 0 && fix_pattern_next(&m->pattern));
        return r;
}

/* ---- directives ---- */

static int do_define(struct maker *m, char *args) {
        size_t len = strcspn(args, " \t");
        char *value = skip_space(args + len);

        args[len] = '\0';
        return fix_vars_define(&m->vars, args, value, m->file, &m->err);
}

/* Relative to the file that contains the line, so that trees can be used from any directory. */
static int do_include(struct maker *m, const char *name, unsigned depth) {
        const char *slash = strrchr(m->file, '/');
        char file[1024];
        int n;

        if (*name == '\0' || *name == '/')
                return fix_fail(&m->err, EINVAL, "@include needs a relative file name");
        if (depth + 1 > INCLUDE_DEPTH_MAX)
                return fix_fail(&m->err, ELOOP, "includes are nested deeper than %u", INCLUDE_DEPTH_MAX);
        n = snprintf(file, sizeof(file), "%.*s%s", slash ? (int) (slash + 1 - m->file) : 0, m->file, name);
        if (n < 0 || (size_t) n >= sizeof(file))
                return fix_fail(&m->err, ENAMETOOLONG, "name of the included file is too long");
        return make_tree(m, file, depth + 1);
}

static int do_remove(struct maker *m, char *path) {
        const struct statement st = { .op = OP_REMOVE, .path = path, .value = "" };
        size_t len = strlen(path);

        if (len > 1 && path[len - 1] == '/')
                path[len - 1] = '\0';
        return make_all(m, &st);
}

static int do_directive(struct maker *m, char *line, unsigned depth) {
        size_t len = strcspn(line, " \t");
        char *args = skip_space(line + len);

        line[len] = '\0';
        if (strcmp(line, "@define") == 0)
                return do_define(m, args);
        if (strcmp(line, "@include") == 0)
                return do_include(m, args, depth);
        if (strcmp(line, "@remove") == 0)
                return do_remove(m, args);
        return fix_fail(&m->err, EINVAL, "unknown directive '%.40s'", line);
}

/* ---- files ---- */

static int do_line(struct maker *m, const char *raw, unsigned depth) {
        struct statement st = { .value = "" };
        char *line;
        int r;

        raw += strspn(raw, " \t");
        if (*raw == '\0' || *raw == '#')
                return 0;
        r = fix_vars_expand(&m->vars, raw, &m->line, &m->err);
        if (r < 0)
                return r;
        line = m->line.s;
        if (*line == '@')
                return do_directive(m, line, depth);
        r = parse_statement(m, line, &st);
        return r < 0 ? r : make_all(m, &st);
}

/* Reads a line, without its newline. Returns 1, or 0 at the end of the file. */
static int read_line(struct maker *m, FILE *f, char *buf, size_t size) {
        size_t n = 0;
        int c;

        while ((c = getc(f)) != EOF && c != '\n') {
                if (c == '\0' || c == '\r')
                        return fix_fail(&m->err, EINVAL, "NUL byte or carriage return in the line");
                if (n + 1 >= size)
                        return fix_fail(&m->err, E2BIG, "line is longer than %u bytes", LINE_LENGTH_MAX);
                buf[n++] = (char) c;
        }
        buf[n] = '\0';
        if (c == EOF && ferror(f))
                return fix_fail(&m->err, EIO, "cannot read");
        if (n > 0 && (buf[n - 1] == ' ' || buf[n - 1] == '\t'))
                return fix_fail(&m->err, EINVAL, "space at the end of the line (write \\s if it is meant)");
        return c != EOF || n > 0;
}

static int make_lines(struct maker *m, FILE *f, unsigned depth) {
        char buf[LINE_LENGTH_MAX + 1];
        int r;

        for (m->line_no = 1;; m->line_no++) {
                r = read_line(m, f, buf, sizeof(buf));
                if (r <= 0)
                        return located(m, r);
                r = do_line(m, buf, depth);
                if (r < 0)
                        return located(m, r);
        }
}

static int make_tree(struct maker *m, const char *file, unsigned depth) {
        const char *outer = m->file;
        unsigned outer_line = m->line_no;
        FILE *f = fopen(file, "re");
        int r;

        if (!f)
                return fix_fail(&m->err, errno, "cannot open '%.150s': %s", file, strerror(errno));
        m->file = file;
        r = make_lines(m, f, depth);
        (void) fclose(f);
        m->file = outer;
        m->line_no = outer_line;
        return r;
}

static int apply_defines(struct maker *m, const char *const *defines) {
        int r = 0;

        for (; defines && *defines && r == 0; defines++)
                r = fix_vars_override(&m->vars, *defines, &m->err);
        return r;
}

static int make(struct maker *m, const char *tree_file, const char *dir, const char *const *defines) {
        const char *unknown;
        int r;

        r = apply_defines(m, defines);
        if (r < 0)
                return located(m, r);
        r = fix_dir_open(&m->dir, dir);
        if (r < 0)
                return located(m, fix_fail(&m->err, -r, "%.150s: %s", dir, strerror(-r)));
        r = make_tree(m, tree_file, 0);
        if (r < 0)
                return located(m, r);
        unknown = fix_vars_undeclared(&m->vars);
        if (unknown)
                return located(m, fix_fail(&m->err, EINVAL, "the tree has no variable %s", unknown));
        return 0;
}

int fixture_make(const char *tree_file, const char *dir, const char *const *defines, char *errbuf, size_t errlen) {
        struct maker *m = calloc(1, sizeof(*m)); /* about 120 KiB, too much for the stack */
        int r;

        if (!m)
                return -ENOMEM;
        m->dir.root = -1;
        m->faults = -1;
        m->file = tree_file;
        r = make(m, tree_file, dir, defines);
        if (r < 0 && errbuf)
                (void) snprintf(errbuf, errlen, "%s: %s", m->where, m->err.text);
        fix_dir_close(&m->dir);
        if (m->faults >= 0)
                (void) close(m->faults);
        free(m);
        return r;
}

int fixture_remove(const char *dir) {
        return fix_remove_at(AT_FDCWD, dir);
}
