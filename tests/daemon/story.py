# SPDX-License-Identifier: GPL-2.0-or-later
"""The base class of tests of the whole service: a simulated machine on a memory file system, a governord that may be killed and
started again, and queries of its state. Tests only describe events and results; the means are here, in daemoncase.py and in
testbus.py."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

for folder in ("lib", "bus"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / folder))
import testbus  # noqa: E402
from daemoncase import (  # noqa: E402,F401
    DEVICE, GOVERNORD, GOVERNORD_PATH, MANAGER, NAMES, PPD_NAME, PPD_PATH, PROPERTIES, Client, DaemonCase, plain, wait_for)

if os.access("/dev/shm", os.W_OK):
    tempfile.tempdir = "/dev/shm"

TREES = sorted(p.name for p in testbus.MACHINES.glob("*.tree"))
PROFILES = ["power-saver", "balanced", "performance"]

EPP = "sys/devices/system/cpu/cpufreq/policy%d/energy_performance_preference"
PLATFORM = "sys/firmware/acpi/platform_profile"

# With this configuration, no profile sets any knob, but original values of a former instance are restored.
HANDS_OFF = """[governord]
block = epp epb governor boost boost-global min-freq max-freq platform-profile trickle-charge amdgpu-dpm amdgpu-panel-power
"""

KNOB_FIELDS = ["domain", "knob", "value", "original", "wanted", "unit", "range", "driver", "path", "state", "message", "label", "help"]


# A separate program that writes a value to a file. Arguments: FILE VALUE.
POKE = """import os, sys
fd = os.open(sys.argv[1], os.O_WRONLY)
os.pwrite(fd, sys.argv[2].encode().ljust(os.fstat(fd).st_size, b"\\n"), 0)
"""


def poke(path, value):
    fd = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(fd, value.encode().ljust(os.fstat(fd).st_size, b"\n"), 0)
    finally:
        os.close(fd)


class Knob(dict):
    """One row of ListKnobs; its fields are attributes."""
    __getattr__ = dict.__getitem__


class Story(DaemonCase):
    TREE = "intel-client-hwp.tree"
    POLKIT = None  # without polkit only root is authorized
    DEFINES = {}
    AUTOSTART = True

    def setUp(self):
        self.clients = []
        self.addCleanup(lambda: [c.close() for c in self.clients])
        self.polkit = self.bus.polkit(*self.POLKIT) if self.POLKIT is not None else None
        self.sim = self.machine(self.TREE, **self.DEFINES)
        self.config = self.folder / "config"
        (self.config / "governord.conf.d").mkdir(parents=True)
        self.write_config(self.CONFIG)
        self.pristine = self.contents()
        self.governord = self.start() if self.AUTOSTART else None

    # -- the machine --

    def contents(self):
        """Returns {file: content} without newlines at the end, because a file of a simulated machine may have several."""
        return {path: data.rstrip(b"\n") for path, data in self.sim.snapshot().items()}

    def changed(self, before=None):
        """Returns {file: content} of the files that differ from `before`."""
        before = self.pristine if before is None else before
        now = self.contents()
        return {path: now.get(path, b"(gone)").decode(errors="replace") for path in sorted(before.keys() | now.keys())
                if before.get(path) != now.get(path)}

    def epp(self):
        """Returns the EPP of all policies in their order."""
        return [self.sim.read(f) for f in sorted(self.sim.files(EPP.replace("%d", "*")), key=lambda f: (len(f), f))]

    def poke(self, path, value):
        """Writes like another program, with one write(2). The value is padded with newlines to the length of the former one."""
        poke(self.sim.file(path), value)

    def remove(self, path):
        subprocess.run(["rm", "-r", str(self.sim.file(path))], check=True)

    # -- the daemon --

    def start(self, *options, names=NAMES, log="governord", env=None, prefix=()):
        daemon = self.daemon([*prefix, *self.argv(*options)], names=names, log=log, env=env)
        if names:
            self.settle()
        return daemon

    def start_with_faults(self, **options):
        """Starts the service with the fault injector, which reads its rules from a file (see faults())."""
        self.fault_rules = self.folder / "faults"
        self.faults()
        lib = testbus.program("libfault.so", "tests/lib")
        self.assertIsNotNone(lib, "libfault.so is not built")
        asan = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
        self.fault_env = {"LD_PRELOAD": str(lib), "FAULT_FILE": str(self.fault_rules), "ASAN_OPTIONS": asan}
        return self.start(env=self.fault_env, **options)

    def faults(self, *rules):
        """Replaces all rules of the fault injector by these "PATH OP ERRNO" rules."""
        new = self.fault_rules.with_suffix(".new")
        new.write_text("".join(rule + "\n" for rule in rules))
        os.replace(new, self.fault_rules)

    def dry_run(self, profile, *options):
        """Returns [(file, new value)] that --dry-run prints for a profile. Symbolic links in the paths of files are resolved."""
        done = subprocess.run(self.argv("--dry-run", f"--profile={profile}", *options), capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = re.findall(r'^would write .+?: ".*" -> "(.*)" \(([^;]+); .*\)$', done.stdout, re.M)
        self.assertEqual(len(lines), done.stdout.count("would write "))
        return [(self.own_path(path), re.sub(" (kHz|uW|us|%|level)$", "", value)) for value, path in lines]

    def own_path(self, path):
        return os.path.relpath(os.path.realpath(self.sim.path / path), os.path.realpath(self.sim.path))

    def ledger(self):
        """Returns {(knob, domain number, path): original} of the entries in the ledger, and asserts that its format is valid."""
        path = self.folder / "run" / "ledger"
        if not path.exists():
            return {}
        entries = {}
        header, *lines = path.read_text().split("\n")
        self.assertEqual(header.split(" ")[:2], ["governord-ledger", "1"])
        for line in lines[:-1]:  # a text after the last newline is an incomplete line, which does not count
            kind, number, *rest = line.split("\t")
            if kind == "o":
                self.assertNotIn(number, entries)
                entries[number] = (rest, [])
            elif kind == "w":
                entries[number][1].append(rest[0])
            else:
                self.assertEqual(kind, "d")
                del entries[number]
        return {(rest[1], int(rest[3]), rest[4]): rest[6] for rest, _ in entries.values()}

    def idle(self):
        """Makes two round trips, each of which takes an iteration of the service's event loop, so that deferred work is done."""
        self.settle()
        self.settle()

    # -- its users --

    def ask(self, method, *args, signature=None, client=None):
        call = client.call if client else self.bus.call
        return plain(call(GOVERNORD, GOVERNORD_PATH, MANAGER, method, *args, signature=signature))

    def prop(self, name):
        return plain(self.bus.get_property(GOVERNORD, GOVERNORD_PATH, MANAGER, name))

    def loaded_rung(self):
        """Returns Rung and RungReason after the service has tried to load a governor, since queries alone do not load one."""
        if self.prop("Rung") == "not-loaded":
            try:  # no governor has this name, so the configured one is used
                self.ask("LoadGovernor", "none", signature="s")
            except testbus.dbus.DBusException as e:
                assert self.prop("Rung") != "not-loaded", e
        return self.prop("Rung"), self.prop("RungReason")

    def choose(self, profile):
        self.bus.call(GOVERNORD, GOVERNORD_PATH, PROPERTIES, "Set", MANAGER, "ActiveProfile", profile, signature="ssv")

    def wait_prop(self, name, value, timeout=testbus.DEADLINE):
        """Waits for signals until a property of Manager1 has this value."""
        heard = self.bus.record(interface=PROPERTIES, path=GOVERNORD_PATH)

        def reached():
            del heard[:]
            return self.prop(name) == value
        try:
            wait_for(reached, timeout, f"{name} = {value!r}")
        except testbus.Timeout:
            raise testbus.Timeout(f"{name} is {self.prop(name)!r}, not {value!r}, after {timeout} s") from None

    def hold(self, client, profile, reason="reason", application="app", timeout=0):
        return self.ask("HoldProfile", profile, reason, application, timeout, signature="ssst", client=client)

    def knobs(self, domain="", knob=None, **fields):
        """Returns the rows of ListKnobs that have these values."""
        rows = [Knob(zip(KNOB_FIELDS, row)) for row in self.ask("ListKnobs", domain)]
        fields.update({"knob": knob} if knob else {})
        return [row for row in rows if all(row[name] == value for name, value in fields.items())]

    def ctl(self, *argv, check=True):
        """Runs governorctl; returns its output."""
        tool = testbus._require(testbus.program("governorctl", "tools"), "governorctl")
        done = subprocess.run([tool, *argv], env={**os.environ, **self.bus.env, "NO_COLOR": "1"}, capture_output=True, text=True,
                              timeout=testbus.DEADLINE)
        if check:
            self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout + done.stderr

    def child(self, *argv, name="child"):
        """Starts another program, which is ended with the test."""
        return self.bus.spawn([str(a) for a in argv], name)

    def python(self, code, *argv, name="child"):
        return self.child("/usr/bin/python3", "-c", code, *argv, name=name)


def main():
    """Runs the module's tests, or those named on the command line. The status is 77, which means "skipped" to meson, if all are
    skipped."""
    result = unittest.main(verbosity=2, exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.skipped and len(result.skipped) == result.testsRun else 0)
