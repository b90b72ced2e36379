# SPDX-License-Identifier: GPL-2.0-or-later
"""Converts the lines of the simulator to tables. A group contains all seeds of one load, machine, target and controller."""

import collections
import statistics

# The baselines of the comparison. There are three more references: "static" and "clairvoyant" know the future, and
# "schedutil-uclamp" was tuned manually for these bursts.
BASELINES = ["performance", "powersave", "schedutil", "epp-balance-perf", "epp-balance-power", "loop-50ms"]
BY_HAND = "schedutil-uclamp"
POSSIBLE = "clairvoyant"
MID_LOADS = ("burst", "surge")
POLICIES = ["slack", "step", "race"]
ORDER = [*BASELINES, BY_HAND, "static", POSSIBLE, *POLICIES]
TEXTS = ("load", "machine", "controller")


def numbers(rows):
    return [{k: v if k in TEXTS else float(v) for k, v in row.items()} for row in rows]


class Group:
    """Means over the seeds. Energy is relative to "performance" with the same seed; `spread` is half of its range."""

    def __init__(self, rows, performance):
        reference = {row["seed"]: row for row in performance}
        package = [100 * row["total_mj"] / reference[row["seed"]]["total_mj"] for row in rows]
        core = [100 * row["core_mj"] / reference[row["seed"]]["core_mj"] for row in rows]
        self.package, self.core = statistics.mean(package), statistics.mean(core)
        self.spread = (max(package) - min(package)) / 2
        self.target = rows[0]["target_us"]
        self.percentiles = [statistics.mean(row[p] for row in rows) for p in ("p50", "p95", "p99", "p999")]
        self.violations = 100 * sum(row["violations"] for row in rows) / sum(row["n"] for row in rows)
        self.missed = 100 * sum(row["missed"] for row in rows) / sum(row["windows"] for row in rows)
        self.seeds, self.kept = len(rows), sum(row["at_percentile"] <= row["target_us"] for row in rows)

    @property
    def meets(self):
        return self.kept == self.seeds


def groups(rows, *keys):
    """{(load, machine, more keys): {controller: Group}}, in the order of the rows."""
    lists = collections.defaultdict(lambda: collections.defaultdict(list))
    for row in rows:
        lists[tuple(row[k] for k in ("load", "machine", *keys))][row["controller"]].append(row)
    return {key: {name: Group(found[name], found["performance"]) for name in ORDER if name in found}
            for key, found in lists.items()}


def best_baseline(found):
    """The name of the baseline that needs the least energy of those that keep the target with every seed."""
    return min((name for name in BASELINES if name in found and found[name].meets), key=lambda name: found[name].package,
               default="performance")


def everything(rows):
    out = ["Energy in percent of that of performance: package (with the core's share of the rest) and core alone. Latencies in ms.",
           "beyond: requests above the target; windows: seconds whose p99 was above it; kept: seeds whose p99 of the run kept it."]
    for (load, machine), found in groups(rows).items():
        out.append(f"\n{load} on {machine}: p99 target {found['performance'].target / 1000:.2f} ms")
        out.append(f"  {'':18} {'package':>13} {'core':>6} {'p50':>8} {'p95':>8} {'p99':>8} {'p99.9':>8} {'beyond':>8} "
                   f"{'windows':>8}  kept")
        for name, group in found.items():
            times = " ".join(f"{p / 1000:8.2f}" if p < 1e6 else f"{'>1 s':>8}" for p in group.percentiles)
            out.append(f"  {name:18} {group.package:6.1f} +-{group.spread:4.1f} {group.core:6.1f} {times} {group.violations:7.2f}% "
                       f"{group.missed:7.1f}%  {group.kept}/{group.seeds}{'' if group.meets else ' MISSES'}")
    return "\n".join(out) + "\n"


def less(mine, other):
    """How much less energy `mine` needs than `other`, in percent: package and core."""
    return 100 - 100 * mine.package / other.package, 100 - 100 * mine.core / other.core


def mid_load(rows, *keys):
    """The groups to which the acceptance criterion applies."""
    return {key: found for key, found in groups(rows, *keys).items() if key[0] in MID_LOADS}


def pair(values):
    return f"{values[0]:6.1f} /{values[1]:5.1f}"


