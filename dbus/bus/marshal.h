/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_MARSHAL_H
#define DBUS_MARSHAL_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

/* Length of the first complete type of a signature: "a" and its element type count as one. The signature must be valid. */
size_t type_length(const char *signature);

/* Returns a malloc'ed copy in which bytes that are not UTF-8 are replaced by '?'; NULL if the allocation fails. */
char *clean_copy(const char *text);

/* Appends a text that may contain bytes that are not UTF-8 (from the hardware, the firmware or a file); they are replaced by '?'.
 * NULL is appended as "". */
int append_text(sd_bus_message *m, const char *text);
/* Calls append_text() for n texts. */
int append_texts(sd_bus_message *m, const char *const *texts, size_t n);
/* Append a dictionary entry {sv} whose value is a text or a boolean. */
int append_entry_text(sd_bus_message *m, const char *key, const char *value);
int append_entry_bool(sd_bus_message *m, const char *key, bool value);

#endif
