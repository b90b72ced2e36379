/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_PROPERTIES_H
#define TOOLS_PROPERTIES_H

#include <stddef.h>

#include <systemd/sd-bus.h>

#include "tools/common/rows.h"

/* Reads the properties of an object of the service into a structure that a table describes. Properties that are not in the table are
 * skipped, since a newer service may have more properties. A property whose type differs from the table is an error. */

struct property {
        const char *name, *type;       /* as on the bus */
        size_t offset;                 /* of a char * (s), bool (b), int32_t (i), uint32_t (u), uint64_t (t) or struct rows */
        const struct columns *columns; /* for struct rows; otherwise NULL */
};

struct properties {
        const struct property *items;
        size_t n;
};

typedef void (*property_callback)(const struct property *property, const void *value, void *userdata);
/* Reads the value of an entry of a dictionary from the current position of the message. Returns a negative errno on failure. */
typedef int (*dict_callback)(sd_bus_message *m, const char *key, void *userdata);

/* Sets texts to "" and tables to no rows; the caller initializes the rest of `object`. */
void properties_init(const struct properties *properties, void *object);
void properties_free(const struct properties *properties, void *object);
/* Reads a dictionary a{sv} at the current position of the message. Members of `object` without an entry keep their values. `each` (may
 * be NULL) is called for every value that was read. Returns a negative errno on failure; values read before then stay in `object`. */
int properties_read(sd_bus_message *m, const struct properties *properties, void *object, property_callback each, void *userdata);

/* Calls `each` for every entry of the dictionary at the current position of the message; `entry` is the type of its entries ("sv").
 * Returns 1 if a dictionary was read, 0 at the end of an array of dictionaries, or a negative errno of the message or of `each`. */
int dict_each(sd_bus_message *m, const char *entry, dict_callback each, void *userdata);

#endif
