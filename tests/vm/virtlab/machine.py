# SPDX-License-Identifier: GPL-2.0-or-later
"""Emulated machines: one TOML file each in tests/vm/machines. What a key means is said in docs/vm-lab.md; unknown keys are errors."""

import dataclasses
import pathlib
import tomllib

from virtlab import kernels
from virtlab.registers import CpuidRow, Msr

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "machines"
KEYS = {"description", "parts", "arch", "cpu", "smp", "kernels", "kernel_arguments", "modules", "qemu_arguments", "cpuid", "msr", "acpi",
        "devicetree"}
MSR_KEYS = {"name", "number", "value", "values", "access", "scope", "fields", "unsteady", "write_mask", "rate", "width"}
CPUID_KEYS = {"leaf", "subleaf", "cpus", "eax", "ebx", "ecx", "edx"}
ACCESS = {"r": "readable", "w": "writable", "i": "ignore_writes"}


class Mistake(Exception):
    """A machine file that says something wrong; the text is for its author."""


@dataclasses.dataclass(frozen=True)
class Machine:
    name: str
    description: str
    arch: str
    cpu: str
    smp: str
    kernels: tuple
    kernel_arguments: str = ""
    modules: tuple = ()
    qemu_arguments: tuple = ()
    cpuid: tuple = ()
    msrs: tuple = ()
    acpi: dict = dataclasses.field(default_factory=dict)
    devicetree: dict = dataclasses.field(default_factory=dict)
    unsteady: dict = dataclasses.field(default_factory=dict)  # {register: bits that the kernel changes by itself}

    @property
    def n_cpus(self):
        return int(self.smp.split(",")[0])

    @property
    def cpus(self):
        return range(self.n_cpus)

    def msr(self, name):
        return next((m for m in self.msrs if m.name == name), None)


def first_cpu(smp, cpu, scope):
    """The CPU that stands for the core or package of `cpu`; QEMU counts threads first, then cores, then packages."""
    size = dict(part.split("=") for part in smp.split(",")[1:])
    threads = int(size.get("threads", 1))
    width = {"cpu": 1, "core": threads, "package": threads * int(size.get("cores", 1))}[scope]
    return cpu - cpu % width


def parse_cpus(text):
    """"0-1,3" -> [0, 1, 3]."""
    cpus = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        cpus += range(int(first), int(last or first) + 1)
    return cpus


def _known(table, keys, where):
    unknown = set(table) - keys
    if unknown:
        raise Mistake(f"{where}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(keys))}")


def _cpuid(table, where):
    """One row per register that is changed."""
    _known(table, CPUID_KEYS, where)
    cpus = parse_cpus(table["cpus"]) if "cpus" in table else None
    for register in ("eax", "ebx", "ecx", "edx"):
        if register in table:
            change = table[register]
            yield CpuidRow(table["leaf"], table.get("subleaf"), register, cpus, change.get("set", 0), change.get("clear", 0))


def _msr(table, smp, where):
    _known(table, MSR_KEYS, where)
    access = table.get("access", "rw")
    if set(access) - set(ACCESS):
        raise Mistake(f"{where}: access {access!r}; it is made of r (read), w (write), i (writes are ignored)")
    values = {cpu: value for cpus, value in table.get("values", {}).items() for cpu in parse_cpus(cpus)}
    scope = table.get("scope", "cpu")
    flags = {name: letter in access for letter, name in ACCESS.items()}
    return Msr(name=table["name"], number=table["number"], value=table.get("value", 0), values=values, **flags,
               write_mask=table.get("write_mask", 2**64 - 1), home=lambda cpu: first_cpu(smp, cpu, scope),
               rate=table.get("rate", 0), width=table.get("width", 64),
               fields={name: tuple(bits) for name, bits in table.get("fields", {}).items()})


def _read(path):
    with open(path, "rb") as file:
        return tomllib.load(file)


def _merged_msrs(table):
    """The registers of the machine's parts and its own; a row of its own changes the part's row of that name."""
    rows = {}
    for part in table.get("parts", ()):
        rows.update((row["name"], row) for row in _read(FOLDER / "parts" / f"{part}.toml").get("msr", ()))
    for row in table.get("msr", ()):
        rows[row["name"]] = {**rows.get(row["name"], {}), **row}
    return rows.values()


def _bits(msr, names):
    mask = 0
    for high, low in (msr["fields"][n] for n in names):
        mask |= (1 << (high + 1)) - (1 << low)
    return mask


def load(name):
    """The machine of that name."""
    path = FOLDER / f"{name}.toml"
    if not path.exists():
        raise Mistake(f"no machine {name}; there are {', '.join(names())}")
    table = _read(path)
    where = path.name
    _known(table, KEYS, where)
    try:
        rows = list(_merged_msrs(table))
        return Machine(name=name, description=table["description"], arch=table["arch"], cpu=table["cpu"], smp=table["smp"],
                       kernels=tuple(table.get("kernels", kernels.KERNELS)), kernel_arguments=table.get("kernel_arguments", ""),
                       modules=tuple(table.get("modules", ())), qemu_arguments=tuple(table.get("qemu_arguments", ())),
                       cpuid=tuple(row for t in table.get("cpuid", ()) for row in _cpuid(t, where)),
                       msrs=tuple(_msr(t, table["smp"], where) for t in rows),
                       unsteady={t["name"]: _bits(t, t["unsteady"]) for t in rows if "unsteady" in t},
                       acpi=table.get("acpi", {}), devicetree=table.get("devicetree", {}))
    except KeyError as error:
        raise Mistake(f"{where}: {error} is missing") from None


def names():
    return sorted(p.stem for p in FOLDER.glob("*.toml"))
