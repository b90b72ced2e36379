/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Derives the power state from the files of power_supply. Any file may be missing, since a device may vanish between listing and
 * reading. A device whose type cannot be read is skipped; other files that cannot be read count as unknown. */

#include "core/watch/power-class.h"

#include <string.h>

#include "base/attr.h"
#include "base/text.h"

/* 1 GWh in microwatt-hours. Larger values are ignored, so that sums do not exceed 64 bits. */
#define FULL_MAX INT64_C(1000000000000000)

struct survey {
        int root_fd;
        uint32_t n_mains, n_online, n_batteries, n_discharging, n_silent, n_percent;
        int64_t percent_sum;              /* all batteries weighted equally */
        int64_t weighted_sum, weight_sum; /* weighted by capacity */
        char unit;                        /* of the weights: 'e' energy, 'c' charge, 0 not determined, '?' mixed or missing */
};

static bool read_text(const struct survey *survey, const char *name, const char *file, char *ret, size_t size) {
        char path[320];

        return TEXT_FORMAT(path, POWER_CLASS_DIR "/%s/%s", name, file) >= 0 && attr_read(survey->root_fd, path, ret, size) >= 0;
}

static bool read_number(const struct survey *survey, const char *name, const char *file, int64_t *ret) {
        char path[320];

        return TEXT_FORMAT(path, POWER_CLASS_DIR "/%s/%s", name, file) >= 0 && attr_read_i64(survey->root_fd, path, ret) >= 0;
}

/* Reads the full and the present capacity in the same unit, which is returned as in `survey.unit`. *ret_now is -1 if unknown. */
static char read_amounts(const struct survey *survey, const char *name, int64_t *ret_full, int64_t *ret_now) {
        static const char *const files[][2] = { { "energy_full", "energy_now" }, { "charge_full", "charge_now" } };

        for (size_t i = 0; i < 2; i++) {
                if (!read_number(survey, name, files[i][0], ret_full) || *ret_full <= 0 || *ret_full > FULL_MAX)
                        continue;
                if (!read_number(survey, name, files[i][1], ret_now))
                        *ret_now = -1;
                return files[i][0][0];
        }
        return '?';
}

static void add_percent(struct survey *survey, const char *name) {
        int64_t full = 0, now = -1, percent = -1;
        char unit = read_amounts(survey, name, &full, &now);

        if (!read_number(survey, name, "capacity", &percent) && unit != '?' && now >= 0 && now <= FULL_MAX)
                percent = now * 100 / full;
        if (percent < 0)
                return;
        percent = percent > 100 ? 100 : percent;
        survey->n_percent++;
        survey->percent_sum += percent;
        survey->unit = survey->unit == 0 || survey->unit == unit ? unit : '?';
        if (unit == '?')
                return;
        survey->weighted_sum += percent * (full / 100 + 1); /* a hundredth of the capacity, so that sums do not overflow */
        survey->weight_sum += full / 100 + 1;
}

static void add_battery(struct survey *survey, const char *name) {
        char status[32] = "";
        int64_t present = 1;

        (void) read_number(survey, name, "present", &present);
        if (present == 0)
                return;
        survey->n_batteries++;
        if (!read_text(survey, name, "status", status, sizeof(status)) || text_equal(status, "Unknown"))
                survey->n_silent++;
        survey->n_discharging += text_equal(status, "Discharging");
        add_percent(survey, name);
}

static int add_supply(const char *name, void *userdata) {
        struct survey *survey = userdata;
        char text[32];
        int64_t online;

        if (read_text(survey, name, "scope", text, sizeof(text)) && text_equal(text, "Device"))
                return 0;
        if (!read_text(survey, name, "type", text, sizeof(text)))
                return 0;
        if (text_equal(text, "Battery"))
                add_battery(survey, name);
        else if (!text_equal(text, "UPS") && read_number(survey, name, "online", &online)) {
                survey->n_mains += text_equal(text, "Mains");
                survey->n_online += online > 0;
        }
        return 0;
}

static int total_percent(const struct survey *survey) {
        if (survey->n_percent == 0)
                return -1;
        if (survey->unit == '?' || survey->weight_sum == 0)
                return (int) (survey->percent_sum / survey->n_percent);
        return (int) ((survey->weighted_sum + survey->weight_sum / 2) / survey->weight_sum);
}

void power_class_read(int root_fd, struct power_state *ret) {
        struct survey s = { .root_fd = root_fd };

        (void) attr_walk(root_fd, POWER_CLASS_DIR, "", add_supply, &s);
        ret->known = s.n_mains + s.n_online + s.n_batteries > 0;
        ret->percent = total_percent(&s);
        ret->on_battery = s.n_online == 0 &&
                          (s.n_discharging > 0 || (s.n_mains > 0 && s.n_silent > 0 && s.n_silent == s.n_batteries));
}

bool power_state_equal(const struct power_state *a, const struct power_state *b) {
        return a->on_battery == b->on_battery && a->known == b->known && a->percent == b->percent;
}
