/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl power: the domains that have power limits or energy counters, their limits, and the power of CPU packages. Reading
 * the power requires a permission (energy counters can reveal secrets of other programs) and takes a second; without the permission
 * only the limits are shown. CPU packages are found by introspection of the service, other domains by the list of knobs. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "tools/common/call.h"
#include "tools/common/columns.h"
#include "tools/common/report.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"
#include "tools/ctl/command.h"

#define DEVICES_MAX 64
#define WATT_UNIT   "uW"
/* The service computes the average power between two calls that are at least one second apart. */
#define MEASURE_NSEC (1100 * INT64_C(1000000))

struct device {
        char path[256], *domain, *kind, *model;
        struct rows limits;
        uint64_t microwatt, period_usec;
        const char *why; /* why the power is unknown: "denied", "no-counter", "failed", "not-measured"; NULL: no failure so far */
        char *failure;   /* for "failed": a description of the failure; otherwise NULL */
};

struct devices {
        struct device items[DEVICES_MAX];
        size_t n;
};

static void devices_free(struct devices *d) {
        for (size_t i = 0; i < d->n; i++) {
                free(d->items[i].domain);
                free(d->items[i].kind);
                free(d->items[i].model);
                free(d->items[i].failure);
                rows_free(&d->items[i].limits);
        }
}

/* Adds the name of each <node name="..."> below the outer <node>. */
static void find_nodes(const char *xml, struct devices *d) {
        static const char mark[] = "<node name=\"";

        while (d->n < DEVICES_MAX && (xml = strstr(xml, mark))) {
                size_t length;

                xml += strlen(mark);
                length = strcspn(xml, "\"/<>& ");
                (void) snprintf(d->items[d->n].path, sizeof(d->items[0].path), "%s/%.*s", DEVICE_ROOT, (int) MIN(length, 128), xml);
                if (xml[length] == '"' && sd_bus_object_path_is_valid(d->items[d->n].path))
                        d->n++;
        }
}

static int find_devices(struct cli *cli, struct devices *d) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        const char *xml;
        int r = cli_connect(cli);

        if (r != CLI_OK)
                return r;
        r = sd_bus_call_method(cli->bus, MANAGER_NAME, DEVICE_ROOT, "org.freedesktop.DBus.Introspectable", "Introspect", &error, &m,
                               "");
        if (r < 0 && (sd_bus_error_has_name(&error, SD_BUS_ERROR_UNKNOWN_OBJECT) ||
                      sd_bus_error_has_name(&error, SD_BUS_ERROR_UNKNOWN_METHOD)))
                return CLI_OK; /* a machine without devices */
        if (r >= 0)
                r = sd_bus_message_read(m, "s", &xml);
        if (r < 0)
                return cli_report(cli, "Introspect", &error, r);
        find_nodes(xml, d);
        return CLI_OK;
}

static int get_text(struct cli *cli, const struct device *device, const char *name, char **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        const char *text;
        int r = cli_call(cli, device->path, PROPERTIES_INTERFACE, "Get", &m, "ss", DEVICE_INTERFACE, name);

        if (r != CLI_OK)
                return r;
        r = sd_bus_message_read(m, "v", "s", &text);
        if (r < 0)
                return cli_report(cli, "Get", NULL, r);
        *ret = xstrdup(text);
        return CLI_OK;
}

/* A minimum above the maximum means that both are unknown. */
static void mark_unknown(struct rows *limits) {
        for (size_t i = 0; i < limits->n; i++) {
                int64_t lowest = 0, highest = 0;

                (void) parse_i64(rows_get(limits, i, "lowest_microwatt"), &lowest);
                (void) parse_i64(rows_get(limits, i, "highest_microwatt"), &highest);
                if (lowest <= highest)
                        continue;
                rows_set(limits, i, "lowest_microwatt", "");
                rows_set(limits, i, "highest_microwatt", "");
        }
}

static int get_limits(struct cli *cli, struct device *device) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r = cli_call(cli, device->path, PROPERTIES_INTERFACE, "Get", &m, "ss", DEVICE_INTERFACE, "PowerLimits");

        if (r != CLI_OK)
                return r;
        r = sd_bus_message_enter_container(m, SD_BUS_TYPE_VARIANT, "a(ssxxx)");
        if (r >= 0)
                r = rows_read(&device->limits, &limit_columns, m);
        if (r >= 0)
                mark_unknown(&device->limits);
        return r < 0 ? cli_report(cli, "Get", NULL, r) : CLI_OK;
}

