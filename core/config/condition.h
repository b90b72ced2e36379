/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CONDITION_H
#define CORE_CONDITION_H

#include "core/config/profile.h"

/* The conditions ("@...") of profile lines. */

/* Parses one condition without its '@'. Returns 0; -EINVAL: no such condition; -ERANGE: battery-below-N where N is not a number
 * from 1 to 100; -ENOMEM. */
int condition_parse(const char *word, struct condition *ret);
/* Comparison function for qsort(). Returns 0 only for equal conditions. */
int condition_compare(const void *a, const void *b);
/* Returns true if the conditions exclude each other: ac and battery, two modes, or two kinds of core. */
bool condition_excludes(const struct condition *a, const struct condition *b);
bool condition_holds(const struct condition *condition, const struct profile_context *context, const struct profile_knob *knob);

/* The words of all conditions, for messages. */
extern const char condition_words[];

#endif
