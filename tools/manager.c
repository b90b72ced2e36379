/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The properties of the service's manager object: reading, and what their words mean. Properties that are not known here are
 * skipped, so that a newer service can have more. */

#include "tools/manager.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "tools/columns.h"
#include "tools/xalloc.h"

static const struct property {
        const char *name, *type;
        const struct columns *columns;
        size_t offset;
} properties[] = {
        { "Version", "s", NULL, offsetof(struct manager, version) },
        { "ActiveProfile", "s", NULL, offsetof(struct manager, active) },
        { "SelectedProfile", "s", NULL, offsetof(struct manager, selected) },
        { "Cause", "s", NULL, offsetof(struct manager, cause) },
        { "Degraded", "s", NULL, offsetof(struct manager, degraded) },
        { "PowerSource", "s", NULL, offsetof(struct manager, power_source) },
        { "Rung", "s", NULL, offsetof(struct manager, rung) },
        { "RungReason", "s", NULL, offsetof(struct manager, rung_reason) },
        { "Governor", "s", NULL, offsetof(struct manager, governor) },
        { "BatteryPercentage", "i", NULL, offsetof(struct manager, battery) },
        { "Profiles", "a(sssb)", &profile_columns, offsetof(struct manager, profiles) },
        { "Rules", "a(sssbb)", &rule_columns, offsetof(struct manager, rules) },
};

typedef void (*each_property)(const char *name, const char *text, const struct rows *rows, void *userdata);

static const struct property *find(const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(properties); i++)
                if (strcmp(properties[i].name, name) == 0)
                        return &properties[i];
        return NULL;
}

static int read_value(const struct property *property, sd_bus_message *m, each_property each, void *userdata) {
        _cleanup_(rows_free) struct rows rows = {};
        char number[16];
        const char *text;
        int32_t value;
        int r;

        if (property->columns) {
                r = rows_read(&rows, property->columns, m);
                if (r >= 0)
                        each(property->name, NULL, &rows, userdata);
                return r;
        }
        r = sd_bus_message_read_basic(m, property->type[0], property->type[0] == 's' ? (void *) &text : (void *) &value);
        if (r < 0)
                return r;
        if (property->type[0] == 'i') {
                (void) snprintf(number, sizeof(number), "%" PRId32, value);
                text = number;
        }
        each(property->name, text, NULL, userdata);
        return 0;
}

static int read_entry(sd_bus_message *m, each_property each, void *userdata) {
        const struct property *property;
        const char *name;
        int r = sd_bus_message_read(m, "s", &name);

        if (r < 0)
                return r;
        property = find(name);
        if (!property)
                return sd_bus_message_skip(m, "v");
        r = sd_bus_message_enter_container(m, SD_BUS_TYPE_VARIANT, property->type);
        if (r >= 0)
                r = read_value(property, m, each, userdata);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

int manager_each(sd_bus_message *m, each_property each, void *userdata) {
        int r = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "{sv}");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, SD_BUS_TYPE_DICT_ENTRY, "sv")) > 0) {
                r = read_entry(m, each, userdata);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

static void store_rows(struct rows *target, const struct rows *rows) {
        size_t n = rows->n * rows->columns->n;
        struct rows copy = { .columns = rows->columns, .n = rows->n, .room = rows->n };

        copy.cells = must(calloc(n + 1, sizeof(*copy.cells)));
        for (size_t i = 0; i < n; i++)
                copy.cells[i] = xstrdup(rows->cells[i]);
        rows_free(target);
        *target = copy;
}

static void store(const char *name, const char *text, const struct rows *rows, void *userdata) {
        const struct property *property = find(name);
        char *place = (char *) userdata + property->offset;

        if (rows)
                store_rows((struct rows *) (void *) place, rows);
        else if (property->type[0] == 'i')
                *(int32_t *) (void *) place = (int32_t) strtol(text, NULL, 10);
        else {
                free(*(char **) (void *) place);
                *(char **) (void *) place = xstrdup(text);
        }
}

static void set_defaults(struct manager *m) {
        *m = (struct manager){ .battery = -1, .profiles.columns = &profile_columns, .rules.columns = &rule_columns };
        for (size_t i = 0; i < ARRAY_SIZE(properties); i++)
                if (properties[i].type[0] == 's')
                        *(char **) (void *) ((char *) m + properties[i].offset) = xstrdup("");
}

int manager_read(sd_bus_message *m, struct manager *ret) {
        int r;

        set_defaults(ret);
        r = manager_each(m, store, ret);
        if (r < 0)
                manager_free(ret);
        return r < 0 ? r : 0;
}

int manager_get(struct cli *cli, struct manager *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r = cli_call(cli, MANAGER_PATH, PROPERTIES_INTERFACE, "GetAll", &m, "s", MANAGER_INTERFACE);

        if (r != CLI_OK)
                return r;
        r = manager_read(m, ret);
        return r < 0 ? cli_report(cli, "GetAll", NULL, r) : CLI_OK;
}

void manager_free(struct manager *m) {
        free(m->version);
        free(m->active);
        free(m->selected);
        free(m->cause);
        free(m->degraded);
        free(m->power_source);
        free(m->rung);
        free(m->rung_reason);
        free(m->governor);
        rows_free(&m->profiles);
        rows_free(&m->rules);
        *m = (struct manager){};
}

static const struct {
        const char *word, *text;
} causes[] = {
        { "manual", "chosen by hand" },
        { "rule:", "rule %s" },
        { "hold:", "request %s" },
        { "firmware", "chosen by the firmware or its keys" },
        { "start", "taken at start" },
}, degraded[] = {
        { "lap-detected", "the firmware holds back because the machine lies on somebody's lap" },
        { "high-operating-temperature", "the firmware or kernel has switched turbo off, most often because it is hot" },
        { "knobs-failed", "some settings could not be made; they are listed below and will be tried again" },
        { "state-not-saved", "the state file could not be written: choices and originals would be lost by a restart" },
};

const char *cause_text(const char *cause, char *buffer, size_t size) {
        for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
                size_t n = strlen(causes[i].word);
                const char *percent = strstr(causes[i].text, "%s");

                if (!percent && strcmp(cause, causes[i].word) == 0)
                        return causes[i].text;
                if (percent && strncmp(cause, causes[i].word, n) == 0) {
                        (void) snprintf(buffer, size, "%.*s%s", (int) (percent - causes[i].text), causes[i].text, cause + n);
                        return buffer;
                }
        }
        return cause;
}

const char *degraded_text(const char *word) {
        for (size_t i = 0; i < ARRAY_SIZE(degraded); i++)
                if (strcmp(degraded[i].word, word) == 0)
                        return degraded[i].text;
        return "";
}
