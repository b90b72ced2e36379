/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DBUS_MARSHAL_H
#define DBUS_MARSHAL_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

/* Length of the first complete type of a signature that sd-bus has accepted: arrays go with what follows them. */
size_t type_length(const char *signature);

/* A copy in which bytes that are not UTF-8 are replaced by '?'; NULL if memory is short. */
char *clean_copy(const char *text);

/* Appends a text that did not come from the bus but from the hardware, the firmware or a file. Bytes that are not UTF-8, for which
 * the bus would close our connection, are replaced by '?'; NULL is appended as "". */
int append_text(sd_bus_message *m, const char *text);
/* Appends n texts, one after the other. */
int append_texts(sd_bus_message *m, const char *const *texts, size_t n);
/* A dictionary entry {sv} whose value is a text or a boolean. */
int append_entry_text(sd_bus_message *m, const char *key, const char *value);
int append_entry_bool(sd_bus_message *m, const char *key, bool value);

#endif
