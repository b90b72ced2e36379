/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program with the three clients of other services (UPower, logind, systemd). For test_clients.py it prints each of their
 * callbacks as a line. The arguments are the units to follow. It ends on SIGTERM or when the bus is gone. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <systemd/sd-event.h>

#include "base/log.h"
#include "dbus/peers/logind.h"
#include "dbus/peers/units.h"
#include "dbus/peers/upower.h"

static void on_upower(bool known, bool on_battery, int percent, void *userdata) {
        (void) userdata;
        printf("upower %s %s %d\n", known ? "known" : "gone", on_battery ? "battery" : "ac", percent);
}

static void on_sleep(bool going_down, void *userdata) {
        (void) userdata;
        printf("sleep %s\n", going_down ? "down" : "up");
}

static void on_idle(bool idle, void *userdata) {
        (void) userdata;
        printf("idle %s\n", idle ? "yes" : "no");
}

static void on_unit(const char *unit, bool active, void *userdata) {
        (void) userdata;
        printf("unit %s %s\n", unit, active ? "active" : "inactive");
}

static int wait_for_events(sd_event *event, sd_bus *bus) {
        sigset_t signals;
        int r;

        (void) sigemptyset(&signals);
        (void) sigaddset(&signals, SIGTERM);
        (void) sigprocmask(SIG_BLOCK, &signals, NULL);
        r = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
        if (r >= 0)
                r = sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = sd_bus_set_exit_on_disconnect(bus, true);
        printf("ready\n");
        return r < 0 ? r : sd_event_loop(event);
}

int main(int argc, char **argv) {
        static const struct logind_callbacks callbacks = { on_sleep, on_idle };
        struct upower *upower = NULL;
        struct logind *logind = NULL;
        struct units *units = NULL;
        sd_event *event = NULL;
        sd_bus *bus = NULL;
        int r;

        log_open("bus-clients", 7, false);
        r = sd_event_default(&event);
        if (r >= 0)
                r = sd_bus_open_system(&bus);
        if (r >= 0)
                r = upower_new(bus, true, on_upower, NULL, &upower);
        if (r >= 0)
                r = logind_new(bus, &callbacks, NULL, &logind);
        if (r >= 0)
                r = units_new(bus, on_unit, NULL, &units);
        for (int i = 1; r >= 0 && i < argc; i++)
                r = units_add(units, argv[i]);
        if (r >= 0)
                r = wait_for_events(event, bus);
        (void) units_free(units);
        (void) logind_free(logind);
        (void) upower_free(upower);
        sd_bus_flush_close_unref(bus);
        sd_event_unref(event);
        if (r < 0)
                (void) log_error(r, "Failed");
        return r < 0;
}