/* -- domains without a D-Bus object: their limits are ordinary settings -- */

static struct device *device_of(struct devices *d, const char *domain) {
        char *copy;

        for (size_t i = 0; i < d->n; i++)
                if (strcmp(d->items[i].domain, domain) == 0)
                        return &d->items[i];
        if (d->n == DEVICES_MAX)
                return NULL;
        copy = xstrdup(domain);
        d->items[d->n] = (struct device){ .domain = copy,
                                          .model = xstrdup(""),
                                          .limits = { .columns = &limit_columns },
                                          .why = "not-measured",
                                          .kind = xasprintf("%.*s", (int) strcspn(domain, "0123456789"), domain) };
        (void) snprintf(d->items[d->n].path, sizeof(d->items[0].path), "%s/%s", DEVICE_ROOT, domain);
        return &d->items[d->n++];
}

static void add_limit(struct rows *limits, const struct rows *knobs, size_t row) {
        const char *range = rows_get(knobs, row, "range"), *dots = strstr(range, "..");
        _cleanup_free_ char *lowest = dots ? xasprintf("%.*s", (int) (dots - range), range) : xstrdup("");
        const char *texts[] = { rows_get(knobs, row, "now"), lowest, dots ? dots + 2 : "" };
        static const char *const keys[] = { "microwatt", "lowest_microwatt", "highest_microwatt" };
        size_t added = rows_add(limits);
        int64_t number;

        rows_set(limits, added, "knob", rows_get(knobs, row, "knob"));
        rows_set(limits, added, "label", rows_get(knobs, row, "label"));
        for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                rows_set(limits, added, keys[i], parse_i64(texts[i], &number) < 0 ? "" : texts[i]);
}

static int find_limits_of_others(struct cli *cli, struct devices *d) {
        _cleanup_(rows_free) struct rows knobs = {};
        size_t n_objects = d->n;
        int r = cli_rows(cli, "ListKnobs", "", &knob_columns, &knobs);

        for (size_t i = 0; r == CLI_OK && i < knobs.n; i++) {
                struct device *device = NULL;

                if (strcmp(rows_get(&knobs, i, "unit"), WATT_UNIT) == 0 && strcmp(rows_get(&knobs, i, "state"), "sensor") != 0)
                        device = device_of(d, rows_get(&knobs, i, "domain"));
                if (device && device >= &d->items[n_objects]) /* objects have reported their limits already */
                        add_limit(&device->limits, &knobs, i);
        }
        return r;
}

/* An error is stored in the device and shown with it, so that a user who may not read the power still sees the limits. */
static void note_failure(struct device *device, const sd_bus_error *error, int r) {
        static const struct {
                const char *name, *why;
        } known[] = {
                { SD_BUS_ERROR_ACCESS_DENIED, "denied" },
                { SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, "denied" },
                { "org.governord.Error.NotAvailable", "no-counter" },
        };
        const char *text = gov_bus_error_text(bus_obstacle(error));

        for (size_t i = 0; !text && i < ARRAY_SIZE(known) && !device->why; i++)
                if (sd_bus_error_has_name(error, known[i].name))
                        device->why = known[i].why;
        if (device->why)
                return;
        device->why = "failed";
        if (!text)
                text = error->message && error->message[0] ? error->message :
                       r == -ENXIO || r == -EBADMSG        ? "the answer has an unknown format" :
                                                             strerror(-r);
        device->failure = xstrdup(text);
}

static void read_draw(struct cli *cli, struct device *device) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        if (device->why)
                return;
        r = sd_bus_call_method(cli->bus, MANAGER_NAME, device->path, DEVICE_INTERFACE, "ReadPower", &error, &m, "");
        if (r >= 0)
                r = sd_bus_message_read(m, "tt", &device->microwatt, &device->period_usec);
        if (r < 0)
                note_failure(device, &error, r);
}

static void read_draws(struct cli *cli, struct devices *d) {
        static const struct timespec wait = { .tv_sec = MEASURE_NSEC / 1000000000, .tv_nsec = MEASURE_NSEC % 1000000000 };
        bool again = false;

        for (size_t i = 0; i < d->n; i++) {
                read_draw(cli, &d->items[i]);
                again = again || (!d->items[i].why && d->items[i].period_usec == 0);
        }
        if (!again)
                return;
        (void) nanosleep(&wait, NULL);
        for (size_t i = 0; i < d->n; i++)
                read_draw(cli, &d->items[i]);
}

