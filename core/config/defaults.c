/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/config/governord.conf as a text in the program, so that the service has its profiles even if no file can be read. At build
 * time, core/config/embed.sed generates core/config/defaults.inc from it. */

#include "core/config/defaults.h"

const char config_defaults[] =
#include "core/config/defaults.inc"
        ;

const size_t config_defaults_size = sizeof(config_defaults) - 1;
