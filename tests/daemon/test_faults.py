#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hardware and disks that refuse: one failing knob stops nothing, is named with its cause, and is tried again; what cannot be
remembered is not done."""

import json
import os
import unittest

from story import EPP, PLATFORM, Story, plain, testbus

# errno, its words, and what governord makes of it (core/diagnose.c)
CAUSES = {
    "EIO": ("Input/output error", "the hardware or firmware refused"),
    "EBUSY": ("Device or resource busy", "probably "),
    "EINVAL": ("Invalid argument", "probably "),
    "ENOENT": ("No such file or directory", "the CPU or device went offline"),
    "EACCES": ("Permission denied", "firmware has locked it"),
}


class OneKnob(Story):
    """Each row of the machine in turn refuses, on one of its domains."""
    AUTOSTART = False

    def setUp(self):
        super().setUp()
        self.governord = self.start_with_faults()
        self.choose("power-saver")

    def victims(self):
        """One file of each row that performance writes, and all that it writes."""
        self.choose("performance")
        wanted = {k.path: k for k in self.knobs() if k.state == "ok" and k.value == k.wanted}
        self.choose("power-saver")
        rows = {}
        for path, knob in wanted.items():
            if self.sim.read(path) != knob.wanted:
                rows[knob.knob] = path
        self.assertGreaterEqual(len(rows), 3)
        return rows, wanted

    def test_each_knob_and_each_errno(self):
        rows, wanted = self.victims()
        for path in rows.values():
            for errno, words in CAUSES.items():
                with self.subTest(path=path, errno=errno):
                    self.one_refusal(path, wanted, errno, words)

    def one_refusal(self, path, wanted, errno, words):
        before = self.sim.read(path)
        self.faults(f"{path} write {errno}")
        self.choose("performance")
        self.assertEqual(self.prop("ActiveProfile"), "performance")
        self.assertEqual(self.sim.read(path), before)
        for other in wanted.keys() - {path}:
            self.assertEqual(self.sim.read(other), wanted[other].wanted, other)
        self.assertEqual(self.prop("Degraded"), "knobs-failed")
        failed, = self.knobs(state="failed")
        self.assertEqual((failed.path, failed.wanted, failed.value), (path, wanted[path].wanted, before))
        for part in words:
            self.assertIn(part, failed.message)
        self.assert_in_status(failed)
        self.assertEqual(self.get("PerformanceDegraded"), "")  # what power-profiles-daemon does not know it does not say
        self.faults()
        self.choose("power-saver")
        self.assertEqual((self.prop("Degraded"), self.knobs(state="failed")), ("", []))

    def assert_in_status(self, failed):
        said = " ".join(self.ctl("status").split())
        for word in ("knobs-failed", failed.knob, failed.domain):
            self.assertIn(word, said)
        self.assertIn(failed.message[:40], said)
        self.assertIn("knobs-failed", json.dumps(json.loads(self.ctl("status", "--json"))))

    def test_failing_to_read_is_failing(self):
        """A knob whose original cannot be read is not written: it could not be put back."""
        self.governord.stop()
        path = EPP % 2
        self.faults(f"{path} read EIO")
        self.governord = self.start()
        self.assertEqual(self.changed().get(path), None)

    def test_tried_again_when_something_relevant_changes(self):
        path = EPP % 5
        self.faults(f"{path} write EBUSY")
        self.choose("performance")
        self.idle()
        self.assertEqual(len(self.knobs(state="failed")), 1)
        self.faults()
        self.sim.write(path, "balance_power")  # whoever held it lets go
        self.sim.wait(path, "performance")
        self.wait_prop("Degraded", "")

    def test_tried_again_after_a_resume(self):
        self.bus.logind()
        self.faults(f"{PLATFORM} write EIO")
        self.choose("performance")
        self.assertEqual(self.sim.read(PLATFORM), "low-power")
        self.faults()
        self.governord.wait_log("balanced") if False else None
        self.bus.sleep_signal(True)
        self.bus.sleep_signal(False)
        self.sim.wait(PLATFORM, "performance")
        self.wait_prop("Degraded", "")

    def test_not_tried_without_a_reason(self):
        """It neither polls nor writes what works a second time."""
        path = EPP % 5
        self.faults(f"{path} write EBUSY")
        self.choose("performance")
        with testbus.Inotify([self.sim.file(EPP % 4), self.sim.file(path)]) as seen:
            self.idle()
            self.idle()
            seen.drain()
        self.assertEqual(sum(seen.modified.values()), 0)

    def test_originals_come_back_in_spite_of_it(self):
        self.faults(f"{EPP % 1} write EIO")
        self.choose("performance")
        self.faults()
        self.governord.stop()
        self.assertEqual(self.changed(), {})

    def test_what_cannot_be_put_back_stays_in_the_ledger(self):
        path = EPP % 1
        self.choose("performance")
        self.faults(f"{path} write EIO")
        self.governord.stop()
        self.assertEqual(self.changed(), {path: "performance"})
        self.assertEqual([(key[2], original) for key, original in self.ledger().items()], [(path, "balance_performance")])
        self.faults()
        self.choose_saved("balanced")
        self.start().stop()
        self.assertEqual((self.changed(), self.ledger()), ({}, {}))

    def choose_saved(self, profile):
        (self.folder / "state" / "state.ini").write_text(f"[State]\nProfile={profile}\n")


class OneKnobOnAmd(OneKnob):
    TREE = "amd-client-epp.tree"

    def test_boost_that_one_core_forbids(self):
        """Normal on some Ryzen: the others get their boost."""
        path = "sys/devices/system/cpu/cpufreq/policy7/boost"
        self.faults(f"{path} write EINVAL")
        self.choose("performance")
        failed, = self.knobs(state="failed")
        self.assertIn("Ryzen", failed.message)
        self.assertEqual(self.sim.read("sys/devices/system/cpu/cpufreq/policy6/boost"), "1")


class AllKnobs(Story):
    AUTOSTART = False

    def setUp(self):
        super().setUp()
        self.governord = self.start_with_faults()
        self.choose("power-saver")

    def test_the_former_profile_stays(self):
        before = self.contents()
        self.faults("sys/* write EIO")
        said = self.refused("org.governord.Error.HardwareFailed" if False else self.error_of_choose(), self.choose, "performance")
        self.assertIn("performance", said)
        self.assertIn("Input/output error", said)
        self.assertEqual((self.prop("ActiveProfile"), self.prop("SelectedProfile"), self.get("ActiveProfile")),
                         ("power-saver", "power-saver", "power-saver"))
        self.assertEqual(self.contents(), before)
        self.assertIn("power-saver", (self.folder / "state" / "state.ini").read_text())
        self.faults()
        self.choose("performance")
        self.assertEqual((self.prop("Degraded"), set(self.epp())), ("", {"performance"}))

    def error_of_choose(self):
        with self.assertRaises(testbus.dbus.DBusException) as caught:
            self.choose("performance")
        return caught.exception.get_dbus_name()

    def test_a_hold_is_refused(self):
        self.faults("sys/* write EIO")
        client = self.client()
        with self.assertRaises(testbus.dbus.DBusException):
            self.hold(client, "performance")
        self.assertEqual((self.ask("ListRequests"), self.prop("ActiveProfile")), ([], "power-saver"))

    def test_the_command_line_says_so(self):
        self.faults("sys/* write EACCES")
        said = self.ctl("set", "performance", check=False)
        self.assertIn("Permission denied", said)
        self.assertIn("former profile stays", said)


class FullDisk(Story):
    AUTOSTART = False

    def setUp(self):
        super().setUp()
        (self.folder / "state").mkdir()
        self.governord = self.start()

    def fill(self, folder):
        """A file system of one page, full."""
        path = self.folder / folder
        content = {p.name: p.read_bytes() for p in path.iterdir()}
        if os.geteuid() != 0 or testbus._libc.mount(b"none", os.fsencode(path), b"tmpfs", 0, b"size=12k") != 0:
            self.skipTest("a full disk needs the right to mount a file system")
        self.addCleanup(testbus._libc.umount2, os.fsencode(path), 2)
        for name, data in content.items():
            (path / name).write_bytes(data)
        with open(path / "filler", "wb", buffering=0) as filler:
            with self.assertRaises(OSError):
                while True:
                    filler.write(bytes(4096))

    def test_state_file(self):
        self.fill("state")
        self.choose("performance")
        self.assertEqual((self.prop("ActiveProfile"), set(self.epp())), ("performance", {"performance"}))
        self.assertEqual(self.prop("Degraded"), "state-not-saved")
        self.assertIn("state-not-saved", self.ctl("status"))
        self.assertIn("No space left on device", self.governord.log)
        (self.folder / "state" / "filler").unlink()
        self.choose("power-saver")
        self.assertEqual(self.prop("Degraded"), "")
        self.assertIn("power-saver", (self.folder / "state" / "state.ini").read_text())

    def test_state_file_is_saved_at_the_end(self):
        self.fill("state")
        self.choose("performance")
        (self.folder / "state" / "filler").unlink()
        self.governord.stop()
        self.assertIn("performance", (self.folder / "state" / "state.ini").read_text())

    def test_old_state_survives(self):
        self.choose("power-saver")
        self.fill("state")
        self.choose("performance")
        self.governord.stop()
        self.assertIn("Profile=power-saver", (self.folder / "state" / "state.ini").read_text())

    def full_ledger(self):
        self.governord.stop()
        self.fill("run")
        self.governord = self.start()

    def test_ledger(self):
        """What could not be put back is not changed."""
        (self.folder / "run").mkdir(exist_ok=True)
        self.governord.stop()
        self.fill("run")
        (self.folder / "run" / "filler").unlink()
        self.governord = self.start()
        with open(self.folder / "run" / "filler", "wb", buffering=0) as filler:
            with self.assertRaises(OSError):
                while True:
                    filler.write(bytes(4096))
        with open(self.folder / "run" / "ledger", "ab") as ledger:  # no room is left in its page either
            room = 4096 - os.path.getsize(self.folder / "run" / "ledger")
            del room, ledger
        with testbus.Inotify([self.sim.file(EPP % 0), self.sim.file(PLATFORM)]) as seen:
            with self.assertRaises(testbus.dbus.DBusException) as caught:
                self.choose("performance")
            seen.drain()
        self.assertIn("nothing was changed", caught.exception.get_dbus_message())
        self.assertIn("No space left on device", caught.exception.get_dbus_message())
        self.assertEqual((self.changed(), sum(seen.modified.values())), ({}, 0))
        self.assertEqual((self.prop("ActiveProfile"), self.get("ActiveProfile")), ("balanced", "balanced"))
        (self.folder / "run" / "filler").unlink()
        self.choose("performance")
        self.assertEqual(set(self.epp()), {"performance"})
        self.governord.stop()
        self.assertEqual(self.changed(), {})


if __name__ == "__main__":
    unittest.main(verbosity=2)
