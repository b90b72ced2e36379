/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/config/governord.conf as a text in the program, so that the service has its profiles when no file can be read. core/config/defaults.inc
 * is made from it by core/config/embed.sed at build time. */

#include "core/config/defaults.h"

const char config_defaults[] =
#include "core/config/defaults.inc"
        ;

const size_t config_defaults_size = sizeof(config_defaults) - 1;
