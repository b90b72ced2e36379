/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* True if the bytes are valid UTF-8 without control characters other than tab: what may travel as a string on the bus. */
bool utf8_is_text(const char *text, size_t length);

#endif
