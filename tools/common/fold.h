/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_FOLD_H
#define TOOLS_FOLD_H

#include "tools/common/rows.h"

/* Makes one row of all rows that differ only in their domain ("policy0" ... "policy7" becomes "policy0-policy7"), and in columns
 * that people are not shown. The rows need a column "domain". */
void fold_domains(struct rows *rows);

#endif
