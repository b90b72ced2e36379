/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_WATCH_TABLE_H
#define CORE_WATCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Maps events to watched files: a table of pairs (key, cookie), indexed by both. The kernel identifies a file by its key, the
 * caller by its cookie. A file may have several cookies, and a cookie several files. An entry takes about 50 bytes, so 4096 CPUs
 * with three files each take about 600 KiB.
 */

#define WATCH_NONE UINT32_MAX

struct watch_entry {
        uint64_t key, cookie;
        uint32_t path_hash;
        uint32_t next_key, next_cookie; /* WATCH_NONE at the end */
};

struct watch_table {
        struct watch_entry *entries;
        uint32_t *by_key, *by_cookie; /* heads of the lists; `room` elements each */
        uint32_t used, room, free, n; /* used: high-water mark; free: first of the free slots, linked through next_key */
};

void watch_table_init(struct watch_table *table);
void watch_table_done(struct watch_table *table); /* the table is empty and usable afterwards */
/* Adds an entry unless one with this key and cookie exists. Returns 1 if it was added, 0 if it existed, or -ENOMEM. */
int watch_table_add(struct watch_table *table, uint64_t key, uint64_t cookie, uint32_t path_hash);
/* Drops the entry of this cookie and path if it has another key, which means that the file was replaced. If an entry was dropped
 * and no other entry has its key, returns true and sets *ret_key to this old key. */
bool watch_table_replace(struct watch_table *table, uint64_t key, uint64_t cookie, uint32_t path_hash, uint64_t *ret_key);
/* Drops every entry of a key. */
void watch_table_drop_key(struct watch_table *table, uint64_t key);
/* Returns the first entry of a key, then the next one of the same key; NULL at the end. */
const struct watch_entry *watch_table_key(const struct watch_table *table, uint64_t key);
const struct watch_entry *watch_table_key_next(const struct watch_table *table, const struct watch_entry *entry);
/* Returns true if a file with this key has this cookie. */
bool watch_table_has(const struct watch_table *table, uint64_t key, uint64_t cookie);

uint32_t watch_hash(const void *data, size_t size);

#endif
