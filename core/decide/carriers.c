/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/decide/carriers.h"

#include "base/parse.h"

/* As in power-profiles-daemon, a platform profile counts only if the firmware offers both balanced and performance. It then also
 * carries out power-saver, even if the firmware has no separate mode for it. */
static bool platform_is_complete(const struct knob *knob) {
        return (knob->row->flags & GOV_KNOB_FIRMWARE) && word_in_list(knob->choices, "balanced") &&
               word_in_list(knob->choices, "performance");
}

static int carry(struct knob *knob, const struct plan_target *target, void *userdata) {
        struct carriers *carriers = userdata;
        uint32_t kind = knob->plugin->info.kind;

        if (kind == GOV_KIND_CPU && !carriers->cpu && target->line && !target->unavailable)
                carriers->cpu = knob->plugin;
        else if (kind == GOV_KIND_PLATFORM && !carriers->platform && target->line && !target->read_only &&
                 platform_is_complete(knob))
                carriers->platform = knob->plugin;
        else if (kind == GOV_KIND_OTHER && !carriers->other && target->line && !target->unavailable)
                carriers->other = knob->plugin;
        return 0;
}

void carriers_find(const struct plan_input *input, struct knobs *knobs, struct carriers *ret) {
        struct plan_input question = *input;

        question.refresh = false;
        *ret = (struct carriers){};
        (void) plan_each(&question, knobs, carry, ret);
}

bool carriers_offer(const struct carriers *carriers, enum profile_base base) {
        return base != PROFILE_PERFORMANCE || carriers->cpu || carriers->platform || carriers->other;
}

void carriers_names(const struct carriers *carriers, enum profile_base base, const char **ret_cpu, const char **ret_platform) {
        *ret_cpu = carriers->cpu ? carriers->cpu->info.backend : NULL;
        *ret_platform = carriers->platform ? carriers->platform->info.backend : NULL;
        if (!*ret_cpu && !*ret_platform && carriers->other)
                *ret_platform = carriers->other->info.backend[0] ? carriers->other->info.backend : carriers->other->name;
        if (!*ret_platform && base != PROFILE_PERFORMANCE)
                *ret_platform = "placeholder";
}
