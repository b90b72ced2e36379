/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state file. It is never overwritten in place: the old choices remain until the new ones are on disk. */

#include "core/manager/state.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"
#include "core/config/config-file.h"
#include "core/config/config-text.h"
#include "core/config/profile.h"

#define MAGIC "# governord-state "

static bool take_action(struct state *state, const char *name, const char *value) {
        bool enabled;

        if (state->n_actions == STATE_ACTIONS_MAX || parse_bool(value, &enabled) < 0 ||
            TEXT_FORMAT(state->actions[state->n_actions].name, "%s", name) < 0)
                return false;
        state->actions[state->n_actions++].enabled = enabled;
        return true;
}

static bool parse_level(const char *text, int *ret) {
        int64_t level;

        if (parse_i64(text, &level) < 0 || level < -1 || level > 1024)
                return false;
        *ret = (int) level;
        return true;
}

/* "package0 = 256 1024": floor and ceiling, -1 for none. */
static bool take_level(struct state *state, const char *name, const char *value) {
        struct state_level level;
        char floor[8], ceiling[8];

        if (state->n_levels == STATE_LEVELS_MAX || domain_parse(name, &level.scope, &level.domain) < 0 ||
            sscanf(value, "%7s %7s", floor, ceiling) != 2 || !parse_level(floor, &level.floor) ||
            !parse_level(ceiling, &level.ceiling))
                return false;
        state->levels[state->n_levels++] = level;
        return true;
}

static bool take_state(struct state *state, const char *name, const char *value) {
        bool aware;

        if (strcmp(name, "Profile") == 0)
                return TEXT_FORMAT(state->profile, "%s", value) >= 0;
        if (strcmp(name, "CpuDriver") == 0)
                return TEXT_FORMAT(state->cpu_driver, "%s", value) >= 0;
        if (strcmp(name, "PlatformDriver") == 0)
                return TEXT_FORMAT(state->platform_driver, "%s", value) >= 0;
        if (strcmp(name, "battery_aware") != 0 || parse_bool(value, &aware) < 0)
                return false;
        state->battery_aware = aware;
        return true;
}

enum section { SECTION_NONE, SECTION_STATE, SECTION_ACTIONS, SECTION_LEVELS, SECTION_DAMAGED };

struct loading {
        struct state *state;
        struct state_trouble *trouble;
        enum section section;
};

static void on_fault(void *userdata, unsigned line, const char *reason) {
        struct state_trouble *trouble = ((struct loading *) userdata)->trouble;

        (void) reason;
        if (trouble->n_bad < STATE_BAD_SHOWN)
                trouble->bad[trouble->n_bad] = line;
        trouble->n_bad++;
}

static void on_heading(void *userdata, unsigned line, const char *name) {
        struct loading *loading = userdata;

        (void) line;
        if (!name)
                loading->section = SECTION_DAMAGED;
        else
                loading->section = strcmp(name, "State") == 0   ? SECTION_STATE :
                                   strcmp(name, "Actions") == 0 ? SECTION_ACTIONS :
                                   strcmp(name, "Levels") == 0  ? SECTION_LEVELS :
                                                                  SECTION_NONE;
}

static bool take_line(struct loading *loading, const char *name, const char *value) {
        switch (loading->section) {
        case SECTION_NONE:
                return false;
        case SECTION_STATE:
                return take_state(loading->state, name, value);
        case SECTION_ACTIONS:
                return take_action(loading->state, name, value);
        case SECTION_LEVELS:
                return take_level(loading->state, name, value);
        case SECTION_DAMAGED: /* the heading is unreadable, so each line is recognised by its name and value */
                return take_state(loading->state, name, value) || take_level(loading->state, name, value) ||
                       take_action(loading->state, name, value);
        }
        return false;
}

static void on_entry(void *userdata, unsigned line, const char *name, const char *value) {
        if (!take_line(userdata, name, value))
                on_fault(userdata, line, "");
}

static uint32_t version_of(const char *text, size_t size) {
        const char *end = memchr(text, '\n', size);
        char number[12];
        uint32_t version;

        if (!end || (size_t) (end - text) <= strlen(MAGIC) || memcmp(text, MAGIC, strlen(MAGIC)) != 0)
                return STATE_VERSION;
        text += strlen(MAGIC);
        return TEXT_FORMAT(number, "%.*s", (int) (end - text), text) >= 0 && parse_u32(number, &version) >= 0 ? version :
                                                                                                                STATE_VERSION;
}

int state_load(const char *path, struct state *ret, struct state_trouble *ret_trouble) {
        static const struct config_text_sink sink = { on_heading, on_entry, on_fault };
        struct loading loading = { .state = ret, .trouble = ret_trouble };
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        *ret = (struct state){ .battery_aware = -1 };
        *ret_trouble = (struct state_trouble){};
        r = config_file_read(path, true, &text, &size);
        if (r < 0)
                return r;
        config_text_parse(text, size, &sink, &loading);
        if (version_of(text, size) != STATE_VERSION)
                ret_trouble->version = version_of(text, size);
        return 0;
}

int state_keep(const char *path, uint32_t version, char *ret_name, size_t size) {
        int r = version > 0 ? text_format(ret_name, size, "%s.version-%" PRIu32, path, version) :
                              text_format(ret_name, size, "%s.bad", path);

        if (r < 0)
                return r;
        if (unlink(ret_name) < 0 && errno != ENOENT)
                return -errno;
        return link(path, ret_name) < 0 ? -errno : 0;
}

static void print_state(FILE *file, const struct state *state) {
        (void) fprintf(file,
                       MAGIC "%d\n# Written by governord. To change it, use governorctl or the settings of the "
                             "desktop.\n[State]\n",
                       STATE_VERSION);
        if (state->cpu_driver[0])
                (void) fprintf(file, "CpuDriver=%s\n", state->cpu_driver);
        if (state->platform_driver[0])
                (void) fprintf(file, "PlatformDriver=%s\n", state->platform_driver);
        if (state->profile[0])
                (void) fprintf(file, "Profile=%s\n", state->profile);
        if (state->battery_aware >= 0)
                (void) fprintf(file, "battery_aware=%s\n", state->battery_aware ? "true" : "false");
        (void) fprintf(file, "\n[Actions]\n");
        for (uint32_t i = 0; i < state->n_actions; i++)
                (void) fprintf(file, "%s=%s\n", state->actions[i].name, state->actions[i].enabled ? "true" : "false");
        (void) fprintf(file, "\n[Levels]\n");
        for (uint32_t i = 0; i < state->n_levels; i++) {
                char domain[24];

                domain_format(domain, sizeof(domain), state->levels[i].scope, state->levels[i].domain);
                (void) fprintf(file, "%s=%d %d\n", domain, state->levels[i].floor, state->levels[i].ceiling);
        }
}

int state_save(const char *path, const struct state *state) {
        char temporary[PATH_MAX];
        _cleanup_fclose_ FILE *file = NULL;
        int r = 0;

        if (TEXT_FORMAT(temporary, "%s.new", path) < 0)
                return -ENAMETOOLONG;
        file = fopen(temporary, "we");
        if (!file)
                return -errno;
        print_state(file, state);
        if (fflush(file) != 0 || ferror(file) || fsync(fileno(file)) < 0)
                r = errno > 0 ? -errno : -EIO;
        if (r >= 0 && rename(temporary, path) < 0)
                r = -errno;
        if (r < 0)
                (void) unlink(temporary);
        return r;
}
