/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others do to our knobs: a firmware key is a wish of the user's; any other foreign write is drift, which is named in the log and
 * then, as configured, left alone or answered a bounded number of times. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/manager-private.h"

static void format_writer(pid_t who, const char *comm, char *ret, size_t size) {
        if (who > 0)
                (void) text_format(ret, size, "%s[%d]", comm[0] ? comm : "a program", (int) who);
        else
                (void) text_format(ret, size, "another program or the kernel");
}

static void remember(struct knob *knob, const char *before, const char *writer) {
        struct change *change = change_new(manager_realtime(), "changed by somebody else", writer);

        knob_remember_change(knob, change, before);
        (void) change_unref(change);
}

static void tell(struct manager *manager, const struct knob *knob) {
        if (manager->listener.knobs_changed && knob->change)
                manager->listener.knobs_changed(&(struct change_summary) {
                        .usec = knob->change->usec, .knob = knob->name, .domains = 1,
                        .new_value = knob->value ? knob->value : "", .cause = knob->change->cause, .who = knob->change->who,
                }, manager->listener.userdata);
}

static void on_drift(struct manager *manager, struct knob *knob, const char *writer) {
        bool again = manager->config->drift == DRIFT_REASSERT && knob->reasserted < manager->config->drift_limit;
        uint32_t reasserted = knob->reasserted + 1;
        char name[128], cause[192];

        knob_format_name(knob, name, sizeof(name));
        if (!again) {
                knob->state = KNOB_YIELDED;
                log_notice("%s was set to \"%s\" by %s; leaving it so until the next choice of a profile (%s)", name,
                           knob->value ? knob->value : "", writer,
                           manager->config->drift == DRIFT_REASSERT ? "it was put back often enough" : "drift = yield");
                return;
        }
        log_notice("%s was set to \"%s\" by %s; putting \"%s\" back (%u of %u)", name, knob->value ? knob->value : "", writer, knob->wanted,
                   reasserted, manager->config->drift_limit);
        (void) TEXT_FORMAT(cause, "put back after %s", writer);
        (void) manager_apply(manager, false, cause, "governord", NULL);
        knob->reasserted = reasserted;
}

static bool mode_changed(struct knob *knob) {
        const char *before = knob->value;

        return (knob->row->flags & GOV_KNOB_PROBE) && knob_refresh(knob) >= 0 && !text_equal(before, knob->value);
}

static void follow_mode(struct manager *manager, struct knob *knob) {
        if (mode_changed(knob))
                manager_schedule_reprobe(manager, "the kernel driver's mode changed");
}

static void on_sensor(struct manager *manager, struct knob *knob) {
        uint32_t before = manager->degraded;

        follow_mode(manager, knob);
        manager_update_degraded(manager);
        /* Two lines that rigs for power-profiles-daemon wait for on standard output. */
        log_debug("File monitor change happened for /%s", knob->path);
        if ((manager->degraded & ~before) & DEGRADED_LAP)
                log_debug("dytc_lapmode is now on");
}

static void look_again(struct manager *manager, struct knob *knob, pid_t who, const char *comm) {
        const char *before = knob->value;
        char writer[64];

        if (knob_is_sensor(knob)) {
                on_sensor(manager, knob);
                return;
        }
        if (manager_is_governed(manager, knob)) /* our own writes, at every other millisecond */
                return;
        if (knob_refresh(knob) < 0) {
                if (before) /* the CPU went away; a knob that could not be read before either tells nothing new */
                        manager_schedule_reprobe(manager, "a knob vanished");
                return;
        }
        if (text_equal(before, knob->value))
                return;
        format_writer(who, comm, writer, sizeof(writer));
        remember(knob, before, writer);
        tell(manager, knob);
        if (knob->row->flags & GOV_KNOB_FIRMWARE)
                manager_firmware_changed(manager, knob, writer);
        else if (knob->wanted && knob->state != KNOB_YIELDED && knob->state != KNOB_FAILED && !knob_matches(knob, knob->wanted, knob->value))
                on_drift(manager, knob, writer);
        else
                manager_retry(manager, "something relevant changed");
}

void manager_catch_up(struct manager *manager, struct knob *knob) {
        if (knob_is_sensor(knob))
                follow_mode(manager, knob);
        else {
                look_again(manager, knob, 0, "");
                manager_publish(manager);
        }
}

void manager_on_watch(struct watch *watch, uint64_t cookie, pid_t who, const char *comm, void *userdata) {
        struct manager *manager = userdata;

        if (cookie == WATCH_EVERYTHING) {
                for (uint32_t i = 0; i < manager->knobs.n; i++)
                        if (manager->knobs.items[i].watched)
                                look_again(manager, &manager->knobs.items[i], 0, "");
        } else if (cookie < manager->knobs.n)
                look_again(manager, &manager->knobs.items[cookie], who, comm);
        manager_publish(manager);
}
