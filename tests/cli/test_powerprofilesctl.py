#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""powerprofilesctl: its output equals that of power-profiles-daemon 0.30 in every character.

The class SideBySide compares it with the original programs, which are not part of this source. It is skipped unless
$GOVERNORD_PPD_SCRIPTS names a folder with them, as powerprofilesctl-0.30 and powerprofilesctl-0.12. To get them:
apt-get download power-profiles-daemon (Debian 13: 0.30, Debian 12: 0.12), dpkg -x, usr/bin/powerprofilesctl.
"""

import os
import pathlib
import re
import signal
import unittest

import clitest

SCRIPTS = pathlib.Path(os.environ.get("GOVERNORD_PPD_SCRIPTS", "/nonexistent"))
LIST = """\
  performance:
    CpuDriver:\tintel_pstate
    Degraded:   yes (high-operating-temperature,lap-detected)

* balanced:
    CpuDriver:\tintel_pstate
    PlatformDriver:\tplaceholder

  power-saver:
    CpuDriver:\tintel_pstate
    PlatformDriver:\tplaceholder
"""
MAIN_USAGE = """\
usage: powerprofilesctl [-h]
                        {list,list-holds,list-actions,get,set,configure-action,configure-battery-aware,query-battery-aware,\
launch,version}
                        ...
