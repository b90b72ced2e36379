# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine's firmware tables: the ACPI objects that the kernel's drivers for P-states, CPPC and laptops need.

The section [acpi] of a machine file. All parts are optional:

    [[acpi.pstates]]                # _PSS, _PCT, _PPC, _PSD: acpi-cpufreq
    cpus = "0-3"                    # default: all
    registers = "intel"             # "intel": MSRs 0x198/0x199, ratios of 100 MHz; "amd": MSRs 0xC0010062/63, numbers of P-states
    mhz = [3000, 2000, 1000]        # fastest first, as the standard requires
    domain = "cpu"                  # "cpu": a domain for each CPU (default); "group": one domain for all of `cpus`

    [[acpi.cppc]]                   # _CPC, _PSD: amd-pstate, cppc_cpufreq, and intel_pstate, which reads a part of it
    cpus = "0-3"
    registers = "amd-msr"           # "amd-msr", "intel-hwp": MSRs with the names in [[msr]], which the CPU accesses (FFixedHW);
                                    # "pcc": a shared memory channel; "memory": plain memory; both are in Tables.memory
    domain = "cpu"
    highest = 255                   # constants instead of registers, by the names in CPC; "pcc" and "memory" need the first four
    lowest_mhz = 400                # both or none; they determine the scale of MHz
    nominal_mhz = 2000

    [acpi]
    platform = ["ac", "battery", "profile"]  # AC adapter, battery; a Lenovo laptop's profiles (module ideapad-laptop). x86 only

Registers in memory: the host can read the values that the kernel writes, and can change those that it reads. Tables.memory has the
position of each register in Tables.memory_file:

    cpu0.desired, cpu0.min, cpu0.max, cpu0.epp, cpu0.enable, cpu0.autonomous, cpu0.activity_window     as the kernel wrote them
    cpu0.reference_counter, cpu0.delivered_counter    constant, so that the kernel uses the desired as the delivered performance
    ac.online (1, 0); battery.state (1 discharging, 2 charging), battery.rate (mW), battery.charge, battery.full (mWh)
    profile (PROFILES gives the names)
