/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_HOSTILE_PROBE_H
#define BENCH_HOSTILE_PROBE_H

#define PROBE_STEP_NS 100
#define PROBE_BUCKETS 32768 /* up to 3.3 ms */

#endif
