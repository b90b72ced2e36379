/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Appending texts to messages. Bytes that are not UTF-8 do not reach the bus: the bus daemon answers those by closing the
 * connection, and a battery's or a firmware's name must not be able to end the service. */

#include "dbus/marshal.h"

#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"

/* Length of the valid UTF-8 sequence at p, 0 when it is not one (overlong, surrogate, beyond U+10FFFF, cut). */
static size_t sequence(const unsigned char *p) {
        static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
        size_t n = *p < 0x80 ? 1 : *p >= 0xf0 && *p < 0xf8 ? 4 : *p >= 0xe0 ? 3 : *p >= 0xc2 ? 2 : 0;
        uint32_t code;

        if (n <= 1 || *p >= 0xf8)
                return *p < 0x80 ? 1 : 0;
        code = *p & (0x7fU >> n);
        for (size_t i = 1; i < n; i++) {
                if ((p[i] & 0xc0) != 0x80)
                        return 0;
                code = code << 6 | (p[i] & 0x3f);
        }
        return code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : n;
}

static void clean(char *text) {
        for (unsigned char *p = (unsigned char *) text; *p;) {
                size_t n = sequence(p);

                if (n == 0)
                        *p = '?';
                p += MAX(n, 1U);
        }
}

static bool is_clean(const char *text) {
        for (const unsigned char *p = (const unsigned char *) text; *p;) {
                size_t n = sequence(p);

                if (n == 0)
                        return false;
                p += n;
        }
        return true;
}

char *clean_copy(const char *text) {
        char *copy = strdup(text);

        if (copy)
                clean(copy);
        return copy;
}

int append_text(sd_bus_message *m, const char *text) {
        _cleanup_free_ char *copy = NULL;

        if (!text || is_clean(text))
                return sd_bus_message_append_basic(m, 's', text ? text : "");
        copy = clean_copy(text);
        return copy ? sd_bus_message_append_basic(m, 's', copy) : -ENOMEM;
}

int append_texts(sd_bus_message *m, const char *const *texts, size_t n) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < n; i++)
                r = append_text(m, texts[i]);
        return r;
}

static int close_entry(sd_bus_message *m, int r) {
        for (int i = 0; r >= 0 && i < 2; i++) /* the variant, the entry */
                r = sd_bus_message_close_container(m);
        return r;
}

static int open_entry(sd_bus_message *m, const char *key, const char *type) {
        int r = sd_bus_message_open_container(m, 'e', "sv");

        if (r >= 0)
                r = sd_bus_message_append_basic(m, 's', key);
        return r < 0 ? r : sd_bus_message_open_container(m, 'v', type);
}

int append_entry_text(sd_bus_message *m, const char *key, const char *value) {
        int r = open_entry(m, key, "s");

        if (r >= 0)
                r = append_text(m, value);
        return close_entry(m, r);
}

int append_entry_bool(sd_bus_message *m, const char *key, bool value) {
        int flag = value, r = open_entry(m, key, "b");

        if (r >= 0)
                r = sd_bus_message_append_basic(m, 'b', &flag);
        return close_entry(m, r);
}

size_t type_length(const char *signature) {
        size_t n = strspn(signature, "a");
        int depth = 0;

        do {
                depth += signature[n] == '(' || signature[n] == '{';
                depth -= signature[n] == ')' || signature[n] == '}';
                n++;
        } while (depth > 0);
        return n;
}
