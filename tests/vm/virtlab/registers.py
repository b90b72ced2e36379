# SPDX-License-Identifier: GPL-2.0-or-later
"""The registers of an emulated x86 machine, in a file that this program makes, and that QEMU uses for the guest's RDMSR, WRMSR and
CPUID.

Both map the file, so values can be read and changed while the guest runs. The layout is defined here and, in C, in lab-registers.h
of tests/vm/qemu/registers.patch. A change must be made in both, together with a new VERSION.

    registers = Registers.create(path, machine)         # then start QEMU with GOVERNORD_REGISTERS=path
    mark = registers.mark()
    ...
    assert registers.field(0, "HWP_REQUEST", "epp") == 128
    assert [w.name for w in registers.writes(mark)] == ["HWP_REQUEST", "HWP_REQUEST"]

The file is an array of 64-bit words in the byte order of this machine, so that both sides access each word atomically. Operations
with more than one access (to a field of a register, or to the rate of a counter) are not atomic; see set_field() and counter().
"""

import collections
import dataclasses
import difflib
import mmap
import pathlib
import time
import typing

from virtlab import Mistake, naming, one_of

# --- the layout: names of words, in their order. The parts have the order of PARTS. ---

HEADER = ("magic", "version", "size",              # size: of the file, in bytes
          "n_cpus", "n_cpuid", "n_msrs", "n_log",
          "flags",                                 # STRICT
          "attached", "faults", "writes")          # counted by QEMU: CPUs that use the file, #GP raised, writes in the log
CPUID = ("leaf", "subleaf", "register", "cpu", "set", "clear")  # subleaf, cpu: or ANY. Applied in this order, clear before set
NUMBER = ("number",)                               # of a register
SLOT = ("flags",                                   # READ, WRITE, IGNORE
        "home",                                    # the CPU whose slot has what the CPUs of a core or package share: the next four
        "value", "mask", "rate", "width",          # mask: bits that a write changes. A counter: value + rate * seconds, width bits
        "reads", "writes", "faults")               # counted by QEMU: accesses that the guest tried, and those that were #GP
WRITE_ENTRY = ("cpu", "number", "value", "flags")  # what the guest tried to write, and what the slot's flags were
PARTS = {"header": HEADER, "cpuid": CPUID, "number": NUMBER, "slot": SLOT, "log": WRITE_ENTRY}

MAGIC = int.from_bytes(b"GOVREGS\0", "little")
VERSION = 1
LOG_ENTRIES = 4096  # a ring: write N is entry N % LOG_ENTRIES
ANY = ALL_BITS = 2**64 - 1
STRICT = 1
READ, WRITE, IGNORE = 1, 2, 4
CPUID_REGISTERS = ("eax", "ebx", "ecx", "edx")


class Lost(Mistake):
    """There were more writes since the mark than the log can hold."""


@dataclasses.dataclass(frozen=True)
class CpuidRow:
    """Bits of one output register of CPUID. Without a subleaf or CPUs, it applies to all subleafs or CPUs."""
    leaf: int
    subleaf: int | None = None
    register: str = "eax"
    cpus: typing.Sequence[int] | None = None
    set: int = 0
    clear: int = 0


@dataclasses.dataclass(frozen=True)
class Msr:
    """A model-specific register. If it is neither readable nor writable, accesses fault, as for a missing register on hardware."""
    name: str
    number: int
    value: int = 0
    values: dict = dataclasses.field(default_factory=dict)      # {cpu: value}, if different
    readable: bool = True
    writable: bool = True
    ignore_writes: bool = False
    write_mask: int = ALL_BITS
    home: typing.Callable[[int], int] = lambda cpu: cpu         # returns the CPU that stores the value for this one
    rate: int = 0
    width: int = 64
    fields: dict = dataclasses.field(default_factory=dict)      # {name: (high bit, low bit)}


Write = collections.namedtuple("Write", "seq cpu name value outcome")  # outcome: "done", "ignored", "fault"
Accesses = collections.namedtuple("Accesses", "reads writes faults")


