/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_UNIT_CONFIG_CASE_H
#define GOVERNORD_TESTS_UNIT_CONFIG_CASE_H

/* Makes a configuration from a text and the built-in defaults. Must be included after <cmocka.h>. */

#include <string.h>

#include "core/config/config-text-load.h"

/* Fails the test if the text has errors. */
static inline struct config *load_config(const char *text) {
        struct config *config = NULL;
        char *errors = NULL;

        if (config_load_text("t", text, strlen(text), &config, &errors) < 0)
                fail_msg("%s\n%s", text, errors);
        assert_null(errors);
        return config;
}

#endif
