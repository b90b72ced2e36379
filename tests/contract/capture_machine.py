# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tools/capture-machine on all simulated machines. For the drivers, a captured machine must not differ from the original.

    capture_machine.py CAPTURE MKTREE LIBFAULT DRIVER-CONTRACT DRIVER.so...
"""

import functools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
MACHINES = HERE.parent / "machines"
CAPTURE, MKTREE, LIBFAULT, CONTRACT, *DRIVERS = map(os.path.abspath, sys.argv[1:])  # Meson passes relative paths
# The device of the example does not exist on any machine.
DRIVERS = [driver for driver in DRIVERS if pathlib.Path(driver).name != "example.so"]
BUSYBOX = shutil.which("busybox")
TREES = sorted(MACHINES.glob("*.tree"))
NOBODY = 65534

# Values that must not be recorded, in the files in which a real machine has them.
SECRETS = """
proc/sys/kernel/hostname = my-laptop
proc/sys/kernel/random/boot_id = 5d3f3ad6-0001-4dc8-9c52-c0ffee000001
proc/sys/kernel/osrelease = 6.12.0
proc/cpuinfo = processor\\t: 0
proc/cpuinfo += vendor_id\\t: GenuineIntel
proc/cpuinfo += Serial\\t\\t: 10000000c0ffee02
proc/cpuinfo += model name\\t: Some CPU
proc/cpuinfo += \\n\\c
proc/cpuinfo += Serial\\t\\t: 10000000c0ffee03
proc/cmdline = root=UUID=c0ffee04-0000-0000-0000-000000000000
sys/devices/system/cpu/possible = 0
sys/devices/virtual/dmi/id/sys_vendor (0444) = Maker
sys/devices/virtual/dmi/id/product_name (0444) = Model
sys/devices/virtual/dmi/id/product_serial (0400) = c0ffee05
sys/devices/virtual/dmi/id/product_uuid (0400) = c0ffee06-0000-0000-0000-000000000000
sys/devices/virtual/dmi/id/board_serial (0400) = c0ffee07
sys/class/dmi/id -> ../../devices/virtual/dmi/id
@define BAT sys/devices/acpi/power_supply/BAT0
$BAT/type (0444) = Battery
$BAT/status (0444) = Full
$BAT/serial_number (0444) = c0ffee08
$BAT/uevent = POWER_SUPPLY_NAME=BAT0\\nPOWER_SUPPLY_SERIAL_NUMBER=c0ffee09
sys/class/power_supply/BAT0 -> ../../devices/acpi/power_supply/BAT0
@define MAC f4:73:35:c0:ff:ee
@define MOUSE sys/devices/uhid/0005:046D:B342.0009/power_supply/hid-$MAC-battery
$MOUSE/type (0444) = Battery
$MOUSE/scope (0444) = Device
$MOUSE/charge_type = Standard
sys/class/power_supply/hid-$MAC-battery -> ../../devices/uhid/0005:046D:B342.0009/power_supply/hid-$MAC-battery
@define PAD sys/devices/usb1/power_supply/hid-C0FFEE10-battery
$PAD/type (0444) = Battery
$PAD/scope (0444) = Device
sys/class/power_supply/hid-C0FFEE10-battery -> ../../devices/usb1/power_supply/hid-C0FFEE10-battery
sys/devices/virtual/thermal/thermal_zone0/type (0444) = hid-C0FFEE10-battery
sys/devices/virtual/thermal/thermal_zone1/type (0444) = hid-f4:73:35:c0:ff:
sys/class/thermal/thermal_zone{0..1} -> ../../devices/virtual/thermal/thermal_zone{}
sys/devices/pci/net/eth0/address (0444) = $MAC
sys/class/net/eth0 -> ../../devices/pci/net/eth0
"""

# Contents that are difficult to record: every byte must be restored.
ODD = """
sys/devices/system/cpu/possible = 0-3
sys/devices/system/cpu/offline = \\n\\c
sys/devices/system/cpu/isolated =
sys/devices/system/cpu/online = no newline\\c
sys/devices/system/cpu/present = \\s spaces around\\s
sys/devices/system/cpu/cpufreq/boost (0200) =
sys/devices/system/cpu/intel_pstate/status = \\{1\\} \\$X \\\\ # \\t|\\n==> two lines <==\\n\\n
sys/devices/system/cpu/intel_pstate/no_turbo (0600) = \\s\\c
sys/devices/system/cpu/cpu{0..3}/topology/core_id = {}
sys/devices/system/cpu/cpu{0..3}/topology/die_id = 1{}
sys/devices/system/cpu/cpu{0,2}/online = \\{{}\\}
sys/devices/system/cpu/cpu1/online (0444) = x
sys/devices/system/cpu/cpu{10..11}/online = {-10}
sys/devices/system/cpu/intel_uncore_frequency/
sys/class/powercap/
"""

FAULTS = """
sys/devices/system/cpu/possible = 0-3
sys/devices/system/cpu/cpufreq/policy{0..3}/scaling_driver = d
sys/devices/system/cpu/cpufreq/policy{0..3}/scaling_governor = g
sys/devices/system/cpu/cpufreq/policy{1..3}/scaling_governor ! read EIO
sys/devices/system/cpu/intel_pstate/no_turbo = 0
sys/devices/system/cpu/intel_pstate/no_turbo ! read EAGAIN
"""


def run(*command, **kwargs):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, timeout=300, **kwargs)


def mktree(tree, folder):
    run(MKTREE, tree, folder)
    return folder


def capture(root, *, shell=(), **kwargs):
    return run(*shell, CAPTURE, "--root", root, **kwargs).stdout


def contents(root):
    """Path -> target of a link, or mode and bytes of a file."""
    files = {}
    for path in pathlib.Path(root).rglob("*"):
        name = str(path.relative_to(root))
        if path.is_symlink():
            files[name] = os.readlink(path)
        elif path.is_file() and name != ".faults":
            files[name] = (path.stat().st_mode & 0o7777, path.read_bytes())
    return files


class Captured(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def make(self, name, text):
        return mktree(self.write(name + ".tree", text), self.folder / name)

    @functools.cache
    def busybox_environment(self):
        applets = self.folder / "applets"
        applets.mkdir()
        run(BUSYBOX, "--install", "-s", applets)
        return {"PATH": str(applets)}


class TestMachines(Captured):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.made, cls.captured = (pathlib.Path(folder.name) / name for name in ("made", "captured"))
        cls.made.mkdir()
        cls.captured.mkdir()
        for tree in TREES:
            machine = mktree(tree, cls.made / tree.stem)
            (cls.captured / tree.name).write_text(capture(machine))

    def test_drivers_notice_nothing(self):
        self.assertGreater(len(TREES), 10)
        run(CONTRACT, self.captured, HERE / "expected.txt", *DRIVERS)

    def test_files_are_the_same(self):
        for tree in TREES:
            again = mktree(self.captured / tree.name, self.folder / tree.stem)
            with self.subTest(tree.stem):
                original = contents(self.made / tree.stem)
                for name, content in contents(again).items():
                    if name != "proc/cpuinfo":  # only some of its lines
                        self.assertEqual(content, original.get(name), name)
                self.assertEqual(capture(again), (self.captured / tree.name).read_text())

    def test_many_cpus_are_few_lines(self):
        machine = self.folder / "large"
        run(MKTREE, "-D", "LAST=255", MACHINES / "bench-intel-epp.tree", machine)
        self.assertLess(len(capture(machine).splitlines()), 400)


class TestBytes(Captured):
    def check(self, **kwargs):
        original = self.make("odd", ODD)
        again = self.make("again", capture(original, **kwargs))
        self.assertEqual(contents(again), contents(original))
        self.assertTrue((again / "sys/class/powercap").is_dir())
        self.assertTrue((again / "sys/devices/system/cpu/intel_uncore_frequency").is_dir())

    def test_shell(self):
        self.check()

    @unittest.skipUnless(BUSYBOX, "no busybox")
    def test_busybox(self):
        self.check(shell=(BUSYBOX, "sh"), env=self.busybox_environment())


@unittest.skipUnless(BUSYBOX, "no busybox")
class TestBusybox(Captured):
    def test_it_says_the_same(self):
        for name in ("intel-hybrid", "amd-client-epp", "arm64-biglittle-scmi"):
            machine = mktree(MACHINES / (name + ".tree"), self.folder / name)
            with self.subTest(name):
                self.assertEqual(capture(machine, shell=(BUSYBOX, "sh"), env=self.busybox_environment()), capture(machine))


class TestSecrets(Captured):
    def test_nothing_personal(self):
        text = capture(self.make("secret", SECRETS))
        for secret in ("c0ffee", "my-laptop", "f4:73:35", "c0:ff:ee", "Serial\\t", "UUID", os.uname().nodename, str(self.folder)):
            self.assertNotIn(secret.lower(), text.lower())
        self.assertIn("Maker Model: Some CPU", text)

    def test_devices_stay(self):
        again = self.make("again", capture(self.make("secret", SECRETS)))
        supplies = again / "sys/class/power_supply"
        devices = [name for name in os.listdir(supplies) if name != "BAT0"]
        self.assertEqual(sorted(devices), ["device1", "device2"])
        self.assertTrue(any((supplies / name / "charge_type").exists() for name in devices))
        self.assertTrue(all((supplies / name / "scope").exists() for name in devices))


class TestErrors(Captured):
    def rules(self, root):
        return sorted((root / ".faults").read_text().splitlines())

    def test_errors_are_rules(self):
        original = self.make("faults", FAULTS)
        env = dict(os.environ, LD_PRELOAD=LIBFAULT, FAULT_FILE=str(original / ".faults"))
        text = capture(original, env=env)
        self.assertIn("policy{1..3}/scaling_governor ! read EIO\n", text)
        self.assertEqual(self.rules(self.make("again", text)), self.rules(original))

    def test_write_only(self):
        self.assertIn("cpufreq/boost (0200) =\n", text := capture(self.make("odd", ODD)))
        self.assertIn("cpufreq/boost ! read EACCES\n", text)

    @unittest.skipUnless(os.getuid() == 0, "only root can run it as another user")
    def test_without_root(self):
        machine = mktree(MACHINES / "arm64-biglittle-scmi.tree", self.folder / "machine")
        result = run(CAPTURE, "--root", machine, user=NOBODY, group=NOBODY, extra_groups=[])
        self.assertIn("arm-scmi:0/energy_uj ! read EACCES\n", result.stdout)
        self.assertIn("without root", result.stdout)
        self.assertIn("run it as root", result.stderr)
        self.assertNotIn("1234567890", result.stdout)

    def test_no_machine(self):
        result = subprocess.run([CAPTURE, "--root", self.folder], capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("no sys/devices/system/cpu", result.stderr)

    def test_output_cannot_be_written(self):
        machine = self.make("odd", ODD)
        command = [CAPTURE, "-o", self.folder / "none/x", "--root", machine]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("cannot write", result.stderr)

    def test_output(self):
        machine = self.make("odd", ODD)
        run(CAPTURE, "-o", "machine.tree", "--root", "odd", cwd=self.folder)
        self.assertEqual((self.folder / "machine.tree").read_text(), capture(machine))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