"""

import dataclasses
import pathlib
import struct
import subprocess
import textwrap

from virtlab import Mistake, cache, naming, one_of
from virtlab.machine import NUMBER, NUMBERS, TABLES, TEXT, TEXTS, check, parse_cpus

# The address of the memory in the guest. x86: a part of the RAM that an argument reserves, between the kernel (at low addresses)
# and its initramfs (at high addresses); below 4 GiB, because QEMU's tables make the kernel use 32 bits in ASL. arm64, whose kernel
# has no such argument: a hotpluggable memory module above all RAM, which an argument keeps the kernel from using.
ADDRESS = {"x86_64": 0x0F000000, "aarch64": 0x140000000}
SIZE = 2 << 20  # the alignment that QEMU requires
PLATFORM, PCC, SYSTEM = 0x0000, 0x1000, 0x2000  # parts of the memory
MAX_CPUS = 64
IASL_SECONDS = 60

# The names and types of the CPU objects in QEMU's own tables.
CPU_OBJECTS = {"x86_64": ("\\_SB.CPUS.C%03X", "ProcessorObj"), "aarch64": ("\\_SB.C%03X", "DeviceObj")}

# _PCT does not name registers: FFixedHW stands for the two registers of the vendor. These functions return the value for a P-state.
PSTATE_CONTROL = {"intel": lambda number, mhz: mhz // 100 << 8, "amd": lambda number, mhz: number}

# The entries of _CPC, revision 3, in their order, after the number of entries and the revision.
CPC = ("highest", "nominal", "lowest_nonlinear", "lowest", "guaranteed", "desired", "min", "max", "reduction_tolerance",
       "time_window", "wraparound", "reference_counter", "delivered_counter", "limited", "enable", "autonomous", "activity_window",
       "epp", "reference", "lowest_mhz", "nominal_mhz")

# MSR, highest and lowest bit. The kernel reads and writes only these bits.
CPPC_MSRS = {
    "amd-msr": {
        "highest": (0xC00102B0, 31, 24), "nominal": (0xC00102B0, 23, 16), "lowest_nonlinear": (0xC00102B0, 15, 8),
        "lowest": (0xC00102B0, 7, 0), "desired": (0xC00102B3, 23, 16), "min": (0xC00102B3, 15, 8), "max": (0xC00102B3, 7, 0),
        "epp": (0xC00102B3, 31, 24), "enable": (0xC00102B1, 0, 0), "limited": (0xC00102B4, 1, 0),
        "reference_counter": (0xE7, 63, 0), "delivered_counter": (0xE8, 63, 0),
    },
    "intel-hwp": {
        "highest": (0x771, 7, 0), "guaranteed": (0x771, 15, 8), "lowest_nonlinear": (0x771, 23, 16), "lowest": (0x771, 31, 24),
        "nominal": (0xCE, 15, 8), "reference": (0xCE, 15, 8),
        "desired": (0x774, 23, 16), "min": (0x774, 7, 0), "max": (0x774, 15, 8), "epp": (0x774, 31, 24),
        "activity_window": (0x774, 41, 32), "enable": (0x770, 0, 0), "limited": (0x777, 2, 2),
        "reference_counter": (0xE7, 63, 0), "delivered_counter": (0xE8, 63, 0),
    },
}
# Registers in memory: offset in the CPU's part, size in bytes, initial value (a word: the constant with this name). Those below
# 0x20 are also in a PCC channel.
CPPC_MEMORY = {
    "desired": (0x00, 4, "nominal"), "min": (0x04, 4, "lowest"), "max": (0x08, 4, "highest"), "epp": (0x0C, 4, 0x80),
    "autonomous": (0x10, 4, 0), "activity_window": (0x14, 4, 0), "enable": (0x18, 4, 0),
    "reference_counter": (0x20, 8, 1000), "delivered_counter": (0x28, 8, 1000),  # 0 would count as faulty
}
PCC_HEADER, PCC_STRIDE, PCC_SIZE = 8, 0x20, 0x1000  # addresses of registers do not count the header
PCC_SIGNATURE, PCC_COMPLETE = 0x50434300, 1
SYSTEM_STRIDE = 0x40
NO_REGISTER = "ResourceTemplate () { Register (SystemMemory, 0, 0, 0, 0) }"
ACCESS = {4: "DWordAcc", 8: "QWordAcc"}
ACCESS_CODE = {4: 3, 8: 4}

# The numbers of the firmware's profiles.
PROFILES = {2: "performance", 3: "low-power", 15: "balanced"}

# Words of the platform in memory, in this order: name, name in ASL, initial value.
PLATFORM_FIELDS = (("ac.online", "GACO", 1), ("battery.state", "GBST", 2), ("battery.rate", "GBRT", 12000),
                   ("battery.charge", "GBCH", 40000), ("battery.full", "GBFL", 48000), ("profile", "GPRF", 15))

PLATFORM_DEVICES = {
    "ac": """
        Device (ACAD) {
            Name (_HID, "ACPI0003")
            Name (_PCL, Package () { \\_SB })
            Method (_PSR) { Return (GACO) }
        }""",
    "battery": """
        Device (BAT0) {
            Name (_HID, EisaId ("PNP0C0A"))
            Name (_UID, Zero)
            Name (_PCL, Package () { \\_SB })
            Method (_STA) { Return (0x1F) }
            Name (INFO, Package () { 0, 50000, 0, 1, 11400, 5000, 2000, 100, 100, "virtual", "1", "LION", "governord" })
            Name (STAT, Package () { 0, 0, 0, 11400 })
            Method (_BIF, 0, Serialized) {
                INFO [2] = GBFL
                Return (INFO)
            }
            Method (_BST, 0, Serialized) {
                STAT [0] = GBST
                STAT [1] = GBRT
                STAT [2] = GBCH
                Return (STAT)
            }
        }""",
    # The method DYTC, as ideapad-laptop calls it: bits 0-8 are the command (0 query, 1 set, 2 get, 0x1FF reset to balanced), bits
    # 16-19 the mode to set. The result has the mode in bits 12-15; that of a query has "enabled" in bit 8 and the version, 5, in
    # bits 28-31.
    "profile": """
        Device (VPC0) {
            Name (_HID, "VPC2004")
            Name (_CFG, Zero)
            Method (DYTC, 1, Serialized) {
                Local0 = Arg0 & 0x1FF
                If (Local0 == Zero) { Return (0x50000100) }
                If (Local0 == One) { GPRF = (Arg0 >> 16) & 0x0F }
                If (Local0 == 0x1FF) { GPRF = 0x0F }
                Return (GPRF << 12)
            }
        }""",
}

# The kernel asks which features the platform supports. The method returns the request unchanged, which means all of them.
OSC = """
    Scope (\\_SB) {
        Method (_OSC, 4) { Return (Arg3) }
    }"""


@dataclasses.dataclass
class Tables:
    acpi_files: list = dataclasses.field(default_factory=list)  # for QEMU's -acpitable (x86), or for initramfs_files() (arm64)
    kernel_arguments: str = ""
    qemu_arguments: list = dataclasses.field(default_factory=list)
    memory: dict = dataclasses.field(default_factory=dict)  # name: (offset in the file, bytes)
    memory_file: pathlib.Path = None  # x86: the file of the guest's RAM, mapped as shared
    uefi: bool = False  # arm64 has ACPI only with UEFI

    def initramfs_files(self):
        """Returns {path: (file, mode)} of tables for the kernel's early initramfs, for use where QEMU cannot add tables. Only SSDTs
        are possible."""
        return {f"kernel/firmware/acpi/{path.name}": (path, 0o644) for path in self.acpi_files}


class _Memory:
    """The memory for the firmware: named registers with initial values."""

    def __init__(self, address):
        self.address = address  # in the guest
        self.places = {}
        self.data = bytearray(SIZE)

    def add(self, name, offset, size, value):
        self.places[name] = (offset, size)
        self.data[offset:offset + size] = value.to_bytes(size, "little")


def _groups(machine, kind, registers, keys, needs=()):
    """Yields the tables [[acpi.KIND]] of the machine, with their CPUs as numbers."""
    for table in machine.acpi.get(kind, ()):
        with naming(f"{machine.name}: [[acpi.{kind}]]"):
            check(table, {"cpus": TEXT, "registers": TEXT, "domain": TEXT, **keys}, ["registers", *needs])
            one_of(table["registers"], registers, "registers")
            cpus = parse_cpus(table.get("cpus", f"0-{machine.n_cpus - 1}"))
            one_of(table.get("domain", "cpu"), ("cpu", "group"), "domain")
            if max(cpus) >= min(machine.n_cpus, MAX_CPUS):
                raise Mistake(f"there is no CPU {max(cpus)}")
        yield table, cpus


def _package(rows):
    return "Package () {\n" + textwrap.indent(",\n".join(rows), "    ") + "\n}"


def _psd(table, cpus, cpu):
    """Returns the _PSD: the domain of this CPU. 0xFD: a request for one CPU applies to all (cppc_cpufreq supports no other
    type)."""
    domain, count = (cpus[0], len(cpus)) if table.get("domain") == "group" else (cpu, 1)
    return f"Name (_PSD, Package () {{ Package () {{ 5, 0, {domain}, 0xFD, {count} }} }})"


def _pstates(table, cpus, cpu):
    control = PSTATE_CONTROL[table["registers"]]
    rows = [f"Package () {{ {mhz}, {mhz * 8}, 10, 10, 0x{control(i, mhz):X}, 0x{control(i, mhz):X} }}"  # MHz, mW, us, us
            for i, mhz in enumerate(table["mhz"])]
    register = "ResourceTemplate () { Register (FFixedHW, 0, 0, 0) }"
    return [f"Name (_PCT, Package () {{ {register}, {register} }})", f"Name (_PSS, {_package(rows)})",
            "Method (_PPC) { Return (Zero) }", _psd(table, cpus, cpu)]


def _msr_register(number, high, low):
    return f"ResourceTemplate () {{ Register (FFixedHW, {high - low + 1}, {low}, 0x{number:X}, 4) }}"


def _memory_register(kind, memory, table, cpu, name):
    """Adds a register to the memory; returns its ASL text."""
    offset, size, value = CPPC_MEMORY[name]
    value = table[value] if isinstance(value, str) else value
    if kind == "pcc" and offset < PCC_STRIDE:
        offset += cpu * PCC_STRIDE
        memory.add(f"cpu{cpu}.{name}", PCC + PCC_HEADER + offset, size, value)
        return f"ResourceTemplate () {{ Register (PCC, {size * 8}, 0, 0x{offset:X}, 0) }}"  # the last is the channel's number
    offset += SYSTEM + cpu * SYSTEM_STRIDE
    memory.add(f"cpu{cpu}.{name}", offset, size, value)
    return f"ResourceTemplate () {{ Register (SystemMemory, {size * 8}, 0, 0x{memory.address + offset:X}, {ACCESS_CODE[size]}) }}"


def _cppc(table, cpus, cpu, memory):
    kind = table["registers"]
    missing = {"highest", "nominal", "lowest_nonlinear", "lowest"} - set(table) - set(CPPC_MSRS.get(kind, ()))
    if missing:
        raise Mistake(f"[[acpi.cppc]]: registers {kind!r} need {', '.join(sorted(missing))}")

    def entry(name):
        if name in table:
            return str(table[name])
        if name in CPPC_MSRS.get(kind, ()):
            return _msr_register(*CPPC_MSRS[kind][name])
        if kind not in CPPC_MSRS and name in CPPC_MEMORY:
            return _memory_register(kind, memory, table, cpu, name)
        return NO_REGISTER
    return [f"Name (_CPC, {_package([str(len(CPC) + 2), '3', *map(entry, CPC)])})", _psd(table, cpus, cpu)]


def _cpu_scopes(machine, memory):
    """Returns the ASL text of the objects that are added to each CPU."""
    names = {cpu: {} for cpu in machine.cpus}  # a dictionary, because P-states and CPPC have the same _PSD
    for table, cpus in _groups(machine, "pstates", PSTATE_CONTROL, {"mhz": NUMBERS}, ["mhz"]):
        for cpu in cpus:
            names[cpu].update(dict.fromkeys(_pstates(table, cpus, cpu)))
    for table, cpus in _groups(machine, "cppc", [*CPPC_MSRS, "pcc", "memory"], dict.fromkeys(CPC, NUMBER)):
        for cpu in cpus:
            names[cpu].update(dict.fromkeys(_cppc(table, cpus, cpu, memory)))
    name, kind = CPU_OBJECTS[machine.arch]
    for cpu, texts in names.items():
        if texts:
            body = textwrap.indent("\n".join(texts), "    ")
            yield f"External ({name % cpu}, {kind})\nScope ({name % cpu}) {{\n{body}\n}}"


def _platform(machine, memory):
    """Returns the ASL text of the laptop's devices and of their fields in memory."""
    devices = machine.acpi.get("platform", ())
    if not devices:
        return
    for device in devices:
        one_of(device, PLATFORM_DEVICES, "device")
    for i, (name, _, value) in enumerate(PLATFORM_FIELDS):
        memory.add(name, PLATFORM + 4 * i, 4, value)
    fields = ", ".join(f"{field}, 32" for _, field, _ in PLATFORM_FIELDS)
    yield "\n".join(["Scope (\\_SB) {", f"    OperationRegion (GREG, SystemMemory, 0x{memory.address + PLATFORM:X}, 0x100)",
                     f"    Field (GREG, DWordAcc, NoLock, Preserve) {{ {fields} }}",
                     *(textwrap.indent(textwrap.dedent(PLATFORM_DEVICES[d]), "    ") for d in devices), "}"])


