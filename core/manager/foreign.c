/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/foreign.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/decide/arbiter.h"
#include "core/manager/degraded.h"
#include "core/manager/drift.h"
#include "core/manager/inputs.h"
#include "core/manager/manager-private.h"
#include "core/manager/settle.h"
#include "core/write/diagnose.h"

static void format_writer(pid_t who, const char *comm, char *ret, size_t size) {
        if (who > 0)
                (void) text_format(ret, size, "%s[%d]", comm[0] ? comm : "a program", (int) who);
        else
                (void) text_format(ret, size, "another program or the kernel");
}

static void remember(struct knob *knob, const char *before, const char *writer) {
        struct change *change = change_new(clock_usec(CLOCK_REALTIME), "changed outside governord", writer);

        knob_remember_change(knob, change, before);
        (void) change_unref(change);
}

/* -- modes of the firmware -- */

/* Handles a firmware mode that corresponds to no available profile, such as one for manual tuning. */
static void leave_to_firmware(struct knob *knob, const char *before, const struct profile *unavailable) {
        log_notice("%s is now \"%s\", which corresponds to %s%s; leaving it alone until a profile is chosen or sleep resets it",
                   knob->path, knob->value, unavailable ? "the unavailable profile " : "no profile",
                   unavailable ? unavailable->name : "");
        if (!knob->wanted)
                return;
        knob->state = KNOB_YIELDED;
        knob->yielded = before;
}

/* Returns true if a hold or a rule decides the profile. */
static bool is_decided(const struct manager *manager) {
        return arbiter_hold(&manager->requests, manager->config, manager->available) ||
               choice_rule_profile(&manager->choice, manager->config);
}

/* Handles a firmware mode that corresponds to `profile`. If neither lap mode nor the charger has just changed, the user is assumed
 * to have pressed a key, and the profile is selected. Otherwise the firmware is assumed to have reacted to that change, and
 * the profile is imposed unless its base is in force already. If a hold or a rule decides, the function changes nothing and returns
 * false. */
static bool follow_firmware(struct manager *manager, const struct profile *profile, struct turn *turn) {
        if (!choice_is_answered(&manager->choice, clock_usec(CLOCK_BOOTTIME), &turn->by)) {
                log_notice("%s: switching to profile %s", turn->cause, profile->name);
                turn->select = profile;
                turn->origin = ORIGIN_FIRMWARE;
                return true;
        }
        if (profile->base == manager->active->base)
                return true;
        if (is_decided(manager))
                return false;
        turn->impose = profile;
        return true;
}

/* Returns false if the change is drift: it was not a choice of the user, and a hold or a rule decides. */
static bool on_firmware(struct manager *manager, struct knob *knob, const char *before, struct turn *turn) {
        const struct profile_context context = inputs_context(manager);
        const struct profile *profile;
        struct profile_knob view;

        /* without choices, the kernel driver has not registered completely, and its initial value is no choice of the user */
        if (!knob->value || !knob->choices[0])
                return true;
        knob_profile_view(knob, &manager->machine.topology, &view);
        profile = choice_of_firmware(manager->config, &context, &view, knob->value);
        if (!profile || !manager->available[profile->base]) {
                leave_to_firmware(knob, before, profile);
                return true;
        }
        if (profile->base != manager->active->base) {
                /* The event of the platform profile may arrive before the event of lap mode that caused it, so circumstances are
                 * evaluated first. */
                (void) manager_settle(manager, &(struct turn){ .foreign = turn->foreign });
                turn->foreign = NULL;
                return follow_firmware(manager, profile, turn);
        }
        log_info("%s is now \"%s\", which corresponds to the profile in force", knob->path, knob->value);
        if (knob->state == KNOB_YIELDED)
                knob->state = knob_managed_state(knob);
        return true;
}

/* -- drift -- */

static void leave_alone(struct knob *knob, const char *before, const char *writer, const char *why) {
        char name[128], shown[KNOB_SHOWN_MAX];

        knob_format_name(knob, name, sizeof(name));
        /* a failed knob did not have a value of the service before */
        knob->yielded = knob->state == KNOB_FAILED ? NULL : before;
        knob->state = KNOB_YIELDED;
        log_notice(
                "%s was set to \"%s\" by %s; leaving it alone until a profile is chosen, the machine resumes, or the former value is back (%s)",
                name, knob_show(knob, knob->value ? knob->value : "", shown), writer, why);
}

