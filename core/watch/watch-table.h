/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_WATCH_TABLE_H
#define CORE_WATCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Which watched file an event is about: a table of (key, cookie), found by either. A key is what the kernel names the file by, a cookie
 * what the caller names it by; one file may have several cookies, and a cookie several files. 48 bytes a file, so that 4096 CPUs with three
 * files each take about 600 KiB.
 */

#define WATCH_NONE UINT32_MAX

struct watch_entry {
        uint64_t key, cookie;
        uint32_t path_hash;
        uint32_t next_key, next_cookie; /* WATCH_NONE at the end */
};

struct watch_table {
        struct watch_entry *entries;
        uint32_t *by_key, *by_cookie; /* heads; `room` of each */
        uint32_t used, room, free, n; /* used: high-water mark; free: list through next_key */
};

void watch_table_init(struct watch_table *table);
void watch_table_done(struct watch_table *table); /* usable again afterwards */
/* Adds; does nothing when the very same is there. 1 added, 0 was there, -ENOMEM. */
int watch_table_add(struct watch_table *table, uint64_t key, uint64_t cookie, uint32_t path_hash);
/* Drops entries of this cookie and path whose key is another: the file was replaced. True, with the old key in *ret_key, when there was
 * one and no other entry uses that key any more. */
bool watch_table_replace(struct watch_table *table, uint64_t key, uint64_t cookie, uint32_t path_hash, uint64_t *ret_key);
/* Drops every entry of a key. */
void watch_table_drop_key(struct watch_table *table, uint64_t key);
/* First entry of a key or cookie, then the next of the same; NULL at the end. */
const struct watch_entry *watch_table_key(const struct watch_table *table, uint64_t key);
const struct watch_entry *watch_table_key_next(const struct watch_table *table, const struct watch_entry *entry);
/* True if a file with this key carries this cookie. */
bool watch_table_has(const struct watch_table *table, uint64_t key, uint64_t cookie);

uint32_t watch_hash(const void *data, size_t size);

#endif