# --- checks of a machine ---

def _require(condition, text):
    if not condition:
        raise Mistake(text)


def _number(value, bits, what):
    _require(isinstance(value, int) and 0 <= value < 1 << bits, f"{what}: {value!r} is no number of {bits} bits")
    return value


def _check_cpuid(row, n_cpus):
    what = f"CPUID leaf {row.leaf!r}"
    for name in ("leaf", "set", "clear"):
        _number(getattr(row, name), 32, f"{what}, {name}")
    if row.subleaf is not None:
        _number(row.subleaf, 32, f"{what}, subleaf")
    _require(row.register in CPUID_REGISTERS, f"{what}: register {row.register!r} is none of {', '.join(CPUID_REGISTERS)}")
    for cpu in row.cpus or ():
        _require(cpu in range(n_cpus), f"{what}: no CPU {cpu!r}; there are {n_cpus}")


def _check_msr(msr, n_cpus):
    what = f"register {msr.name}"
    _number(msr.number, 32, f"{what}, number")
    for name in ("write_mask", "rate"):
        _number(getattr(msr, name), 64, f"{what}, {name}")
    _require(isinstance(msr.width, int) and 1 <= msr.width <= 64, f"{what}: width {msr.width!r} is not from 1 to 64")
    _number(msr.value, msr.width, f"{what}, value")
    for cpu, value in msr.values.items():
        _require(cpu in range(n_cpus), f"{what}: a value for CPU {cpu!r}; there are {n_cpus}")
        _number(value, msr.width, f"{what}, value of CPU {cpu}")
    for cpu in range(n_cpus):
        home = msr.home(cpu)
        _require(home in range(n_cpus), f"{what}: home of CPU {cpu} is CPU {home!r}; there are {n_cpus}")
        _require(msr.home(home) == home, f"{what}: home of CPU {cpu} is CPU {home}, whose home is another one")
        _require(home == cpu or msr.values.get(cpu, msr.values.get(home)) == msr.values.get(home),
                 f"{what}: CPU {cpu} has the value of CPU {home}, and can have no other")
    taken = 0
    for name, bits in msr.fields.items():
        _require(len(bits) == 2 and 63 >= bits[0] >= bits[1] >= 0, f"{what}, field {name}: {list(bits)} is not [high bit, low bit]")
        mask = (2 << bits[0]) - (1 << bits[1])
        _require(not taken & mask, f"{what}, field {name}: overlaps one before it")
        taken |= mask


def check(machine):
    """Raises Mistake if the machine cannot have such registers."""
    _require(isinstance(machine.n_cpus, int) and 1 <= machine.n_cpus <= 1024, f"{machine.n_cpus!r} CPUs")
    for row in machine.cpuid:
        _check_cpuid(row, machine.n_cpus)
    for msr in machine.msrs:
        _check_msr(msr, machine.n_cpus)
    for kind in ("name", "number"):
        for value, count in collections.Counter(getattr(msr, kind) for msr in machine.msrs).items():
            _require(count == 1, f"{count} registers have the {kind} {value if kind == 'name' else hex(value)}")


def _cpuid_rows(machine):
    """Yields the rows of the file: a row for several CPUs is split into one for each CPU."""
    for row in machine.cpuid:
        for cpu in [ANY] if row.cpus is None else row.cpus:
            subleaf = ANY if row.subleaf is None else row.subleaf
            yield row.leaf, subleaf, CPUID_REGISTERS.index(row.register), cpu, row.set, row.clear


# --- the file ---

