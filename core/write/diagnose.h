/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_DIAGNOSE_H
#define CORE_DIAGNOSE_H

#include "core/machine/knob.h"

/* Formats a message about a knob that could not be set: "policy11 boost: could not write "1" to sys/...: Invalid argument; probably
 * ...". */
void diagnose_failure(const struct knob *knob, const char *value, int error, char *ret, size_t size);

#endif
