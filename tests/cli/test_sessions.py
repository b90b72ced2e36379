#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""governorctl sessions, governor list and governor load against a mock of the service; governorctl run, which needs no service."""

import json
import os
import subprocess
import unittest

import clitest


class CtlTestCase(clitest.CliTestCase):
    def ctl(self, *argv, **options):
        return self.run_program(clitest.governorctl(), *argv, **options)

    def tty(self, *argv):
        return self.run_on_tty(clitest.governorctl(), *argv)


class Sessions(CtlTestCase):
    def test_table(self):
        self.mock()
        out, status = self.tty("sessions", "--no-color")
        self.assertEqual(status, 0)
        lines = [line.split() for line in out.splitlines()]
        self.assertEqual(lines[0], ["APPLICATION", "PID", "TARGET", "PERCENTILE", "ESTIMATE", "SLACK", "LEVEL", "CPUS", "SAMPLES", "VIOLATIONS",
                                    "ACTIVE"])
        self.assertEqual(lines[1][-10:], ["4003", "2ms", "p99", "1.7ms", "300us", "640", "0-3", "100", "25", "yes"])
        self.assertEqual(lines[2], ["a-program-with-a-very-long-name", "4011", "850us", "p99.5", "900us", "-50us", "0", "-", "7", "5", "no"])

    def test_json_and_plain(self):
        self.mock()
        sessions = json.loads(self.ctl("sessions", "--json")[0])
        self.assertEqual(sessions[1], {
            "session": 11, "application": "a-program-with-a-very-long-name", "pid": 4011, "uid": 1000, "target_us": 850, "permille": 995,
            "window_us": 100000, "stale_us": 1000000, "cap": False, "estimate_us": 900, "slack_us": -50, "level": 0, "cpus": "", "samples": 7,
            "violations": 5, "invalid": 0, "delay_us": 8, "active": False})
        self.assertTrue(self.ctl("sessions")[0].startswith("session=3 application="))

    def test_none(self):
        self.mock("empty")
        self.assertEqual(self.ctl("sessions"), ("", "", 0))
        self.assertEqual(json.loads(self.ctl("sessions", "--json")[0]), [])
        self.assertEqual(self.tty("sessions"), ("No sessions. Programs that use libgovernord appear here.\n", 0))

    def test_hostile_names(self):
        self.mock("hostile")
        for out in (self.ctl("sessions")[0], self.ctl("sessions", "--json")[0], self.tty("sessions", "--no-color")[0], self.tty("governor", "list", "--no-color")[0]):
            self.assertIn("evil", out)
            self.assertEqual([c for c in out if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or c == "\u202e"], [])
            self.assertNotIn("\n  Profile:         forged", out)

    def test_errors(self):
        self.assertEqual(self.ctl("sessions")[::2], ("", 3))
        self.mock("other")
        out, err, status = self.ctl("sessions")
        self.assertEqual((out, status), ("", 1))
        self.assertIn("unknown format", err)


class Governors(CtlTestCase):
    def test_list(self):
        self.mock()
        governors = json.loads(self.ctl("governor", "list", "--json")[0])
        self.assertEqual([(g["name"], g["priority"], g["fits"], g["loaded"]) for g in governors],
                         [("slack", 100, True, True), ("steady", 50, True, False), ("elsewhere", 10, False, False)])
        self.assertEqual(governors[2]["reason"], "made for vax, but this machine has intel_pstate")
        self.assertIn("made for vax, but this machine has intel_pstate", self.tty("governor", "list")[0])

    def test_load(self):
        self.mock()
        self.assertEqual(self.ctl("governor", "load", "steady"), ("", "", 0))
        self.assertEqual(self.tty("governor", "load", "--best"), ("Loaded: slack (governord 0.2.0)\n", 0))
        self.assertEqual(json.loads(self.ctl("governor", "load", "steady", "--json")[0]), {"governor": "steady (governord 0.2.0)"})
        _out, err, status = self.ctl("governor", "load", "nix")
        self.assertEqual(status, 1)
        self.assertIn("There is no governor 'nix'", err)
        self.assertIn("governorctl governor list", err)
        self.assertRegex(err, r"must be in\n/\S*/governord/governors; ")  # the administrator's folder
        self.assertEqual(self.told(), [["LoadGovernor", n] for n in ("steady", "", "steady", "nix")])

    def test_refused(self):
        self.mock("denied")
        _out, err, status = self.ctl("governor", "load", "slack")
        self.assertEqual(status, 1)
        self.assertRegex(err, r"polkit decides by the action org\.governord\.load-governor[.,]")

    def test_wrong_usage(self):
        self.mock()
        for argv in ([], ["x"], ["list", "x"], ["load"], ["load", ""], ["load", "a", "--best"], ["load", "a", "b"], ["list", "--best"], ["build"],
                     ["load", "a", "-o", "b"], ["list", "-I", "x"], ["build", "a", "--best"]):
            out, err, status = self.ctl("governor", *argv)
            self.assertEqual((out, status), ("", 2), argv)
            self.assertIn("Usage: governorctl governor ", err)
        self.assertEqual(self.told(), [])


