/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data that the library's thread and the application exchange: the thread sets state and message, the application sets its settings
 * and `stop`. In the child of a fork() the mutex may be locked forever, so functions of the interface that lock it call
 * control_of() first. */

#include "client/state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MIN(a, b) ((a) < (b) ? (a) : (b))

int state_init(struct control *control) {
        pthread_condattr_t attributes;
        int r = pthread_condattr_init(&attributes);

        if (r == 0) {
                (void) pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
                r = pthread_cond_init(&control->changed, &attributes);
                (void) pthread_condattr_destroy(&attributes);
        }
        return r == 0 ? -pthread_mutex_init(&control->mutex, NULL) : -r;
}

void state_destroy(struct control *control) {
        (void) pthread_cond_destroy(&control->changed);
        (void) pthread_mutex_destroy(&control->mutex);
}

/* Called with the mutex held. */
static void change_state(struct control *control, uint32_t state) {
        control->state = state;
        control->changes++;
        (void) pthread_cond_broadcast(&control->changed);
}

void state_publish(struct control *control, uint32_t state, const char *format, ...) {
        va_list args;

        (void) pthread_mutex_lock(&control->mutex);
        control->message[0] = '\0';
        if (format) {
                va_start(args, format);
                (void) vsnprintf(control->message, sizeof(control->message), format, args);
                va_end(args);
        }
        change_state(control, state);
        (void) pthread_mutex_unlock(&control->mutex);
}

void state_opened(struct control *control) {
        (void) pthread_mutex_lock(&control->mutex);
        control->message[0] = '\0';
        control->sessions++;
        change_state(control, GOV_QOS_OPEN);
        (void) pthread_mutex_unlock(&control->mutex);
}

const char *state_error_text(int r) {
        const char *text = strerrordesc_np(-r);

        return text ? text : "unknown error";
}

uint32_t state_of(struct control *control) {
        uint32_t state;

        (void) pthread_mutex_lock(&control->mutex);
        state = control->state;
        (void) pthread_mutex_unlock(&control->mutex);
        return state;
}

bool state_read_settings(struct control *control, struct settings *ret) {
        bool stop;

        (void) pthread_mutex_lock(&control->mutex);
        *ret = control->settings;
        stop = control->stop;
        (void) pthread_mutex_unlock(&control->mutex);
        return !stop;
}

void state_set_target(struct control *control, const struct target *target) {
        (void) pthread_mutex_lock(&control->mutex);
        control->settings.target = *target;
        (void) pthread_mutex_unlock(&control->mutex);
}

void state_set_threads(struct control *control, const struct threads *threads) {
        (void) pthread_mutex_lock(&control->mutex);
        control->settings.threads = *threads;
        (void) pthread_mutex_unlock(&control->mutex);
}

void state_stop(struct control *control) {
        (void) pthread_mutex_lock(&control->mutex);
        control->stop = true;
        (void) pthread_mutex_unlock(&control->mutex);
}

/* Messages for states that were published without one, such as GOV_QOS_OPENING. */
static const char *const usual[] = {
        [GOV_QOS_WAITING] = "connecting to the system bus",
        [GOV_QOS_OPENING] = "requesting a session from the service",
        [GOV_QOS_OPEN] = "",
        [GOV_QOS_REFUSED] = "governord refused",
        [GOV_QOS_OFF] = "the library cannot work in this process",
};

static void fill_status(struct control *control, struct gov_qos_status *ret) {
        struct gov_qos *qos = control->qos;

        (void) pthread_mutex_lock(&control->mutex);
        ret->state = control->state;
        ret->changes = control->changes;
        ret->sessions = control->sessions;
        (void) snprintf(ret->message, sizeof(ret->message), "%s", control->message[0] ? control->message : usual[control->state]);
        (void) pthread_mutex_unlock(&control->mutex);
        ret->rung = __atomic_load_n(&qos->rung, __ATOMIC_RELAXED) & ~RING_WAKES;
        ret->reported = __atomic_load_n(&qos->reported, __ATOMIC_RELAXED);
        ret->dropped = __atomic_load_n(&qos->full, __ATOMIC_RELAXED) + __atomic_load_n(&qos->contended, __ATOMIC_RELAXED);
}

GOV_QOS_API int gov_qos_status(struct gov_qos *qos, struct gov_qos_status *ret) {
        struct gov_qos_status status = { .state = GOV_QOS_OFF };
        struct control *control = control_of(qos);

        if (!ret || ret->size < sizeof(ret->size))
                return -EINVAL;
        if (control)
                fill_status(control, &status);
        else
                (void) snprintf(status.message, sizeof(status.message), "%s",
                                qos ? "This handle was opened before fork() and cannot be used in the child" :
                                      "The handle is NULL");
        status.size = ret->size;
        memcpy(ret, &status, MIN(ret->size, sizeof(status)));
        return 0;
}

static struct timespec in_ms(uint32_t ms) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        t.tv_sec += ms / 1000;
        t.tv_nsec += (long) (ms % 1000) * 1000000;
        if (t.tv_nsec >= 1000000000) {
                t.tv_nsec -= 1000000000;
                t.tv_sec++;
        }
        return t;
}

GOV_QOS_API int gov_qos_wait(struct gov_qos *qos, uint32_t changes, uint32_t timeout_ms) {
        struct control *control = control_of(qos);
        const struct timespec until = in_ms(timeout_ms);
        int r = 0;

        if (!control)
                return -EINVAL;
        (void) pthread_mutex_lock(&control->mutex);
        while (r == 0 && control->changes == changes)
                r = control->state == GOV_QOS_OFF ? EINVAL : pthread_cond_timedwait(&control->changed, &control->mutex, &until);
        (void) pthread_mutex_unlock(&control->mutex);
        return -r;
}
