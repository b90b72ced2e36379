/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of UPower. Percentages that are none are ignored. On machines without a battery the display device exists all the
 * same, says zero per cent, and IsPresent=false. */

#include "dbus/peers/upower.h"

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "dbus/peers/peer.h"

#define NAME   "org.freedesktop.UPower"
#define PATH   "/org/freedesktop/UPower"
#define DEVICE PATH "/devices/DisplayDevice"

struct said {
        bool known, on_battery, absent;
        int percent;
};

struct upower {
        struct peer *peer;
        upower_callback callback;
        void *userdata;
        struct said now;
};

static int shown_percent(const struct said *said) {
        return said->absent && !said->on_battery ? -1 :
                                                   said->percent; /* on battery there is one, whatever the display device says */
}

static void set(struct upower *upower, struct said said) {
        struct said before = upower->now;

        upower->now = said;
        if (!said.known && !before.known)
                return;
        if (said.known != before.known || said.on_battery != before.on_battery || shown_percent(&said) != shown_percent(&before))
                upower->callback(said.known, said.known && said.on_battery, said.known ? shown_percent(&said) : -1,
                                 upower->userdata);
}

static void vanished(struct peer *peer, void *userdata) {
        (void) peer;
        set(userdata, (struct said){ .percent = -1 });
}

static void property(struct peer *peer, const char *path, const char *name, const struct property_value *value, void *userdata) {
        struct upower *upower = userdata;
        struct said said = upower->now;

        (void) peer;
        if (text_equal(path, PATH) && text_equal(name, "OnBattery") && value->type == 'b') {
                said.known = true;
                said.on_battery = value->b;
        } else if (text_equal(path, DEVICE) && text_equal(name, "Percentage") && value->type == 'd')
                said.percent = value->d >= 0 && value->d <= 100 ? (int) value->d : -1; /* NaN, too */
        else if (text_equal(path, DEVICE) && text_equal(name, "IsPresent") && value->type == 'b')
                said.absent = !value->b;
        else
                return;
        set(upower, said);
}

int upower_new(sd_bus *bus, bool with_percent, upower_callback callback, void *userdata, struct upower **ret) {
        static const struct peer_callbacks callbacks = { .vanished = vanished, .property = property };
        struct upower *upower = calloc(1, sizeof(*upower));
        int r;

        if (!upower)
                return -ENOMEM;
        upower->callback = callback;
        upower->userdata = userdata;
        upower->now.percent = -1;
        r = peer_new(bus, NAME, &callbacks, upower, &upower->peer);
        if (r >= 0 && with_percent) /* first, so that both are known when the callback comes */
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