def curve(rows):
    out = ["Energy that slack saves, by target (a multiple of the p99 of performance): percent less than ..., package / core.",
           "In brackets: the values of performance.",
           f"  {'':16} {'target':>6} {'performance':>14} {'best baseline':>14} {'by hand':>14} {'static':>14} {'p99/target':>11} "
           f"{'beyond':>15} {'windows':>15}  kept  best baseline"]
    for (load, machine, multiple), found in sorted(mid_load(rows, "multiple").items()):
        mine, fast, best = found["slack"], found["performance"], best_baseline(found)
        by_hand = pair(less(mine, found[BY_HAND])) if found[BY_HAND].meets else "misses"
        out.append(f"  {load + ' ' + machine:16} {multiple:6.2f} {pair(less(mine, fast)):>14} {pair(less(mine, found[best])):>14} "
                   f"{by_hand:>14} {pair(less(mine, found['static'])):>14} {mine.percentiles[2] / mine.target:11.2f} "
                   f"{mine.violations:6.2f}% ({fast.violations:.2f}%) {mine.missed:6.1f}% ({fast.missed:.1f}%)  "
                   f"{mine.kept}/{mine.seeds}   {best}")
    return "\n".join(out) + "\n"


def rungs(rows):
    out = ["Influence of the rung: slack on bursts, package energy in percent of that of performance, p99 as a share of the target"]
    for (_, machine, rung), found in groups(rows, "rung").items():
        mine = found["slack"]
        out.append(f"  {machine:12} rung {rung:.0f}: {mine.package:5.1f}  p99 {mine.percentiles[2] / mine.target:4.2f}  "
                   f"beyond {mine.violations:.2f}%  {mine.kept}/{mine.seeds}")
    return "\n".join(out) + "\n"


def most_of(found, best):
    if POSSIBLE not in found:
        return ""
    return f"; possible: {100 - found[POSSIBLE].package:.1f} and {less(found[POSSIBLE], found[best])[0]:.1f} %"


def possible(rows):
    out = ["Energy that could be saved with knowledge of the future, and the share of it that slack saves (package, percent):",
           f"  {'':16} {'of performance':>30} {'of the best baseline':>30}",
           f"  {'':16} {'possible':>10} {'slack':>9} {'share':>9} {'possible':>10} {'slack':>9} {'share':>9}  best baseline"]
    for (load, machine), found in mid_load(rows).items():
        if POSSIBLE not in found:
            continue
        best, line = best_baseline(found), f"  {load + ' ' + machine:16}"
        for other in (found["performance"], found[best]):
            most, mine = less(found[POSSIBLE], other)[0], less(found["slack"], other)[0]
            line += f" {most:10.1f} {mine:9.1f} {100 * mine / most:8.0f}%"
        out.append(f"{line}  {best}")
    return "\n".join(out) + "\n"


def not_met(rows):
    out = ["Cases in which slack misses the target or saves less than 25 % (package), and the savings that are possible:"]
    for (load, machine), found in groups(rows).items():
        mine, best = found["slack"], best_baseline(found)
        if not mine.meets or mine.package > 75:
            out.append(f"  {load} on {machine}: {100 - mine.package:.1f} % less than performance, "
                       f"{less(mine, found[best])[0]:.1f} % less than {best}; kept {mine.kept}/{mine.seeds}{most_of(found, best)}")
    return "\n".join(out if len(out) > 1 else [*out, "  none"]) + "\n"


def criterion(rows, target):
    out = [f"Acceptance: medium load, bursts shorter than 50 ms, a p99 target of {target / 100:g} times the p99 of performance:"]
    found_all = mid_load(rows)
    for (load, machine), found in found_all.items():
        mine, fast, best = found["slack"], found["performance"], best_baseline(found)
        by_hand = f"{less(mine, found[BY_HAND])[0]:.1f} % less" if found[BY_HAND].meets else "misses the target"
        out.append(f"  {load} on {machine}: slack needs {pair(less(mine, fast))} % less energy (package / core) than performance, "
                   f"{pair(less(mine, found[best]))} % less than the best baseline that keeps the target, {best} "
                   f"({BY_HAND}: {by_hand})\n"
                   f"      requests above it: slack {mine.violations:.2f} %, performance {fast.violations:.2f} %, allowed 1 %; "
                   f"kept with {mine.kept} of {mine.seeds} seeds")
    from_fast = [less(found["slack"], found["performance"])[0] for found in found_all.values()]
    from_best = [less(found["slack"], found[best_baseline(found)])[0] for found in found_all.values()]
    if found_all:
        out.append(f"Summary: on average, slack needs {statistics.mean(from_fast):.1f} % less package energy than performance "
                   f"({min(from_fast):.1f}..{max(from_fast):.1f}) and {statistics.mean(from_best):.1f} % less than the best "
                   f"baseline that keeps the target ({min(from_best):.1f}..{max(from_best):.1f}); requests above the target: slack "
                   f"{statistics.mean(f['slack'].violations for f in found_all.values()):.2f} %, performance "
                   f"{statistics.mean(f['performance'].violations for f in found_all.values()):.2f} %, allowed 1 %")
    return "\n".join(out) + "\n"
