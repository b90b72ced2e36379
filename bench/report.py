# SPDX-License-Identifier: GPL-2.0-or-later
"""Converts the results to text tables."""

import statistics

ABSENT = "-"

# The cost of the same writes without a daemon: by the method of PPD, and the minimum for a program that reads each value back.
FLOORS = {"bare": "bare writes", "held": "held files, write and read back"}


def median(values):
    return statistics.median(values)


def p95(values):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def table(title, header, rows):
    """Formats a text table: the first column is left-aligned, the others are right-aligned."""
    cells = [header] + rows
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = [title]
    for n, row in enumerate(cells):
        lines.append("  " + "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))))
        if n == 0:
            lines.append("  " + "-" * (sum(widths) + 2 * (len(widths) - 1)))
    return "\n".join(lines) + "\n"


def _ratio(values, name):
    """The value of `name`, as a multiple of governord's."""
    ours, theirs = values.get("governord"), values.get(name)
    return f"{theirs / ours:.2f}x" if ours and theirs is not None else ABSENT


def _ratio_header(names):
    return [f"{n} / governord" for n in names if n != "governord"]


def _ratios(values, names):
    return [_ratio(values, n) for n in names if n != "governord"]


def switch_table(results, names):
    header = ["CPUs", "bare writes", "held"]
    for name in names:
        header += [name, "p95", "/CPU"]
    rows = []
    for cpus, result in sorted(results.items()):
        row = [str(cpus), *(f"{median(result[way]['ns']) / 1000:.0f}" for way in FLOORS)]
        values = {}
        for name in names:
            ns = result["subjects"].get(name, {}).get("ns")
            values[name] = median(ns) if ns else None
            row += [f"{median(ns) / 1000:.0f}", f"{p95(ns) / 1000:.0f}", f"{median(ns) / 1000 / cpus:.2f}"] if ns \
                else [ABSENT] * 3
        rows.append(row + _ratios(values, names))
    return table("Profile switch, from Set to its reply, in microseconds: median, 95th percentile, median per CPU",
                 header + _ratio_header(names), rows)


def marginal_lines(results, names):
    """Cost of one more CPU: the slope between the smallest and the largest machine, which excludes the fixed cost of a call."""
    sizes = sorted(results)
    if len(sizes) < 2:
        return ""
    small, large = sizes[0], sizes[-1]
    lines = [f"Cost of one more CPU, from {small} to {large} CPUs (microseconds)"]
    for name in [*FLOORS, *names]:
        pair = [results[n][name] if name in FLOORS else results[n]["subjects"].get(name) for n in (small, large)]
        text = ABSENT
        if all(pair):
            text = f"{(median(pair[1]['ns']) - median(pair[0]['ns'])) / 1000 / (large - small):.2f}"
        lines.append(f"  {FLOORS.get(name, name)}: {text}")
    return "\n".join(lines) + "\n"


def bound_lines(results, names):
    """The best possible ratio: the other daemons compared with a program that only writes the files."""
    lines = ["Best possible ratio on this file system: compared with held files only, without bus, ledger and signals"]
    for cpus, result in sorted(results.items()):
        held = median(result["held"]["ns"])
        ratios = [f"{n} {median(result['subjects'][n]['ns']) / held:.1f}x" for n in names
                  if n != "governord" and n in result["subjects"]]
        lines.append(f"  {cpus} CPUs: {', '.join(ratios) or ABSENT}")
    return "\n".join(lines) + "\n"


def written_lines(results, names):
    lines = ["Files written by one switch, and whether the reply came last"]
    for name in names:
        for cpus, result in sorted(results.items()):
            subject = result["subjects"].get(name)
            if not subject:
                continue
            checked = f"{len(subject['ns'])} measured switches, {subject['wrong']} with a wrong value at the reply"
            lines.append(f"  {name}, {cpus} CPUs: {checked}")
            if subject["writes"]:
                lines[-1] += f"; {subject['writes']['late']} writes seen after the reply"
                if cpus == min(results):
                    lines += [f"      {count} x {file}" for file, count in sorted(subject["writes"]["files"].items())]
    return "\n".join(lines) + "\n"


def memory_table(results, names):
    header = ["CPUs"]
    for name in names:
        header += [f"{name} PSS", "private"]
    rows = []
    for cpus, result in sorted(results.items()):
        memory = {n: result["subjects"][n]["memory"] for n in names if n in result["subjects"]}
        row = [str(cpus)]
        for name in names:
            row += [str(memory[name]["pss_kib"]), str(memory[name]["private_kib"])] if name in memory else [ABSENT] * 2
        rows.append(row + _ratios({n: m["pss_kib"] for n, m in memory.items()}, names))
    return table("Memory after the switches, KiB", header + _ratio_header(names), rows)


def start_table(result, names, cpus):
    rows = []
    for key, title in (("owned_ns", "name owned"), ("usable_ns", "profiles usable")):
        values = {n: median(result[n][key]) for n in names if n in result}
        row = [title] + [f"{values[n] / 1e6:.2f}" if n in values else ABSENT for n in names]
        rows.append(row + _ratios(values, names))
    return table(f"Start with {cpus} CPUs: median in milliseconds from fork", ["until"] + names + _ratio_header(names), rows)


def idle_table(result, names, seconds):
    row = ["context switches"] + [str(result.get(n, ABSENT)) for n in names]
    return table(f"Wake-ups in {seconds} idle seconds, all threads", [""] + names, [row])


def attribute_lines(result, path):
    """Writes to one attribute in the real sysfs."""
    title = f"One write on this kernel's own sysfs ({path})"
    if not result:
        return f"{title}: not writable here\n"
    opening, held = result["opening_ns"] / 1000, result["held_ns"] / 1000
    return (f"{title}, microseconds\n  as PPD: open, write, close: {opening:.2f}\n"
            f"  as governord: write and read back, file kept open: {held:.2f}, {opening / held:.1f} times faster\n")
