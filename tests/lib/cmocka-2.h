/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_CMOCKA_2_H
#define GOVERNORD_TESTS_CMOCKA_2_H

/* Included before every test if cmocka is 2.0 or newer, in which assert_in_range() is deprecated. The new names do not exist in
 * 1.1. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef assert_in_range
#define assert_in_range(value, minimum, maximum) assert_uint_in_range(value, minimum, maximum)

#endif
