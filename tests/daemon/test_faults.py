#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hardware that rejects writes, and full disks. A knob that fails does not prevent other writes; it is reported with the cause and
tried again. A setting whose original value cannot be recorded is not changed."""

import json
import os
import subprocess

from story import EPP, GOVERNORD, GOVERNORD_PATH, HANDS_OFF, MANAGER, PLATFORM, Story, main, testbus

# errno, its message, and the cause that governord reports (core/write/diagnose.c)
CAUSES = {
    "EIO": ("Input/output error", "the hardware or firmware rejected the access"),
    "EBUSY": ("Device or resource busy", "probably "),
    "EINVAL": ("Invalid argument", "probably "),
    "ENOENT": ("No such file or directory", "the CPU or device went offline"),
    "EACCES": ("Permission denied", "firmware has locked it"),
}


class OneKnob(Story):
    """Writes of one knob fail, for each row of the drivers in turn."""
    AUTOSTART = False

    def setUp(self):
        super().setUp()
        self.governord = self.start_with_faults()
        self.choose("power-saver")

    def victims(self):
        """Returns one file for each row that performance writes, and all knobs that it sets."""
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
        self.assertEqual(self.get("PerformanceDegraded"), "")  # power-profiles-daemon has no such reason
        self.faults()
        self.choose("power-saver")
        self.assertEqual((self.prop("Degraded"), self.knobs(state="failed")), ("", []))

    def assert_in_status(self, failed):
        said = self.ctl("status")
        self.assertIn("degraded=knobs-failed", said)
        self.assertIn(f"domain={failed.domain} knob={failed.knob}", said)
        self.assertIn(failed.message, json.dumps(json.loads(self.ctl("status", "--json"))).replace('\\\\"', '"').replace('\\"', '"'))

    def test_failing_to_read_is_failing(self):
        """A knob whose original value cannot be read is not written, because it could not be restored."""
        self.governord.stop()
        path = EPP % 2
        self.faults(f"{path} read EIO")
        self.governord = self.start(env=self.fault_env)
        self.assertNotIn(path, self.changed())
        self.assertEqual(self.changed()[EPP % 3], "power")
        self.assertEqual(self.prop("Degraded"), "knobs-failed")
        failed, = self.knobs(state="failed")
        for text in failed.message, self.governord.log:
            self.assertIn(f"policy2 epp: could not read {path}: Input/output error; probably the hardware or firmware rejected the access; \"power\" was not written, "
                          "because the present value would be lost", text)
            self.assertNotIn("could not write", text)
        self.assert_in_status(failed)

    def test_dry_run_says_what_cannot_be_read(self):
        """--dry-run prints only writes that the service would make."""
        self.governord.stop()
        path = EPP % 2
        self.faults(f"{path} read EIO")
        done = subprocess.run(self.argv("--dry-run", "--profile=power-saver"), env={**os.environ, **self.fault_env}, capture_output=True, text=True,
                              timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn('"?"', done.stdout)
        self.assertIn(f'would not write policy2 epp: "power": the present value cannot be read (Input/output error) and would be lost ({path}; ',
                      done.stdout)
        self.assertRegex(done.stdout, f"would write policy3 epp: .* \\({EPP % 3}; power-saver\\)\n")

    def test_a_sensor_that_cannot_be_read(self):
        """A sensor that cannot be read is shown with the reason."""
        self.governord.stop()
        self.governord = self.start(env=self.fault_env)
        sensor = next(k for k in self.knobs(state="sensor") if k.value and k.path)
        self.faults(f"{sensor.path} read EIO")
        sensor = next(k for k in self.knobs(state="sensor") if k.path == sensor.path)
        self.assertEqual((sensor.value, sensor.message), ("", "cannot be read now: Input/output error"))

    def test_tried_again_when_something_relevant_changes(self):
        path = EPP % 5
        self.faults(f"{path} write EBUSY")
        self.choose("performance")
        self.idle()
        self.assertEqual(len(self.knobs(state="failed")), 1)
        self.faults()
        self.poke(path, "balance_power")  # a write by another program is a reason to try again
        self.sim.wait(path, "performance")
        self.wait_prop("Degraded", "")

    def test_tried_again_after_a_resume(self):
        self.bus.logind()
        self.faults(f"{PLATFORM} write EIO")
        self.choose("performance")
        self.assertEqual(self.sim.read(PLATFORM), "low-power")
        self.faults()
        self.bus.sleep_signal(True)
        self.bus.sleep_signal(False)
        self.sim.wait(PLATFORM, "performance")
        self.wait_prop("Degraded", "")

    def test_a_failing_knob_does_not_make_the_next_choice_fail(self):
        """When the profile is chosen again, the failing knob is the only one to be written, and the choice still succeeds."""
        self.faults(f"{EPP % 5} write EIO")
        self.choose("performance")
        self.choose("performance")
        self.assertEqual((self.prop("ActiveProfile"), self.prop("Degraded")), ("performance", "knobs-failed"))
        self.assertEqual(self.sim.read(EPP % 4), "performance")

    def test_not_tried_without_a_reason(self):
        """Without an event, the service neither tries the failed knob again nor writes others a second time."""
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
        """Some Ryzen CPUs reject boost on one core. The other cores get it."""
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
        with self.assertRaises(testbus.dbus.DBusException) as caught:
            self.choose("performance")
        said = caught.exception.get_dbus_message()
        self.assertIn("performance", said)
        self.assertIn("Input/output error", said)
        self.assertEqual((self.prop("ActiveProfile"), self.prop("SelectedProfile"), self.get("ActiveProfile")),
                         ("power-saver", "power-saver", "power-saver"))
        self.assertEqual(self.contents(), before)
        self.assertIn("power-saver", (self.folder / "state" / "state.ini").read_text())
        self.faults()
        self.choose("performance")
        self.assertEqual((self.prop("Degraded"), set(self.epp())), ("", {"performance"}))

    def test_a_read_only_sysfs_is_no_full_disk(self):
        """The file, not the errno, determines whether an error is reported as one of the hardware or of the ledger."""
        for error in ("EROFS", "ENOSPC", "ENOENT", "EINVAL"):
            self.faults(f"sys/* write {error}")
            with self.assertRaises(testbus.dbus.DBusException) as caught:
                self.choose("performance")
            self.assertIn(caught.exception.get_dbus_name(), ("org.governord.Error.HardwareRefused", "org.freedesktop.DBus.Error.Failed"))
            self.assertIn("sys/", caught.exception.get_dbus_message())
            self.assertNotIn("ledger", caught.exception.get_dbus_message())
            said = self.ctl("set", "performance", check=False)
            self.assertNotIn("Probably a file system is full", said)
            self.assertNotIn("shows the profiles of this machine", said)

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


class Disk(Story):
    AUTOSTART = False

    def setUp(self):
        super().setUp()
        (self.folder / "state").mkdir()
        self.governord = self.start()

    def fill(self, folder, restart=False):
        """Mounts a file system of a few pages and fills it. Returns the file whose removal frees space."""
        path = self.folder / folder
        if restart:
            self.governord.stop()
        content = {p.name: p.read_bytes() for p in path.iterdir()}
        if os.geteuid() != 0 or testbus._libc.mount(b"none", os.fsencode(path), b"tmpfs", 0, b"size=16k") != 0:
            self.skipTest("a full disk needs the right to mount a file system")
        self.addCleanup(testbus._libc.umount2, os.fsencode(path), 2)
        for name, data in content.items():
            (path / name).write_bytes(data)
        if restart:
            self.governord = self.start()
        self.refill(path / "filler")
        return path / "filler"

    def refill(self, filler):
        with open(filler, "wb", buffering=0) as file, self.assertRaises(OSError):
            while True:
                file.write(bytes(4096))


class FullState(Disk):
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


class FullLedger(Disk):
    TREE = "amd-client-epp.tree"  # its knobs need more space than the ledger's present page has

    def test_nothing_is_changed(self):
        """Knobs that could not be restored are not written."""
        filler = self.fill("run", restart=True)
        before = self.contents()
        with testbus.Inotify([self.sim.file(EPP % 0), self.sim.file(PLATFORM)]) as seen:
            with self.assertRaises(testbus.dbus.DBusException) as caught:
                self.choose("performance")
            seen.drain()
        self.assertIn("nothing was changed", caught.exception.get_dbus_message())
        self.assertIn("No space left on device", caught.exception.get_dbus_message())
        self.assertEqual((self.changed(before), sum(seen.modified.values())), ({}, 0))
        self.assertEqual((self.prop("ActiveProfile"), self.get("ActiveProfile")), ("balanced", "balanced"))
        filler.unlink()
        self.choose("performance")
        self.assertEqual(set(self.epp()), {"performance"})
        self.governord.stop()
        self.assertEqual(self.changed(), {})

    def test_killed_with_a_full_disk(self):
        """Entries that the ledger already has are not lost if the service is killed while the disk is full."""
        filler = self.fill("run", restart=True)
        with self.assertRaises(testbus.dbus.DBusException):
            self.choose("performance")
        self.governord.kill()
        filler.unlink()
        self.write_config(HANDS_OFF)
        self.start().stop()
        self.assertEqual((self.changed(), self.ledger()), ({}, {}))


class FullLedgerOfSessions(Story):
    """A service with the fake engine, so that each report of this test requests another level."""
    AUTOSTART = False

    def argv(self, *options):
        return [testbus._require(testbus.program("session-service", "tests/bus"), "session-service"), *super().argv(*options)[1:]]

    def test_is_logged_once(self):
        """While original values cannot be recorded, each level that a session requests fails, but only one line is logged."""
        self.governord = self.start_with_faults()
        client = self.client()
        path = client.call(GOVERNORD, GOVERNORD_PATH, MANAGER, "OpenReportSession", 5000, 950, 0, {}, signature="uuua{sv}")[0]
        self.faults("run/ledger* write ENOSPC")
        for _ in range(5):
            client.call(GOVERNORD, path, "org.governord.Session1", "Report", [9000, 1000], signature="au")
        self.assertEqual((self.prop("Degraded"), self.changed()), ("state-not-saved", {}))
        self.assertEqual(self.governord.log.count("Cannot record original values"), 1)
        self.faults()
        client.call(GOVERNORD, path, "org.governord.Session1", "Report", [9000], signature="au")
        self.assertEqual((self.prop("Degraded"), self.governord.log.count("/ledger can be written again")), ("", 1))


if __name__ == "__main__":
    main()
