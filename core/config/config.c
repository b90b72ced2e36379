/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the configuration files in their order. An error in any file makes the whole configuration invalid; the caller then keeps
 * its previous one, or uses the built-in defaults if it has none. */

#include "core/config/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/config/config-file.h"
#include "core/config/config-sections.h"
#include "core/config/config-text-load.h"
#include "core/config/defaults.h"

static void read_text(struct config_draft *draft, const char *file, const char *text, size_t size) {
        draft->place = (struct config_place){ file, 0 };
        draft->in_section = false;
        draft->section = NULL;
        config_text_parse(text, size, &config_sections_sink, draft);
}

static void report_file(struct config_draft *draft, const char *path, int r) {
        draft->place = (struct config_place){ draft_intern(draft, path), 0 };
        draft_error(draft, "%s", config_file_reason(r));
}

/* If `optional` is set, a missing file is not an error. */
static void read_file(struct config_draft *draft, const char *path, bool trust_any_owner, bool optional) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = config_file_read(path, trust_any_owner, &text, &size);

        if (r == 0)
                read_text(draft, draft_intern(draft, path), text, size);
        else if (r != -ENOENT || !optional)
                report_file(draft, path, r);
}

static int join(char **ret, const char *directory, const char *name) {
        return asprintf(ret, "%s/%s", directory, name) < 0 ? -ENOMEM : 0;
}

/* Lists directory/governord.conf.d. */
static void list_dropins(struct config_draft *draft, const char *directory, bool trust_any_owner, struct config_names *ret) {
        _cleanup_free_ char *path = NULL;
        int r;

        if (!directory)
                return;
        if (join(&path, directory, "governord.conf.d") < 0) {
                path = NULL;
                draft->no_memory = true;
                return;
        }
        r = config_names(path, trust_any_owner, ret);
        if (r < 0)
                report_file(draft, path, r);
}

static void read_dropins(struct config_draft *draft, const char *directory, bool trust_any_owner, const struct config_names *names,
                         const struct config_names *hidden) {
        for (size_t i = 0; i < names->n; i++) {
                _cleanup_free_ char *path = NULL;

                if (hidden && config_names_has(hidden, names->names[i]))
                        continue;
                if (asprintf(&path, "%s/governord.conf.d/%s", directory, names->names[i]) < 0) {
                        path = NULL;
                        draft->no_memory = true;
                        return;
                }
                read_file(draft, path, trust_any_owner, false);
        }
}

static void read_directories(struct config_draft *draft, const struct config_dirs *dirs) {
        _cleanup_(config_names_free) struct config_names vendor = {}, admin = {};
        _cleanup_free_ char *path = NULL;

        list_dropins(draft, dirs->vendor, dirs->trust_any_owner, &vendor);
        list_dropins(draft, dirs->admin, dirs->trust_any_owner, &admin);
        read_dropins(draft, dirs->vendor, dirs->trust_any_owner, &vendor, &admin);
        if (!dirs->admin)
                return;
        if (join(&path, dirs->admin, "governord.conf") < 0) {
                path = NULL;
                draft->no_memory = true;
                return;
        }
        read_file(draft, path, dirs->trust_any_owner, true);
        read_dropins(draft, dirs->admin, dirs->trust_any_owner, &admin, NULL);
}

/* Frees the draft. If there are errors or memory is short, sets *ret_errors to the errors that were collected (NULL: none). */
static int end(struct config_draft *draft, char **ret_errors) {
        int r;

        findings_finish(&draft->findings);
        r = draft->no_memory || draft->findings.no_memory ? -ENOMEM : draft->n_errors > 0 ? -EINVAL : 0;
        if (r < 0)
                *ret_errors = TAKE_PTR(draft->findings.text);
        draft_free(draft);
        return r;
}

static int conclude(struct config_draft *draft, struct config **ret, char **ret_errors) {
        draft_finish(draft);
        if (ret && !draft->no_memory && draft->n_errors == 0)
                *ret = TAKE_PTR(draft->config);
        return end(draft, ret_errors);
}

static struct config_draft *draft_with_defaults(void) {
        struct config_draft *draft = draft_new();

        if (!draft)
                return NULL;
        draft->in_defaults = true;
        read_text(draft, DEFAULTS_NAME, config_defaults, config_defaults_size);
        draft->in_defaults = false;
        return draft;
}

int config_load(const struct config_dirs *dirs, struct config **ret, char **ret_errors) {
        struct config_draft *draft = draft_with_defaults();

        *ret_errors = NULL;
        if (!draft)
                return -ENOMEM;
        read_directories(draft, dirs);
        return conclude(draft, ret, ret_errors);
}

int config_check(const struct config_dirs *dirs, const char *file, struct config **ret, char **ret_errors) {
        struct config_draft *draft = draft_with_defaults();

        *ret = NULL;
        *ret_errors = NULL;
        if (!draft)
                return -ENOMEM;
        if (file)
                read_file(draft, file, true, false);
        else
                read_directories(draft, dirs);
        draft_finish(draft);
        if (draft->n_errors > 0)
                draft->config->n_rules = 0; /* rules may name profiles that do not exist */
        *ret = TAKE_PTR(draft->config);
        return end(draft, ret_errors);
}

int config_load_text(const char *name, const char *text, size_t size, struct config **ret, char **ret_errors) {
        struct config_draft *draft = draft_with_defaults();

        *ret_errors = NULL;
        if (!draft)
                return -ENOMEM;
        read_text(draft, name, text, size);
        return conclude(draft, ret, ret_errors);
}
