/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/doubts.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"

/* A doubtful knob is read again no earlier than this long after the doubt arose or after its latest write, whichever is later.
 * Kernel workers can take milliseconds on a loaded machine. */
#define DOUBT_USEC          100000
#define DOUBT_ACCURACY_USEC 10000

int doubts_init(struct doubts *doubts, sd_event *event, sd_event_time_handler_t handler, void *userdata) {
        int r = sd_event_add_time(event, &doubts->timer, CLOCK_MONOTONIC, UINT64_MAX, DOUBT_ACCURACY_USEC, handler, userdata);

        return r < 0 ? r : sd_event_source_set_enabled(doubts->timer, SD_EVENT_OFF);
}

void doubts_done(struct doubts *doubts) {
        doubts->timer = sd_event_source_disable_unref(doubts->timer);
        free(doubts->items);
        *doubts = (struct doubts){};
}

void doubts_clear(struct doubts *doubts) {
        doubts->n = 0;
        (void) sd_event_source_set_enabled(doubts->timer, SD_EVENT_OFF);
}

static void set_timer(struct doubts *doubts) {
        (void) sd_event_source_set_time_relative(doubts->timer, DOUBT_USEC);
        (void) sd_event_source_set_enabled(doubts->timer, SD_EVENT_ONESHOT);
}

static struct doubt *find_doubt(struct doubts *doubts, uint32_t knob) {
        for (uint32_t i = 0; i < doubts->n; i++)
                if (doubts->items[i].knob == knob)
                        return &doubts->items[i];
        return NULL;
}

static struct doubt *append(struct doubts *doubts) {
        struct doubt *items;

        if (doubts->n == doubts->room) {
                items = reallocarray(doubts->items, doubts->room * 2 + 16, sizeof(*items));
                if (!items)
                        return NULL;
                doubts->items = items;
                doubts->room = doubts->room * 2 + 16;
        }
        return &doubts->items[doubts->n++];
}

void doubts_add(struct doubts *doubts, const struct knobs *knobs, struct knob *knob, pid_t who, const char *comm) {
        const uint32_t index = (uint32_t) (knob - knobs->items);
        struct doubt *doubt;

        assert(index < knobs->n);
        if (knob->doubtful && who == 0)
                return;
        doubt = knob->doubtful ? find_doubt(doubts, index) : append(doubts);
        if (!doubt)
                return;
        if (!knob->doubtful) {
                *doubt = (struct doubt){ .knob = index, .since_usec = clock_usec(CLOCK_BOOTTIME) };
                knob->doubtful = true;
                if (doubts->n == 1)
                        set_timer(doubts);
        }
        doubt->who = who;
        (void) TEXT_FORMAT(doubt->comm, "%s", comm);
}

bool doubts_take(struct doubts *doubts, const struct knobs *knobs, uint64_t now_usec, uint32_t *cursor, struct doubt *ret) {
        for (; *cursor < doubts->n; ++*cursor) {
                struct doubt *doubt = &doubts->items[*cursor];
                struct knob *knob = &knobs->items[doubt->knob];

                /* no subtraction, since both times may be later than now_usec */
                if (now_usec < MAX(doubt->since_usec, knob->written_usec) + DOUBT_USEC)
                        continue;
                *ret = *doubt;
                *doubt = doubts->items[--doubts->n];
                knob->doubtful = false;
                return true;
        }
        if (doubts->n > 0)
                set_timer(doubts);
        return false;
}

bool doubts_check(struct doubts *doubts, const struct knobs *knobs, struct knob *knob, const char *wanted, const char *shown) {
        if (knob->written_usec > 0 || knob_matches(knob, wanted, shown))
                return true;
        if (knob->state == KNOB_OK)
                doubts_add(doubts, knobs, knob, 0, "");
        return false;
}
