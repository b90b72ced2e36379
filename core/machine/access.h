/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_ACCESS_H
#define CORE_ACCESS_H

#include <stddef.h>
#include <stdint.h>

#include "include/governord/driver.h"

/*
 * The only caller of drivers' functions. The event loop waits until a call returns, so each call is timed. A call that takes ACCESS_SLOW_USEC or longer
 * is counted and reported in the log, once for each driver and function. The time is wall time: on a busy machine it includes waiting for a CPU.
 *
 * Functions return what the driver's function returned, see include/governord/driver.h. Those that a driver may leave out say what is returned then.
 */

#define ACCESS_SLOW_USEC 20000

struct plugin;

/* Of all calls of one driver since the service started. */
struct access_times {
        uint64_t calls, slow;
        uint64_t longest_usec;
        uint32_t reported; /* bits of functions whose slowness was logged */
};

int access_probe(struct plugin *plugin);
void access_remove(struct plugin *plugin);
int access_info(struct plugin *plugin, struct gov_driver_info *ret);
int access_count(struct plugin *plugin, uint32_t row);
int access_describe(struct plugin *plugin, uint32_t row, uint32_t index, struct gov_instance *ret);
/* `ret` has GOVERNORD_VALUE_MAX bytes and ends with a NUL. -E2BIG: the driver claims to have written more. */
int access_read(struct plugin *plugin, uint32_t row, uint32_t index, char *ret);
/* -EOPNOTSUPP: the driver writes nothing. */
int access_write(struct plugin *plugin, uint32_t row, uint32_t index, const char *value);
/* -ENODEV: the driver knows no CPUs. */
int access_cpu(struct plugin *plugin, uint32_t cpu, struct gov_cpu_facts *ret);
/* -1: none. */
int access_fd(struct plugin *plugin);
int access_dispatch(struct plugin *plugin);

#endif
