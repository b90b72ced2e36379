/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event queue: a binary heap, ordered by time, then by the order in which events were added. */

#include <stdio.h>
#include <stdlib.h>

#include "bench/sim/events.h"

static int earlier(const struct event *left, const struct event *right) {
        return left->at_ns != right->at_ns ? left->at_ns < right->at_ns : left->order < right->order;
}

static void swap(struct event *left, struct event *right) {
        struct event kept = *left;

        *left = *right;
        *right = kept;
}

void events_add(struct events *events, uint64_t at_ns, enum event_kind kind, uint64_t value) {
        size_t place = events->n;

        if (events->n == EVENTS_MAX) {
                (void) fprintf(stderr, "sim: more than %d events in the queue\n", EVENTS_MAX);
                abort();
        }
        events->heap[events->n++] = (struct event){ .at_ns = at_ns, .order = events->added++, .value = value, .kind = kind };
        while (place > 0 && earlier(&events->heap[place], &events->heap[(place - 1) / 2])) {
                swap(&events->heap[place], &events->heap[(place - 1) / 2]);
                place = (place - 1) / 2;
        }
}

struct event events_take(struct events *events) {
        struct event first = events->heap[0];
        size_t place = 0;

        events->heap[0] = events->heap[--events->n];
        for (;;) {
                size_t least = place, child = 2 * place + 1;

                for (size_t i = child; i < child + 2 && i < events->n; i++)
                        if (earlier(&events->heap[i], &events->heap[least]))
                                least = i;
                if (least == place)
                        return first;
                swap(&events->heap[place], &events->heap[least]);
                place = least;
        }
}
