/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_MANAGER_H
#define TOOLS_MANAGER_H

#include "tools/common/bus.h"

/* The properties of org.governord.Manager1. Texts that the service did not give are "". */
struct manager {
        char *version, *active, *selected, *cause, *degraded, *power_source, *rung, *rung_reason, *governor, *config_error;
        int32_t battery; /* -1: unknown */
        struct rows profiles, rules, without_effect;
};

/* An exit status; on failure *ret is empty, and *failure (NULL: it is not needed) is filled. Prints nothing. */
int manager_ask(struct cli *cli, struct failure *failure, struct manager *ret);
/* The same from the answer of GetAll at the message's place: 0, or a negative errno, then *ret is empty. */
int manager_read(sd_bus_message *m, struct manager *ret);
void manager_free(struct manager *m);
/* What the profile in force and the configuration ask for and this machine cannot do, on the error stream: `max` lines, and how many more
 * there are. */
void manager_warn_without_effect(struct cli *cli, size_t max);

/* Calls `each` for every known property of a dictionary a{sv} at the message's place: with its text, or (text NULL) its rows. */
int manager_each(sd_bus_message *m, void (*each)(const char *name, const char *text, const struct rows *rows, void *userdata),
                 void *userdata);

/* "performance, manual choice": what a Cause means, in words; text that is not known is given as it is. */
const char *cause_text(const char *cause, char *buffer, size_t size);
/* How decisions about sessions reach the hardware, by the word of Rung: "decides in the kernel (eBPF)". */
const char *rung_text(const char *rung);
/* The explanation of one word of Degraded, or "". */
const char *degraded_text(const char *word);

#endif
