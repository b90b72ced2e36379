/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of core/watch/watch.c: one array of entries with two hash indices. Entries move when the array grows, so pointers to
 * them are valid only until the next watch_table_add(). Freed slots are linked through next_key and are reused first. */

#include "core/watch/watch-table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define ROOM_FIRST 16u
#define ROOM_MAX   (1u << 20) /* 4096 CPUs with 256 files each; a plugin that names more is faulty */

/* The hash is not randomised: clients of the service cannot choose the keys. */
uint32_t watch_hash(const void *data, size_t size) {
        uint64_t hash = hash64(data, size, 0);

        return (uint32_t) (hash ^ (hash >> 32));
}

void watch_table_init(struct watch_table *table) {
        *table = (struct watch_table){ .free = WATCH_NONE };
}

void watch_table_done(struct watch_table *table) {
        free(table->entries);
        free(table->by_key);
        free(table->by_cookie);
        watch_table_init(table);
}

static uint32_t *head(const struct watch_table *table, uint32_t *heads, uint64_t value) {
        return &heads[watch_hash(&value, sizeof(value)) & (table->room - 1)];
}

static void link_entry(struct watch_table *table, uint32_t i) {
        struct watch_entry *entry = &table->entries[i];
        uint32_t *by_key = head(table, table->by_key, entry->key);
        uint32_t *by_cookie = head(table, table->by_cookie, entry->cookie);

        entry->next_key = *by_key;
        *by_key = i;
        entry->next_cookie = *by_cookie;
        *by_cookie = i;
}

/* Called only when every slot is in use, so the list of free slots is empty. */
static int grow(struct watch_table *table) {
        uint32_t room = table->room ? table->room * 2 : ROOM_FIRST;
        struct watch_entry *entries;
        uint32_t *by_key, *by_cookie;

        if (room > ROOM_MAX)
                return -ENOMEM;
        by_key = malloc(room * sizeof(*by_key));
        by_cookie = malloc(room * sizeof(*by_cookie));
        entries = by_key && by_cookie ? reallocarray(table->entries, room, sizeof(*entries)) : NULL;
        if (!entries) {
                free(by_key);
                free(by_cookie);
                return -ENOMEM;
        }
        free(table->by_key);
        free(table->by_cookie);
        table->entries = entries;
        table->by_key = memset(by_key, 0xff, room * sizeof(*by_key)); /* WATCH_NONE */
        table->by_cookie = memset(by_cookie, 0xff, room * sizeof(*by_cookie));
        table->room = room;
        for (uint32_t i = 0; i < table->used; i++)
                link_entry(table, i);
        return 0;
}

int watch_table_add(struct watch_table *table, uint64_t key, uint64_t cookie, uint32_t path_hash) {
        uint32_t i = table->free;
        int r;

        if (watch_table_has(table, key, cookie))
                return 0;
        if (i != WATCH_NONE)
                table->free = table->entries[i].next_key;
        else {
                r = table->used == table->room ? grow(table) : 0;
                if (r < 0)
                        return r;
                i = table->used++;
        }
        table->entries[i] = (struct watch_entry){ .key = key, .cookie = cookie, .path_hash = path_hash };
        link_entry(table, i);
        table->n++;
        return 1;
}

static void drop(struct watch_table *table, uint32_t i) {
        struct watch_entry *entry = &table->entries[i];
        uint32_t *p;

        for (p = head(table, table->by_key, entry->key); *p != i;)
                p = &table->entries[*p].next_key;
        *p = entry->next_key;
        for (p = head(table, table->by_cookie, entry->cookie); *p != i;)
                p = &table->entries[*p].next_cookie;
        *p = entry->next_cookie;
        entry->next_key = table->free;
        table->free = i;
        table->n--;
}

bool watch_table_replace(struct watch_table *table, uint64_t key, uint64_t cookie, uint32_t path_hash, uint64_t *ret_key) {
        uint32_t i = table->room ? *head(table, table->by_cookie, cookie) : WATCH_NONE;

        for (; i != WATCH_NONE; i = table->entries[i].next_cookie) {
                struct watch_entry *entry = &table->entries[i];
                uint64_t old = entry->key;

                if (entry->cookie != cookie || entry->path_hash != path_hash || old == key)
                        continue;
                drop(table, i);
                *ret_key = old;
                return !watch_table_key(table, old);
        }
        return false;
}

void watch_table_drop_key(struct watch_table *table, uint64_t key) {
        const struct watch_entry *entry;

        while ((entry = watch_table_key(table, key)))
                drop(table, (uint32_t) (entry - table->entries));
}

static const struct watch_entry *same_key(const struct watch_table *table, uint32_t i, uint64_t key) {
        while (i != WATCH_NONE && table->entries[i].key != key)
                i = table->entries[i].next_key;
        return i == WATCH_NONE ? NULL : &table->entries[i];
}

const struct watch_entry *watch_table_key(const struct watch_table *table, uint64_t key) {
        return table->room ? same_key(table, *head(table, table->by_key, key), key) : NULL;
}

const struct watch_entry *watch_table_key_next(const struct watch_table *table, const struct watch_entry *entry) {
        return same_key(table, entry->next_key, entry->key);
}

bool watch_table_has(const struct watch_table *table, uint64_t key, uint64_t cookie) {
        const struct watch_entry *entry = watch_table_key(table, key);

        while (entry && entry->cookie != cookie)
                entry = watch_table_key_next(table, entry);
        return entry;
}