def _pcct(memory):
    """Makes the table with the address of the PCC channel.

    The kernel writes 1 to the doorbell. The doorbell is the status word of the channel, in which 1 means "command complete", so
    each command is complete immediately without a firmware. At the start the channel must be idle, which is the same value.
    """
    memory.add("pcc.signature", PCC, 4, PCC_SIGNATURE)
    memory.add("pcc.status", PCC + 6, 2, PCC_COMPLETE)
    doorbell = struct.pack("<BBBBQ", 0, 16, 0, 2, memory.address + PCC + 6)  # system memory, 16 bit
    subspace = struct.pack("<BB6xQQ12sQQIIH", 0, 62, memory.address + PCC, PCC_SIZE, doorbell, 0, 1, 100, 0, 0)
    body = struct.pack("<IQ", 0, 0) + subspace
    header = struct.pack("<4sIBB6s8sI4sI", b"PCCT", 36 + len(body), 1, 0, b"GOVERN", b"LAB     ", 1, b"LAB ", 1)
    table = bytearray(header + body)
    table[9] = -sum(table) & 0xFF
    return bytes(table)


def _compile(folder, source):
    """Compiles ASL source to an SSDT. Warnings are errors, except for 3133, because iasl does not know Lenovo's _CFG."""
    path = folder / "ssdt.asl"
    path.write_text(source, encoding="utf-8")
    try:
        done = subprocess.run(["iasl", "-we", "-vw", "3133", "-p", folder / "ssdt", path], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=IASL_SECONDS, check=False)
    except FileNotFoundError:
        raise cache.Missing("no iasl here (package acpica-tools)") from None
    if done.returncode != 0:
        raise Mistake(f"iasl refuses {path}\n{done.stdout}")
    return folder / "ssdt.aml"


