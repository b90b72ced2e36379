/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "core/config/findings.h"
#include "core/manager/events.h"
#include "core/manager/inputs.h"
#include "core/manager/manager-private.h"
#include "core/manager/settle.h"

void manager_log_config_errors(char *errors, int error) {
        if (errors)
                findings_log(errors);
        else
                (void) log_error(error, "The configuration cannot be read");
}

static void note_config_error(struct manager *manager, const char *errors, int error) {
        const char *first = errors && errors[0] ? errors : strerror(-error);
        char more[32] = "";
        size_t n = 0;
        int length;

        for (const char *end = strchr(first, '\n'); end && end[1]; end = strchr(end + 1, '\n'))
                n++;
        if (n > 0)
                (void) TEXT_FORMAT(more, " (and %zu more)", n);
        length = (int) MIN(strcspn(first, "\n"), sizeof(manager->config_error) - sizeof(more));
        (void) TEXT_FORMAT(manager->config_error, "%.*s%s", text_cut(first, length), first, more);
        manager->changed |= CHANGED_DEGRADED;
}

const char *manager_config_error(const struct manager *manager) {
        return manager->config_error;
}

int reload_first(struct manager *manager) {
        _cleanup_free_ char *errors = NULL;
        int r;

        if (manager->options.config) {
                manager->config = manager->options.config;
                return 0;
        }
        r = config_check(&manager->options.config_dirs, NULL, &manager->config, &errors);
        if (r >= 0)
                return 0;
        manager->rejected = TAKE_PTR(manager->config);
        note_config_error(manager, errors, r);
        if (errors)
                log_notice("The configuration has errors, which are listed below; using the built-in defaults until it "
                           "is corrected and reloaded");
        else
                manager_log_config_errors(NULL, r);
        manager->rejected_errors = TAKE_PTR(errors); /* logged later, together with its lines without effect */
        return config_load(&(struct config_dirs){}, &manager->config, &errors);
}

/* Replaces the configuration. Pointers to profiles and rules of the old one are replaced by those with the same names in the new
 * one. */
static void adopt_config(struct manager *manager, struct config *config) {
        const struct profile *selected = manager->choice.selected, *active = config_profile(config, manager->active->name);
        struct config *old = manager->config;

        if (!choice_adopt_config(&manager->choice, config))
                log_notice("Profile %s is no longer in the configuration; selecting %s instead", selected->name,
                           profile_base_names[selected->base]);
        manager->active = active ? active : manager->choice.selected;
        manager->config = config;
        plan_forget(&manager->machine.knobs);
        config_free(old);
}

void manager_warn_ineffective(struct manager *manager, const struct config *config, char **findings) {
        struct judging judging;

        inputs_judging(manager, config, &judging);
        ineffective_warn(&judging, findings);
}

int manager_reload(struct manager *manager, char **ret_errors) {
        struct config *config = NULL;
        int r = config_check(&manager->options.config_dirs, NULL, &config, ret_errors);

        if (r < 0) {
                note_config_error(manager, *ret_errors, r);
                if (config && *ret_errors)
                        manager_warn_ineffective(manager, config, ret_errors);
                config_free(config);
                (void) manager_settle(manager, &(struct turn){});
                return r;
        }
        manager->config_error[0] = '\0';
        adopt_config(manager, config);
        events_follow_programs(manager);
        manager->changed |= CHANGED_ALL;
        manager->lines_unjudged = true;
        (void) manager_settle(manager, &(struct turn){ .dirty = DIRTY_OFFER, .cause = "new configuration" });
        machine_mark_stale(&manager->machine, NULL);
        /* The probe follows in a later turn, because this one has to restore the original values of knobs that are now blocked. */
        later_reprobe(&manager->later, "new configuration", 0);
        return 0;
}
