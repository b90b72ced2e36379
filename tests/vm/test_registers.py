#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The file of registers, as the lab writes it: its layout, and which values are rejected. Needs no virtual machine.

The tests take the part of QEMU and access the words directly, with the layout that tests/vm/qemu/registers.patch has in C."""

import pathlib
import re
import struct
import sys
import tempfile
import time
import types
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]

from virtlab import registers  # noqa: E402
from virtlab.registers import CpuidRow, Lost, Mistake, Msr, Registers  # noqa: E402

HINT = Msr("HWP_REQUEST", 0x774, 0x80ff0a08, fields={"maximum": (15, 8), "epp": (31, 24)})
ENERGY = Msr("PKG_ENERGY", 0x611, writable=False, home=lambda cpu: cpu - cpu % 2, rate=1000, width=32)
LIMIT = Msr("PKG_LIMIT", 0x610, 7, {0: 1, 2: 5, 3: 5}, home=lambda cpu: cpu - cpu % 2, write_mask=0xff, ignore_writes=True)
HYBRID = CpuidRow(0x1a, 0, "eax", [2, 3], set=0x20000000, clear=0xff000000)


def machine(msrs=(HINT, ENERGY, LIMIT), cpuid=(CpuidRow(6, set=0x783), HYBRID), n_cpus=4):
    return types.SimpleNamespace(n_cpus=n_cpus, cpuid=cpuid, msrs=msrs)


class RegistersCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "registers"

    def create(self, **options):
        return Registers.create(self.path, machine(), **options)

    def words(self):
        data = self.path.read_bytes()
        return struct.unpack(f"{len(data) // 8}Q", data)

    def poke(self, word, *values):
        with open(self.path, "r+b") as file:
            file.seek(8 * word)
            file.write(struct.pack(f"{len(values)}Q", *values))


class Layout(RegistersCase):
    def test_words(self):
        """The words have the positions of the C structures."""
        self.create(strict=True)
        words = self.words()
        self.assertEqual(words[:11], (registers.MAGIC, 1, 8 * len(words), 4, 3, 3, 4096, 1, 0, 0, 0))
        self.assertEqual(words[11:17], (6, registers.ANY, 0, registers.ANY, 0x783, 0))
        self.assertEqual(words[23:29], (0x1a, 0, 0, 3, 0x20000000, 0xff000000))
        self.assertEqual(words[29:32], (0x774, 0x611, 0x610))
        self.assertEqual(words[32:41], (3, 0, 0x80ff0a08, registers.ALL_BITS, 0, 64, 0, 0, 0))
        last_slot = 32 + 11 * 9
        self.assertEqual(words[last_slot:last_slot + 9], (7, 2, 5, 0xff, 0, 64, 0, 0, 0))
        self.assertEqual(len(words), last_slot + 9 + 4096 * 4)

    def test_same_as_qemu(self):
        """The patch has the same fields in the same order, and the same constants."""
        patch = (HERE / "qemu/registers.patch").read_text(encoding="utf-8")
        names = {"LabHeader": registers.HEADER, "LabCpuid": registers.CPUID, "LabSlot": registers.SLOT,
                 "LabWrite": registers.WRITE_ENTRY}
        for struct_name, expected in names.items():
            body = re.search(rf"\+typedef struct {struct_name} {{(.*?)\+}} {struct_name};", patch, re.DOTALL)[1]
            body = re.sub(r"/\*.*?\*/", "", body)
            found = [name.strip() for line in re.findall(r"uint64_t ([^;]*);", body) for name in line.split(",")]
            self.assertEqual(["register" if name == "reg" else name for name in found], list(expected))
        constants = dict(re.findall(r"\+#define LAB_(\w+) (\w+)", patch))
        for name in ("VERSION", "STRICT", "READ", "WRITE", "IGNORE"):
            self.assertEqual(int(constants[name]), getattr(registers, name), name)
        self.assertEqual(int(constants["MAGIC"].rstrip("UL"), 16), registers.MAGIC)

    def test_second_view(self):
        """Two programs that map the file see the same values."""
        self.create().set(1, "HWP_REQUEST", 5)
        self.assertEqual(Registers(self.path, machine()).get(1, "HWP_REQUEST"), 5)


class Values(RegistersCase):
    def test_per_cpu(self):
        r = self.create()
        r.set(1, "HWP_REQUEST", 0xffffffffffffffff)
        self.assertEqual([r.get(cpu, "HWP_REQUEST") for cpu in (0, 1)], [0x80ff0a08, registers.ALL_BITS])

    def test_shared(self):
        r = self.create()
        self.assertEqual([r.get(cpu, "PKG_LIMIT") for cpu in range(4)], [1, 1, 5, 5])
        r.set(3, "PKG_LIMIT", 9)
        self.assertEqual([r.get(cpu, "PKG_LIMIT") for cpu in range(4)], [1, 1, 9, 9])

    def test_fields(self):
        r = self.create()
        self.assertEqual(r.field(0, "HWP_REQUEST", "epp"), 0x80)
        r.set_field(0, "HWP_REQUEST", "epp", 0xff)
        r.set_field(0, "HWP_REQUEST", "maximum", 0)
        self.assertEqual(r.get(0, "HWP_REQUEST"), 0xffff0008)

    def test_allow(self):
        r = self.create()
        r.allow(None, "HWP_REQUEST", write=False)
        r.allow(1, "HWP_REQUEST", read=False, ignore_writes=True)
        self.assertEqual([self.words()[32 + 9 * cpu] for cpu in range(3)], [registers.READ, registers.IGNORE, registers.READ])

    def test_counter(self):
        r = self.create()
        started = time.monotonic()
        r.counter(1, "PKG_ENERGY", 10**6)
        r.set(1, "PKG_ENERGY", 2**32 - 1)  # it wraps immediately
        while not 10 <= r.get(0, "PKG_ENERGY") < 2**31:
            self.assertLess(time.monotonic() - started, 5)
        r.counter(0, "PKG_ENERGY", 0)
        stopped = r.get(0, "PKG_ENERGY")
        self.assertLessEqual(stopped, (time.monotonic() - started) * 10**6)
        self.assertEqual(r.get(1, "PKG_ENERGY"), stopped)
        self.assertLess(r.get(2, "PKG_ENERGY"), 5000)  # the counter of the other package


class Log(RegistersCase):
    COUNT = registers.HEADER.index("writes")

    def log(self, first, *entries):
        start = len(self.words()) - 4096 * 4
        for seq, entry in enumerate(entries, first):
            self.poke(start + seq % 4096 * 4, *entry)
        self.poke(self.COUNT, first + len(entries))

    def test_order(self):
        r = self.create()
        self.log(0, (1, 0x774, 5, 3), (0, 0x774, 6, 7))
        mark = r.mark()
        self.log(2, (2, 0x610, 8, 1), (0, 0x123, 9, 3))
        self.assertEqual(r.writes(), [(0, 1, "HWP_REQUEST", 5, "done"), (1, 0, "HWP_REQUEST", 6, "ignored"),
                                      (2, 2, "PKG_LIMIT", 8, "fault"), (3, 0, "0x123", 9, "done")])
        self.assertEqual([w.value for w in r.writes(mark)], [8, 9])
        self.assertEqual([w.seq for w in r.writes(name="HWP_REQUEST")], [0, 1])

    def test_lost(self):
        r = self.create()
        self.log(9000, (0, 0x774, 1, 3))
        self.assertEqual(r.writes(9000)[0].value, 1)
        with self.assertRaisesRegex(Lost, "9001 writes since the mark"):
            r.writes(0)

    def test_counts(self):
        r = self.create()
        self.poke(32 + 9 + 6, 3, 2, 1)
        self.poke(registers.HEADER.index("attached"), 4, 1)
        self.assertEqual(r.accesses(1, "HWP_REQUEST"), (3, 2, 1))
        self.assertEqual((r.attached, r.faults), (4, 1))


class Mistakes(RegistersCase):
    def test_machine(self):
        """Mistakes in a machine are rejected with a message."""
        for text, wrong in {
            "register A, number: 4294967296 is no number of 32 bits": {"msrs": [Msr("A", 2**32)]},
            "register A, value: -1 is no number of 64 bits": {"msrs": [Msr("A", 1, -1)]},
            "register A, value of CPU 1: 18446744073709551616 is no number": {"msrs": [Msr("A", 1, values={1: 2**64})]},
            "register A: a value for CPU 4; there are 4": {"msrs": [Msr("A", 1, values={4: 0})]},
            "register A: width 65 is not from 1 to 64": {"msrs": [Msr("A", 1, width=65)]},
            "register A: home of CPU 0 is CPU 4": {"msrs": [Msr("A", 1, home=lambda cpu: cpu + 4)]},
            "register A: home of CPU 0 is CPU 1, whose home": {"msrs": [Msr("A", 1, home=lambda cpu: cpu ^ 1)]},
            "register A: CPU 1 has the value of CPU 0": {"msrs": [Msr("A", 1, values={1: 9}, home=lambda cpu: 0)]},
            "register A, value: 256 is no number of 8 bits": {"msrs": [Msr("A", 1, 256, width=8)]},
            "register A, field g: overlaps": {"msrs": [Msr("A", 1, fields={"f": (7, 4), "g": (4, 0)})]},
            r"register A, field f: \[1, 2\] is not": {"msrs": [Msr("A", 1, fields={"f": (1, 2)})]},
            r"register A, field g: \[64, 2\] is not": {"msrs": [Msr("A", 1, fields={"g": (64, 2)})]},
            "2 registers have the number 0x1": {"msrs": [Msr("A", 1), Msr("B", 1)]},
            "2 registers have the name A": {"msrs": [Msr("A", 1), Msr("A", 2)]},
            "CPUID leaf 6: register 'rax' is none of": {"cpuid": [CpuidRow(6, register="rax")]},
            "CPUID leaf 6: no CPU 9": {"cpuid": [CpuidRow(6, cpus=[9])]},
            "CPUID leaf 6, set: 4294967296 is no number": {"cpuid": [CpuidRow(6, set=2**32)]},
            "0 CPUs": {"n_cpus": 0},
        }.items():
            with self.subTest(text), self.assertRaisesRegex(Mistake, text):
                Registers.create(self.path, machine(**wrong))

    def test_test(self):
        """Mistakes in a test are rejected with a message."""
        r = self.create()
        for text, wrong in {
            "no register HWP_REQUST; there is HWP_REQUEST": lambda: r.get(0, "HWP_REQUST"),
            "no CPU 4; there are 4": lambda: r.get(4, "PKG_LIMIT"),
            "no field epb; there are maximum, epp": lambda: r.field(0, "HWP_REQUEST", "epb"),
            "field epp: 256 is no number of 8 bits": lambda: r.set_field(0, "HWP_REQUEST", "epp", 256),
            "no register NO": lambda: r.writes(name="NO"),
        }.items():
            with self.subTest(text), self.assertRaisesRegex(Mistake, text):
                wrong()

    def test_file(self):
        """A file of another machine or another version is rejected."""
        self.create()
        with self.assertRaisesRegex(Mistake, "it was made for another machine"):
            Registers(self.path, machine(n_cpus=4, msrs=[HINT]))
        self.poke(registers.HEADER.index("version"), 99)
        with self.assertRaisesRegex(Mistake, "version is 0x63, not 0x1"):
            Registers(self.path, machine())


if __name__ == "__main__":
    unittest.main()
