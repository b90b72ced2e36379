#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9 at every system call that changes a file, then a new start: no original value is lost, and no other value is changed.

These calls concern hardware, the ledger and the state file; see kill-at.c."""

import os
import signal
import subprocess

from story import HANDS_OFF, NAMES, PPD_NAME, PPD_PATH, Story, main, testbus

# The leak detector of ASan does not work under ptrace.
QUIET = {"ASAN_OPTIONS": "detect_leaks=0"}


class Crash(Story):
    AUTOSTART = False
    PROFILE = "performance"

    def setUp(self):
        self.tool = testbus._require(testbus.program("kill-at", "tests/daemon"), "kill-at")
        probe = subprocess.run([self.tool, os.devnull, "0", "before", "/bin/true"], capture_output=True, text=True, timeout=120)
        if probe.returncode != 0:
            self.skipTest(f"no ptrace here: {probe.stderr.strip()}")
        super().setUp()
        self.count_file = self.folder / "count"
        self.write_saved("balanced")

    def write_saved(self, profile):
        (self.folder / "state").mkdir(exist_ok=True)
        (self.folder / "state" / "state.ini").write_text(f"[State]\nProfile={profile}\n")

    def begin(self, at=0, when="before", names=NAMES):
        """Starts the service; it is killed at its at-th change of a file."""
        return self.start(names=names, prefix=[self.tool, str(self.count_file), str(at), when], env=QUIET)

    def count(self):
        return int(self.count_file.read_text())

    def switch(self):
        """Switches the profile. If the service is killed meanwhile, the call fails with NoReply."""
        try:
            self.bus.set_property(PPD_NAME, PPD_PATH, PPD_NAME, "ActiveProfile", self.PROFILE)
        except testbus.dbus.DBusException as error:
            self.assertEqual(error.get_dbus_name(), "org.freedesktop.DBus.Error.NoReply")

    def assert_pristine(self, moment):
        self.assertEqual(self.changed(), {}, f"{moment}: this differs from the original")

    def recover(self, moment):
        """Starts a service that only restores: afterwards all files have their original values, and its end changes nothing
        more."""
        self.write_config(HANDS_OFF)
        daemon = self.start()
        self.assert_pristine(f"{moment}, recovered")
        self.assertEqual(self.ledger(), {}, moment)
        self.assertIn(self.prop("SelectedProfile"), ("balanced", self.PROFILE))
        self.assertEqual(daemon.stop(), 0)
        self.assert_pristine(f"{moment}, recovered and stopped")
        self.write_config("")
        self.write_saved("balanced")

    def killed(self, daemon, moment):
        self.assertEqual(daemon.wait_exit(), -signal.SIGKILL, f"{moment}: {daemon.log}")
        for key, original in self.ledger().items():  # the ledger has the correct originals
            self.assertEqual(original, self.pristine[key[2]].decode().strip(), moment)


class Switch(Crash):
    def moments(self):
        """Returns the ranges of the numbers of the changes that a start, a switch and a stop make."""
        daemon = self.begin()
        started = self.count()
        self.switch()
        switched = self.count()
        self.assertGreater(len(self.changed()), 16)
        self.assertEqual(daemon.stop(), 0)
        self.assert_pristine("stopped")
        self.write_saved("balanced")
        return range(1, started + 1), range(started + 1, switched + 1), range(switched + 1, self.count() + 1)

    def test_in_a_start(self):
        for at in self.moments()[0]:
            moment = f"killed before change {at} of the start"
            self.killed(self.begin(at, names=[]), moment)
            self.recover(moment)

    def test_in_a_switch(self):
        _, switch, _ = self.moments()
        self.assertGreater(len(switch), 20)  # hardware, the ledger and the state file
        for at, when in [(n, "before") for n in switch] + [(n, "after") for n in switch]:
            moment = f"killed {when} change {at} of {switch}"
            daemon = self.begin(at, when)
            self.switch()
            self.killed(daemon, moment)
            self.recover(moment)

    def test_in_a_stop(self):
        _, _, stop = self.moments()
        self.assertGreater(len(stop), 16)
        for at in stop:
            moment = f"killed before change {at} of {stop}"
            daemon = self.begin(at)
            self.switch()
            daemon.signal(signal.SIGTERM)
            self.killed(daemon, moment)
            self.recover(moment)

    def test_in_the_recovery(self):
        """A crash during a switch, followed by another one at each change of the recovery."""
        daemon = self.begin()
        self.switch()
        daemon.kill()
        self.write_config(HANDS_OFF)
        crashed = self.sim.snapshot(), (self.folder / "run" / "ledger").read_bytes()
        daemon = self.begin()
        recovery = range(1, self.count() + 1)
        daemon.stop()
        self.assertGreater(len(recovery), 16)
        for at in recovery:
            self.bring_back(*crashed)
            moment = f"killed before change {at} of the recovery's {len(recovery)}"
            self.killed(self.begin(at, names=[]), moment)
            self.recover(moment)
            self.write_config(HANDS_OFF)

    def bring_back(self, files, ledger):
        (self.folder / "run" / "ledger").write_bytes(ledger)
        for path, data in self.sim.snapshot().items():
            if data != files[path]:
                self.sim.file(path).write_bytes(files[path])


class SwitchOnAmd(Switch):
    TREE = "amd-client-epp.tree"


class Later(Crash):
    """Events between a crash and the new start."""

    def crash(self):
        daemon = self.start()
        self.switch()
        daemon.kill()
        self.assertTrue(self.changed())

    def test_the_saved_profile_is_applied_after_the_recovery(self):
        self.crash()
        daemon = self.start()
        self.assertEqual(self.get("ActiveProfile"), self.PROFILE)
        self.assertEqual(set(self.epp()), {"performance"})
        daemon.stop()
        self.assert_pristine("stopped")

    def test_what_others_changed_meanwhile_is_theirs(self):
        self.crash()
        file = self.sim.files("sys/devices/system/cpu/cpufreq/policy3/energy_performance_preference")[0]
        self.sim.write(file, "balance_power")
        self.write_config(HANDS_OFF)
        self.start().stop()
        self.assertEqual(self.changed(), {file: "balance_power"})

    def test_a_hundred_crashes(self):
        for _ in range(100):
            self.crash()
        self.write_saved("balanced")
        self.start().stop()
        self.assert_pristine("stopped")
        self.assertLess(os.path.getsize(self.folder / "run" / "ledger"), 4096)

    def test_torn_ledger(self):
        """The crash may cut the last line of the ledger at any byte."""
        self.crash()
        whole, hardware = (self.folder / "run" / "ledger").read_bytes(), self.sim.snapshot()
        last = whole[:-1].rindex(b"\n") + 1
        for cut in range(last, len(whole)):
            self.restore(hardware, whole[:cut])
            self.write_config(HANDS_OFF)
            self.start().stop()
            self.assertLessEqual(len(self.changed()), 1)  # only the knob whose line was cut is not restored

    def restore(self, files, ledger):
        (self.folder / "run" / "ledger").write_bytes(ledger)
        for path, data in files.items():
            if self.sim.file(path).read_bytes() != data:
                self.sim.file(path).write_bytes(data)

    def test_nonsense_ledger_is_kept_for_people(self):
        self.crash()
        before = self.contents()
        (self.folder / "run" / "ledger").write_bytes(b"\0\1nonsense\n\tq\n")
        self.write_config(HANDS_OFF)
        daemon = self.start()
        self.assertIn("ledger.bad", daemon.log)
        self.assertEqual((self.folder / "run" / "ledger.bad").read_bytes(), b"\0\1nonsense\n\tq\n")
        self.assertEqual(self.contents(), before)

    def test_one_bad_line_costs_no_original(self):
        """A damaged line is skipped wherever it is, also in place of the first line."""
        self.crash()
        path, hardware = self.folder / "run" / "ledger", self.sim.snapshot()
        lines = path.read_bytes().splitlines(keepends=True)
        for at in (0, 1, len(lines) // 2, len(lines)):
            damaged = b"".join(lines[:at] + [b"x garbage\n"] + lines[at + (at == 0):])
            self.restore(hardware, damaged)
            self.write_config(HANDS_OFF)
            daemon = self.start()
            self.assert_pristine(f"line {at + 1} damaged")
            self.assertIn(f"/ledger:{at + 1}: the line is damaged and was skipped", daemon.log)
            self.assertEqual((self.folder / "run" / "ledger.bad").read_bytes(), damaged)
            daemon.stop()

    def test_ledger_of_a_later_version_is_kept(self):
        self.crash()
        path = self.folder / "run" / "ledger"
        later = path.read_bytes().replace(b"governord-ledger 1 ", b"governord-ledger 2 ")
        path.write_bytes(later)
        before = self.contents()
        self.write_config(HANDS_OFF)
        daemon = self.start()
        self.assertIn("has format 2, but this version of governord supports only format 1", daemon.log)
        daemon.stop()
        self.assertEqual((self.folder / "run" / "ledger.version-2").read_bytes(), later)
        self.assertEqual(self.contents(), before)

    def test_after_a_reboot_the_ledger_means_nothing(self):
        self.crash()
        (self.folder / "run" / "ledger").write_bytes(
            (self.folder / "run" / "ledger").read_bytes().replace(b"governord-ledger 1 ", b"governord-ledger 1 other-boot-"))
        before = self.contents()
        self.write_config(HANDS_OFF)
        self.start().stop()
        self.assertEqual(self.contents(), before)


if __name__ == "__main__":
    main()
