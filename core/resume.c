/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notices that the machine has slept. A timer of the realtime clock that is never due is cancelled by the kernel when that clock
 * jumps: at resume, and when somebody sets it (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET; kernel/time/timekeeping.c calls
 * timerfd_resume()). Which of the two it was is told by CLOCK_BOOTTIME, which counts sleep, and CLOCK_MONOTONIC, which does not.
 *
 * It misses a "freeze" in which the CPUs never stop their clocks; such a sleep resets no register either. */

#include "core/resume.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Both clocks are read one after the other; preemption in between looks like sleep. A real one takes longer. */
#define SLEPT_MIN_NS INT64_C(100000000)

struct resume {
        int fd;
        sd_event_source *source;
        resume_callback callback;
        void *userdata;
        int64_t asleep_ns;
};

static int64_t now_ns(clockid_t clock) {
        struct timespec t = {};

        (void) clock_gettime(clock, &t);
        return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Boottime last: an interruption makes it longer, never negative. */
static int64_t asleep_ns(void) {
        int64_t monotonic = now_ns(CLOCK_MONOTONIC);

        return now_ns(CLOCK_BOOTTIME) - monotonic;
}

bool resume_has_slept(int64_t before_ns, int64_t now) {
        return now - before_ns >= SLEPT_MIN_NS;
}

static int arm(struct resume *resume) {
        const struct itimerspec never = { .it_value.tv_sec = INT64_MAX };

        return timerfd_settime(resume->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0 ? -errno : 0;
}

static int on_jump(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        struct resume *resume = userdata;
        int64_t now = asleep_ns();
        bool slept = resume_has_slept(resume->asleep_ns, now);
        uint64_t expirations;

        (void) source, (void) revents;
        (void) !read(fd, &expirations, sizeof(expirations)); /* ECANCELED, which is the news */
        if (arm(resume) < 0)
                resume->source = sd_event_source_disable_unref(resume->source);
        resume->asleep_ns = now;
        if (slept)
                resume->callback(resume->userdata);
        return 0;
}

int resume_new(sd_event *event, resume_callback callback, void *userdata, struct resume **ret) {
        struct resume *resume = calloc(1, sizeof(*resume));
        int r;

        if (!resume)
                return -ENOMEM;
        *resume = (struct resume) { .callback = callback, .userdata = userdata, .asleep_ns = asleep_ns() };
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
