/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interned and bounded texts. Interned texts are never freed. Their number is bounded by the distinct values of the hardware, the
 * configuration and the ledger; texts from clients on the bus are not interned. */

#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct entry {
        struct entry *next;
        uint32_t hash;
        char text[];
};

static struct entry **buckets;
static size_t n_buckets, n_entries;

/* FNV-1a, 32 bit. */
static uint32_t text_hash(const char *text) {
        uint32_t hash = UINT32_C(2166136261);

        for (; *text; text++)
                hash = (hash ^ (uint8_t) *text) * UINT32_C(16777619);
        return hash;
}

static int grow(void) {
        size_t wanted = n_buckets ? n_buckets * 2 : 64;
        struct entry **table = calloc(wanted, sizeof(*table));

        if (!table)
                return -ENOMEM;
        for (size_t i = 0; i < n_buckets; i++)
                for (struct entry *e = buckets[i], *next; e; e = next) {
                        next = e->next;
                        e->next = table[e->hash % wanted];
                        table[e->hash % wanted] = e;
                }
        free(buckets);
        buckets = table;
        n_buckets = wanted;
        return 0;
}

const char *text_intern(const char *text) {
        uint32_t hash = text_hash(text);
        size_t size = strlen(text) + 1;
        struct entry *e;

        if (n_buckets > 0)
                for (e = buckets[hash % n_buckets]; e; e = e->next)
                        if (e->hash == hash && strcmp(e->text, text) == 0)
                                return e->text;
        if (n_entries >= n_buckets && grow() < 0)
                return NULL;
        e = malloc(sizeof(*e) + size);
        if (!e)
                return NULL;
        e->hash = hash;
        memcpy(e->text, text, size);
        e->next = buckets[hash % n_buckets];
        buckets[hash % n_buckets] = e;
        n_entries++;
        return e->text;
}

/* Continuation bytes are 10xxxxxx. */
int text_cut(const char *text, int max) {
        int length = (int) strnlen(text, (size_t) max + 1);

        if (length <= max)
                return length;
        length = max;
        while (length > 0 && ((unsigned char) text[length] & 0xc0) == 0x80)
                length--;
        return length;
}

int text_format(char *ret, size_t size, const char *format, ...) {
        va_list args;
        int n;

        va_start(args, format);
        n = vsnprintf(ret, size, format, args);
        va_end(args);
        if (n >= 0 && (size_t) n < size)
                return 0;
        ret[0] = '\0';
        return -E2BIG;
}
