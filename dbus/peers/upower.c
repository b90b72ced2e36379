/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of UPower. A percentage outside 0..100 counts as unknown. The display device also exists on machines without a battery,
 * with Percentage=0 and IsPresent=false. */

#include "dbus/peers/upower.h"

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "dbus/peers/peer.h"

#define NAME   "org.freedesktop.UPower"
#define PATH   "/org/freedesktop/UPower"
#define DEVICE PATH "/devices/DisplayDevice"

struct report {
        bool known, on_battery, absent;
        int percent;
};

struct upower {
        struct peer *peer;
        upower_callback callback;
        void *userdata;
        struct report now;
};

/* If the machine is on battery, it has one, even if the display device reports none. */
static int shown_percent(const struct report *report) {
        return report->absent && !report->on_battery ? -1 : report->percent;
}

static void set_report(struct upower *upower, struct report now) {
        struct report before = upower->now;

        upower->now = now;
        if (!now.known && !before.known)
                return;
        if (now.known != before.known || now.on_battery != before.on_battery || shown_percent(&now) != shown_percent(&before))
                upower->callback(now.known, now.known && now.on_battery, now.known ? shown_percent(&now) : -1, upower->userdata);
}

static void on_vanished(struct peer *peer, void *userdata) {
        (void) peer;
        set_report(userdata, (struct report){ .percent = -1 });
}

static void on_property(struct peer *peer, const char *path, const char *name, const struct property_value *value, void *userdata) {
        struct upower *upower = userdata;
        struct report now = upower->now;

        (void) peer;
        if (text_equal(path, PATH) && text_equal(name, "OnBattery") && value->type == 'b') {
                now.known = true;
                now.on_battery = value->b;
        } else if (text_equal(path, DEVICE) && text_equal(name, "Percentage") && value->type == 'd')
                now.percent = value->d >= 0 && value->d <= 100 ? (int) value->d : -1; /* a NaN also results in -1 */
        else if (text_equal(path, DEVICE) && text_equal(name, "IsPresent") && value->type == 'b')
                now.absent = !value->b;
        else
                return;
        set_report(upower, now);
}

int upower_new(sd_bus *bus, bool with_percent, upower_callback callback, void *userdata, struct upower **ret) {
        static const struct peer_callbacks callbacks = { .vanished = on_vanished, .property = on_property };
        struct upower *upower = calloc(1, sizeof(*upower));
        int r;

        if (!upower)
                return -ENOMEM;
        upower->callback = callback;
        upower->userdata = userdata;
        upower->now.percent = -1;
        r = peer_new(bus, NAME, &callbacks, upower, &upower->peer);
        if (r >= 0 && with_percent) /* first, so that the charge is known when the callback reports the power source */
                r = peer_follow(upower->peer, DEVICE, NAME ".Device", true);
        if (r >= 0)
                r = peer_follow(upower->peer, PATH, NAME, true);
        if (r < 0) {
                (void) upower_free(upower);
                return r;
        }
        *ret = upower;
        return 0;
}

struct upower *upower_free(struct upower *upower) {
        if (!upower)
                return NULL;
        (void) peer_free(upower->peer);
        free(upower);
        return NULL;
}