def _ram_x86(result, memory, folder, ram_mib):
    """Places the memory in the RAM, a sparse file in which an address is an offset."""
    if memory.address + SIZE > ram_mib << 20:
        raise Mistake(f"the firmware's memory is at {memory.address >> 20} MiB: {ram_mib} MiB of RAM are too few")
    result.memory_file = folder / "ram"
    with open(result.memory_file, "wb") as file:
        file.truncate(ram_mib << 20)
        file.seek(memory.address)
        file.write(memory.data)
    result.memory = {name: (memory.address + offset, size) for name, (offset, size) in memory.places.items()}
    result.kernel_arguments += f" memmap=0x{SIZE:X}$0x{memory.address:X}"


def _module_arm64(result, memory, folder, _ram_mib):
    """Places the memory in a separate memory module."""
    result.memory_file = folder / "firmware-memory"
    result.memory_file.write_bytes(memory.data)
    result.memory = memory.places
    result.qemu_arguments += [
        "-machine", "memory.slots=1,memory.max-size=8G",
        "-object", f"memory-backend-file,id=firmware,size={SIZE},mem-path={result.memory_file},share=on",
        "-device", f"pc-dimm,memdev=firmware,addr=0x{memory.address:X}"]
    result.kernel_arguments += " acpi_no_memhotplug"


