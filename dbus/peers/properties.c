/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads properties that another service sent. The type of each value is checked before the value is read: sd-bus guarantees that a
 * message is well-formed, but not that values have the documented types. Types that are not used are skipped. */

#include "dbus/peers/properties.h"

#include "base/text.h"

/* Reads one variant. For a type that is not used, ret->type is 0. */
static int read_value(sd_bus_message *message, struct property_value *ret) {
        const char *contents;
        int r, b;

        *ret = (struct property_value){};
        r = sd_bus_message_peek_type(message, NULL, &contents);
        if (r < 0)
                return r;
        if (!text_equal(contents, "b") && !text_equal(contents, "d") && !text_equal(contents, "s"))
                return sd_bus_message_skip(message, "v");
        ret->type = contents[0];
        switch (ret->type) {
        case 'b':
                r = sd_bus_message_read(message, "v", "b", &b);
                ret->b = r >= 0 && b;
                return r;
        case 'd':
                return sd_bus_message_read(message, "v", "d", &ret->d);
        default:
                return sd_bus_message_read(message, "v", "s", &ret->s);
        }
}

int properties_read(sd_bus_message *message, const char *path, property_callback callback, void *userdata) {
        int r = sd_bus_message_enter_container(message, 'a', "{sv}");

        while (r >= 0) {
                struct property_value value;
                const char *name;

                r = sd_bus_message_enter_container(message, 'e', "sv");
                if (r <= 0)
                        break;
                r = sd_bus_message_read(message, "s", &name);
                if (r >= 0)
                        r = read_value(message, &value);
                if (r >= 0)
                        r = sd_bus_message_exit_container(message);
                if (r >= 0 && value.type)
                        callback(path, name, &value, userdata);
        }
        return r < 0 ? r : sd_bus_message_exit_container(message);
}
