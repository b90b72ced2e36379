/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bus calls of powerprofilesctl. As in the original, only the newer of the two bus names is used. */

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "tools/common/bus.h"
#include "tools/common/cli.h"
#include "tools/common/properties.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"
#include "tools/ppd/ppd-bus.h"

static sd_bus *bus;

static int connect_bus(void) {
        return bus ? 0 : bus_connect(NULL, &bus);
}

int ppd_get(const char *property, const char *type, sd_bus_message **ret, sd_bus_error *error) {
        int r = connect_bus();

        return r < 0 ? r : sd_bus_get_property(bus, PPD_NAME, PPD_PATH, PPD_NAME, property, error, ret, type);
}

int ppd_get_string(const char *property, char **ret, sd_bus_error *error) {
        int r = connect_bus();

        return r < 0 ? r : sd_bus_get_property_string(bus, PPD_NAME, PPD_PATH, PPD_NAME, property, error, ret);
}

int ppd_set(const char *property, sd_bus_error *error, const char *type, ...) {
        va_list args;
        int r = connect_bus();

        if (r < 0)
                return r;
        va_start(args, type);
        r = sd_bus_set_propertyv(bus, PPD_NAME, PPD_PATH, PPD_NAME, property, error, type, args);
        va_end(args);
        return r;
}

int ppd_call(const char *method, sd_bus_message **ret, sd_bus_error *error, const char *types, ...) {
        va_list args;
        int r = connect_bus();

        if (r < 0)
                return r;
        va_start(args, types);
        r = sd_bus_call_methodv(bus, PPD_NAME, PPD_PATH, PPD_NAME, method, error, ret, types, args);
        va_end(args);
        return r;
}

int ppd_failed(const sd_bus_error *error, int r) {
        (void) fflush(stdout);
        (void) fputs("Failed to communicate with power-profiles-daemon: ", stderr);
        if (error->name) {
                clean_print(stderr, error->name, false);
                (void) fputs(": ", stderr);
                clean_print(stderr, error->message ? error->message : "", false);
        } else
                (void) fputs(strerror(-r), stderr);
        (void) fputc('\n', stderr);
        return CLI_FAILED;
}

void ppd_disconnect(void) {
        bus = sd_bus_flush_close_unref(bus);
}

struct dict {
        char **pairs;
        size_t n;
};

struct dicts {
        struct dict *items;
        size_t n;
};

static void dicts_free(struct dicts *d) {
        for (size_t i = 0; i < d->n; i++) {
                for (size_t k = 0; k < d->items[i].n; k++)
                        free(d->items[i].pairs[k]);
                free(d->items[i].pairs);
        }
        free(d->items);
}

static void add_pair(struct dict *d, const char *key, const char *value) {
        d->pairs = must(reallocarray(d->pairs, d->n + 3, sizeof(*d->pairs)));
        d->pairs[d->n++] = xstrdup(key);
        d->pairs[d->n++] = xstrdup(value);
        d->pairs[d->n] = NULL;
}

static int read_entry(sd_bus_message *m, const char *key, void *userdata) {
        const char *type, *text;
        char kind;
        int r = sd_bus_message_peek_type(m, &kind, &type), flag;

        if (r < 0)
                return r;
        if (strcmp(type, "s") == 0 && (r = sd_bus_message_read(m, "v", "s", &text)) >= 0)
                add_pair(userdata, key, text);
        else if (strcmp(type, "b") == 0 && (r = sd_bus_message_read(m, "v", "b", &flag)) >= 0)
                add_pair(userdata, key, flag ? "True" : "False");
        else if (r >= 0)
                r = sd_bus_message_skip(m, "v");
        return r;
}

static int read_dicts(sd_bus_message *m, struct dicts *d) {
        int r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "a{sv}");

        if (r < 0)
                return r;
        do {
                d->items = must(reallocarray(d->items, d->n + 1, sizeof(*d->items)));
                d->items[d->n] = (struct dict){};
                r = dict_each(m, "sv", read_entry, &d->items[d->n++]);
        } while (r > 0);
        d->n -= r == 0; /* at the end of the array there was no dictionary to read */
        return r;
}

int ppd_each_dict(sd_bus_message *m, bool reverse, void (*each)(char *const *pairs, void *userdata), void *userdata) {
        static char *const nothing[] = { NULL };
        _cleanup_(dicts_free) struct dicts d = {};
        int r = read_dicts(m, &d);

        for (size_t i = 0; r >= 0 && i < d.n; i++) {
                const struct dict *dict = &d.items[reverse ? d.n - 1 - i : i];

                each(dict->pairs ? dict->pairs : nothing, userdata);
        }
        return r;
}

const char *ppd_value(char *const *pairs, const char *key) {
        for (; pairs[0]; pairs += 2)
                if (strcmp(pairs[0], key) == 0)
                        return pairs[1];
        return NULL;
}
