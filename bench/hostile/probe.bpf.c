/* SPDX-License-Identifier: GPL-2.0-only */
/* Measures the time between two programs at a context switch: begin() is attached before the governor's program, end() after it.
 * Only the switches of watched processes are counted. */

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bench/hostile/probe.h"

struct task_struct {
        int pid, tgid;
} __attribute__((preserve_access_index));

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, __u64);
} begun SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, 1024);
        __type(key, __u32);
        __type(value, __u32);
} watched SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, PROBE_BUCKETS);
        __uint(map_flags, BPF_F_MMAPABLE);
        __type(key, __u32);
        __type(value, __u64);
} times SEC(".maps");

char probe_license[] SEC("license") = "GPL";

SEC("tp_btf/sched_switch")
int BPF_PROG(begin, bool preempt, struct task_struct *prev, struct task_struct *next) {
        __u32 zero = 0;
        __u64 *at = bpf_map_lookup_elem(&begun, &zero);

        if (at)
                *at = bpf_ktime_get_ns();
        return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(end, bool preempt, struct task_struct *prev, struct task_struct *next) {
        __u32 zero = 0, tgid = (__u32) prev->tgid, bucket;
        __u64 *at = bpf_map_lookup_elem(&begun, &zero), *count;

        if (!at || !bpf_map_lookup_elem(&watched, &tgid))
                return 0;
        bucket = (bpf_ktime_get_ns() - *at) / PROBE_STEP_NS;
        if (bucket >= PROBE_BUCKETS)
                bucket = PROBE_BUCKETS - 1;
        count = bpf_map_lookup_elem(&times, &bucket);
        if (count)
                __sync_fetch_and_add(count, 1);
        return 0;
}
