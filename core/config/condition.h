/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_CONDITION_H
#define CORE_CONDITION_H

#include "core/config/profile.h"

/* The "@..." of a profile line. */

/* Reads one condition without its '@'. 0, -EINVAL: no such condition, -ERANGE: battery-below-N with N outside 1..100, -ENOMEM. */
int condition_parse(const char *word, struct condition *ret);
/* An order of conditions, so that equal sets of them can be compared one by one. */
int condition_compare(const void *a, const void *b);
/* True if both can never hold at once: ac and battery, two modes, two kinds of core. */
bool condition_excludes(const struct condition *a, const struct condition *b);
bool condition_holds(const struct condition *condition, const struct profile_context *context, const struct profile_knob *knob);

/* All words, for messages. */
extern const char condition_words[];

#endif
