/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_PROPERTIES_H
#define TOOLS_PROPERTIES_H

#include <stddef.h>

#include <systemd/sd-bus.h>

#include "tools/common/rows.h"

/* Reads the properties of an object of the service into a structure, as described by a table. Properties that are not in the table
 * are skipped, so that a newer service can have more; a known one of another type is an error. */

struct property {
        const char *name, *type;       /* as on the bus */
        size_t offset;                 /* of a char * (s), bool (b), int32_t (i), uint32_t (u), uint64_t (t) or struct rows */
        const struct columns *columns; /* of those rows; NULL for the others */
};

struct properties {
        const struct property *items;
        size_t n;
};

typedef void (*property_callback)(const struct property *property, const void *value, void *userdata);
/* Reads the value of an entry of a dictionary. */
typedef int (*dict_callback)(sd_bus_message *m, const char *key, void *userdata);

/* Sets texts to "" and rows to none; the caller initializes the rest of `object`. */
void properties_init(const struct properties *properties, void *object);
void properties_free(const struct properties *properties, void *object);
/* Reads a dictionary a{sv} at the current position of the message; members of `object` that are not in it keep their values. `each`
 * (NULL: none) is called for every value that was read. On a negative errno the values read before stay. */
int properties_read(sd_bus_message *m, const struct properties *properties, void *object, property_callback each, void *userdata);

/* Calls `each` for every entry of the dictionary at the current position of the message; `entry` is the entries' type ("sv").
 * Returns 1; 0 at the end of an array of dictionaries; a negative errno, also that of `each`. */
int dict_each(sd_bus_message *m, const char *entry, dict_callback each, void *userdata);

#endif
