# SPDX-License-Identifier: GPL-2.0-or-later
"""The device tree of a machine (arm64): that of QEMU, with clusters of CPUs for the driver cpufreq-dt.

The machine file has for each cluster:

    [[devicetree.cluster]]
    cpus = "0-1"
    mhz = [800, 1600, 2400]                    # operating points, slowest first
    microvolt = [700000, 800000, 1000000]      # one for each point; with `power`, they determine the energy model
    performance = 1024                         # capacity-dmips-mhz: relative speed of a CPU per MHz
    power = 500                                # dynamic-power-coefficient, uW / MHz / V^2

The clocks are fixed clocks, which accept any rate but do not change. Therefore scaling_cur_freq is the frequency that was set, but
cpuinfo_cur_freq, which is read from the clock, does not change.
"""

import pathlib
import subprocess
import textwrap

from virtlab import Mistake, cache, emulator, naming
from virtlab.machine import NUMBER, NUMBERS, TABLES, TEXT, check, parse_cpus

KEYS = {"cpus": TEXT, "mhz": NUMBERS, "microvolt": NUMBERS, "performance": NUMBER, "power": NUMBER}
MACHINE = "virt,gic-version=3"  # must be the same for the dump and for the guest
LATENCY_NS = 100000  # of a change of frequency
SECONDS = 60

CLUSTER = """
&{{/}} {{
    clock{n}: cluster-clock-{n} {{
        compatible = "fixed-clock";
        #clock-cells = <0>;
        clock-frequency = <{fastest}>;
    }};
    points{n}: opp-table-{n} {{
        compatible = "operating-points-v2";
        opp-shared;
{points}
    }};
}};
"""
POINT = "opp-{hz} {{ opp-hz = /bits/ 64 <{hz}>; opp-microvolt = <{microvolt}>; clock-latency-ns = <{latency}>; }};"
CPU = """
&{{/cpus/cpu@{cpu:x}}} {{
    operating-points-v2 = <&points{n}>;
    clocks = <&clock{n}>;
    capacity-dmips-mhz = <{performance}>;
    dynamic-power-coefficient = <{power}>;
}};
"""


def _cluster(n, table, n_cpus, where):
    with naming(where):
        check(table, KEYS, KEYS)
        if len(table["mhz"]) != len(table["microvolt"]):
            raise Mistake(f"{len(table['mhz'])} frequencies and {len(table['microvolt'])} voltages")
        cpus = parse_cpus(table["cpus"])
        if max(cpus) >= n_cpus:
            raise Mistake(f"there is no CPU {max(cpus)}")
    points = "\n".join(POINT.format(hz=mhz * 1000000, microvolt=uv, latency=LATENCY_NS)
                       for mhz, uv in zip(table["mhz"], table["microvolt"]))
    yield CLUSTER.format(n=n, fastest=max(table["mhz"]) * 1000000, points=textwrap.indent(points, " " * 8))
    for cpu in cpus:
        yield CPU.format(n=n, cpu=cpu, performance=table["performance"], power=table["power"])


def overlay(machine):
    """Returns the source of the overlay for QEMU's tree."""
    with naming(f"{machine.name}: [devicetree]"):
        check(machine.devicetree, {"cluster": TABLES}, ["cluster"])
    texts = [text for n, table in enumerate(machine.devicetree["cluster"])
             for text in _cluster(n, table, machine.n_cpus, f"{machine.name}: [[devicetree.cluster]] {n}")]
    return "/dts-v1/;\n/plugin/;\n" + "".join(texts)


def _run(*argv):
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=SECONDS, check=False)
    except FileNotFoundError:
        raise cache.Missing(f"no {argv[0]} here (package device-tree-compiler)") from None
    if done.returncode != 0:
        raise Mistake(f"{' '.join(map(str, argv))}\nended with status {done.returncode}\n{done.stdout}")


def arguments(machine, folder, qemu=None):
    """Makes the tree in `folder`; returns QEMU's arguments for it. Does nothing for a machine without [devicetree]."""
    if not machine.devicetree:
        return []
    folder = pathlib.Path(folder)
    base, source, change, tree = (folder / name for name in ("qemu.dtb", "overlay.dts", "overlay.dtbo", "machine.dtb"))
    _run(qemu or emulator.emulator().aarch64, "-nodefaults", "-no-user-config", "-display", "none",
         "-machine", f"{MACHINE},dumpdtb={base}", "-cpu", machine.cpu, "-smp", machine.smp)
    source.write_text(overlay(machine), encoding="utf-8")
    _run("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", change, source)
    _run("fdtoverlay", "-i", base, "-o", tree, change)
    return ["-dtb", tree]
