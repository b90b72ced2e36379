/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads dictionaries from the bus as tables describe them. Texts are not checked: they may come from applications, and are cleaned when
 * they are printed. */

#include "tools/common/properties.h"

#include <string.h>

#include "tools/common/xalloc.h"

struct reading {
        const struct properties *properties;
        void *object;
        property_callback each;
        void *userdata;
};

static void *place_of(const struct property *property, void *object) {
        return (char *) object + property->offset;
}

void properties_init(const struct properties *properties, void *object) {
        for (size_t i = 0; i < properties->n; i++) {
                const struct property *property = &properties->items[i];

                if (property->columns)
                        *(struct rows *) place_of(property, object) = (struct rows){ .columns = property->columns };
                else if (property->type[0] == 's')
                        *(char **) place_of(property, object) = xstrdup("");
        }
}

void properties_free(const struct properties *properties, void *object) {
        for (size_t i = 0; i < properties->n; i++) {
                const struct property *property = &properties->items[i];

                if (property->columns)
                        rows_free(place_of(property, object));
                else if (property->type[0] == 's')
                        free(*(char **) place_of(property, object));
        }
}

static const struct property *find_property(const struct properties *properties, const char *name) {
        for (size_t i = 0; i < properties->n; i++)
                if (strcmp(properties->items[i].name, name) == 0)
                        return &properties->items[i];
        return NULL;
}

static int read_rows(sd_bus_message *m, const struct columns *columns, struct rows *place) {
        struct rows rows;
        int r = rows_read(&rows, columns, m);

        if (r < 0)
                return r;
        rows_free(place);
        *place = rows;
        return 0;
}

static int read_value(sd_bus_message *m, const struct property *property, void *place) {
        const char *text;
        int truth, r;

        if (property->columns)
                return read_rows(m, property->columns, place);
        if (property->type[0] == 's') {
                r = sd_bus_message_read_basic(m, 's', &text);
                if (r > 0) {
                        free(*(char **) place);
                        *(char **) place = xstrdup(text);
                }
        } else if (property->type[0] == 'b') {
                r = sd_bus_message_read_basic(m, 'b', &truth);
                if (r > 0)
                        *(bool *) place = truth;
        } else
                r = sd_bus_message_read_basic(m, property->type[0], place);
        return r;
}

static int read_property(sd_bus_message *m, const char *name, void *userdata) {
        const struct reading *reading = userdata;
        const struct property *property = find_property(reading->properties, name);
        void *place;
        int r;

        if (!property)
                return sd_bus_message_skip(m, "v");
        place = place_of(property, reading->object);
        r = sd_bus_message_enter_container(m, SD_BUS_TYPE_VARIANT, property->type);
        if (r >= 0)
                r = read_value(m, property, place);
        if (r < 0)
                return r;
        if (reading->each)
                reading->each(property, place, reading->userdata);
        return sd_bus_message_exit_container(m);
}

int properties_read(sd_bus_message *m, const struct properties *properties, void *object, property_callback each, void *userdata) {
        struct reading reading = { properties, object, each, userdata };

        return dict_each(m, "sv", read_property, &reading);
}

int dict_each(sd_bus_message *m, const char *entry, dict_callback each, void *userdata) {
        char array[32];
        const char *key;
        int r;

        (void) snprintf(array, sizeof(array), "{%s}", entry);
        r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, array);
        if (r <= 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, SD_BUS_TYPE_DICT_ENTRY, entry)) > 0) {
                r = sd_bus_message_read_basic(m, entry[0], &key);
                if (r >= 0)
                        r = each(m, key, userdata);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}
