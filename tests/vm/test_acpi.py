# SPDX-License-Identifier: GPL-2.0-or-later
"""The firmware tables of virtlab/acpi.py, without a virtual machine: each kind compiles and has the expected contents."""

import pathlib
import sys
import tempfile
import types
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parents[0] / "lib")]

from virtlab import acpi, cache  # noqa: E402
from virtlab.machine import Mistake  # noqa: E402

PERF = {"highest": 200, "nominal": 150, "lowest_nonlinear": 50, "lowest": 20}


class Tables(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def tables(self, arch="x86_64", n_cpus=4, **parts):
        machine = types.SimpleNamespace(name="test", arch=arch, n_cpus=n_cpus, cpus=range(n_cpus), acpi=parts)
        try:
            return acpi.tables(machine, self.folder)
        except cache.Missing as error:
            self.skipTest(str(error))

    def source(self):
        return (self.folder / "ssdt.asl").read_text()

    def value(self, tables, name):
        offset, size = tables.memory[name]
        with open(tables.memory_file, "rb") as file:
            file.seek(offset)
            return int.from_bytes(file.read(size), "little")

    def test_nothing(self):
        tables = self.tables()
        self.assertEqual((tables.acpi_files, tables.qemu_arguments, tables.kernel_arguments), ([], [], ""))

    def test_pstates(self):
        """The control values are ratios on Intel, and numbers of P-states on AMD."""
        self.tables(pstates=[{"cpus": "0-1", "registers": "intel", "mhz": [3000, 1000], "domain": "group"},
                             {"cpus": "2-3", "registers": "amd", "mhz": [2500, 2000, 1500]}])
        source = self.source()
        for text in ("3000, 24000, 10, 10, 0x1E00, 0x1E00", "1500, 12000, 10, 10, 0x2, 0x2",
                     "5, 0, 0, 0xFD, 2", "5, 0, 3, 0xFD, 1"):
            self.assertIn(text, source)

    def test_cppc_in_registers(self):
        for kind, text in (("amd-msr", "FFixedHW, 8, 24, 0xC00102B0, 4"), ("intel-hwp", "FFixedHW, 10, 32, 0x774, 4")):
            with self.subTest(kind):
                tables = self.tables(cppc=[{"registers": kind, "lowest_mhz": 400, "nominal_mhz": 2000}])
                self.assertIn(text, self.source())
                self.assertEqual(tables.memory, {})

    def test_cppc_in_memory(self):
        for kind in ("pcc", "memory"):
            with self.subTest(kind):
                tables = self.tables(cppc=[{"registers": kind, **PERF}])
                self.assertEqual(self.value(tables, "cpu3.desired"), 150)
                self.assertEqual(self.value(tables, "cpu0.delivered_counter"), 1000)
                places = sorted(tables.memory.values())
                self.assertTrue(all(a[0] + a[1] <= b[0] for a, b in zip(places, places[1:])), "no two overlap")

    def test_pcc_channel(self):
        tables = self.tables(cppc=[{"registers": "pcc", **PERF}])
        pcct = (self.folder / "pcct.aml").read_bytes()
        self.assertEqual((len(pcct), sum(pcct) & 0xFF), (0x6E, 0))
        self.assertEqual(self.value(tables, "pcc.status"), acpi.PCC_COMPLETE)

    def test_pstates_and_cppc(self):
        """P-states and CPPC together, as in firmware of AMD servers: there is only one _PSD."""
        self.tables(pstates=[{"registers": "amd", "mhz": [2500, 1500]}], cppc=[{"registers": "amd-msr"}])
        self.assertEqual(self.source().count("_PSD"), 4)

    def test_arm64(self):
        tables = self.tables("aarch64", cppc=[{"registers": "memory", "cpus": "2-3", "domain": "group", **PERF}])
        self.assertIn("External (\\_SB.C002, DeviceObj)", self.source())
        self.assertTrue(tables.uefi)
        self.assertIn("kernel/firmware/acpi/ssdt.aml", tables.initramfs_files())

    def test_platform(self):
        tables = self.tables(platform=["ac", "battery", "profile"])
        self.assertEqual(acpi.PROFILES[self.value(tables, "profile")], "balanced")
        self.assertEqual(self.value(tables, "ac.online"), 1)

    def test_mistakes(self):
        for parts in ({"cpc": []}, {"platform": ["fan"]}, {"cppc": [{"registers": "io"}]}, {"cppc": [{"registers": "pcc"}]},
                      {"pstates": [{"registers": "intel", "mhz": [1], "cpus": "4"}]}):
            with self.subTest(parts), self.assertRaises(Mistake):
                self.tables(**parts)


if __name__ == "__main__":
    unittest.main()
