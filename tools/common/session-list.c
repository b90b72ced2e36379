/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions, read from the bus into structures. */

#include "tools/common/session-list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "tools/common/columns.h"
#include "tools/common/properties.h"
#include "tools/common/xalloc.h"

static const struct property items[] = {
        { "Application", "s", offsetof(struct session, application), NULL },
        { "Pid", "u", offsetof(struct session, pid), NULL },
        { "Uid", "u", offsetof(struct session, uid), NULL },
        { "Target", "u", offsetof(struct session, target_us), NULL },
        { "Percentile", "u", offsetof(struct session, permille), NULL },
        { "Window", "u", offsetof(struct session, window_us), NULL },
        { "Stale", "u", offsetof(struct session, stale_us), NULL },
        { "Cap", "b", offsetof(struct session, cap), NULL },
        { "Samples", "t", offsetof(struct session, samples), NULL },
        { "Violations", "t", offsetof(struct session, violations), NULL },
        { "Invalid", "t", offsetof(struct session, invalid), NULL },
        { "Estimate", "u", offsetof(struct session, estimate_us), NULL },
        { "Slack", "i", offsetof(struct session, slack_us), NULL },
        { "Level", "u", offsetof(struct session, level), NULL },
        { "Delay", "u", offsetof(struct session, delay_us), NULL },
        { "Active", "b", offsetof(struct session, active), NULL },
        { "Cpus", "s", offsetof(struct session, cpus), NULL },
};
static const struct properties properties = { items, ARRAY_SIZE(items) };

int session_read(sd_bus_message *m, struct session *session) {
        return properties_read(m, &properties, session, NULL, NULL);
}

static struct session *add_session(struct session_list *list, const char *path) {
        struct session *session;

        list->items = must(reallocarray(list->items, list->n + 1, sizeof(*list->items)));
        session = &list->items[list->n++];
        *session = (struct session){ .path = xstrdup(path) };
        properties_init(&properties, session);
        (void) parse_u32(strrchr(path, '/') + 1, &session->cookie);
        return session;
}

struct object {
        const char *path;
        struct session_list *list;
};

static int read_interface(sd_bus_message *m, const char *interface, void *userdata) {
        const struct object *object = userdata;

        return strcmp(interface, SESSION_INTERFACE) == 0 ? session_read(m, add_session(object->list, object->path)) :
                                                           sd_bus_message_skip(m, "a{sv}");
}

static int read_object(sd_bus_message *m, const char *path, void *userdata) {
        struct object object = { path, userdata };

        return dict_each(m, "sa{sv}", read_interface, &object);
}

int session_list_read_added(sd_bus_message *m, struct session_list *list) {
        const char *path;
        int r = sd_bus_message_read(m, "o", &path);

        return r < 0 ? r : read_object(m, path, list);
}

static int by_cookie(const void *a, const void *b) {
        const struct session *x = a, *y = b;

        return (x->cookie > y->cookie) - (x->cookie < y->cookie);
}

int session_list_read(sd_bus_message *m, struct session_list *ret) {
        struct session_list list = {};
        int r = dict_each(m, "oa{sa{sv}}", read_object, &list);

        if (r < 0) {
                session_list_free(&list);
                return r;
        }
        if (list.n > 0)
                qsort(list.items, list.n, sizeof(*list.items), by_cookie);
        *ret = list;
        return 0;
}

void session_list_free(struct session_list *list) {
        for (size_t i = 0; i < list->n; i++) {
                free(list->items[i].path);
                properties_free(&properties, &list->items[i]);
        }
        free(list->items);
        *list = (struct session_list){};
}

struct session *session_list_find(const struct session_list *list, const char *path) {
        for (size_t i = 0; i < list->n; i++)
                if (strcmp(list->items[i].path, path) == 0)
                        return &list->items[i];
        return NULL;
}

const char *session_name(const struct session *session, char *buffer, size_t size) {
        if (!session_is_hidden(session))
                return session->application;
        (void) snprintf(buffer, size, "user %" PRIu32, session->uid);
        return buffer;
}

char *session_list_hidden(const struct session_list *list) {
        size_t n = 0;

        for (size_t i = 0; i < list->n; i++)
                n += session_is_hidden(&list->items[i]);
        if (n == 0)
                return NULL;
        return n == 1 ? xstrdup("Details of 1 session of another user are shown only to that user and to root.") :
                        xasprintf("Details of %zu sessions of other users are shown only to these users and to root.", n);
}

/* Sets the columns that all users may see. */
static void add_public(struct rows *rows, size_t row, const struct session *s) {
        const uint32_t numbers[] = { s->cookie, s->uid };
        static const char *const keys[] = { "session", "uid" };
        char text[16];

        for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
                (void) snprintf(text, sizeof(text), "%" PRIu32, numbers[k]);
                rows_set(rows, row, keys[k], text);
        }
        rows_set(rows, row, "active", s->active ? "true" : "false");
}

void session_list_rows(const struct session_list *list, const struct columns *columns, struct rows *ret) {
        *ret = (struct rows){ .columns = columns };
        for (size_t i = 0; i < list->n; i++) {
                const struct session *s = &list->items[i];
                const uint64_t numbers[] = { s->pid,     s->target_us,  s->permille, s->window_us, s->stale_us,
                                             s->samples, s->violations, s->invalid,  s->level,     s->delay_us };
                static const char *const keys[] = { "pid",     "target_us",  "permille", "window_us", "stale_us",
                                                    "samples", "violations", "invalid",  "level",     "delay_us" };
                char text[24];
                size_t row = rows_add(ret);

                add_public(ret, row, s);
                if (session_is_hidden(s))
                        continue;
                for (size_t k = s->pid > 0 ? 0 : 1; k < ARRAY_SIZE(keys); k++) { /* pid 0: unknown */
                        (void) snprintf(text, sizeof(text), "%" PRIu64, numbers[k]);
                        rows_set(ret, row, keys[k], text);
                }
                if (s->estimate_us > 0) { /* 0: there is no estimate yet */
                        (void) snprintf(text, sizeof(text), "%" PRIu32, s->estimate_us);
                        rows_set(ret, row, "estimate_us", text);
                        (void) snprintf(text, sizeof(text), "%" PRId32, s->slack_us);
                        rows_set(ret, row, "slack_us", text);
                }
                rows_set(ret, row, "application", s->application);
                rows_set(ret, row, "cpus", s->cpus);
                rows_set(ret, row, "cap", s->cap ? "true" : "false");
        }
}