static void on_drift(struct manager *manager, struct knob *knob, const char *before, const char *writer, char *cause,
                     struct turn *turn) {
        uint32_t most = drift_answers(manager->config, knob);
        uint64_t *counters = manager->counters.values;
        char name[128], shown[KNOB_SHOWN_MAX], wanted[KNOB_SHOWN_MAX];

        counters[COUNTER_DRIFT]++;
        if (knob->reasserted + 1 > most) {
                counters[COUNTER_DRIFT_LEFT]++;
                leave_alone(knob, before, writer,
                            manager->config->drift == DRIFT_REASSERT ? "drift-limit is reached" : "drift = yield");
                return;
        }
        counters[COUNTER_DRIFT_PUT_BACK]++;
        knob->reasserted++;
        knob_format_name(knob, name, sizeof(name));
        log_notice("%s was set to \"%s\" by %s; restoring \"%s\" (attempt %u of %u)", name,
                   knob_show(knob, knob->value ? knob->value : "", shown), writer, knob_show(knob, knob->wanted, wanted),
                   knob->reasserted, most);
        (void) text_format(cause, CAUSE_MAX, "restored after a change by %s", writer);
        turn->cause = cause;
        turn->dirty |= DIRTY_PLAN;
}

static void take_back(struct knob *knob, const char *writer) {
        char name[128], shown[KNOB_SHOWN_MAX];

        knob_format_name(knob, name, sizeof(name));
        log_notice("%s was set back to \"%s\" by %s; it is managed again", name, knob_show(knob, knob->value, shown), writer);
        knob->state = knob_managed_state(knob);
        knob->yielded = NULL;
}

static void on_verdict(struct manager *manager, struct knob *knob, const char *before, const char *writer, char *cause,
                       struct turn *turn) {
        enum verdict verdict = drift_judge(knob, before);

        if (verdict == VERDICT_BACK) {
                take_back(knob, writer);
                if (knob->wanted && knob_matches(knob, knob->wanted, knob->value))
                        verdict = drift_judge(knob, before);
        }
        switch (verdict) {
        case VERDICT_BACK: /* the target has changed since the knob was left alone */
                turn->cause = "a setting is managed again";
                turn->dirty |= DIRTY_PLAN;
                break;
        case VERDICT_FOREIGN:
                on_drift(manager, knob, before, writer, cause, turn);
                break;
        case VERDICT_BOUND:
                knob->bounds = false; /* set again by the next plan */
                turn->cause = "a limit was changed by another program";
                turn->dirty |= DIRTY_PLAN;
                break;
        case VERDICT_NOTHING:
                turn->cause = "a value that failed settings may depend on has changed";
                turn->dirty |= DIRTY_FAILED;
        }
}

static void on_value(struct manager *manager, struct knob *knob, const char *value, pid_t who, const char *comm) {
        const char *before = knob->value;
        char writer[64], cause[CAUSE_MAX];
        struct turn turn = { .foreign = knob };
        bool followed = false;

        if (knob_set_value(knob, value) < 0 || text_equal(before, knob->value))
                return;
        format_writer(who, comm, writer, sizeof(writer));
        remember(knob, before, writer);
        if ((knob->row->flags & GOV_KNOB_FIRMWARE) && drift_judge(knob, before) != VERDICT_BACK) {
                (void) TEXT_FORMAT(cause, who > 0 ? "a program set the firmware mode %s" : "the firmware or a key set the mode %s",
                                   knob->value);
                turn.cause = cause;
                turn.who = writer;
                followed = on_firmware(manager, knob, before, &turn);
        }
        if (!followed) {
                turn.who = NULL;
                on_verdict(manager, knob, before, writer, cause, &turn);
        }
        (void) manager_settle(manager, &turn);
}

/* -- reads -- */

static bool mode_changed(struct knob *knob) {
        const char *before = knob->value;

        return (knob->row->flags & GOV_KNOB_PROBE) && knob_refresh(knob) >= 0 && !text_equal(before, knob->value);
}