MAKE_MEMORY = {"x86_64": _ram_x86, "aarch64": _module_arm64}


def tables(machine, folder, ram_mib=512):
    """Makes the files for the machine's [acpi] in `folder`; returns them with the arguments for QEMU and the kernel."""
    result = Tables()
    if not machine.acpi:
        return result
    with naming(f"{machine.name}: [acpi]"):
        check(machine.acpi, {"pstates": TABLES, "cppc": TABLES, "platform": TEXTS})
    folder = pathlib.Path(folder)
    memory = _Memory(ADDRESS[machine.arch])
    scopes = [*_cpu_scopes(machine, memory), *_platform(machine, memory), *([OSC] if "cppc" in machine.acpi else [])]
    source = 'DefinitionBlock ("", "SSDT", 2, "GOVERN", "LAB", 1)\n{\n' + textwrap.indent("\n".join(scopes), "    ") + "\n}\n"
    result.acpi_files.append(_compile(folder, source))
    if any(table["registers"] == "pcc" for table in machine.acpi.get("cppc", ())):
        (folder / "pcct.aml").write_bytes(_pcct(memory))
        result.acpi_files.append(folder / "pcct.aml")
    if memory.places:
        MAKE_MEMORY[machine.arch](result, memory, folder, ram_mib)
    if machine.arch == "aarch64":
        result.uefi = True
        result.kernel_arguments += " acpi=force"
    if "profile" in machine.acpi.get("platform", ()):
        result.kernel_arguments += " acpi_backlight=none"  # ideapad-laptop fails if its backlight is missing
    return result
