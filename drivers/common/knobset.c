/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instances of a driver's knobs, in a compact form: a machine may have 4096 CPUs with six knobs each, and a struct gov_instance
 * has about 600 bytes. knobset-access.c reads and writes the values.
 *
 * Only existing files are added. They are not opened, so a probe leaves no open descriptors. */

#include "drivers/common/knobset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "drivers/common/knobset-internal.h"

struct knobset_text {
        struct knobset_text *next;
        char text[];
};

int knobset_init(struct knobset *set, const struct gov_driver *driver, const struct gov_host *host,
                 const struct knobset_access *access) {
        *set = (struct knobset){ .host = host, .driver = driver, .access = access };
        set->rows = calloc(driver->n_rows ? driver->n_rows : 1, sizeof(*set->rows));
        return set->rows ? 0 : -ENOMEM;
}

static void row_done(struct knobset_row *row) {
        for (uint32_t i = 0; i < row->n; i++) {
                (void) close_fd(row->items[i].fd);
                free(row->items[i].path);
        }
        free(row->items);
}

void knobset_done(struct knobset *set) {
        struct knobset_text *text = set->texts;

        for (uint32_t i = 0; set->rows && i < set->driver->n_rows; i++)
                row_done(&set->rows[i]);
        free(set->rows);
        while (text) {
                struct knobset_text *next = text->next;

                free(text);
                text = next;
        }
        *set = (struct knobset){};
}

/* ---- adding ---- */

static const char *intern(struct knobset *set, const char *text) {
        size_t size = strlen(text) + 1;
        struct knobset_text *t;

        if (size == 1)
                return "";
        for (t = set->texts; t; t = t->next)
                if (strcmp(t->text, text) == 0)
                        return t->text;
        t = malloc(sizeof(*t) + size);
        if (!t)
                return NULL;
        memcpy(t->text, text, size);
        t->next = set->texts;
        set->texts = t;
        return t->text;
}

static char *join_texts(const struct gov_instance *instance) {
        size_t path = strlen(instance->path) + 1, label = strlen(instance->label) + 1, identity = strlen(instance->identity) + 1;
        char *all = malloc(path + label + identity);

        if (!all)
                return NULL;
        memcpy(all, instance->path, path);
        memcpy(all + path, instance->label, label);
        memcpy(all + path + label, instance->identity, identity);
        return all;
}

static int make_room(struct knobset_row *row) {
        uint32_t room = row->room ? row->room * 2 : 4;
        struct knobset_item *items;

        if (row->n < row->room)
                return 0;
        items = reallocarray(row->items, room, sizeof(*items));
        if (!items)
                return -ENOMEM;
        row->items = items;
        row->room = room;
        return 0;
}

/* Root may open every file for writing, so the mode bits are checked first. */
static bool file_is_writable(int root_fd, const char *path, const struct stat *st) {
        return (st->st_mode & 0222) != 0 && faccessat(root_fd, path, W_OK, AT_EACCESS) == 0;
}

int knobset_add(struct knobset *set, uint32_t row, const struct gov_instance *instance) {
        struct knobset_item item = { .min = instance->min,
                                     .max = instance->max,
                                     .step = instance->step,
                                     .domain = instance->domain,
                                     .flags = instance->flags,
                                     .fd = -1 };
        struct stat st;

        if (row >= set->driver->n_rows)
                return 0;
        if (instance->path[0] != '\0') {
                if (fstatat(set->host->root_fd, instance->path, &st, 0) < 0 || S_ISDIR(st.st_mode))
                        return 0;
                if (!file_is_writable(set->host->root_fd, instance->path, &st))
                        item.flags |= GOV_INSTANCE_READ_ONLY;
        }
        item.choices = intern(set, instance->choices);
        item.note = intern(set, instance->note);
        if (!item.choices || !item.note || make_room(&set->rows[row]) < 0)
                return -ENOMEM;
        item.path = join_texts(instance);
        if (!item.path)
                return -ENOMEM;
        set->rows[row].items[set->rows[row].n++] = item;
        return 1;
}

int knobset_add_file(struct knobset *set, uint32_t row, uint32_t domain, const char *path_format, ...) {
        struct gov_instance instance = { .domain = domain, .min = 1, .max = 0 };
        va_list args;
        int n;

        if (row >= set->driver->n_rows)
                return 0;
        va_start(args, path_format);
        n = vsnprintf(instance.path, sizeof(instance.path), path_format, args);
        va_end(args);
        if (n < 0 || (size_t) n >= sizeof(instance.path))
                return 0;
        if (set->driver->rows[row].unit == GOV_UNIT_BOOL) {
                instance.min = 0;
                instance.max = 1;
        }
        return knobset_add(set, row, &instance);
}

void knobset_set_range(struct knobset *set, uint32_t row, knobset_range range) {
        if (row < set->driver->n_rows)
                set->rows[row].range = range;
}

/* ---- queries ---- */

uint32_t knobset_total(const struct knobset *set) {
        uint32_t n = 0;

        for (uint32_t i = 0; i < set->driver->n_rows; i++)
                n += set->rows[i].n;
        return n;
}

int knobset_count(void *state, uint32_t row) {
        const struct knobset *set = state;

        return row < set->driver->n_rows ? (int) set->rows[row].n : 0;
}

struct knobset_item *knobset_find(struct knobset *set, uint32_t row, uint32_t index) {
        if (row >= set->driver->n_rows || index >= set->rows[row].n)
                return NULL;
        return &set->rows[row].items[index];
}

void knobset_unpack(const struct knobset_item *item, struct gov_instance *ret) {
        const char *label = item->path + strlen(item->path) + 1;

        *ret = (struct gov_instance){
                .domain = item->domain,
                .flags = item->flags,
                .min = item->min,
                .max = item->max,
                .step = item->step,
        };
        /* The texts fit, because they were copied from arrays of the same sizes. */
        (void) TEXT_FORMAT(ret->path, "%s", item->path);
        (void) TEXT_FORMAT(ret->label, "%s", label);
        (void) TEXT_FORMAT(ret->identity, "%s", label + strlen(label) + 1);
        (void) TEXT_FORMAT(ret->choices, "%s", item->choices);
        (void) TEXT_FORMAT(ret->note, "%s", item->note);
}

int knobset_describe(void *state, uint32_t row, uint32_t index, struct gov_instance *ret) {
        const struct knobset_item *item = knobset_find(state, row, index);

        if (!item)
                return -EOPNOTSUPP;
        knobset_unpack(item, ret);
        return 0;
}
