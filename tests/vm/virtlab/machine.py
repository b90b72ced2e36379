# SPDX-License-Identifier: GPL-2.0-or-later
"""Emulated machines, each described by a TOML file in tests/vm/machines. docs/vm-lab.md explains the keys; unknown keys are
errors."""

import dataclasses
import difflib
import pathlib
import re
import tomllib

from virtlab import Mistake, kernels, naming, one_of, registers
from virtlab.registers import CPUID_REGISTERS, CpuidRow, Msr

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "machines"
PARTS = FOLDER / "parts"

# Names of the types of values, for messages.
TEXT, NUMBER, TABLE = "a text", "a whole number", "a [table]"
TEXTS, NUMBERS, TABLES = "a list of texts", "a list of whole numbers", "[[tables]]"
NUMBER_TABLE, FIELDS = "a table of whole numbers", "a table of [high bit, low bit]"
KINDS = {TEXT: (str, None), NUMBER: (int, None), TABLE: (dict, None), TEXTS: (list, TEXT), NUMBERS: (list, NUMBER), TABLES: (list, TABLE),
         NUMBER_TABLE: (dict, NUMBER), FIELDS: (dict, NUMBERS)}

KEYS = {"description": TEXT, "arch": TEXT, "cpu": TEXT, "smp": TEXT, "kernels": TEXTS, "kernel_arguments": TEXT, "modules": TEXTS,
        "qemu_arguments": TEXTS, "parts": TEXTS, "cpuid": TABLES, "msr": TABLES, "acpi": TABLE, "devicetree": TABLE}
MSR_KEYS = {"name": TEXT, "number": NUMBER, "value": NUMBER, "values": NUMBER_TABLE, "access": TEXT, "scope": TEXT, "fields": FIELDS,
            "unsteady": TEXTS, "write_mask": NUMBER, "rate": NUMBER, "width": NUMBER}
CPUID_KEYS = {"leaf": NUMBER, "subleaf": NUMBER, "cpus": TEXT, **dict.fromkeys(CPUID_REGISTERS, NUMBER_TABLE)}
ONLY = {"parts": "x86_64", "cpuid": "x86_64", "msr": "x86_64", "devicetree": "aarch64"}
SMP = r"[1-9]\d*(,[a-z]+=[1-9]\d*)*"

# {access: (readable, writable, writes are ignored)}; other accesses cause #GP.
ACCESS = {"": (False, False, False), "r": (True, False, False), "w": (False, True, False), "rw": (True, True, False),
          "ri": (True, True, True)}


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


def _sharing(smp):
    """Returns how many CPUs share a register with this scope; QEMU numbers threads first, then cores, then packages."""
    size = dict(part.split("=") for part in smp.split(",")[1:])
    threads = int(size.get("threads", 1))
    return {"cpu": 1, "core": threads, "package": threads * int(size.get("cores", 1))}


def parse_cpus(text):
    """"0-1,3" -> [0, 1, 3]."""
    cpus = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not (first + (last or "0")).isdecimal() or int(last or first) < int(first):
            raise Mistake(f"CPUs {text!r}; they are written like 0-1,3")
        cpus += range(int(first), int(last or first) + 1)
    return cpus


def _is(value, kind):
    kind, parts = KINDS[kind]
    if type(value) is not kind:  # isinstance() would accept true as a number
        return False
    return parts is None or all(_is(part, parts) for part in (value.values() if kind is dict else value))


def check(table, keys, needs=()):
    """Raises Mistake unless the table has all keys in `needs`, and only those in `keys`: {key: type of its value}."""
    for key in needs:
        if key not in table:
            raise Mistake(f"{key} is missing")
    for key, value in table.items():
        if key not in keys:
            raise Mistake(f"unknown {key}; known are {', '.join(sorted(keys))}")
        if not _is(value, keys[key]):
            raise Mistake(f"{key} = {value!r}, which is not {keys[key]}")


def _cpuid(table):
    """Returns one row for each output register of CPUID that is changed."""
    with naming("[[cpuid]]"):
        check(table, CPUID_KEYS, ["leaf"])
    with naming(f"[[cpuid]] leaf {table['leaf']:#x}"):
        cpus = parse_cpus(table["cpus"]) if "cpus" in table else None
        changes = {register: table[register] for register in CPUID_REGISTERS if register in table}
        if not changes:
            raise Mistake(f"it changes none of {', '.join(CPUID_REGISTERS)}")
        for register, change in changes.items():
            check(change, {"set": NUMBER, "clear": NUMBER})
    return [CpuidRow(table["leaf"], table.get("subleaf"), register, cpus, change.get("set", 0), change.get("clear", 0))
            for register, change in changes.items()]