static void print_json(const struct devices *d) {
        struct json j = { .f = stdout };

        json_open(&j, NULL, '[');
        for (size_t i = 0; i < d->n; i++) {
                const struct device *device = &d->items[i];

                json_open(&j, NULL, '{');
                json_string(&j, "domain", device->domain);
                json_string(&j, "kind", device->kind);
                json_string(&j, "model", device->model);
                rows_json(&device->limits, &j, "limits");
                if (device->why || device->period_usec == 0)
                        json_raw(&j, "microwatt", "null");
                else
                        json_int(&j, "microwatt", (int64_t) device->microwatt);
                json_int(&j, "period_usec", (int64_t) device->period_usec);
                json_string(&j, "why_unknown", device->why ? device->why : "");
                json_string(&j, "failure", device->failure ? device->failure : "");
                json_close(&j, '}');
        }
        json_close(&j, ']');
}

static void print_plain(const struct device *device) {
        _cleanup_free_ char *record = xasprintf("limit domain=%s", strrchr(device->path, '/') + 1);
        char draw[24] = "";

        if (!device->why && device->period_usec > 0)
                (void) snprintf(draw, sizeof(draw), "%" PRIu64, device->microwatt);
        (void) fputs("device", stdout);
        plain_pair(stdout, false, "domain", device->domain);
        plain_pair(stdout, false, "kind", device->kind);
        plain_pair(stdout, false, "model", device->model);
        plain_pair(stdout, false, "microwatt", draw);
        plain_pair(stdout, false, "why_unknown", device->why ? device->why : "");
        plain_pair(stdout, false, "failure", device->failure ? device->failure : "");
        (void) fputc('\n', stdout);
        rows_plain(&device->limits, stdout, record);
}

static void print_draw(const struct device *device) {
        char raw[24], draw[32];

        (void) fputs("\n  power: ", stdout);
        if (device->failure) {
                (void) fputs("unknown, since it could not be read: ", stdout);
                clean_print(stdout, device->failure, false);
        } else if (device->why && strcmp(device->why, "denied") == 0)
                (void) fputs("this user may not read it (polkit action org.governord.read-energy)", stdout);
        else if (device->why && strcmp(device->why, "not-measured") == 0)
                (void) printf("not measured; its sensors are shown by governorctl knobs %s", strrchr(device->path, '/') + 1);
        else if (device->why)
                (void) fputs("unknown, since it has no energy counter that governord can read", stdout);
        else if (device->period_usec > 0) {
                (void) snprintf(raw, sizeof(raw), "%" PRIu64, device->microwatt);
                (void) fputs(show_watt(raw, draw, sizeof(draw)), stdout);
        } else
                (void) fputs("unknown", stdout);
        (void) fputc('\n', stdout);
}

static void print_people(const struct cli *cli, const struct device *device) {
        (void) fputs(style_code(STYLE_HEAD, cli->color), stdout);
        clean_print(stdout, device->domain, false);
        (void) fputs(style_code(STYLE_NONE, cli->color), stdout);
        if (device->model[0]) {
                (void) fputs("  ", stdout);
                clean_print(stdout, device->model, false);
        }
        print_draw(device);
        if (device->limits.n > 0)
                rows_table(&device->limits, stdout, 2, SIZE_MAX, cli->color, NULL);
}

static int print_devices(const struct cli *cli, const struct devices *d) {
        if (cli->json)
                print_json(d);
        else if (cli->tty && d->n == 0)
                (void) printf("No device of this machine has a power limit or an energy counter that governord can read.\n");
        for (size_t i = 0; !cli->json && i < d->n; i++)
                if (cli->tty)
                        print_people(cli, &d->items[i]);
                else
                        print_plain(&d->items[i]);
        return CLI_OK;
}

int command_power(struct cli *cli) {
        _cleanup_(devices_free) struct devices d = {};
        int r = find_devices(cli, &d);

        for (size_t i = 0; r == CLI_OK && i < d.n; i++) {
                r = get_text(cli, &d.items[i], "Domain", &d.items[i].domain);
                if (r == CLI_OK)
                        r = get_text(cli, &d.items[i], "Kind", &d.items[i].kind);
                if (r == CLI_OK)
                        r = get_text(cli, &d.items[i], "Model", &d.items[i].model);
                if (r == CLI_OK)
                        r = get_limits(cli, &d.items[i]);
        }
        if (r == CLI_OK)
                r = find_limits_of_others(cli, &d);
        if (r != CLI_OK)
                return r;
        read_draws(cli, &d);
        return print_devices(cli, &d);
}
