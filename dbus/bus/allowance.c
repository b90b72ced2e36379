/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A token bucket for each user, so that one user's calls cannot use up the capacity of another. A token is one row; tokens are
 * added at a constant rate. If all buckets are in use, the least recently used one is given to the new user with all tokens. */

#include "dbus/bus/allowance.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/caller.h"

#define USEC_PER_SEC INT64_C(1000000)

int allowances_start(struct bus *bus) {
        bus->allowances = calloc(1, sizeof(*bus->allowances));
        return bus->allowances ? 0 : -ENOMEM;
}

void allowances_stop(struct bus *bus) {
        free(bus->allowances);
        bus->allowances = NULL;
}

static struct allowance *find_allowance(struct allowances *allowances, uid_t uid) {
        struct allowance *oldest = &allowances->items[0];

        for (size_t i = 0; i < ALLOWANCES_MAX; i++) {
                struct allowance *item = &allowances->items[i];

                if (item->usec > 0 && item->uid == uid)
                        return item;
                if (item->usec < oldest->usec)
                        oldest = item;
        }
        *oldest = (struct allowance){ .uid = uid, .left = ALLOWANCE_BURST };
        return oldest;
}

static void fill(struct allowance *allowance, uint64_t now) {
        uint64_t most = (uint64_t) (ALLOWANCE_BURST - allowance->left) * USEC_PER_SEC / ALLOWANCE_PER_SECOND;
        int64_t passed = (int64_t) MIN(now - allowance->usec, most), rows = passed * ALLOWANCE_PER_SECOND / USEC_PER_SEC;

        allowance->left += rows;
        if (allowance->left == ALLOWANCE_BURST)
                allowance->usec = now;
        else /* the rest, less than the time for one row, counts at the next call */
                allowance->usec += (uint64_t) (rows * USEC_PER_SEC / ALLOWANCE_PER_SECOND);
}

int allowance_get(struct bus *bus, sd_bus_message *call, struct allowance **ret, sd_bus_error *error) {
        struct allowance *allowance;
        uid_t uid;

        if (caller_uid(bus, call, &uid) < 0)
                return caller_unknown(error);
        allowance = find_allowance(bus->allowances, uid);
        fill(allowance, clock_usec(CLOCK_MONOTONIC));
        if (allowance->left <= 0)
                return sd_bus_error_setf(error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                                         "User %u has queried too many list entries in a short time; try again in a second", uid);
        *ret = allowance;
        return 0;
}

void allowance_take(struct allowance *allowance, size_t rows) {
        allowance->left -= (int64_t) MIN(rows, (size_t) INT32_MAX);
}

int allowance_spend(struct bus *bus, sd_bus_message *call, size_t rows, sd_bus_error *error) {
        struct allowance *allowance;
        int r = allowance_get(bus, call, &allowance, error);

        if (r >= 0)
                allowance_take(allowance, rows);
        return r;
}
