/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The objects /org/governord/device/packageN. They are not registered individually: an object exists while the manager has the
 * package, so hot-plug needs no code here. The only state is the last power measurement of each package. */

#include "dbus/api/device-iface.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/parse.h"
#include "base/text.h"
#include "dbus/api/names.h"
#include "dbus/api/power-meter.h"
#include "dbus/bus/allowance.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/errors.h"
#include "dbus/bus/marshal.h"
#include "dbus/bus/polkit.h"

#define NAMES_MAX 128

/* A CPU package whose object has been used. */
struct device {
        struct device *next;
        struct bus *bus;
        uint32_t package;
        struct power_meter meter;
};

struct devices {
        struct device *first;
};

static bool package_exists(const struct manager *manager, uint32_t package) {
        const uint32_t *packages;
        size_t n = manager_packages(manager, &packages);

        for (size_t i = 0; i < n; i++)
                if (packages[i] == package)
                        return true;
        return false;
}

static struct device *find_or_add_device(struct bus *bus, uint32_t package) {
        struct device *device;

        for (device = bus->devices->first; device; device = device->next)
                if (device->package == package)
                        return device;
        device = calloc(1, sizeof(*device));
        if (!device)
                return NULL;
        *device = (struct device){ .next = bus->devices->first, .bus = bus, .package = package };
        bus->devices->first = device;
        return device;
}

/* Accepts only the spelling of domain_format(): "package01" is not an object. */
static int find_device(sd_bus *sd, const char *path, const char *interface, void *userdata, void **ret_found, sd_bus_error *error) {
        struct bus *bus = userdata;
        uint32_t scope, package;
        char name[24];

        (void) sd, (void) interface, (void) error;
        if (strncmp(path, DEVICE_PREFIX "/", strlen(DEVICE_PREFIX "/")) != 0)
                return 0;
        path += strlen(DEVICE_PREFIX "/");
        if (domain_parse(path, &scope, &package) < 0 || scope != GOV_SCOPE_PACKAGE || !package_exists(bus->manager, package))
                return 0;
        domain_format(name, sizeof(name), scope, package);
        if (!text_equal(name, path))
                return 0;
        *ret_found = find_or_add_device(bus, package);
        return *ret_found ? 1 : -ENOMEM;
}

static void nodes_free(char **nodes) {
        for (char **node = nodes; node && *node; node++)
                free(*node);
        free(nodes);
}

/* sd-bus also calls this for prefixes below a package, and ignores paths that do not start with the prefix. */
static int enumerate_devices(sd_bus *sd, const char *prefix, void *userdata, char ***ret_nodes, sd_bus_error *error) {
        struct bus *bus = userdata;
        const uint32_t *packages;
        size_t n = manager_packages(bus->manager, &packages);
        char **nodes = calloc(n + 1, sizeof(*nodes));
        char name[24];

        (void) sd, (void) prefix, (void) error;
        for (size_t i = 0; nodes && i < n; i++) {
                domain_format(name, sizeof(name), GOV_SCOPE_PACKAGE, packages[i]);
                if (asprintf(&nodes[i], DEVICE_PREFIX "/%s", name) < 0) {
                        nodes[i] = NULL;
                        nodes_free(nodes);
                        return -ENOMEM;
                }
        }
        *ret_nodes = nodes;
        return nodes ? 0 : -ENOMEM;
}

static int get_domain(struct device *device, sd_bus_message *reply, sd_bus_error *error) {
        char name[24];

        domain_format(name, sizeof(name), GOV_SCOPE_PACKAGE, device->package);
        return append_text(reply, name);
}

static int get_kind(struct device *device, sd_bus_message *reply, sd_bus_error *error) {
        (void) device;
        return append_text(reply, "cpu");
}

static int get_model(struct device *device, sd_bus_message *reply, sd_bus_error *error) {
        return append_text(reply, manager_cpu_model(device->bus->manager));
}