def _msr(table, smp):
    access = one_of(table.get("access", "rw"), ACCESS, "access")
    values = {cpu: value for cpus, value in table.get("values", {}).items() for cpu in parse_cpus(cpus)}
    sharing = _sharing(smp)
    cpus = sharing[one_of(table.get("scope", "cpu"), sharing, "scope")]
    if "width" in table and "rate" not in table:
        raise Mistake("width is for counters, which have a rate")
    readable, writable, ignore_writes = ACCESS[access]
    return Msr(name=table["name"], number=table["number"], value=table.get("value", 0), values=values,
               readable=readable, writable=writable, ignore_writes=ignore_writes,
               write_mask=table.get("write_mask", 2**64 - 1), home=lambda cpu: cpu - cpu % cpus,
               rate=table.get("rate", 0), width=table.get("width", 64),
               fields={name: tuple(bits) for name, bits in table.get("fields", {}).items()})


def _read(path):
    with open(path, "rb") as file, naming(path.name):
        try:
            return tomllib.load(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Mistake(str(error)) from None


def _rows(table, needs):
    """Returns {name: [[msr]]} of one file."""
    rows = {}
    for row in table.get("msr", ()):
        with naming(f"register {row.get('name', len(rows))}"):
            check(row, MSR_KEYS, needs)
            if row["name"] in rows:
                raise Mistake("it is there twice")
        rows[row["name"]] = row
    return rows


def _merged_msrs(table):
    """Returns the registers of the machine and its parts; a row of the machine overrides keys of the part's row with the same
    name."""
    rows = {}
    for part in table.get("parts", ()):
        one_of(part, _names(PARTS), "part")
        content = _read(PARTS / f"{part}.toml")
        with naming(f"parts/{part}.toml"):
            check(content, {"msr": TABLES})
            rows.update(_rows(content, ["name", "number"]))
    for name, row in _rows(table, ["name"]).items():
        if name not in rows and "number" not in row:
            near = difflib.get_close_matches(name, rows, 3)
            raise Mistake(f"register {name} is in no part and has no number{'; near: ' if near else ''}{', '.join(near)}")
        rows[name] = {**rows.get(name, {}), **row}
    return rows.values()


def _bits(fields, names):
    mask = 0
    for high, low in (fields[one_of(n, fields, "field")] for n in names):
        mask |= (1 << (high + 1)) - (1 << low)
    return mask


def _machine(name, table):
    check(table, KEYS, ["description", "arch", "cpu", "smp"])
    one_of(table["arch"], kernels.ARCHITECTURES, "arch")
    for key, arch in ONLY.items():
        if key in table and table["arch"] != arch:
            raise Mistake(f"{key} is for {arch} alone")
    for kernel in table.get("kernels", ()):
        one_of(kernel, kernels.KERNELS, "kernel")
    if not re.fullmatch(SMP, table["smp"]):
        raise Mistake(f"smp = {table['smp']!r}; it is written like 4,sockets=1,cores=2,threads=2")
    msrs, unsteady = [], {}
    for row in _merged_msrs(table):
        with naming(f"register {row['name']}"):
            msrs.append(_msr(row, table["smp"]))
            with naming("unsteady"):
                unsteady[row["name"]] = _bits(msrs[-1].fields, row.get("unsteady", ()))
    machine = Machine(name=name, description=table["description"], arch=table["arch"], cpu=table["cpu"], smp=table["smp"],
                      kernels=tuple(table.get("kernels", kernels.KERNELS)), kernel_arguments=table.get("kernel_arguments", ""),
                      modules=tuple(table.get("modules", ())), qemu_arguments=tuple(table.get("qemu_arguments", ())),
                      cpuid=tuple(row for t in table.get("cpuid", ()) for row in _cpuid(t)), msrs=tuple(msrs), unsteady=unsteady,
                      acpi=table.get("acpi", {}), devicetree=table.get("devicetree", {}))
    registers.check(machine)
    return machine


def load(name):
    """Returns the machine with this name."""
    one_of(name, names(), "machine")
    path = FOLDER / f"{name}.toml"
    table = _read(path)
    with naming(path.name):
        return _machine(name, table)


def _names(folder):
    return sorted(path.stem for path in folder.glob("*.toml"))


def names():
    """Returns the names of all machines."""
    return _names(FOLDER)
