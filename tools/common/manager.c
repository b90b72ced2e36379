/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The properties of the service's manager object, and explanations of their values. */

#include "tools/common/manager.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tools/common/columns.h"
#include "tools/common/properties.h"
#include "tools/common/utf8.h"

static const struct property items[] = {
        { "Version", "s", offsetof(struct manager, version), NULL },
        { "ActiveProfile", "s", offsetof(struct manager, active), NULL },
        { "SelectedProfile", "s", offsetof(struct manager, selected), NULL },
        { "Cause", "s", offsetof(struct manager, cause), NULL },
        { "Degraded", "s", offsetof(struct manager, degraded), NULL },
        { "PowerSource", "s", offsetof(struct manager, power_source), NULL },
        { "Rung", "s", offsetof(struct manager, rung), NULL },
        { "RungReason", "s", offsetof(struct manager, rung_reason), NULL },
        { "Governor", "s", offsetof(struct manager, governor), NULL },
        { "BatteryPercentage", "i", offsetof(struct manager, battery), NULL },
        { "Profiles", "a(sssb)", offsetof(struct manager, profiles), &profile_columns },
        { "Rules", "a(sssbb)", offsetof(struct manager, rules), &rule_columns },
        { "ConfigurationError", "s", offsetof(struct manager, config_error), NULL },
        { "LinesWithoutEffect", "a(ss)", offsetof(struct manager, without_effect), &without_effect_columns },
};
static const struct properties properties = { items, ARRAY_SIZE(items) };

static void init(struct manager *m) {
        *m = (struct manager){ .battery = -1 };
        properties_init(&properties, m);
}

int manager_read(sd_bus_message *m, struct manager *ret) {
        int r;

        init(ret);
        r = properties_read(m, &properties, ret, NULL, NULL);
        if (r < 0)
                manager_free(ret);
        return r < 0 ? r : 0;
}

struct listener {
        void (*each)(const char *name, const char *text, const struct rows *rows, void *userdata);
        void *userdata;
};

static void pass_property(const struct property *property, const void *value, void *userdata) {
        const struct listener *listener = userdata;
        const char *text = NULL;
        char number[16];

        if (property->type[0] == 's')
                text = *(char *const *) value;
        else if (property->type[0] == 'i') {
                (void) snprintf(number, sizeof(number), "%" PRId32, *(const int32_t *) value);
                text = number;
        }
        listener->each(property->name, text, property->columns ? value : NULL, listener->userdata);
}

int manager_each(sd_bus_message *m, void (*each)(const char *name, const char *text, const struct rows *rows, void *userdata),
                 void *userdata) {
        struct listener listener = { each, userdata };
        struct manager manager;
        int r;

        init(&manager);
        r = properties_read(m, &properties, &manager, pass_property, &listener);
        manager_free(&manager);
        return r;
}

int manager_ask(struct cli *cli, struct failure *failure, struct manager *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r = bus_ask(cli, failure, MANAGER_PATH, PROPERTIES_INTERFACE, "GetAll", &m, "s", MANAGER_INTERFACE);

        if (r != CLI_OK)
                return r;
        r = manager_read(m, ret);
        return r < 0 ? bus_unreadable(failure, "GetAll", r) : CLI_OK;
}

void manager_free(struct manager *m) {
        properties_free(&properties, m);
        *m = (struct manager){};
}

void manager_warn_without_effect(struct cli *cli, size_t max) {
        _cleanup_(manager_free) struct manager m = {};
        size_t n;

        if (manager_ask(cli, NULL, &m) != CLI_OK) /* not reported: the command itself has succeeded */
                return;
        n = m.without_effect.n > max ? max : m.without_effect.n;
        for (size_t i = 0; i < n; i++) {
                clean_print(stderr, rows_get(&m.without_effect, i, "where"), false);
                (void) fputs(" has no effect here: ", stderr);
                clean_print(stderr, rows_get(&m.without_effect, i, "why"), false);
                (void) fputc('\n', stderr);
        }
        if (n < m.without_effect.n)
                (void) fprintf(stderr, "%zu more line%s of the configuration without effect: governorctl status\n",
                               m.without_effect.n - n, text_plural(m.without_effect.n - n));
}

static const struct {
        const char *word, *text;
} causes[] = {
        { "manual", "chosen by a user" },
        { "rule:", "rule %s" },
        { "hold:", "request %s" },
        { "firmware", "chosen by the firmware or its keys" },
        { "start", "selected at the start of the service" },
        { "unavailable", "the machine does not offer the selected profile" },
        { "failed", "the profile that should be in force could not be set" },
}, degraded[] = {
        { "lap-detected", "the firmware limits performance because the machine is on a lap" },
        { "high-operating-temperature", "heat or a power limit slows the processor down, or its turbo was switched off outside governord" },
        { "knobs-failed", "some settings could not be written; they are listed below and will be tried again" },
        { "configuration-not-used", "the configuration has errors (governorctl config check); the previous one, or the built-in defaults, are in force" },
        { "state-not-saved", "the state file or the ledger cannot be written: a restart would lose choices, or no further setting can be changed (see the log)" },
        { "limited-from-before", "an upper limit that governord has not set is in force; governorctl knobs shows which" },
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

const char *rung_text(const char *rung) {
        if (strcmp(rung, "bpf") == 0)
                return "decides in the kernel (eBPF)";
        return strcmp(rung, "user") == 0 ? "decides in the service" : rung;
}

const char *degraded_text(const char *word) {
        for (size_t i = 0; i < ARRAY_SIZE(degraded); i++)
                if (strcmp(degraded[i].word, word) == 0)
                        return degraded[i].text;
        return "";
}
