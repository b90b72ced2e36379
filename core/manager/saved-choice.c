/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/saved-choice.h"

#include "base/log.h"
#include "base/text.h"

static void current_drivers(const struct carriers *balanced, const char **ret_cpu, const char **ret_platform) {
        carriers_names(balanced, PROFILE_BALANCED, ret_cpu, ret_platform);
        *ret_cpu = *ret_cpu ? *ret_cpu : "";
        *ret_platform = *ret_platform ? *ret_platform : "";
}

static bool drivers_are_as_saved(const struct state *state, const struct carriers *balanced) {
        const char *cpu, *platform;

        if (!state->cpu_driver[0] && !state->platform_driver[0])
                return true;
        current_drivers(balanced, &cpu, &platform);
        return text_equal(state->cpu_driver, cpu) && text_equal(state->platform_driver, platform);
}

bool saved_choice_restore(const struct state *state, const struct config *config, const struct carriers *balanced,
                          const bool available[static PROFILE_BASE_COUNT], struct choice *choice) {
        const struct profile *saved = config_profile(config, state->profile), *before = choice->selected;

        if (saved && saved != before && available[saved->base] && drivers_are_as_saved(state, balanced)) {
                choice->selected = saved;
                choice->origin = ORIGIN_START;
        }
        if (!choice->selected)
                choice->selected = &config->profiles[PROFILE_BALANCED];
        return choice->selected != before;
}

void saved_choice_note(struct state *state, const struct profile *selected, const struct carriers *balanced) {
        const char *cpu, *platform;

        current_drivers(balanced, &cpu, &platform);
        (void) TEXT_FORMAT(state->profile, "%s", selected->name);
        (void) TEXT_FORMAT(state->cpu_driver, "%s", cpu);
        (void) TEXT_FORMAT(state->platform_driver, "%s", platform);
}

void saved_choice_report(const struct state *state, const struct config *config, const struct profile *selected,
                         const bool available[static PROFILE_BASE_COUNT]) {
        const char *name = state->profile;
        const struct profile *saved = config_profile(config, name);

        if (name[0] == '\0' || saved == selected)
                return;
        if (!saved)
                (void) log_warning(0,
                                   "The saved profile \"%s\" is no longer in the configuration; profile %s is used until the "
                                   "saved one is configured again or another one is chosen",
                                   name, selected->name);
        else if (!available[saved->base])
                log_notice("The saved profile \"%s\" is currently not available on this machine; profile %s is used "
                           "until the saved one is available",
                           name, selected->name);
        else
                log_notice("The saved profile \"%s\" is not applied, because it was chosen with other drivers (CPU "
                           "\"%s\", platform \"%s\"); profile %s is used instead",
                           name, state->cpu_driver, state->platform_driver, selected->name);
}
