/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_FOLD_H
#define TOOLS_FOLD_H

#include "tools/common/rows.h"

/* Merges rows that differ only in their domain ("policy0" ... "policy7" becomes "policy0-policy7") and in columns that tables do
 * not show. The rows must have a column "domain". */
void fold_domains(struct rows *rows);

#endif
