/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line for each run. Numbers are rounded, so that they are the same on all machines. */

#include <inttypes.h>

#include "bench/sim/report.h"

void report_head(FILE *out) {
        (void) fputs("load,machine,controller,seed,multiple,target_us,core_mj,total_mj,busy,n,violations,windows,missed,"
                     "p50,p95,p99,p999,"
                     "at_percentile\n",
                     out);
}

void report_line(FILE *out, const struct case_name *name, const struct setup *setup, const struct outcome *outcome) {
        static const uint32_t permilles[] = { 500, 950, 990, 999 };

        (void) fprintf(out, "%s,%s,%s,%" PRIu64 ",%.2f,%" PRIu32 ",", name->load, name->machine, name->controller, name->seed,
                       name->multiple_percent / 100.0, setup->target.target_us);
        (void) fprintf(out, "%.1f,%.1f,%.4f,%zu,%zu,%zu,%zu,", outcome->core_mj, outcome->total_mj, outcome->busy, outcome->n,
                       outcome->violations, outcome->windows, outcome->missed);
        for (size_t i = 0; i < sizeof(permilles) / sizeof(permilles[0]); i++)
                (void) fprintf(out, "%" PRIu32 ",", outcome_percentile(outcome, permilles[i]));
        (void) fprintf(out, "%" PRIu32 "\n", outcome_percentile(outcome, setup->target.permille));
}
