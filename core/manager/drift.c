/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others do to our knobs: a firmware key is a wish of the user's; any other foreign write is drift, which is named in the log and
 * then, as configured, left alone or answered a bounded number of times. A knob that was left alone is managed again when it has our value again.
 *
 * A value that may be in the making is looked at once more a moment later, before anything is concluded from it: an ordinary file is empty
 * between its truncation and the write, and the kernel shows a new frequency limit only when a worker has brought it into force. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "core/manager/manager-private.h"
#include "core/write/diagnose.h"

/* After a write, and between two looks at a knob. Workers of the kernel need milliseconds on a loaded machine. */
#define DOUBT_USEC          100000
#define DOUBT_ACCURACY_USEC 10000

static void format_writer(pid_t who, const char *comm, char *ret, size_t size) {
        if (who > 0)
                (void) text_format(ret, size, "%s[%d]", comm[0] ? comm : "a program", (int) who);
        else
                (void) text_format(ret, size, "another program or the kernel");
}

static void remember(struct knob *knob, const char *before, const char *writer) {
        struct change *change = change_new(clock_usec(CLOCK_REALTIME), "changed by another program", writer);

        knob_remember_change(knob, change, before);
        (void) change_unref(change);
}

static void tell(struct manager *manager, const struct knob *knob) {
        if (manager->listener.knobs_changed && knob->change)
                manager->listener.knobs_changed(
                        &(struct change_summary){
                                .usec = knob->change->usec,
                                .knob = knob->name,
                                .domains = 1,
                                .new_value = knob->value ? knob->value : "",
                                .cause = knob->change->cause,
                                .who = knob->change->who,
                        },
                        manager->listener.userdata);
}

/* How often another program's value may be replaced. One that could not be set gets one more try even where drift is left alone: the program
 * that had kept the service from it may just have finished. */
static uint32_t answers_to(const struct config *config, const struct knob *knob) {
        return config->drift == DRIFT_REASSERT ? config->drift_limit : knob->state == KNOB_FAILED ? 1 : 0;
}

static void on_drift(struct manager *manager, struct knob *knob, const char *before, const char *writer) {
        uint32_t most = answers_to(manager->config, knob), reasserted = knob->reasserted + 1;
        char name[128], cause[192];

        knob_format_name(knob, name, sizeof(name));
        if (reasserted > most) {
                knob->yielded = knob->state == KNOB_FAILED ? NULL : before; /* of a failed one it was not the service's */
                knob->state = KNOB_YIELDED;
                log_notice("%s was set to \"%s\" by %s; leaving it so until the next choice of a profile (%s)", name,
                           knob->value ? knob->value : "", writer, most > 0 ? "it was put back often enough" : "drift = yield");
                return;
        }
        log_notice("%s was set to \"%s\" by %s; putting \"%s\" back (%u of %u)", name, knob->value ? knob->value : "", writer,
                   knob->wanted, reasserted, most);
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
        manager_follow_circumstances(manager);
        /* Two lines that rigs for power-profiles-daemon wait for on standard output. */
        log_debug("File monitor change happened for /%s", knob->path);
        if ((manager->degraded & ~before) & DEGRADED_LAP)
                log_debug("dytc_lapmode is now on");
}

/* Whoever changed it has put it back: to what is wanted now, or to what it had before. */
static bool is_back(const struct knob *knob) {
        return (knob->wanted && knob_matches(knob, knob->wanted, knob->value)) ||
               (knob->yielded && knob_same(knob->yielded, knob->value));
}

static void take_back(struct manager *manager, struct knob *knob, const char *writer) {
        char name[128];

        knob_format_name(knob, name, sizeof(name));
        log_notice("%s was set back to \"%s\" by %s; it is managed again", name, knob->value, writer);
        knob->state = knob->ledger_id > 0 ? KNOB_OK : KNOB_UNTOUCHED;
        knob->yielded = NULL;
        if (!knob->wanted || !knob_matches(knob, knob->wanted, knob->value)) /* what is wanted has changed meanwhile */
                (void) manager_apply(manager, false, "a setting is managed again", "governord", NULL);
}

/* The lower limit that this one bounds may now be too high, or be wanted higher. */
static void on_foreign_limit(struct manager *manager, struct knob *knob) {
        knob->bounds = false; /* until the next plan says so again */
        (void) manager_apply(manager, false, "an upper limit was changed by another program", "governord", NULL);
}

/* A failed knob that can be read again is no change by another program. */
static bool is_drift(const struct knob *knob, const char *before) {
        if (!knob->wanted || knob->state == KNOB_YIELDED || (knob->state == KNOB_FAILED && !before))
                return false;
        return !knob_matches(knob, knob->wanted, knob->value);
}

static void on_value(struct manager *manager, struct knob *knob, const char *value, pid_t who, const char *comm) {
        const char *before = knob->value;
        bool followed = false;
        char writer[64];

        if (knob_set_value(knob, value) < 0 || text_equal(before, knob->value))
                return;
        format_writer(who, comm, writer, sizeof(writer));
        remember(knob, before, writer);
        tell(manager, knob);
        if (knob->state == KNOB_YIELDED && is_back(knob))
                take_back(manager, knob, writer);
        else if (knob->row->flags & GOV_KNOB_FIRMWARE)
                followed = manager_firmware_changed(manager, knob, before, writer);
        if (!followed && is_drift(knob, before))
                on_drift(manager, knob, before, writer);
        else if (!followed && knob->bounds)
                on_foreign_limit(manager, knob);
        else if (!followed)
                manager_retry(manager, "something relevant changed");
        manager_update_degraded(manager);
}

