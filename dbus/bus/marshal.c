/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Appends texts to messages. Bytes that are not UTF-8 are never sent, because the bus daemon would then close the connection, and
 * the service would stop. Such bytes may come from the hardware, for example in the name of a battery. */

#include "dbus/bus/marshal.h"

#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"

static void replace_invalid(char *text) {
        uint32_t c;

        for (size_t n; (n = utf8_next(text, &c)) > 0; text += n)
                if (c == UTF8_INVALID)
                        *text = '?';
}

char *clean_copy(const char *text) {
        char *copy = strdup(text);

        if (copy)
                replace_invalid(copy);
        return copy;
}

int append_text(sd_bus_message *m, const char *text) {
        _cleanup_free_ char *copy = NULL;

        if (!text || utf8_is_valid(text))
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
