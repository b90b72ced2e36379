/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_DOMAINS_H
#define TOOLS_DOMAINS_H

#include "tools/common/cli.h"

/* For messages on standard error about a domain that this machine does not have. domain_guess() prints ", did you mean ...?" if `word`
 * resembles a domain, or a knob for commands that accept one. domains_advise() prints lines with the existing domains. */
void domain_guess(struct cli *cli, const char *word);
void domains_advise(struct cli *cli);

#endif
