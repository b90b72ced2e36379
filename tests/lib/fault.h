/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_FAULT_H
#define GOVERNORD_TESTS_FAULT_H

/*
 * Environment variables control the fault injector; fault.c lists them. A program that links it calls this function after it has
 * changed variables, to read them again and restart the count at 0.
 */
void fault_reset(void);

#endif
