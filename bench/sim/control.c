/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of controllers, and those with a constant level. */

#include <string.h>

#include "bench/sim/control.h"

static void start_performance(struct control *control) {
        control->level = POLICY_LEVEL_MAX;
}

static void start_powersave(struct control *control) {
        control->level = 0;
}

static void start_static(struct control *control) {
        control->level = machine_level(control->machine, control->step);
}

const struct controller control_fixed[] = {
        { .name = "performance", .what = "always the highest frequency", .start = start_performance },
        { .name = "powersave", .what = "always the lowest frequency", .start = start_powersave },
        { .name = "static",
          .what = "the best constant P-state, chosen with knowledge of the future; only for comparison",
          .start = start_static },
        { .name = "clairvoyant",
          .what = "the best P-state for each request, chosen with knowledge of the future (clairvoyant.h); only for comparison",
          .start = start_performance },
        { 0 },
};

const struct controller *control_get(size_t index) {
        const struct controller *const lists[] = { control_fixed, control_kernel, control_session };

        for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++)
                for (const struct controller *controller = lists[list]; controller->name; controller++)
                        if (index-- == 0)
                                return controller;
        return NULL;
}

const struct controller *control_find(const char *name) {
        const struct controller *controller;

        for (size_t i = 0; (controller = control_get(i)); i++)
                if (strcmp(controller->name, name) == 0)
                        return controller;
        return NULL;
}
