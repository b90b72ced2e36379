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

/* Reads the properties. Returns an exit status; on failure *ret is empty, and *failure is filled (it may be NULL). Prints
 * nothing. */
int manager_ask(struct cli *cli, struct failure *failure, struct manager *ret);
/* The same from an answer of GetAll at the current position of the message. Returns 0, or a negative errno; then *ret is empty. */
int manager_read(sd_bus_message *m, struct manager *ret);
void manager_free(struct manager *m);
/* Prints on standard error which settings of the profile in force and of the configuration this machine cannot apply: at most `max`
 * lines, and the number of further ones. */
void manager_warn_without_effect(struct cli *cli, size_t max);

/* Calls `each` for every known property of a dictionary a{sv} at the current position of the message, with its text, or (text NULL)
 * its rows. */
int manager_each(sd_bus_message *m, void (*each)(const char *name, const char *text, const struct rows *rows, void *userdata),
                 void *userdata);

/* Explains a Cause, for example "performance, manual choice". Unknown text is returned as it is. */
const char *cause_text(const char *cause, char *buffer, size_t size);
/* Explains a value of Rung, for example "decides in the kernel (eBPF)". */
const char *rung_text(const char *rung);
/* The explanation of one word of Degraded, or "". */
const char *degraded_text(const char *word);

#endif
