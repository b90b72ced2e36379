/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_MANAGER_H
#define TOOLS_MANAGER_H

#include "tools/common/bus.h"

/* The properties of org.governord.Manager1. Texts that the service did not send are "". */
struct manager {
        char *version, *active, *selected, *cause, *degraded, *power_source, *rung, *rung_reason, *governor, *config_error;
        int32_t battery; /* -1: unknown */
        struct rows profiles, rules, without_effect;
};

/* Calls GetAll and reads the properties. Prints nothing. Returns an exit status; on failure *ret is empty or unchanged, and
 * *failure is filled (`failure` may be NULL). */
int manager_ask(struct cli *cli, struct failure *failure, struct manager *ret);
/* Reads the properties from an answer of GetAll, at the current position of the message. Returns 0 or a negative errno; on failure
 * *ret is empty. */
int manager_read(sd_bus_message *m, struct manager *ret);
void manager_free(struct manager *m);
/* Prints on standard error the lines of the configuration that have no effect on this machine: at most `max` of them, and the
 * number of the others. A failed call is not reported. */
void manager_warn_without_effect(struct cli *cli, size_t max);

/* Calls `each` for every known property of a dictionary a{sv} at the current position of the message. `text` is its value; for a
 * property that is a table, `text` is NULL and `rows` is its value. */
int manager_each(sd_bus_message *m, void (*each)(const char *name, const char *text, const struct rows *rows, void *userdata),
                 void *userdata);

/* Returns an explanation of a value of Cause, for example "rule NAME" for "rule:NAME", stored in `buffer` if necessary. An unknown
 * value is returned unchanged. */
const char *cause_text(const char *cause, char *buffer, size_t size);
/* Returns an explanation of a value of Rung (any other value is returned unchanged), for example "decides in the kernel (eBPF)". */
const char *rung_text(const char *rung);
/* Returns an explanation of one word of Degraded, or "". */
const char *degraded_text(const char *word);

#endif