static void follow_mode(struct manager *manager, struct knob *knob) {
        if (!mode_changed(knob))
                return;
        machine_mark_stale(&manager->machine, NULL);
        later_reprobe(&manager->later, "the kernel driver's mode changed", 0);
}

static void on_sensor(struct manager *manager, struct knob *knob) {
        uint32_t before = manager->degraded;

        follow_mode(manager, knob);
        (void) manager_settle(manager, &(struct turn){});
        /* The tests of power-profiles-daemon wait for these two lines on standard output. */
        log_debug("File monitor change happened for /%s", knob->path);
        if ((manager->degraded & ~before) & DEGRADED_LAP)
                log_debug("dytc_lapmode is now on");
}

/* Handles a knob that can no longer be read, usually because its CPU has gone offline. If it was unreadable before, nothing has
 * changed. */
static void on_gone(struct manager *manager, struct knob *knob) {
        if (knob->value) {
                machine_mark_stale(&manager->machine, NULL);
                later_reprobe(&manager->later, "a knob disappeared", 0);
        }
        knob->value = NULL;
        knob->written_usec = 0;
}

static void on_own(struct manager *manager, struct knob *knob, const char *value) {
        const char *wrote = knob->value;
        enum knob_state before = knob->state;
        char text[512];

        if (knob_set_value(knob, value) < 0 || !knob->wanted) /* the original value has been restored */
                return;
        if (!knob_matches(knob, wrote, knob->value)) {
                diagnose_failure(knob, wrote, APPLY_ERROR_DIFFERS, text, sizeof(text));
                if (knob->state != KNOB_FAILED)
                        (void) log_warning(0, "%s; levels of sessions have no effect on this CPU", text);
                knob->state = KNOB_FAILED;
                knob->error = APPLY_ERROR_DIFFERS;
        } else if (knob->state == KNOB_FAILED) {
                knob->state = KNOB_OK;
                knob->error = 0;
        }
        if (!text_equal(wrote, knob->value)) {
                ledger_add_shown(manager->ledger, knob->ledger_id, knob->value);
                (void) ledger_settle(manager->ledger);
        }
        if (knob->state != before)
                (void) manager_settle(manager, &(struct turn){});
}

static void examine_knob(struct manager *manager, struct knob *knob, pid_t who, const char *comm, bool last) {
        char value[GOVERNORD_VALUE_MAX];

        if (knob->pending) /* the service waits for the answer to its own write */
                return;
        switch (drift_look(knob, who > 0, last, value)) {
        case SIGHT_UNFINISHED:
                doubts_add(&manager->doubts, &manager->machine.knobs, knob, who, comm);
                break;
        case SIGHT_SENSOR:
                on_sensor(manager, knob);
                break;
        case SIGHT_GONE:
                on_gone(manager, knob);
                break;
        case SIGHT_OWN:
                on_own(manager, knob, value);
                break;
        case SIGHT_VALUE:
                on_value(manager, knob, value, who, comm);
        }
}

void foreign_catch_up(struct manager *manager, struct knob *knob) {
        if (knob_is_sensor(knob))
                follow_mode(manager, knob);
        else
                examine_knob(manager, knob, 0, "", false);
}

int foreign_on_doubts(sd_event_source *source, uint64_t usec, void *userdata) {
        struct manager *manager = userdata;
        const uint64_t now = clock_usec(CLOCK_BOOTTIME);
        struct doubt doubt;
        uint32_t cursor = 0;

        while (doubts_take(&manager->doubts, &manager->machine.knobs, now, &cursor, &doubt))
                examine_knob(manager, &manager->machine.knobs.items[doubt.knob], doubt.who, doubt.comm, true);
        return 0;
}

void foreign_on_watch(struct watch *watch, uint64_t cookie, pid_t who, const char *comm, void *userdata) {
        struct manager *manager = userdata;

        if (cookie == WATCH_EVERYTHING) {
                for (uint32_t i = 0; i < manager->machine.knobs.n; i++)
                        if (manager->machine.knobs.items[i].watched)
                                examine_knob(manager, &manager->machine.knobs.items[i], 0, "", false);
        } else if (cookie < manager->machine.knobs.n)
                examine_knob(manager, &manager->machine.knobs.items[cookie], who, comm, false);
}
