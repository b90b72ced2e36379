/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CONFIG_DRAFT_H
#define CORE_CONFIG_DRAFT_H

#include "build-config.h"
#include "core/config/config.h"
#include "core/config/findings.h"

/* A configuration while its files are being read. Inherited lines are not yet part of the profiles, rules may name profiles that
 * are not yet defined, and errors are collected. */

#define CONFIG_PROFILES_MAX 64
#define CONFIG_RULES_MAX    64
#define CONFIG_OPTIONS_MAX  256
/* Maximum number of lines of one profile, including inherited ones. The profiles of the defaults have about 20 each. */
#define CONFIG_PROFILE_LINES_MAX 256
/* Keys of [governord]. */
#define CONFIG_MAIN_KEYS 10
/* Maximum number of lines of error text. The last of them states that further errors, which are only counted, are not shown. */
#define CONFIG_ERRORS_MAX 200

/* Path of the installed copy of the built-in defaults. */
#define DEFAULTS_NAME GOVERNORD_VENDOR_DIR "/governord.conf"

/* A position in the files, for messages. */
struct config_place {
        const char *file; /* path; DEFAULTS_NAME for the built-in defaults */
        unsigned line;    /* 0: the file as a whole */
};

enum draft_state { DRAFT_NEW, DRAFT_VISITING, DRAFT_DONE, DRAFT_FAILED };

struct profile_draft {
        const char *name; /* interned or constant, like all texts here */
        const char *description, *description_origin;
        const char *inherits, *inherits_origin; /* NULL: the default */
        struct config_place place, inherits_place;
        struct profile_line *lines;
        size_t n_lines, room;
        enum draft_state state;
};

struct config_draft {
        struct config *config;
        struct profile_draft profiles[CONFIG_PROFILES_MAX];
        size_t n_profiles;
        struct config_place rule_places[CONFIG_RULES_MAX], rule_profile_places[CONFIG_RULES_MAX];
        const char *rule_profile_origins[CONFIG_RULES_MAX];
        bool rule_faulty[CONFIG_RULES_MAX];         /* an error in one of its lines was reported */
        const char *main_origins[CONFIG_MAIN_KEYS]; /* of the keys of [governord]; NULL if not set */

        struct config_place place;            /* of the line being read */
        bool in_section;                      /* a heading was read in this file */
        bool in_defaults;                     /* the text being read is that of the built-in defaults */
        const struct config_section *section; /* NULL: no heading was read, or it was rejected */
        size_t index;                         /* of the profile or rule of this section */
        const char *name;                     /* of the driver of this section */

        struct findings findings;
        unsigned n_errors;
        bool no_memory;
};

/* Returns a configuration with the three standard profiles, which have no lines, or NULL if memory allocation fails. */
struct config_draft *draft_new(void);
struct config_draft *draft_free(struct config_draft *draft);

/* Add an error "file:line: reason", or "file: reason" for a file as a whole. draft_error() uses the place of the line being
 * read. */
void draft_error(struct config_draft *draft, const char *format, ...) __attribute__((format(printf, 2, 3)));
void draft_error_at(struct config_draft *draft, const struct config_place *place, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Like text_intern(), but if memory allocation fails, returns "" and sets draft->no_memory. */
const char *draft_intern(struct config_draft *draft, const char *text);
/* Returns "file:line" of the line being read, interned. */
const char *draft_origin(struct config_draft *draft);

/* Called when the line being read sets a key. *origin is the line that has set it before, NULL if there is none. If both are in the
 * same file, the earlier one is recorded as overridden; replacing a line of another file is normal. Sets *origin to the line being
 * read. */
void draft_replace(struct config_draft *draft, const char **origin);

struct profile_draft *draft_find_profile(struct config_draft *draft, const char *name);
/* Returns the index of the profile, and adds it if it does not exist. If there are too many profiles, adds an error and returns
 * -ENOSPC. */
int draft_add_profile(struct config_draft *draft, const char *name);
/* Adds a line, or replaces the one for the same driver, knob and conditions. If there are too many lines, adds an error. */
void draft_add_line(struct config_draft *draft, struct profile_draft *profile, const struct profile_line *line);

/* Resolves the inheritance of profiles and makes the checks that need the content of all files. */
void draft_finish(struct config_draft *draft);

#endif
