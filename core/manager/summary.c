/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts of knobs, for the log at the start and for the end of a dry run. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "core/manager/inputs.h"
#include "core/manager/manager-private.h"
#include "core/manager/saved-choice.h"
#include "core/manager/settle.h"

struct knob_counts {
        uint32_t settable; /* knobs that can be written: no sensors, not read-only, not blocked, and enabled */
        uint32_t named;    /* of those that can be written, knobs for which the active profile has a line */
        uint32_t offered;  /* of `named`, knobs that offer a value of the line, and which the profile therefore sets */
        uint32_t to_write; /* knobs with a target that do not have this value */
        uint32_t changed;  /* knobs whose original values are in the ledger */
};

static int count_target(struct knob *knob, const struct plan_target *target, void *userdata) {
        struct knob_counts *counts = userdata;

        if (target->read_only)
                return 0;
        counts->named += target->line != NULL;
        counts->offered += target->line && !target->unavailable;
        counts->to_write += target->value[0] && !target->satisfied;
        return 0;
}

static void count_knobs(struct manager *manager, struct knob_counts *ret) {
        struct plan_input input;

        *ret = (struct knob_counts){};
        inputs_plan(manager, manager->active, &input);
        input.refresh = false;
        (void) plan_each(&input, &manager->machine.knobs, count_target, ret);
        for (uint32_t g = 0; g < manager->machine.knobs.n_groups; g++) {
                const struct knob_group *group = &manager->machine.knobs.groups[g];
                bool allowed = plan_allows(&input, group);

                for (uint32_t i = group->first; i < group->first + group->count; i++) {
                        ret->settable += allowed && knob_is_writable(&manager->machine.knobs.items[i]);
                        ret->changed += manager->machine.knobs.items[i].ledger_id > 0;
                }
        }
}

void manager_log_ready(struct manager *manager) {
        char names[256] = "";
        struct knob_counts counts;

        for (size_t i = 0; i < manager->machine.n_plugins; i++) {
                size_t used = strlen(names);

                if (manager->machine.plugins[i]->state == PLUGIN_LOADED)
                        (void) text_format(names + used, sizeof(names) - used, "%s%s", used > 0 ? ", " : "",
                                           manager->machine.plugins[i]->name);
        }
        count_knobs(manager, &counts);
        log_notice("Ready: profile %s (%s); drivers: %s; %u knob%s can be set, the profile sets %u of them; changed so far: %u",
                   manager->active->name, manager->cause, names[0] ? names : "none, so no setting can be changed", counts.settable,
                   text_plural(counts.settable), counts.offered, counts.changed);
}

/* Ends a dry run with the counts that the service logs at its start. If no write was printed, they show whether nothing has to be
 * written, or nothing can be. */
static void print_counts(struct manager *manager) {
        const char *profile = manager->active->name;
        struct knob_counts counts;

        count_knobs(manager, &counts);
        if (manager->machine.n_plugins == 0) {
                (void) fprintf(stderr,
                               "There is no driver in %s, so no setting can be written (--driver-dir selects another folder).\n",
                               manager->options.driver_dir);
                return;
        }
        if (counts.settable == 0) {
                (void) fprintf(stderr, "No setting of this machine can be written%s; -vv prints the result of each driver.\n",
                               geteuid() == 0 ? "" : " without root privileges");
                return;
        }
        (void) fprintf(stderr, "%u knob%s can be set; profile %s ", counts.settable, text_plural(counts.settable), profile);
        if (counts.named == 0 && counts.to_write == 0)
                (void) fprintf(stderr, "sets none of them.\n");
        else if (counts.offered == 0 && counts.to_write == 0)
                (void) fprintf(stderr, "names %u of them, with values that they do not offer.\n", counts.named);
        else if (counts.to_write == 0)
                (void) fprintf(stderr, "sets %u of them, and all have their values already.\n", counts.offered);
        else
                (void) fprintf(stderr, "sets %u of them, and would change %u.\n", counts.offered, counts.to_write);
}

int manager_print_plan(struct manager *manager, const char *profile) {
        const struct profile *wanted = profile ? config_profile(manager->config, profile) : manager->active;
        int r;

        if (!wanted)
                return -ENOENT;
        if (!profile)
                saved_choice_report(&manager->state, manager->config, manager->choice.selected, manager->available);
        else if (!manager->available[wanted->base])
                (void) fprintf(stderr, "The profile \"%s\" is not available on this machine; the service would not accept it.\n",
                               profile);
        manager->active = wanted;
        r = manager_print_writes(manager, wanted);
        if (r >= 0)
                print_counts(manager);
        return r;
}
