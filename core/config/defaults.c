/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of core/config/governord.conf, so that the service has its profiles even if no file can be read. At build time,
 * core/config/embed.sed converts it to core/config/defaults.inc. */

#include "core/config/defaults.h"

const char config_defaults[] =
#include "core/config/defaults.inc"
        ;

const size_t config_defaults_size = sizeof(config_defaults) - 1;