class Registers:
    """The mapped file. CPUs have the numbers of the guest's kernel, and registers the names of the machine file."""

    def __init__(self, path, machine):
        """Maps the file that create() made for this machine."""
        check(machine)
        self.path = pathlib.Path(path)
        self._n_cpus = machine.n_cpus
        self._msrs = {msr.name: msr for msr in machine.msrs}
        self._rows = {name: row for row, name in enumerate(self._msrs)}
        self._names = {msr.number: msr.name for msr in machine.msrs}
        counts = {"header": 1, "cpuid": len(list(_cpuid_rows(machine))), "number": len(self._msrs),
                  "slot": len(self._msrs) * machine.n_cpus, "log": LOG_ENTRIES}
        self._start, end = {}, 0
        for part, words in PARTS.items():
            self._start[part] = end
            end += counts[part] * len(words)
        self._expected = {"magic": MAGIC, "version": VERSION, "size": 8 * end, "n_cpus": machine.n_cpus, "n_cpuid": counts["cpuid"],
                          "n_msrs": counts["number"], "n_log": LOG_ENTRIES}
        with open(self.path, "r+b") as file:
            size = file.seek(0, 2)
            if size == 0:
                file.truncate(8 * end)
            else:
                _require(size == 8 * end, f"{path}: {size} bytes, not {8 * end}; it was made for another machine")
            # Each element of the view is accessed with one machine instruction, but struct.pack_into() would access single bytes.
            self._words = memoryview(mmap.mmap(file.fileno(), 8 * end)).cast("Q")
        if size:
            for name, value in self._expected.items():
                found = self._words[self._at("header", 0, name)]
                _require(found == value, f"{path}: {name} is {found:#x}, not {value:#x}; it is for another machine or version")

    @classmethod
    def create(cls, path, machine, strict=False):
        """Makes the file, and replaces an old one. With `strict`, accesses to registers that neither the machine nor QEMU knows
        fault, as on hardware; otherwise such registers have the value 0 and ignore writes."""
        check(machine)
        path = pathlib.Path(path)
        path.unlink(missing_ok=True)  # a QEMU that still maps the old file is not affected
        path.touch()
        self = cls(path, machine)
        for index, row in enumerate(_cpuid_rows(machine)):
            self._fill("cpuid", index, row)
        for msr in machine.msrs:
            self._put("number", self._rows[msr.name], "number", msr.number)
            for cpu in range(machine.n_cpus):
                self._fill_slot(msr, cpu)
        for name, value in {**self._expected, "flags": STRICT if strict else 0}.items():
            self._put("header", 0, name, value)
        return self

    def _fill_slot(self, msr, cpu):
        home = msr.home(cpu)
        flags = READ * msr.readable | WRITE * msr.writable | IGNORE * msr.ignore_writes
        base = (msr.values.get(home, msr.value) - _ticks(msr.rate)) & ALL_BITS
        self._fill("slot", self._slot(cpu, msr.name), (flags, home, base, msr.write_mask, msr.rate, msr.width, 0, 0, 0))

    # --- words ---

    def _at(self, part, index, name):
        return self._start[part] + index * len(PARTS[part]) + PARTS[part].index(name)

    def _get(self, part, index, name):
        return self._words[self._at(part, index, name)]

    def _put(self, part, index, name, value):
        self._words[self._at(part, index, name)] = value

    def _fill(self, part, index, values):
        for name, value in zip(PARTS[part], values, strict=True):
            self._put(part, index, name, value)

    def _msr(self, name):
        if name not in self._msrs:
            one_of(name, difflib.get_close_matches(str(name), self._msrs, 3) or sorted(self._msrs), "register")
        return self._msrs[name]

    def _slot(self, cpu, name):
        """Returns the index of the slot of a CPU."""
        self._msr(name)
        _require(cpu in range(self._n_cpus), f"register {name}: no CPU {cpu!r}; there are {self._n_cpus}")
        return self._rows[name] * self._n_cpus + cpu

    def _home(self, cpu, name):
        """Returns the index of the slot that stores the value for a CPU."""
        return self._slot(self._msr(name).home(cpu) if cpu in range(self._n_cpus) else cpu, name)

    # --- values ---

    def get(self, cpu, name):
        """Returns the value that the CPU would read now, even if reads are not allowed."""
        slot = self._home(cpu, name)
        value = self._get("slot", slot, "value") + _ticks(self._get("slot", slot, "rate"))
        return value & (1 << self._get("slot", slot, "width")) - 1

    def set(self, cpu, name, value):
        """Changes the register like hardware, regardless of mask and flags. A counter continues from this value."""
        slot = self._home(cpu, name)
        _number(value, 64, f"register {name}")
        self._put("slot", slot, "value", (value - _ticks(self._get("slot", slot, "rate"))) & ALL_BITS)

    def _bits(self, name, field):
        fields = self._msr(name).fields
        with naming(f"register {name}"):
            high, low = fields[one_of(field, fields, "field")]
        return high - low + 1, low

    def field(self, cpu, name, field):
        """Returns the value of a field of a register."""
        width, low = self._bits(name, field)
        return self.get(cpu, name) >> low & (1 << width) - 1

    def set_field(self, cpu, name, field, value):
        """Changes a field. A simultaneous write of the guest may be lost, unless it is prevented or set() is used for the whole
        register."""
        width, low = self._bits(name, field)
        _number(value, width, f"register {name}, field {field}")
        self.set(cpu, name, self.get(cpu, name) & ~((1 << width) - 1 << low) | value << low)

    def counter(self, cpu, name, rate):
        """Makes a counter run at `rate` per second, from its present value on. This needs two stores, between which (for about a
        microsecond) the guest may read a wrong value."""
        value = self.get(cpu, name)
        slot = self._home(cpu, name)
        self._put("slot", slot, "rate", _number(rate, 64, f"register {name}, rate"))
        self.set(cpu, name, value)

    # --- access ---

    def allow(self, cpu, name, read=None, write=None, ignore_writes=None):
        """Sets which accesses to the register are allowed for a CPU (None: all CPUs). Others cause #GP. None for an access does not
        change it."""
        for one in range(self._n_cpus) if cpu is None else [cpu]:
            slot = self._slot(one, name)
            flags = self._get("slot", slot, "flags")
            for bit, wanted in ((READ, read), (WRITE, write), (IGNORE, ignore_writes)):
                if wanted is not None:
                    flags = flags | bit if wanted else flags & ~bit
            self._put("slot", slot, "flags", flags)

    def accesses(self, cpu, name):
        """Returns how often this CPU tried to read and write the register, and how many of these accesses caused #GP."""
        slot = self._slot(cpu, name)
        return Accesses(*(self._get("slot", slot, count) for count in Accesses._fields))

    @property
    def faults(self):
        """The number of #GP so far, for registers of the machine and, with `strict`, for unknown ones."""
        return self._get("header", 0, "faults")

    @property
    def attached(self):
        """The number of CPUs of the QEMU that uses this file; 0 if none does."""
        return self._get("header", 0, "attached")

    # --- the log of writes ---

    def mark(self):
        """Returns the present position in the log, for writes()."""
        return self._get("header", 0, "writes")

    def writes(self, since=0, name=None):
        """Returns the writes and attempted writes of all CPUs since the mark, only to the register `name` if given, in their
        order."""
        if name is not None:
            self._msr(name)
        end = self.mark()
        writes = [self._write(seq) for seq in range(max(since, end - LOG_ENTRIES), end)]
        # QEMU may have overwritten entries while they were read, and may be writing another one
        _require_kept(since, self.mark())
        return [w for w in writes if name in (None, w.name)]

    def _write(self, seq):
        cpu, number, value, flags = (self._get("log", seq % LOG_ENTRIES, word) for word in WRITE_ENTRY)
        outcome = "fault" if not flags & WRITE else "ignored" if flags & IGNORE else "done"
        return Write(seq, cpu, self._names.get(number, hex(number)), value, outcome)


def _require_kept(since, now):
    if now - since >= LOG_ENTRIES:
        raise Lost(f"{now - since} writes since the mark, of which the log keeps the last {LOG_ENTRIES - 1}; mark() later")


def _ticks(rate):
    """Returns the increase of a counter since time 0 of CLOCK_MONOTONIC, which QEMU uses for the same calculation."""
    return rate * time.monotonic_ns() // 10**9 & ALL_BITS
