/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Heat, by the kernel's trip points. After each event, the state is computed from the files of all zones. Lost events, and trip
 * points that were crossed before the service started, therefore need no special treatment. */

#include "core/watch/heat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "core/watch/thermal.h"

#define ZONES_DIR "sys/class/thermal"
/* More than any known zone has: the limit of the kernel was 12 until Linux 6.9, and there is none since. */
#define TRIPS_MAX 32

struct heat {
        int root_fd;
        struct thermal *thermal;
        heat_callback callback;
        void *userdata;
        bool hot;
};

static int read_zone(int root_fd, const char *zone, const char *file, char *ret, size_t size) {
        char path[96];
        int r = TEXT_FORMAT(path, ZONES_DIR "/%.24s/%.32s", zone, file);

        return r < 0 ? r : attr_read(root_fd, path, ret, size);
}

static int read_zone_number(int root_fd, const char *zone, const char *file, int64_t *ret) {
        char path[96];
        int r = TEXT_FORMAT(path, ZONES_DIR "/%.24s/%.32s", zone, file);

        return r < 0 ? r : attr_read_i64(root_fd, path, ret);
}

static bool trip_slows_down(const char *type) {
        return strcmp(type, "passive") == 0 || strcmp(type, "hot") == 0;
}

static bool zone_is_hot(int root_fd, const char *zone) {
        int64_t now;

        if (read_zone_number(root_fd, zone, "temp", &now) < 0)
                return false;
        for (unsigned int trip = 0; trip < TRIPS_MAX; trip++) {
                char file[40], type[24];
                int64_t limit;

                (void) TEXT_FORMAT(file, "trip_point_%u_type", trip);
                if (read_zone(root_fd, zone, file, type, sizeof(type)) < 0)
                        break;
                (void) TEXT_FORMAT(file, "trip_point_%u_temp", trip);
                if (trip_slows_down(type) && read_zone_number(root_fd, zone, file, &limit) >= 0 && limit > 0 && now >= limit)
                        return true;
        }
        return false;
}

static int look_at_zone(const char *name, void *userdata) {
        struct heat *heat = userdata;
        char type[32];

        if (!heat->hot && read_zone(heat->root_fd, name, "type", type, sizeof(type)) >= 0 && thermal_type_is_cpu(type))
                heat->hot = zone_is_hot(heat->root_fd, name);
        return 0;
}

static void update_hot(struct heat *heat) {
        heat->hot = false;
        (void) attr_walk(heat->root_fd, ZONES_DIR, "thermal_zone", look_at_zone, heat);
}

static void on_thermal(const struct thermal_event *event, void *userdata) {
        struct heat *heat = userdata;
        bool before = heat->hot;

        update_hot(heat);
        if (heat->hot != before)
                heat->callback(heat->hot, heat->userdata);
}

int heat_new(sd_event *event, int root_fd, heat_callback callback, void *userdata, struct heat **ret) {
        struct heat *heat = calloc(1, sizeof(*heat));
        int r;

        if (!heat)
                return -ENOMEM;
        *heat = (struct heat){ .root_fd = root_fd, .callback = callback, .userdata = userdata };
        r = thermal_new(event, root_fd, on_thermal, heat, &heat->thermal);
        if (r < 0) {
                heat_free(heat);
                return r;
        }
        update_hot(heat);
        *ret = heat;
        return 0;
}

struct heat *heat_free(struct heat *heat) {
        if (!heat)
                return NULL;
        heat->thermal = thermal_free(heat->thermal);
        free(heat);
        return NULL;
}

bool heat_is_hot(const struct heat *heat) {
        return heat->hot;
}
