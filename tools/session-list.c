/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions, read from the bus into structures: one table says which property goes where. It refuses a known property of another type,
 * and judges no value: names are the applications' own and are cleaned where they are shown. */

#include "tools/session-list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "tools/columns.h"
#include "tools/xalloc.h"

static const struct property {
        const char *name;
        char type;
        size_t offset;
} properties[] = {
        { "Application", 's', offsetof(struct session, application) },
        { "Pid", 'u', offsetof(struct session, pid) },
        { "Uid", 'u', offsetof(struct session, uid) },
        { "Target", 'u', offsetof(struct session, target_us) },
        { "Percentile", 'u', offsetof(struct session, permille) },
        { "Window", 'u', offsetof(struct session, window_us) },
        { "Stale", 'u', offsetof(struct session, stale_us) },
        { "Cap", 'b', offsetof(struct session, cap) },
        { "Samples", 't', offsetof(struct session, samples) },
        { "Violations", 't', offsetof(struct session, violations) },
        { "Invalid", 't', offsetof(struct session, invalid) },
        { "Estimate", 'u', offsetof(struct session, estimate_us) },
        { "Slack", 'i', offsetof(struct session, slack_us) },
        { "Level", 'u', offsetof(struct session, level) },
        { "Delay", 'u', offsetof(struct session, delay_us) },
        { "Active", 'b', offsetof(struct session, active) },
        { "Cpus", 's', offsetof(struct session, cpus) },
};

static const struct property *find(const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(properties); i++)
                if (strcmp(properties[i].name, name) == 0)
                        return &properties[i];
        return NULL;
}

static int read_value(sd_bus_message *m, char type, void *place) {
        const char *text;
        int truth, r;

        if (type == 's') {
                r = sd_bus_message_read_basic(m, type, &text);
                if (r > 0) {
                        free(*(char **) place);
                        *(char **) place = xstrdup(text);
                }
        } else if (type == 'b') {
                r = sd_bus_message_read_basic(m, type, &truth);
                if (r > 0)
                        *(bool *) place = truth;
        } else
                r = sd_bus_message_read_basic(m, type, place);
        return r;
}

static int read_entry(sd_bus_message *m, struct session *session) {
        const struct property *property;
        const char *name;
        int r = sd_bus_message_read(m, "s", &name);

        if (r < 0)
                return r;
        property = find(name);
        if (!property)
                return sd_bus_message_skip(m, "v");
        r = sd_bus_message_enter_container(m, SD_BUS_TYPE_VARIANT, (const char[]){ property->type, '\0' });
        if (r >= 0)
                r = read_value(m, property->type, (char *) session + property->offset);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int session_read(sd_bus_message *m, struct session *session) {
        int r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "{sv}");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, SD_BUS_TYPE_DICT_ENTRY, "sv")) > 0) {
                r = read_entry(m, session);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static struct session *add(struct session_list *list, const char *path) {
        struct session *session;

        list->items = must(reallocarray(list->items, list->n + 1, sizeof(*list->items)));
        session = &list->items[list->n++];
        *session = (struct session){ .path = xstrdup(path), .application = xstrdup(""), .cpus = xstrdup("") };
        (void) parse_u32(strrchr(path, '/') + 1, &session->cookie);
        return session;
}

/* a{sa{sv}}: the interfaces of one object. */
static int read_interfaces(sd_bus_message *m, const char *path, struct session_list *list) {
        const char *interface;
        int r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "{sa{sv}}");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, SD_BUS_TYPE_DICT_ENTRY, "sa{sv}")) > 0) {
                r = sd_bus_message_read(m, "s", &interface);
                if (r >= 0)
                        r = strcmp(interface, SESSION_INTERFACE) == 0 ? session_read(m, add(list, path)) :
                                                                        sd_bus_message_skip(m, "a{sv}");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int by_cookie(const void *a, const void *b) {
        const struct session *x = a, *y = b;

        return (x->cookie > y->cookie) - (x->cookie < y->cookie);
}

static int read_objects(sd_bus_message *m, struct session_list *list) {
        const char *path;
        int r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "{oa{sa{sv}}}");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, SD_BUS_TYPE_DICT_ENTRY, "oa{sa{sv}}")) > 0) {
                r = sd_bus_message_read(m, "o", &path);
                if (r >= 0)
                        r = read_interfaces(m, path, list);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int session_list_read(sd_bus_message *m, struct session_list *ret) {
        struct session_list list = {};
        int r = read_objects(m, &list);

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
                free(list->items[i].application);
                free(list->items[i].cpus);
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

void session_list_rows(const struct session_list *list, const struct columns *columns, struct rows *ret) {
        *ret = (struct rows){ .columns = columns };
        for (size_t i = 0; i < list->n; i++) {
                const struct session *s = &list->items[i];
                const uint64_t numbers[] = { s->cookie,   s->pid,     s->uid,        s->target_us, s->permille, s->window_us,
                                             s->stale_us, s->samples, s->violations, s->invalid,   s->level,    s->delay_us };
                static const char *const keys[] = { "session",  "pid",     "uid",        "target_us", "permille", "window_us",
                                                    "stale_us", "samples", "violations", "invalid",   "level",    "delay_us" };
                char text[24];
                size_t row = rows_add(ret);

                for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
                        (void) snprintf(text, sizeof(text), "%" PRIu64, numbers[k]);
                        rows_set(ret, row, keys[k], text);
                }
                if (s->estimate_us > 0) { /* else nothing is known yet */
                        (void) snprintf(text, sizeof(text), "%" PRIu32, s->estimate_us);
                        rows_set(ret, row, "estimate_us", text);
                        (void) snprintf(text, sizeof(text), "%" PRId32, s->slack_us);
                        rows_set(ret, row, "slack_us", text);
                }
                rows_set(ret, row, "application", s->application);
                rows_set(ret, row, "cpus", s->cpus);
                rows_set(ret, row, "cap", s->cap ? "true" : "false");
                rows_set(ret, row, "active", s->active ? "true" : "false");
        }
}