/* State of one iteration over CPUs or knobs. */
struct walk {
        const struct device *device;
        sd_bus_message *reply;
        char domain[24];
        const char *names[NAMES_MAX];
        size_t n_names;
        struct allowance *allowance; /* NULL: the rows are not charged */
        sd_bus_error *error;
};

static void walk_begin(struct walk *walk, const struct device *device, sd_bus_message *reply, sd_bus_error *error) {
        *walk = (struct walk){ .device = device, .reply = reply, .error = error };
        domain_format(walk->domain, sizeof(walk->domain), GOV_SCOPE_PACKAGE, device->package);
}

static int add_cpu(const struct cpu_view *cpu, void *userdata) {
        struct walk *walk = userdata;

        return cpu->package == walk->device->package ? sd_bus_message_append(walk->reply, "u", cpu->cpu) : 0;
}

static int get_cpus(struct device *device, sd_bus_message *reply, sd_bus_error *error) {
        struct walk walk;
        int r = sd_bus_message_open_container(reply, 'a', "u");

        walk_begin(&walk, device, reply, error);
        if (r >= 0)
                r = manager_each_cpu(device->bus->manager, add_cpu, &walk);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* Reads from the hardware, so the rows are charged to the allowance of the caller's user. */
static int each_knob(struct walk *walk, int (*each)(const struct knob_view *knob, void *userdata)) {
        sd_bus_message *call = sd_bus_get_current_message(walk->device->bus->bus);

        if (call) {
                int r = allowance_get(walk->device->bus, call, &walk->allowance, walk->error);

                if (r < 0)
                        return r;
        }
        return manager_each_knob(walk->device->bus->manager, GOV_SCOPE_PACKAGE, walk->device->package, false, each, walk);
}

static void count_row(struct walk *walk) {
        if (walk->allowance)
                allowance_take(walk->allowance, 1);
}

/* Adds each name once, up to NAMES_MAX names. The names are interned, so the pointers stay valid. */
static int add_capability(const struct knob_view *knob, void *userdata) {
        struct walk *walk = userdata;

        count_row(walk);
        for (size_t i = 0; i < walk->n_names; i++)
                if (text_equal(walk->names[i], knob->knob))
                        return 0;
        if (walk->n_names == NAMES_MAX)
                return 0;
        walk->names[walk->n_names++] = knob->knob;
        return append_text(walk->reply, knob->knob);
}

static int get_capabilities(struct device *device, sd_bus_message *reply, sd_bus_error *error) {
        struct walk walk;
        int r = sd_bus_message_open_container(reply, 'a', "s");

        walk_begin(&walk, device, reply, error);
        if (r >= 0)
                r = each_knob(&walk, add_capability);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* Parses "LOW..HIGH". For any other text, the range is unknown, which is returned as 1 and 0. */
static void parse_range(const char *range, int64_t *ret_low, int64_t *ret_high) {
        const char *dots = strstr(range, "..");
        char low[32];

        *ret_low = 1;
        *ret_high = 0;
        if (!dots || TEXT_FORMAT(low, "%.*s", (int) (dots - range), range) < 0)
                return;
        if (parse_i64(low, ret_low) < 0 || parse_i64(dots + 2, ret_high) < 0) {
                *ret_low = 1;
                *ret_high = 0;
        }
}

/* Adds only power limits of the package itself, and not, for example, those of the node. */
static int add_power_limit(const struct knob_view *knob, void *userdata) {
        const char *const texts[] = { knob->knob, knob->label };
        struct walk *walk = userdata;
        int64_t value, low, high;
        int r;

        count_row(walk);
        if (!text_equal(knob->domain, walk->domain) || !text_equal(knob->unit, knob_unit_name(GOV_UNIT_MICROWATT)) ||
            text_equal(knob->state, "sensor") || parse_i64(knob->value, &value) < 0)
                return 0;
        parse_range(knob->range, &low, &high);
        r = sd_bus_message_open_container(walk->reply, 'r', "ssxxx");
        if (r >= 0)
                r = append_texts(walk->reply, texts, ARRAY_SIZE(texts));
        if (r >= 0)
                r = sd_bus_message_append(walk->reply, "xxx", value, low, high);
        return r < 0 ? r : sd_bus_message_close_container(walk->reply);
}

static int get_power_limits(struct device *device, sd_bus_message *reply, sd_bus_error *error) {
        struct walk walk;
        int r = sd_bus_message_open_container(reply, 'a', "(ssxxx)");

        walk_begin(&walk, device, reply, error);
        if (r >= 0)
                r = each_knob(&walk, add_power_limit);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static const struct {
        const char *property;
        int (*get)(struct device *device, sd_bus_message *reply, sd_bus_error *error);
} getters[] = {
        { "Domain", get_domain },
        { "Kind", get_kind },
        { "Model", get_model },
        { "Cpus", get_cpus },
        { "Capabilities", get_capabilities },
        { "PowerLimits", get_power_limits },
};

static int get_property(sd_bus *sd, const char *path, const char *interface, const char *property, sd_bus_message *reply,
                        void *userdata, sd_bus_error *error) {
        (void) sd, (void) path, (void) interface;
        for (size_t i = 0; i < ARRAY_SIZE(getters); i++)
                if (text_equal(getters[i].property, property))
                        return getters[i].get(userdata, reply, error);
        return -EINVAL;
}

static int read_power(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        struct energy_counter counters[ENERGY_COUNTERS_MAX];
        uint64_t now = clock_usec(CLOCK_MONOTONIC);
        struct device *device = userdata;
        struct power_meter *meter = &device->meter;
        struct message message = {};
        int r;

        if (power_meter_due(meter, now)) {
                r = manager_package_energy(device->bus->manager, device->package, counters, &message);
                if (r < 0 && r != -ENODATA) /* a counter exists, so the error must not be NotAvailable */
                        return error_set_text(error, SD_BUS_ERROR_FAILED, message.text);
                if (r < 0)
                        return error_set(error, r, NULL);
                power_meter_feed(meter, now, counters, r);
        }
        return sd_bus_reply_method_return(call, "tt", meter->microwatt, meter->period_usec);
}

static int method_read_power(sd_bus_message *call, void *userdata, sd_bus_error *error) {
        static const struct guarded guarded = { "ReadPower", POLKIT_READ_ENERGY, read_power };
        struct device *device = userdata;

        return polkit_ask(device->bus->polkit, call, &guarded, device, error);
}

const sd_bus_vtable device_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Domain", "s", get_property, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Kind", "s", get_property, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Model", "s", get_property, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Cpus", "au", get_property, 0, 0),
        SD_BUS_PROPERTY("Capabilities", "as", get_property, 0, 0),
        SD_BUS_PROPERTY("PowerLimits", "a(ssxxx)", get_property, 0, 0),
        SD_BUS_METHOD_WITH_ARGS("ReadPower", SD_BUS_NO_ARGS, SD_BUS_RESULT("t", microwatt, "t", period_usec), method_read_power,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

int devices_register(struct bus *bus) {
        int r;

        bus->devices = calloc(1, sizeof(*bus->devices));
        if (!bus->devices)
                return -ENOMEM;
        r = sd_bus_add_fallback_vtable(bus->bus, NULL, DEVICE_PREFIX, DEVICE_INTERFACE, device_vtable, find_device, bus);
        return r < 0 ? r : sd_bus_add_node_enumerator(bus->bus, NULL, DEVICE_PREFIX, enumerate_devices, bus);
}

void devices_unregister(struct bus *bus) {
        struct devices *devices = bus->devices;

        while (devices && devices->first) {
                struct device *device = devices->first;

                devices->first = device->next;
                free(device);
        }
        free(devices);
        bus->devices = NULL;
}
