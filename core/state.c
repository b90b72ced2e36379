/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state file. It refuses to overwrite in place: the old choices stay until the new ones are safely on disk. */

#include "core/state.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"
#include "core/profile.h"

/* 64 levels and 16 actions of less than 100 bytes each, and room for what others put there. */
#define STATE_BYTES_MAX (64 * 1024)

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

struct loading {
        struct state *state;
        uint32_t bad;
};

static int take_line(void *userdata, const char *section, const char *name, const char *value) {
        struct loading *loading = userdata;
        bool taken = false;

        if (strcmp(section, "State") == 0)
                taken = take_state(loading->state, name, value);
        else if (strcmp(section, "Actions") == 0)
                taken = take_action(loading->state, name, value);
        else if (strcmp(section, "Levels") == 0)
                taken = take_level(loading->state, name, value);
        loading->bad += !taken;
        return 1;
}

/* Ordinary files of sensible size only: a FIFO would wait for a writer, for ever. */
static FILE *open_ordinary(const char *path) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;
        FILE *file;

        if (fd < 0 || fstat(fd, &st) < 0)
                return NULL;
        if (!S_ISREG(st.st_mode) || st.st_size > STATE_BYTES_MAX) {
                errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
                return NULL;
        }
        file = fdopen(fd, "r");
        if (file)
                (void) TAKE_FD(fd);
        return file;
}

int state_load(const char *path, struct state *ret, uint32_t *ret_bad) {
        _cleanup_fclose_ FILE *file = open_ordinary(path);
        struct loading loading = { .state = ret };

        *ret = (struct state) { .battery_aware = -1 };
        *ret_bad = 0;
        if (!file)
                return -errno;
        if (ini_parse_file(file, take_line, &loading) != 0)
                loading.bad++;
        *ret_bad = loading.bad;
        return 0;
}

static void print_state(FILE *file, const struct state *state) {
        (void) fprintf(file, "# Written by governord; changed through governorctl or the desktop.\n[State]\n");
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
