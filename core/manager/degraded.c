/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/degraded.h"

#include <string.h>

/* Returns true if the service has changed a knob with this file, and a sensor that reads the same file is therefore ignored. */
static bool service_changed_file(const struct knobs *knobs, const char *path) {
        for (uint32_t i = 0; i < knobs->n; i++)
                if (knobs->items[i].ledger_id > 0 && knobs->items[i].path == path)
                        return true;
        return false;
}

static bool sensor_is_on(const struct knob *knob) {
        char value[GOVERNORD_VALUE_MAX];

        return knob_read(knob, value) > 0 && strcmp(value, "0") != 0;
}

bool degraded_by_lap(const struct knobs *knobs) {
        for (uint32_t i = 0; i < knobs->n_groups; i++) {
                const struct knob_group *group = &knobs->groups[i];

                for (uint32_t k = 0; (group->row->flags & GOV_KNOB_LAP) && k < group->count; k++)
                        if (sensor_is_on(&knobs->items[group->first + k]))
                                return true;
        }
        return false;
}

static bool degraded_by_heat(const struct knobs *knobs) {
        for (uint32_t i = 0; i < knobs->n_groups; i++) {
                const struct knob_group *group = &knobs->groups[i];

                for (uint32_t k = 0; (group->row->flags & GOV_KNOB_HEAT) && k < group->count; k++) {
                        const struct knob *knob = &knobs->items[group->first + k];

                        if (sensor_is_on(knob) && (knob->path[0] == '\0' || !service_changed_file(knobs, knob->path)))
                                return true;
                }
        }
        return false;
}

uint32_t degraded_count_limits(const struct knobs *knobs, const struct knob **ret) {
        uint32_t n = 0;

        for (uint32_t i = 0; i < knobs->n_groups; i++) {
                const struct knob_group *group = &knobs->groups[i];

                if (!(group->row->flags & GOV_KNOB_LIMIT_MAX))
                        continue;
                for (uint32_t k = group->first; k < group->first + group->count; k++)
                        if (knob_is_leftover_limit(&knobs->items[k]) && n++ == 0)
                                *ret = &knobs->items[k];
        }
        return n;
}

bool degraded_by_failures(const struct knobs *knobs) {
        for (uint32_t i = 0; i < knobs->n; i++)
                if (knobs->items[i].state == KNOB_FAILED)
                        return true;
        return false;
}

uint32_t degraded_by_knobs(const struct knobs *knobs, bool saves_power) {
        const struct knob *first;

        return (degraded_by_lap(knobs) ? DEGRADED_LAP : 0) | (degraded_by_heat(knobs) ? DEGRADED_HEAT : 0) |
               (degraded_by_failures(knobs) ? DEGRADED_KNOBS : 0) |
               (!saves_power && degraded_count_limits(knobs, &first) > 0 ? DEGRADED_LIMITED : 0);
}
