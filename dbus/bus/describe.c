/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Converts the manager's numeric values to the strings of the D-Bus interfaces. The functions are pure and do not call the
 * manager. */

#include "dbus/bus/describe.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/manager/manager.h"

static const struct {
        uint32_t bit;
        const char *word;
} degradations[] = {
        { DEGRADED_HEAT, "high-operating-temperature" },
        { DEGRADED_LAP, "lap-detected" },
        { DEGRADED_KNOBS, "knobs-failed" },
        { DEGRADED_NOT_SAVED, "state-not-saved" },
        { DEGRADED_LIMITED, "limited-from-before" },
        { DEGRADED_CONFIG, "configuration-not-used" },
};

void describe_degraded(uint32_t degraded, char ret[DEGRADED_TEXT_MAX]) {
        size_t used = 0;

        ret[0] = '\0';
        for (size_t i = 0; i < ARRAY_SIZE(degradations); i++) {
                if (!(degraded & degradations[i].bit))
                        continue;
                if (text_format(ret + used, DEGRADED_TEXT_MAX - used, "%s%s", used > 0 ? "," : "", degradations[i].word) < 0)
                        return;
                used += strlen(ret + used);
        }
}

const char *describe_core_kind(uint32_t kind) {
        static const char *const kinds[] = {
                [GOV_CPU_UNKNOWN] = "", [GOV_CPU_PERFORMANCE] = "performance", [GOV_CPU_EFFICIENCY] = "efficiency"
        };

        return kind < ARRAY_SIZE(kinds) ? kinds[kind] : "";
}

static size_t describe_limit(const char *kind, int level, enum request_effect effect, struct request_row *ret) {
        if (level < 0)
                return 0;
        ret->kind = kind;
        ret->effect = effect;
        (void) TEXT_FORMAT(ret->value, "%d", level);
        return 1;
}

size_t describe_request(const struct request *request, struct request_row ret[REQUEST_ROWS_MAX]) {
        bool is_level = request->kind == REQUEST_LEVEL;
        size_t n;

        for (size_t i = 0; i < REQUEST_ROWS_MAX; i++)
                domain_format(ret[i].domain, sizeof(ret[i].domain), is_level ? request->scope : GOV_SCOPE_NODE,
                              is_level ? request->domain : 0);
        if (!is_level) {
                ret->kind = "profile";
                ret->effect = request->floor_effect;
                (void) snprintf(ret->value, sizeof(ret->value), "%s", request->profile);
                return 1;
        }
        n = describe_limit("floor", request->floor, request->floor_effect, ret);
        return n + describe_limit("ceiling", request->ceiling, request->ceiling_effect, ret + n);
}
