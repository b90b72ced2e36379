/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CONFIG_DRAFT_H
#define CORE_CONFIG_DRAFT_H

#include "build-config.h"
#include "core/config/config.h"
#include "core/config/findings.h"

/* A configuration while its files are being read: profiles have their own lines only, rules name profiles that may come later, and
 * errors are collected. */

#define CONFIG_PROFILES_MAX 64
#define CONFIG_RULES_MAX    64
#define CONFIG_OPTIONS_MAX  256
/* Lines of one profile, inherited ones included. The defaults have about 25. */
#define CONFIG_PROFILE_LINES_MAX 256
/* Keys of [governord]. */
#define CONFIG_MAIN_KEYS 10
/* Errors that are kept as text; more are counted. */
#define CONFIG_ERRORS_MAX 200

/* Where the built-in defaults can be read. */
#define DEFAULTS_NAME GOVERNORD_VENDOR_DIR "/governord.conf"

/* Where something stands in the files. */
struct config_place {
        const char *file; /* path; that of the built-in defaults is DEFAULTS_NAME */
        unsigned line;    /* 0: the file as a whole */
};

enum draft_state { DRAFT_NEW, DRAFT_VISITING, DRAFT_DONE, DRAFT_FAILED };

struct profile_draft {
        const char *name; /* interned, like all texts here */
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
        bool rule_faulty[CONFIG_RULES_MAX];         /* an error about one of its lines was told */
        const char *main_origins[CONFIG_MAIN_KEYS]; /* of the keys of [governord]; NULL not set */

        struct config_place place;            /* of the line being read */
        bool in_section;                      /* a heading was read in this file */
        bool in_defaults;                     /* this text is the built-in one */
        const struct config_section *section; /* NULL: a heading that was refused */
        size_t index;                         /* of the profile or rule whose section it is */
        const char *name;                     /* of the driver whose section it is */

        struct findings findings;
        unsigned n_errors;
        bool no_memory;
};

/* An empty configuration with the three standard names. NULL: no memory. */
struct config_draft *draft_new(void);
struct config_draft *draft_free(struct config_draft *draft);

/* Adds "file:line: reason". draft_error() is about the line being read. */
void draft_error(struct config_draft *draft, const char *format, ...) __attribute__((format(printf, 2, 3)));
void draft_error_at(struct config_draft *draft, const struct config_place *place, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* As text_intern(), but lack of memory is remembered and gives "". */
const char *draft_intern(struct config_draft *draft, const char *text);
/* "file:line" of the line being read, interned. */
const char *draft_origin(struct config_draft *draft);

/* The line being read says what the one at *origin said (NULL: none did), which is noted if it stands in the same file: between files, replacing is what
 * they are for. *origin is the new line afterwards. */
void draft_replace(struct config_draft *draft, const char **origin);

struct profile_draft *draft_find_profile(struct config_draft *draft, const char *name);
/* Index of the profile, which is made when there is none; -ENOSPC when there are too many, already reported. */
int draft_add_profile(struct config_draft *draft, const char *name);
/* Adds a line, or puts it in place of the one for the same knob and conditions. */
void draft_add_line(struct config_draft *draft, struct profile_draft *profile, const struct profile_line *line);

/* Joins profiles with what they inherit and checks what could not be checked before all files were read. */
void draft_finish(struct config_draft *draft);

#endif
