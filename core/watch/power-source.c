/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Selects the source of the power state, and reads it again when it may have changed. A change may cause both a uevent and an ACPI
 * event, and the first of them may arrive before the driver has the new value. The state is therefore read after each event, and
 * the callback is called only if it differs. */

#include "core/watch/power-source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/log.h"
#include "base/text.h"
#include "core/watch/acpi-event.h"
#include "core/watch/hotplug.h"
#include "core/watch/watch.h"

struct power_source {
        struct power_source_options options;
        power_source_callback callback;
        void *userdata;
        struct power_state state, external;
        struct hotplug *hotplug;
        struct acpi_events *acpi;
        struct watch *watch;
};

static void decide(struct power_source *source, struct power_state *ret) {
        *ret = (struct power_state){ .percent = -1 };
        if (source->external.known)
                *ret = source->external;
        else if (source->options.use_class)
                power_class_read(source->options.root_fd, ret);
}

static int watch_supply(const char *name, void *userdata) {
        static const char *const files[] = { "online", "status", "capacity", "present" };
        struct power_source *source = userdata;
        char path[320];

        for (size_t i = 0; i < 4; i++)
                if (TEXT_FORMAT(path, POWER_CLASS_DIR "/%s/%s", name, files[i]) >= 0)
                        (void) watch_add(source->watch, path, 0);
        return 0;
}

void power_source_refresh(struct power_source *source) {
        struct power_state state;

        if (source->watch)
                (void) attr_walk(source->options.root_fd, POWER_CLASS_DIR, "", watch_supply, source);
        decide(source, &state);
        if (power_state_equal(&state, &source->state))
                return;
        source->state = state;
        source->callback(&source->state, source->userdata);
}

static void on_uevent(const char *subsystem, const char *action, const char *devpath, uint32_t count, void *userdata) {
        (void) subsystem, (void) action, (void) devpath, (void) count;
        power_source_refresh(userdata);
}

static void on_acpi(const struct acpi_event *event, void *userdata) {
        if (acpi_event_is_power(event))
                power_source_refresh(userdata);
}

static void on_file(struct watch *watch, uint64_t cookie, pid_t who, const char *comm, void *userdata) {
        (void) watch, (void) cookie, (void) who, (void) comm;
        power_source_refresh(userdata);
}

static void listen_to_kernel(struct power_source *source, sd_event *event) {
        static const char *const subsystems[] = { "power_supply", NULL };
        int r;

        r = hotplug_new(event, subsystems, on_uevent, source, &source->hotplug);
        if (r < 0)
                log_debug("Uevents of power supplies are not available: %s", strerrordesc_np(-r));
        r = acpi_events_new(event, on_acpi, source, &source->acpi);
        if (r < 0)
                log_debug("ACPI events are not available: %s", strerrordesc_np(-r));
}

int power_source_new(sd_event *event, const struct power_source_options *options, power_source_callback callback, void *userdata,
                     struct power_source **ret) {
        struct power_source *source = calloc(1, sizeof(*source));
        int r = 0;

        if (!source)
                return -ENOMEM;
        source->options = *options;
        source->callback = callback;
        source->userdata = userdata;
        if (options->use_class && !options->simulated)
                listen_to_kernel(source, event);
        else if (options->use_class)
                r = watch_new(event, options->root_fd, options->root_path, on_file, source, &source->watch);
        if (r < 0) {
                (void) power_source_free(source);
                return r;
        }
        if (source->watch)
                (void) attr_walk(options->root_fd, POWER_CLASS_DIR, "", watch_supply, source);
        decide(source, &source->state); /* after the watches are set up, so that no change in between is missed */
        *ret = source;
        return 0;
}

struct power_source *power_source_free(struct power_source *source) {
        if (!source)
                return NULL;
        (void) hotplug_free(source->hotplug);
        (void) acpi_events_free(source->acpi);
        (void) watch_free(source->watch);
        free(source);
        return NULL;
}

const struct power_state *power_source_state(const struct power_source *source) {
        return &source->state;
}

void power_source_set_external(struct power_source *source, bool on_battery, int percent) {
        source->external = (struct power_state){
                .known = true,
                .on_battery = on_battery,
                .percent = percent < 0 || percent > 100 ? -1 : percent,
        };
        power_source_refresh(source);
}

void power_source_clear_external(struct power_source *source) {
        source->external.known = false;
        power_source_refresh(source);
}