class Run(CtlTestCase):
    ALL = {"GOVERNORD_" + n: "outer" for n in ("TARGET_US", "PERMILLE", "WINDOW_US", "STALE_US", "CAP")}

    def variables(self, *argv, env=None):
        out, err, status = self.ctl("run", *argv, "env", env=env)
        self.assertEqual((err, status), ("", 0))
        return {k[10:]: v for k, v in (line.split("=", 1) for line in out.splitlines() if line.startswith("GOVERNORD_"))
                if k in self.ALL}

    def test_environment(self):
        self.assertEqual(self.variables("--target", "2ms"), {"TARGET_US": "2000"})
        self.assertEqual(self.variables("--target=1", "--p95", "--window", "100ms", "--stale=10min", "--cap", "--"),
                         {"TARGET_US": "1000000", "PERMILLE": "950", "WINDOW_US": "100000", "STALE_US": "600000000", "CAP": "1"})
        for argv, permille in (["--p99"], "990"), (["--percentile", "99.5"], "995"), (["--percentile=50"], "500"), (["--percentile=99.9"], "999"):
            self.assertEqual(self.variables("--target", "500us", *argv), {"TARGET_US": "500", "PERMILLE": permille})

    def test_what_is_not_said_is_the_programs_to_say(self):
        self.assertEqual(self.variables("--target", "2ms", env=self.ALL), {"TARGET_US": "2000"})

    def test_becomes_the_command(self):
        with subprocess.Popen([clitest.governorctl(), "run", "--target", "1ms", "sh", "-c", "echo $$ \"$@\"", "sh", "--p99", "--", "-x"],
                              env=self.env(), stdout=subprocess.PIPE, text=True) as process:
            self.assertEqual(process.communicate(timeout=120)[0], f"{process.pid} --p99 -- -x\n")

    def test_exit_status(self):
        self.assertEqual(self.ctl("run", "--target", "1ms", "sh", "-c", "exit 7"), ("", "", 7))
        self.assertEqual(self.ctl("run", "--target", "1ms", "sh", "-c", "kill -9 $$")[2], -9)
        script = self.folder / "script"
        script.write_text("#!/nonexistent/interpreter\n")
        script.chmod(0o755)
        for name, status, said in (("/nonexistent", 127, "/nonexistent: No such file or directory\n"),
                                   ("no-such-\x1b[2Jprogram", 127, "No such file or directory: no folder of PATH contains this program\n"),
                                   ("", 127, 'cannot run "": '), (script, 127, "the file exists, but not the interpreter or loader"),
                                   ("/", 126, "it is a folder\n"), ("/etc/passwd", 126, "the file is not executable for this user\n")):
            out, err, result = self.ctl("run", "--target", "1ms", name)
            self.assertEqual((out, result), ("", status), name)
            self.assertIn("cannot run", err)
            self.assertIn(said, err)
            self.assertNotIn("\x1b", err)

    def test_wrong_usage(self):
        for argv in ([], ["true"], ["--target", "1ms"], ["--target", "0", "true"], ["--target", "61s", "true"], ["--target", "soon", "true"],
                     ["--target", "1ms", "--window", "999us", "true"], ["--target", "1ms", "--stale", "11min", "true"],
                     ["--target", "1ms", "--p95", "--p99", "true"], ["--target", "1ms", "--p95", "--percentile", "95", "true"]):
            self.assertEqual(self.ctl("run", *argv)[::2], ("", 2), argv)
        for percentile in ("49.9", "100", "99.95", "99.", ".5", "99,5", "p99", "", "-95", "1099"):
            self.assertEqual(self.ctl("run", "--target", "1ms", "--percentile", percentile, "true")[::2], ("", 2), percentile)


if __name__ == "__main__":
    unittest.main()
