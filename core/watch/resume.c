/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Detects that the machine has slept. The kernel cancels a timer of the realtime clock when that clock jumps: at resume, and when
 * it is set (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET; kernel/time/timekeeping.c calls timerfd_resume()). The timer used here
 * never expires. To distinguish the two cases, CLOCK_BOOTTIME, which includes sleep, is compared with CLOCK_MONOTONIC, which does
 * not. If the clock was set by less than 0.1 s, this looks like a short sleep; the unnecessary probe that follows is harmless.
 *
 * Suspend-to-idle ("freeze") in which the kernel never suspends its timekeeping is not detected. It resets no registers, so no
 * setting is lost. */

#include "core/watch/resume.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

/* Smaller differences are ignored: the clocks are read one after the other, and the thread may be preempted in between. */
#define JUMP_MIN_NS INT64_C(100000000)

/* Differences between clocks of the kernel, in nanoseconds. */
struct offsets {
        int64_t asleep; /* boottime - monotonic */
        int64_t wall;   /* realtime - boottime; changes only when the clock is set */
};

struct resume {
        int fd;
        sd_event_source *source;
        resume_callback callback;
        void *userdata;
        struct offsets offsets;
};

static struct offsets read_offsets(void) {
        int64_t monotonic = (int64_t) clock_ns(CLOCK_MONOTONIC), boottime = (int64_t) clock_ns(CLOCK_BOOTTIME);

        return (struct offsets){ .asleep = boottime - monotonic, .wall = (int64_t) clock_ns(CLOCK_REALTIME) - boottime };
}

bool resume_was_asleep(int64_t asleep_ns, int64_t set_ns) {
        return asleep_ns >= JUMP_MIN_NS || (set_ns < JUMP_MIN_NS && set_ns > -JUMP_MIN_NS);
}

static int arm(struct resume *resume) {
        const struct itimerspec never = { .it_value.tv_sec = INT64_MAX };

        return timerfd_settime(resume->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0 ? -errno : 0;
}

static int on_jump(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        struct resume *resume = userdata;
        struct offsets now = read_offsets();
        bool slept = resume_was_asleep(now.asleep - resume->offsets.asleep, now.wall - resume->offsets.wall);
        uint64_t expirations;

        (void) source, (void) revents;
        (void) !read(fd, &expirations, sizeof(expirations)); /* fails with ECANCELED, which is the notification */
        if (arm(resume) < 0)
                resume->source = sd_event_source_disable_unref(resume->source);
        resume->offsets = now;
        if (slept)
                resume->callback(resume->userdata);
        return 0;
}

int resume_new(sd_event *event, resume_callback callback, void *userdata, struct resume **ret) {
        struct resume *resume = calloc(1, sizeof(*resume));
        int r;

        if (!resume)
                return -ENOMEM;
        *resume = (struct resume){ .callback = callback, .userdata = userdata, .offsets = read_offsets() };
        resume->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
        r = resume->fd < 0 ? -errno : arm(resume);
        if (r >= 0)
                r = sd_event_add_io(event, &resume->source, resume->fd, EPOLLIN, on_jump, resume);
        if (r < 0) {
                (void) resume_free(resume);
                return r;
        }
        *ret = resume;
        return 0;
}

struct resume *resume_free(struct resume *resume) {
        if (!resume)
                return NULL;
        resume->source = sd_event_source_disable_unref(resume->source);
        resume->fd = close_fd(resume->fd);
        free(resume);
        return NULL;
}
