/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "core/manager/later.h"

#include <time.h>

int later_init(struct later *later, sd_event *event, const struct later_handlers *handlers, void *userdata) {
        int r = sd_event_add_defer(event, &later->watch, handlers->watch, userdata);

        if (r >= 0)
                r = sd_event_add_defer(event, &later->answers, handlers->answers, userdata);
        if (r >= 0)
                r = sd_event_add_time(event, &later->reprobe, CLOCK_MONOTONIC, UINT64_MAX, 1, handlers->reprobe, userdata);
        if (r >= 0)
                r = sd_event_add_time(event, &later->deadline, CLOCK_BOOTTIME, UINT64_MAX, 0, handlers->deadline, userdata);
        if (r >= 0)
                r = sd_event_add_time(event, &later->expire, CLOCK_MONOTONIC, UINT64_MAX, 0, handlers->expire, userdata);
        if (r < 0)
                return r;
        (void) sd_event_source_set_enabled(later->watch, SD_EVENT_OFF);
        (void) sd_event_source_set_enabled(later->answers, SD_EVENT_OFF);
        (void) sd_event_source_set_enabled(later->reprobe, SD_EVENT_OFF);
        (void) sd_event_source_set_enabled(later->deadline, SD_EVENT_OFF);
        (void) sd_event_source_set_enabled(later->expire, SD_EVENT_OFF);
        return 0;
}

void later_done(struct later *later) {
        later->watch = sd_event_source_disable_unref(later->watch);
        later->answers = sd_event_source_disable_unref(later->answers);
        later->reprobe = sd_event_source_disable_unref(later->reprobe);
        later->deadline = sd_event_source_disable_unref(later->deadline);
        later->expire = sd_event_source_disable_unref(later->expire);
}

void later_watch(struct later *later) {
        (void) sd_event_source_set_enabled(later->watch, SD_EVENT_ONESHOT);
}

void later_answers(struct later *later) {
        (void) sd_event_source_set_enabled(later->answers, SD_EVENT_ONESHOT);
}

void later_reprobe(struct later *later, const char *why, uint64_t delay_usec) {
        later->reprobe_why = why;
        (void) sd_event_source_set_time_relative(later->reprobe, delay_usec);
        (void) sd_event_source_set_enabled(later->reprobe, SD_EVENT_ONESHOT);
}

void later_deadline(struct later *later, uint64_t usec) {
        (void) sd_event_source_set_time(later->deadline, usec);
        (void) sd_event_source_set_enabled(later->deadline, usec > 0 ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

void later_expire(struct later *later, uint64_t usec) {
        (void) sd_event_source_set_time(later->expire, usec);
        (void) sd_event_source_set_enabled(later->expire, usec < UINT64_MAX ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}
