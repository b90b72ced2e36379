/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes to properties, their errors and the signal PropertiesChanged. sd-bus replies to Set as soon as the setter returns, so a
 * setter cannot wait for polkit. For invalid calls, sd-bus returns other errors than the GLib services that clients of
 * power-profiles-daemon expect. Both cases are handled here, before sd-bus uses the vtable. */

#include "dbus/bus/property-rules.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

/* More properties than any interface of the service has. */
#define EMIT_MAX 32

static const sd_bus_vtable *find_property(const sd_bus_vtable *v, const char *name) {
        for (; v->type != _SD_BUS_VTABLE_END; v++)
                if ((v->type == _SD_BUS_VTABLE_PROPERTY || v->type == _SD_BUS_VTABLE_WRITABLE_PROPERTY) &&
                    strcmp(v->x.property.member, name) == 0)
                        return v;
        return NULL;
}

static int check_interface(const struct property_rules *rules, const char *interface, sd_bus_error *error) {
        if (strcmp(interface, rules->interface) == 0)
                return 0;
        return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "No such interface '%s'", interface);
}

static int check_known(const struct property_rules *rules, const char *interface, const char *property, sd_bus_error *error) {
        int r = check_interface(rules, interface, error);

        if (r < 0 || find_property(rules->vtable, property))
                return r;
        return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "No such property '%s'", property);
}

/* Checks that the property may be written, and the type of the value. */
static int check_write(const sd_bus_vtable *v, const char *type, sd_bus_error *error) {
        const char *name = v->x.property.member, *expected = v->x.property.signature;

        if (v->type != _SD_BUS_VTABLE_WRITABLE_PROPERTY)
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "Property '%s' is not writable", name);
        if (strcmp(type, expected) != 0)
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
                                         "Error setting property '%s': Expected type '%s' but got '%s'", name, expected, type);
        return 0;
}

static int handle_get(sd_bus_message *call, const struct property_rules *rules, sd_bus_error *error) {
        const char *interface, *property;
        int r = sd_bus_message_read(call, "ss", &interface, &property);

        return r < 0 ? r : check_known(rules, interface, property, error);
}

static int handle_get_all(sd_bus_message *call, const struct property_rules *rules, sd_bus_error *error) {
        const char *interface;
        int r = sd_bus_message_read(call, "s", &interface);

        return r < 0 ? r : check_interface(rules, interface, error);
}

static int check_set(sd_bus_message *call, const struct property_rules *rules, const char **ret_property, sd_bus_error *error) {
        const char *interface, *property, *type;
        int r = sd_bus_message_read(call, "ss", &interface, &property);

        if (r >= 0)
                r = sd_bus_message_peek_type(call, NULL, &type);
        if (r >= 0)
                r = check_known(rules, interface, property, error);
        if (r >= 0)
                r = check_write(find_property(rules->vtable, property), type, error);
        if (r >= 0)
                *ret_property = property;
        return r;
}

/* If like_glib is false, an invalid call (its signature was checked before) is left to sd-bus, which returns its own error. */
static int handle_set(sd_bus_message *call, const struct property_rules *rules, struct polkit *polkit, void *userdata,
                      sd_bus_error *error) {
        const struct guarded *guarded;
        const char *property;
        int r = check_set(call, rules, &property, rules->like_glib ? error : NULL);

        if (r < 0)
                return rules->like_glib ? r : 0;
        guarded = guarded_find(rules->writable, rules->n_writable, property);
        return guarded ? polkit_ask(polkit, call, guarded, userdata, error) : 0;
}

static int check_signature(sd_bus_message *call, const char *member, const char *signature, sd_bus_error *error) {
        if (sd_bus_message_has_signature(call, signature) > 0)
                return 1;
        return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "%s takes arguments of type (%s)", member, signature);
}

/* Returns 1 for a call of one of the three methods with the right signature, 0 for a call of another method, -errno otherwise. */
static int recognize_call(sd_bus_message *call, const char **ret_member, sd_bus_error *error) {
        static const struct {
                const char *member, *signature;
        } methods[] = { { "Get", "ss" }, { "GetAll", "s" }, { "Set", "ssv" } };

        for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
                if (sd_bus_message_is_method_call(call, PROPERTIES, methods[i].member) > 0) {
                        *ret_member = methods[i].member;
                        return check_signature(call, methods[i].member, methods[i].signature, error);
                }
        return 0;
}

int property_handle(sd_bus_message *call, const struct property_rules *rules, struct polkit *polkit, void *userdata,
                    sd_bus_error *error) {
        const char *member;
        int r = recognize_call(call, &member, error);

        if (r <= 0)
                return r;
        if (strcmp(member, "Set") == 0)
                return handle_set(call, rules, polkit, userdata, error);
        if (!rules->like_glib)
                return 0;
        r = strcmp(member, "Get") == 0 ? handle_get(call, rules, error) : handle_get_all(call, rules, error);
        return MIN(r, 0);
}

int property_never_set(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *value,
                       void *userdata, sd_bus_error *error) {
        (void) bus, (void) path, (void) interface, (void) property, (void) value, (void) userdata, (void) error;
        return -EACCES;
}

int property_emit(sd_bus *bus, const char *path, const char *interface, const struct property_change *rows, size_t n,
                  uint32_t changed) {
        char *names[EMIT_MAX + 1] = {};
        size_t k = 0;

        for (size_t i = 0; i < n && k < EMIT_MAX; i++)
                if (rows[i].mask & changed)
                        names[k++] = (char *) rows[i].property; /* sd-bus does not change them */
        return k == 0 ? 0 : sd_bus_emit_properties_changed_strv(bus, path, interface, names);
}