"""


class PpdTestCase(clitest.CliTestCase):
    def setUp(self):
        self.ppd = self.folder / "powerprofilesctl"
        self.ppd.symlink_to(clitest.governorctl())

    def ctl(self, *argv, **options):
        return self.run_program(self.ppd, *argv, **options)


class Formats(PpdTestCase):
    def check(self, argv, out="", err="", status=0):
        self.assertEqual(self.ctl(*argv), (out, err, status))

    def test_reading(self):
        self.mock()
        self.check([], LIST)
        self.check(["list"], LIST)
        self.check(["get"], "balanced\n")
        self.check(["version"], "client: 0.30\ndaemon: 0.30\n")
        self.check(["query-battery-aware"], "Dynamic changes from charger and battery events: True\n")
        self.check(["list-actions"], "Name: trickle_charge\nDescription: trickle_charge does\nEnabled: True\n\n"
                                     "Name: amdgpu_dpm\nDescription: amdgpu_dpm does\nEnabled: False\n")
        self.check(["list-holds"], "Hold:\n  Profile:         performance\n  Application ID:  org.x\n"
                                   "  Reason:          Compiling – 編譯\n\n"
                                   "Hold:\n  Profile:         power-saver\n  Application ID:  org.y\n  Reason:          \n")

    def test_nothing_to_show(self):
        self.mock("empty")
        self.check(["list-holds"])
        self.check(["list-actions"])
        self.assertNotIn("Degraded", self.ctl("list")[0])

    def test_set(self):
        self.mock()
        self.check(["set", "performance"])
        self.check(["get"], "performance\n")
        out, err, status = self.ctl("set", "turbo")
        self.assertEqual((out, status), ("", 2))
        self.assertEqual(err, "usage: powerprofilesctl set [-h] {power-saver,balanced,performance}\n"
                              "powerprofilesctl set: error: argument profile: invalid choice: 'turbo' "
                              "(choose from 'power-saver', 'balanced', 'performance')\n")
        self.assertEqual(self.ctl("set")[2], 2)
        self.assertEqual(self.ctl("set", "balanced", "balanced")[2], 2)
        self.assertEqual([c for c in self.told() if c[0] == "Set"], [["Set", "ActiveProfile", "performance"]])

    def test_configure(self):
        self.mock()
        self.check(["configure-action", "trickle_charge", "--disable"], "action: trickle_charge, enable: False\n")
        out, err, status = self.ctl("configure-action", "warp", "--enable")
        self.assertEqual((out, status), ("action: warp, enable: True\n", 1))
        self.assertIn("Failed to communicate with power-profiles-daemon: ", err)
        for flags in ([], ["--enable", "--disable"]):
            for command in (["configure-action", "x"], ["configure-battery-aware"]):
                out, err, status = self.ctl(*command, *flags)
                self.assertEqual((out, status), ("", 1))
                self.assertRegex(err, r"^Error: (enable or disable is required|can't set both enable and disable)\n$")
        self.check(["configure-battery-aware", "--disable"])
        self.assertEqual(self.ctl("configure-battery-aware", "--disable")[2], 1)

    def test_usage(self):
        for argv in (["bogus"], ["--bogus"], ["get", "extra"], ["list", "--foo"], ["--foo", "launch", "true"], ["--version"], ["--"]):
            out, err, status = self.ctl(*argv)
            self.assertEqual((out, status), ("", 2), argv)
            self.assertTrue(err.startswith(MAIN_USAGE + "powerprofilesctl: error: "), err)

    def test_help(self):
        for argv in (["-h"], ["--help"], ["set", "-h"], ["launch", "--help"], ["get", "--he"]):
            out, err, status = self.ctl(*argv)
            self.assertEqual((err, status), ("", 0))
            self.assertTrue(out.startswith("usage: powerprofilesctl"), out)

    def test_refused(self):
        self.mock("denied")
        for argv in (["set", "performance"], ["launch", "true"]):
            out, err, status = self.ctl(*argv)
            self.assertEqual((out, status), ("", 1))
            self.assertRegex(err, "^Failed to communicate with power-profiles-daemon: .*Not authorized")

    def test_no_daemon(self):
        for argv in ([], ["get"], ["list-holds"], ["list-actions"], ["query-battery-aware"], ["launch", "true"]):
            out, err, status = self.ctl(*argv)
            self.assertEqual((out, status), ("", 1))
            self.assertTrue(err.startswith("Failed to communicate with power-profiles-daemon: "), err)
        self.check(["version"], "client: 0.30\ndaemon: unknown\n")
        self.assertEqual(self.ctl("set", "balanced")[2], 2)

    def test_no_bus(self):
        out, err, status = self.ctl("get", env={"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"})
        self.assertEqual((out, status), ("", 1))
        self.assertTrue(err.startswith("Failed to communicate"), err)

    def test_hostile_text(self):
        self.mock("hostile")
        out, _err, status = self.ctl("list-holds")
        self.assertEqual(status, 0)
        self.assertIn("Reason:          a\\x1bb\n", out)
        self.assertNotIn("\x1b", out)


class Launch(PpdTestCase):
    def setUp(self):
        super().setUp()
        self.mock()

    def held(self):
        return [c[1:] for c in self.told() if c[0] == "HoldProfile"]

    def released(self):
        return [c for c in self.told() if c[0] == "ReleaseProfile"]

    def test_status_and_defaults(self):
        self.assertEqual(self.ctl("launch", "sh", "-c", "echo out; echo err >&2; exit 7"), ("out\n", "err\n", 7))
        self.assertEqual(self.held(), [["performance", "Running sh", "sh"]])
        self.assertEqual(len(self.released()), 1)

    def test_options(self):
        for argv in (["-p", "power-saver", "-r", "R", "-i", "A", "true"], ["--prof=power-saver", "-rR", "--appid", "A", "--", "true"],
                     ["true", "-p", "power-saver", "--reason=R", "-i=A"]):
            self.assertEqual(self.ctl("launch", *argv), ("", "", 0), argv)
        self.assertEqual(self.held(), [["power-saver", "R", "A"]] * 3)

    def test_what_belongs_to_the_command(self):
        for argv, out in ((["echo", "-n", "-x", "--long=1", "a"], "-x --long=1 a"), (["--", "echo", "-p", "x", "--", "y"], "-p x -- y\n"),
                          (["echo", "--", "-i", "z"], "-i z\n"), (["echo", "-5", "a b"], "-5 a b\n")):
            self.assertEqual(self.ctl("launch", *argv), (out, "", 0), argv)

    def test_errors(self):
        self.assertEqual(self.ctl("launch"), ("", "Error: No command to launch\n", 1))
        self.assertEqual(self.ctl("launch", "-p")[2], 2)
        self.assertEqual(self.ctl("launch", "-p", "balanced", "true")[2], 1)
        out, err, status = self.ctl("launch", "/nonexistent/program")
        self.assertEqual((out, err, status), ("", "Error: cannot run /nonexistent/program: No such file or directory\n", 1))
        self.assertEqual(len(self.released()), 1)

    def test_killed_child(self):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1, signal.SIGINT):
            self.assertEqual(self.ctl("launch", "sh", "-c", f"kill -{int(number)} $$")[2], -number)
        self.assertEqual(len(self.released()), 4)

    def test_forwarded_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGABRT):
            script = "trap 'echo got; exit 3' TERM INT ABRT; echo ready; while :; do read -t 5 x <> /dev/ptmx || true; done"
            with self.popen(self.ppd, "launch", "bash", "-c", script) as process:
                self.assertEqual(process.stdout.readline(), "ready\n")
                process.send_signal(number)
                out, _err = process.communicate(timeout=120)
            self.assertEqual((out, process.returncode), ("got\n", 3))

    def test_killed_launcher_leaves_the_bus(self):
        with self.popen(self.ppd, "launch", "sh", "-c", "echo ready; exec sleep 30", start_new_session=True) as process:
            process.stdout.readline()
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate(timeout=120)
        self.assertEqual(process.returncode, -signal.SIGKILL)

    def test_daemon_goes_while_running(self):
        with self.popen(self.ppd, "launch", "sh", "-c", "echo ready; sleep 0.5; exit 5") as process:
            process.stdout.readline()
            self.service.stop()
            process.communicate(timeout=120)
        self.assertEqual(process.returncode, 5)


CASES_030 = [
    [], ["list"], ["get"], ["list-holds"], ["list-actions"], ["query-battery-aware"], ["version"],
    ["set", "performance"], ["get"], ["set", "power-saver"], ["list"], ["set", "x"], ["set"], ["set", "a", "b"], ["set", "--foo"],
    ["set", "balanced", "--foo"], ["set", "--", "balanced"], ["bogus"], ["--bogus"], ["--bogus", "get"], ["get", "extra"],
    ["get", "-5"], ["list", "--foo", "bar"], ["--version"], ["help"], ["configure-action"],
    ["configure-action", "trickle_charge", "--enable"], ["configure-action", "--disable", "trickle_charge"],
    ["configure-action", "warp", "--enable"], ["configure-action", "trickle_charge", "--en"], ["configure-action", "x", "--enable=1"],
    ["configure-action", "trickle_charge"], ["configure-action", "trickle_charge", "--enable", "--disable"],
    ["configure-battery-aware"], ["configure-battery-aware", "--enable", "--disable"], ["configure-battery-aware", "--disable"],
    ["configure-battery-aware", "--disable"], ["query-battery-aware"], ["configure-battery-aware", "--enable"],
    ["launch"], ["launch", "-p"], ["launch", "-p", "--", "true"], ["launch", "-p", "-r", "true"], ["launch", "true"], ["launch", "false"],
    ["launch", "sh", "-c", "exit 9"], ["launch", "sh", "-c", "kill -15 $$"], ["launch", "-p", "power-saver", "-r", "because", "true"],
    ["launch", "-p", "balanced", "true"], ["launch", "echo", "-n", "a", "-b", "--c", "d"], ["launch", "--", "echo", "-p", "x", "--", "y"],
    ["launch", "echo", "-p", "power-saver", "a"], ["launch", "echo", "--", "-x"], ["launch", "echo", "-x", "--", "y"],
    ["launch", "--foo", "echo", "a"], ["--foo", "launch", "echo", "a"], ["launch", "echo", "-5", "a b", "-x y"],
    ["launch", "--prof", "power-saver", "--rea=because", "-iapp", "echo"], ["launch", "-i=app", "true"], ["launch", "/nonexistent"],
    ["launch", "echo", "-iname"], ["launch", "echo", ""], ["launch", "-r", "", "true"],
]


@unittest.skipUnless((SCRIPTS / "powerprofilesctl-0.30").exists(), "GOVERNORD_PPD_SCRIPTS names no original programs")
class SideBySide(PpdTestCase):
    """Runs each case with the original program and with powerprofilesctl of this build, on two mocks with the same history."""

    def pairs(self, mode, script, cases):
        """Returns (results, calls) of the original program, and then those of powerprofilesctl of this build."""
        answers = []
        original = self.folder / "original" / "powerprofilesctl"  # its usage message contains the file name
        original.parent.mkdir(exist_ok=True)
        original.write_bytes((SCRIPTS / script).read_bytes())
        for program in (["/usr/bin/python3", original], [self.ppd]):
            if mode:
                self.mock(mode)
            answers.append(([self.run_program(*program, *case) for case in cases], self.told() if mode else []))
            if mode:
                self.service.stop()
                self.bus.wait_no_name("org.governord")
                self.service.log_path.write_text("")
        return answers

    @staticmethod
    def plain(answer):
        """Removes the intended differences: no traceback, and other messages for the same failure."""
        out, err, status = answer
        if "Traceback" in err:
            err = "Error\n"
        err = re.sub(r"(Failed to communicate with power-profiles-daemon).*", r"\1", err)
        err = re.sub(r"usage: powerprofilesctl(?!.*invalid choice).*?(?=powerprofilesctl[^\n]*error:)", "usage\n", err, flags=re.S)
        err = re.sub(r"^Error: (cannot run|enable or|can't set).*", "Error", err)
        return out, re.sub(r"\nNo service offers.*", "", err), status

    @staticmethod
    def plain_calls(calls):
        """Removes two faults of the original: its default reason is "Running None", and it keeps the hold if it fails to launch the
        program."""
        return [[re.sub("^Running .*", "Running", a) if isinstance(a, str) else a for a in c]
                for c in calls if c[0] != "ReleaseProfile"]

    def compare(self, mode, cases, script="powerprofilesctl-0.30"):
        (theirs, their_calls), (ours, our_calls) = self.pairs(mode, script, cases)
        for case, a, b in zip(cases, theirs, ours):
            with self.subTest(mode=mode, case=case):
                self.assertEqual(self.plain(a), self.plain(b))
        self.assertEqual(self.plain_calls(their_calls), self.plain_calls(our_calls))

    def test_0_30(self):
        self.compare("normal", CASES_030)

    def test_0_30_usage_texts(self):
        cases = [["set", "x"], ["set"], ["bogus"], ["get", "x"], ["launch", "-p"], ["configure-action"]]
        (theirs, _), (ours, _) = self.pairs("normal", "powerprofilesctl-0.30", cases)
        self.assertEqual(theirs, ours)

    def test_0_30_other_daemons(self):
        for mode in ("empty", "denied", None):
            self.compare(mode, CASES_030)

    def test_0_12_what_stayed(self):
        """0.12 had other output formats, but the commands that scripts use behave the same."""
        cases = [["get"], ["set", "performance"], ["get"], ["list-holds"], ["launch", "sh", "-c", "echo a; exit 0"],
                 ["launch", "-p", "power-saver", "-r", "x", "-i", "y", "echo", "b"], ["launch", "--profile=power-saver", "--", "echo", "c"]]
        self.compare("normal", cases, "powerprofilesctl-0.12")


if __name__ == "__main__":
    unittest.main()
