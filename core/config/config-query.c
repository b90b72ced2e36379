/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lookups in a finished configuration, and freeing it. */

#include <stdlib.h>
#include <string.h>

#include "core/config/config.h"

struct config *config_free(struct config *config) {
        if (!config)
                return NULL;
        for (size_t i = 0; config->profiles && i < config->n_profiles; i++)
                free(config->profiles[i].lines);
        free(config->profiles);
        free(config->rules);
        free(config->options);
        free(config->overridden);
        free(config);
        return NULL;
}

const struct profile *config_profile(const struct config *config, const char *name) {
        for (size_t i = 0; i < config->n_profiles; i++)
                if (strcmp(config->profiles[i].name, name) == 0)
                        return &config->profiles[i];
        return NULL;
}

const char *config_driver_option(const struct config *config, const char *driver, const char *key) {
        for (size_t i = 0; i < config->n_options; i++)
                if (strcmp(config->options[i].driver, driver) == 0 && strcmp(config->options[i].key, key) == 0)
                        return config->options[i].value;
        return NULL;
}