/* The read-back of a write that was not waited for. */
static void read_back(struct manager *manager, struct knob *knob, const char *value) {
        const char *wrote = knob->value;
        enum knob_state before = knob->state;
        char text[512];

        if (knob_set_value(knob, value) < 0 || !knob->wanted) /* given back */
                return;
        if (!knob_matches(knob, wrote, knob->value)) {
                diagnose_failure(knob, wrote, APPLY_ERROR_DIFFERS, text, sizeof(text));
                if (knob->state != KNOB_FAILED)
                        (void) log_warning(0, "%s; what sessions ask for does not reach this CPU", text);
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
                manager_update_degraded(manager);
}

/* Empty, or no longer readable. */
static bool is_unfinished(const struct knob *knob, int length) {
        return length < 0 ? knob->value != NULL : length == 0 && !(knob->value && knob->value[0] == '\0');
}

/* `last`: whatever it is now is so. */
static void look(struct manager *manager, struct knob *knob, pid_t who, const char *comm, bool last) {
        bool unread = knob->written_usec > 0;
        char value[GOVERNORD_VALUE_MAX] = "";
        int r = unread && !last ? 0 : knob_read(knob, value);

        if (!last && (unread || is_unfinished(knob, r)))
                manager_doubt(manager, knob, who, comm);
        else if (knob_is_sensor(knob))
                on_sensor(manager, knob);
        else if (r < 0) {
                if (knob->value) /* the CPU went away; a knob that could not be read before either tells nothing new */
                        manager_schedule_reprobe(manager, "a knob vanished");
                knob->value = NULL;
                knob->written_usec = 0;
        } else if (unread && who == 0)
                read_back(manager, knob, value);
        else
                on_value(manager, knob, value, who, comm);
}

static int on_doubts(sd_event_source *source, uint64_t usec, void *userdata);

static void schedule_doubts(struct manager *manager) {
        if (!manager->doubts_later && sd_event_add_time_relative(manager->event, &manager->doubts_later, CLOCK_MONOTONIC,
                                                                 DOUBT_USEC, DOUBT_ACCURACY_USEC, on_doubts, manager) < 0)
                return;
        (void) sd_event_source_set_time_relative(manager->doubts_later, DOUBT_USEC);
        (void) sd_event_source_set_enabled(manager->doubts_later, SD_EVENT_ONESHOT);
}

static int on_doubts(sd_event_source *source, uint64_t usec, void *userdata) {
        struct manager *manager = userdata;
        uint64_t now = clock_usec(CLOCK_BOOTTIME);

        for (uint32_t i = 0; i < manager->n_doubts;) {
                struct doubt doubt = manager->doubts[i];
                struct knob *knob = &manager->knobs.items[doubt.knob];

                if (now < MAX(doubt.since_usec, knob->written_usec) + DOUBT_USEC) { /* either may be later than `now` */
                        i++;
                        continue;
                }
                manager->doubts[i] = manager->doubts[--manager->n_doubts];
                knob->doubtful = false;
                look(manager, knob, doubt.who, doubt.comm, true);
        }
        if (manager->n_doubts > 0)
                schedule_doubts(manager);
        manager_publish(manager);
        return 0;
}

static void name_writer(struct manager *manager, uint32_t knob, pid_t who, const char *comm) {
        for (uint32_t i = 0; i < manager->n_doubts; i++)
                if (manager->doubts[i].knob == knob) {
                        manager->doubts[i].who = who;
                        (void) TEXT_FORMAT(manager->doubts[i].comm, "%s", comm);
                }
}

void manager_doubt(struct manager *manager, struct knob *knob, pid_t who, const char *comm) {
        const uint32_t index = (uint32_t) (knob - manager->knobs.items);
        struct doubt *doubts;

        if (!knob->doubtful) {
                if (manager->n_doubts == manager->room_doubts) {
                        doubts = reallocarray(manager->doubts, manager->room_doubts * 2 + 16, sizeof(*doubts));
                        if (!doubts)
                                return; /* until the next event */
                        manager->doubts = doubts;
                        manager->room_doubts = manager->room_doubts * 2 + 16;
                }
                manager->doubts[manager->n_doubts++] = (struct doubt){ .knob = index, .since_usec = clock_usec(CLOCK_BOOTTIME) };
                knob->doubtful = true;
                if (manager->n_doubts == 1)
                        schedule_doubts(manager);
        }
        if (who > 0)
                name_writer(manager, index, who, comm);
}

void manager_forget_doubts(struct manager *manager) {
        manager->n_doubts = 0;
        manager->doubts_later = sd_event_source_disable_unref(manager->doubts_later);
}

bool manager_in_place(struct manager *manager, struct knob *knob, const char *wanted, const char *shown) {
        if (knob->written_usec > 0 || knob_matches(knob, wanted, shown))
                return true;
        if (knob->state == KNOB_OK)
                manager_doubt(manager, knob, 0, "");
        return false;
}

void manager_catch_up(struct manager *manager, struct knob *knob) {
        if (knob_is_sensor(knob))
                follow_mode(manager, knob);
        else {
                look(manager, knob, 0, "", false);
                manager_publish(manager);
        }
}

void manager_on_watch(struct watch *watch, uint64_t cookie, pid_t who, const char *comm, void *userdata) {
        struct manager *manager = userdata;

        if (cookie == WATCH_EVERYTHING) {
                for (uint32_t i = 0; i < manager->knobs.n; i++)
                        if (manager->knobs.items[i].watched)
                                look(manager, &manager->knobs.items[i], 0, "", false);
        } else if (cookie < manager->knobs.n)
                look(manager, &manager->knobs.items[cookie], who, comm, false);
        manager_publish(manager);
}
