/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of rules "PATH OP ERRNO". It is in static memory, because it is read during a write(), which malloc() may have caused.
 * An invalid line is skipped, because the file may be read while a test is writing it.
 */
#include "fault-rules.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RULES_MAX 512u
#define ERRNO_MAX 133 /* EHWPOISON, the highest errno of Linux */

struct rule {
        char *pattern;
        enum fault_op op;
        int error; /* 0: removes earlier rules */
};

static struct rule rules[RULES_MAX];
static size_t n_rules;
static char text[128 * 1024];
static char rules_file[4096];
static struct stat seen;

void fault_rules_file(const char *file) {
        n_rules = 0;
        seen = (struct stat){ .st_ino = 0 };
        (void) snprintf(rules_file, sizeof(rules_file), "%s", file ? file : "");
}

static int errno_by_name(const char *name) {
        for (int e = 1; e <= ERRNO_MAX; e++) {
                const char *known = strerrorname_np(e);

                if (known && strcmp(known, name) == 0)
                        return e;
        }
        return strcmp(name, "OK") == 0 ? 0 : -1;
}

static int op_by_name(const char *name) {
        static const char *const names[] = { "open", "read", "write" };

        for (int i = 0; i < 3; i++)
                if (strcmp(names[i], name) == 0)
                        return i;
        return -1;
}

static void add_line(char *line) {
        char *save = NULL;
        char *path = strtok_r(line, " \t", &save);
        char *op = strtok_r(NULL, " \t", &save);
        char *error = strtok_r(NULL, " \t", &save);
        int o, e;

        if (!error || *path == '#' || n_rules == RULES_MAX)
                return;
        o = op_by_name(op);
        e = errno_by_name(error);
        if (o >= 0 && e >= 0)
                rules[n_rules++] = (struct rule){ .pattern = path, .op = (enum fault_op) o, .error = e };
}

static void parse(void) {
        char *save = NULL;

        n_rules = 0;
        for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
                add_line(l);
}

static void load(const struct fault_io *io) {
        size_t len = 0;
        ssize_t n;
        int fd = io->openat(AT_FDCWD, rules_file, O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return;
        while (len < sizeof(text) - 1 && (n = io->read(fd, text + len, sizeof(text) - 1 - len)) > 0)
                len += (size_t) n;
        text[len] = '\0';
        (void) close(fd);
        parse();
}

/* Size and inode are compared, too, because two changes may have the same time. */
static bool same_file(const struct stat *a, const struct stat *b) {
        return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
               a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

void fault_rules_refresh(const struct fault_io *io) {
        struct stat now;

        if (!rules_file[0])
                return;
        if (stat(rules_file, &now) < 0) {
                n_rules = 0;
                seen = (struct stat){ .st_ino = 0 };
                return;
        }
        if (same_file(&now, &seen))
                return;
        seen = now;
        load(io);
}

/* A relative pattern may match from any component of the path. */
static bool matches(const char *pattern, const char *path) {
        if (pattern[0] == '/')
                return fnmatch(pattern, path, 0) == 0;
        while ((path = strchr(path, '/'))) {
                path++;
                if (fnmatch(pattern, path, 0) == 0)
                        return true;
        }
        return false;
}

int fault_rules_match(enum fault_op op, const char *path) {
        for (size_t i = n_rules; i > 0; i--)
                if (rules[i - 1].op == op && matches(rules[i - 1].pattern, path))
                        return rules[i - 1].error;
        return 0;
}

bool fault_rules_any(enum fault_op op) {
        for (size_t i = 0; i < n_rules; i++)
                if (rules[i].op == op && rules[i].error)
                        return true;
        return false;
}
