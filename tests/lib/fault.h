/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOVERNORD_TESTS_FAULT_H
#define GOVERNORD_TESTS_FAULT_H

/*
 * The fault injector is steered by the environment; fault.c lists the variables. Only a program that links it in
 * needs this: call it after changing them, to read them again and count from 0.
 */
void fault_reset(void);

#endif
