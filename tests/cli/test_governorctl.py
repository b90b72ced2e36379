#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""governorctl against a mock of the service: every command, every output format, errors, and texts of other programs."""

import ast
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import unittest

import clitest
import testbus

COMMANDS_THAT_READ = [["status"], ["list"], ["get"], ["level"], ["holds"], ["explain", "performance"], ["why"], ["drivers"], ["knobs"],
                      ["cpus"], ["power"], ["sessions"], ["governor", "list"], ["stats"], ["dump"], ["version"]]


class ActivatingBus(testbus.TestBus):
    """A bus with the installed D-Bus service file for governord. Without systemd, this file makes the bus start /bin/false."""
    CONFIG = testbus.TestBus.CONFIG.replace("<auth>", f"<servicedir>{clitest.SOURCE}/packaging/dbus</servicedir>\n  <auth>")


class GctlTestCase(clitest.CliTestCase):
    def ctl(self, *argv, **options):
        return self.run_program(clitest.governorctl(), *argv, **options)

    def tty(self, *argv, **options):
        return self.run_on_tty(clitest.governorctl(), *argv, **options)

    def json(self, *argv, status=0):
        out, err, result = self.ctl(*argv, "--json")
        self.assertEqual((err, result), ("", status), argv)
        return json.loads(out)


def records(out):
    """Parses plain output as the man page describes it; returns a list of dictionaries."""
    result = []
    for line in out.splitlines():
        words = shlex.split(line)
        result.append(dict(w.split("=", 1) for w in words if "=" in w) | ({"": words[0]} if "=" not in words[0] else {}))
    return result


class Reading(GctlTestCase):
    def test_json_is_json(self):
        for mode in ("normal", "hostile", "empty"):
            self.mock(mode)
            for command in COMMANDS_THAT_READ:
                out, err, status = self.ctl(*command, "--json")
                self.assertEqual((err, status), ("", 0), (mode, command))
                json.loads(out)
                self.assertNotRegex(out.replace("\n", ""), "[\x00-\x1f\x7f-\x9f\u202e]", command)
            self.service.stop()
            self.bus.wait_no_name("org.governord")

    def test_json_keeps_every_character(self):
        self.mock("hostile")
        hostile = ast.literal_eval(re.search(r'HOSTILE = (".*")', (clitest.HERE / "mock_governord.py").read_text())[1])
        self.assertEqual(self.json("holds")[0]["reason"], hostile)
        self.assertEqual(self.json("power")[0]["model"], hostile)

    def test_nothing_reaches_the_terminal(self):
        """No command prints control characters from texts of other programs, in any output format."""
        self.mock("hostile")
        for command in COMMANDS_THAT_READ:
            for run in (lambda *c: self.ctl(*c)[0], lambda *c: self.tty(*c, "--no-color")[0]):
                out = run(*command)
                allowed = "\n\t" if command == ["dump"] else "\n"
                self.assertEqual([c for c in out if (ord(c) < 32 and c not in allowed) or 127 <= ord(c) < 160 or c == "\u202e"], [], command)
                self.assertFalse(command != ["dump"] and "\n  Profile:         forged" in out, command)

    def test_plain_records(self):
        self.mock()
        self.assertEqual(records(self.ctl("list")[0])[1], {
            "name": "balanced", "base": "balanced", "description": "What most want", "available": "true", "active": "true",
            "selected": "true"})
        self.assertEqual(records(self.ctl("holds")[0])[0]["reason"], "Compiling – 編譯")
        self.assertEqual(len(records(self.ctl("knobs")[0])), 198)
        status = records(self.ctl("status")[0])
        self.assertEqual([r[""] for r in status], ["status"] + ["request"] * 2 + ["rule"] * 2 + ["driver"] * 3 + ["failed"] * 4)
        self.assertEqual(status[0]["degraded"], "lap-detected,knobs-failed")
        self.assertNotIn("\t", "".join(self.ctl(*c)[0] for c in COMMANDS_THAT_READ if c != ["dump"]))

    def test_plain_survives_hostile_text(self):
        self.mock("hostile")
        rows = records(self.ctl("holds")[0])
        self.assertEqual([r["cookie"] for r in rows], ["3", "4"])
        self.assertIn('\\x1b[2J', rows[0]["reason"])

    def test_json_types(self):
        self.mock()
        status = self.json("status")
        self.assertEqual((status["profile"], status["battery_percentage"], status["rules"][1]["decides"]), ("balanced", 61, True))
        self.assertEqual(self.json()["cause"], "rule:build")
        self.assertEqual(self.json("cpus")[0]["max_khz"], 4400000)
        power = self.json("power")[0]
        self.assertEqual((power["microwatt"], power["limits"][0]["microwatt"]), (8250000, 15000000))
        self.assertIsNone(power["limits"][1]["highest_microwatt"])
        self.assertEqual(self.json("get"), {"profile": "balanced"})

    def test_people(self):
        self.mock()
        status, code = self.tty("status")
        self.assertEqual(code, 0)
        for text in ("Profile: balanced (rule build)", "battery at 61 %", "is on a lap", "policy0-policy3", "another program holds it",
                     "29min 0s", "speaks ABI 9", "\x1b[1m"):
            self.assertIn(text, status)
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertNotIn("\x1b", self.tty("status", env=env)[0])

    def test_folding(self):
        self.mock()
        out, _ = self.tty("explain", "performance", "--no-color")
        lines = [re.split(r"  +", line) for line in out.splitlines()]
        self.assertEqual([line[0] for line in lines[1:]], ["policy0-policy7", "policy8-policy11", "policy0..policy22 (12)", "package0", "package0"])
        self.assertEqual(lines[1][2:4], ["balance_performance", "performance"])
        self.assertEqual(len(self.tty("explain", "512", "--all")[0].splitlines()), 27)
        self.assertEqual(len(self.json("explain", "512")), 26)
        self.assertEqual(len(self.tty("knobs", "--no-color")[0].splitlines()), 5)

    def test_explain_of_the_profile_in_force(self):
        self.mock()
        self.assertEqual(self.json("explain"), self.json("explain", "balanced"))
        self.ctl("set", "performance")
        self.json("explain")
        self.assertEqual([call[1] for call in self.told() if call[0] == "Explain"], ["balanced", "balanced", "performance"])

    def test_explain_without_a_profile(self):
        self.mock("empty")
        self.assertEqual(self.ctl("explain"), ("", "governorctl: no profile is in force; name a profile or a level\n", 1))

    def test_columns_are_aligned(self):
        self.mock()
        lines = self.tty("holds", "--no-color")[0].splitlines()
        starts = {sum(2 if ord(c) > 0x2e80 else 1 for c in line[:line.index(word)]) for line, word in zip(lines, ("PID", "4242", "77"))}
        self.assertEqual(len(starts), 1)

    def test_level_of_a_domain(self):
        self.mock()
        self.assertEqual([c["cpu"] for c in self.json("level", "policy3")["cpus"]], [3])
        self.assertEqual([r["cookie"] for r in self.json("level", "package0")["requests"]], [4])

    def test_level_of_a_domain_with_gaps(self):
        """Ranges contain only CPUs of the domain."""
        self.mock("interleaved")
        shown = [line.split()[0] for line in self.tty("level", "package0", "--no-color")[0].split("\n\n")[0].splitlines()]
        self.assertEqual(shown, ["CPUS", "0", "2", "4", "6"])

    def test_answers_of_another_form(self):
        self.mock("other")
        for command in (["status"], ["holds"], ["get"]):
            out, err, status = self.ctl(*command)
            self.assertEqual((out, status), ("", 1))
            self.assertIn("unknown format", err)

    def test_empty_machine(self):
        self.mock("empty")
        self.assertEqual(self.json("power"), [])
        self.assertIn("No requests.", self.tty("holds")[0])
        self.assertEqual(self.tty("status")[1], 0)

    def test_complete(self):
        self.mock()
        self.assertEqual(self.ctl("complete", "profiles")[0].split(), ["power-saver", "balanced", "performance", "quiet-night"])
        domains = self.ctl("complete", "domains")[0].split()
        self.assertEqual((len(domains), len(set(domains)), domains[:2]), (202, 202, ["node", "package0"]))
        self.assertEqual(self.ctl("complete", "knobs")[0].split(), ["epp", "boost", "pl1"])
        self.assertEqual(json.loads(self.ctl("--json", "complete", "requests")[0]), ["3", "4"])
        self.assertEqual(self.ctl("complete", "requests")[0].split(), ["3", "4"])
        self.assertEqual(self.ctl("complete", "governors")[0].split(), ["slack", "steady", "elsewhere"])


class Changing(GctlTestCase):
    def test_set_and_level(self):
        self.mock()
        for argv in (["set", "performance"], ["level", "512"], ["level", "package0", "100"], ["level", "--floor", "5", "cpu1"],
                     ["level", "-c7", "--floor=5"], ["level", "--auto", "cpu1"]):
            self.assertEqual(self.ctl(*argv), ("", "", 0), argv)
        self.assertEqual(self.told(), [["Set", "ActiveProfile", "performance"], ["SetLevel", "node", 512, 512],
                                       ["SetLevel", "package0", 100, 100], ["SetLevel", "cpu1", 5, -1], ["SetLevel", "node", 5, 7],
                                       ["SetLevel", "cpu1", -1, -1]])
        self.assertEqual(self.json("level", "9"), {"domain": "node", "floor": 9, "ceiling": 9})

    def test_level_without_effect_is_said(self):
        self.mock()
        out, err, status = self.ctl("level", "--floor", "300", "device7")
        self.assertEqual((out, err, status), ("", "The floor of device7 is stored, but has no effect at present: nothing here follows levels.\n", 0))
        self.assertEqual(self.ctl("level", "--auto", "device7"), ("", "", 0))

    def test_usage_errors_make_no_call(self):
        self.mock()
        for argv in (["set"], ["set", "a", "b"], ["level", "1025"], ["level", "x", "y"], ["level", "--floor", "9", "--ceiling", "8"],
                     ["level", "5", "--auto"], ["level", "--floor", "-1"], ["level", "--floor", ""], ["hold"], ["hold", "--for", "0", "x"],
                     ["hold", "--for", "soon", "x"], ["hold", "x", "-p", "y"], ["release", "x"], ["launch"], ["bogus"], ["--bogus"],
                     ["get", "--floor", "1"], ["get", "--json=1"], ["level", "--floor"], ["config", "x"], ["help", "x"], ["level", "101%"], ["level", "60 %"], ["level", "x", "60%%"], ["explain", "101%"], ["explain", "a", "b"],
                     ["complete", "x"], ["get", "\x1b[2J", "x"], ["\x1b[2J"]):
            out, err, status = self.ctl(*argv)
            self.assertEqual((out, status), ("", 2), argv)
            self.assertTrue(err.startswith("governorctl: "), argv)
            self.assertNotIn("\x1b", err)
        self.assertEqual(self.told(), [])

    def test_options_before_the_command(self):
        self.mock()
        self.assertEqual(self.ctl("-v"), self.ctl("status", "-v"))
        self.assertEqual(self.ctl("--verbose", "--json", "status"), self.ctl("status", "-v", "--json"))
        self.assertEqual(self.tty("-v", "knobs", "epp"), self.tty("knobs", "epp", "-v"))
        self.assertNotEqual(self.tty("-v", "knobs", "epp"), self.tty("knobs", "epp"))
        self.assertEqual(self.ctl("--floor", "9", "level", "-c=10"), self.ctl("level", "-c=10", "--floor", "9"))
        self.assertEqual(self.ctl("-p", "power-saver", "launch", "echo", "-p"), ("-p\n", "", 0))
        self.assertEqual(self.ctl("-d", "cpu1", "hold", "--level")[2], 2)  # -d is also an option of top
        self.assertRegex(self.ctl("-n", "1", "top")[0], r"^look ")
        self.assertEqual(self.ctl("get", "--version"), self.ctl("--version"))

    def test_a_refused_option_is_said_with_the_commands_that_take_it(self):
        self.mock()
        for argv, message in ((["get", "-v"], 'the command "get" does not accept the option -v'), (["-v", "get"], 'the command "get" does not accept the option -v'),
                              (["--floor", "1"], 'the command "status" does not accept the option --floor'),
                              (["get", "--floor=1"], 'the command "get" does not accept the option --floor')):
            out, err, status = self.ctl(*argv)
            self.assertEqual((out, status), ("", 2), argv)
            self.assertIn(message + "\n", err)
        self.assertIn("These commands accept it: status, knobs, cpus, top, check\n", self.ctl("-v", "get")[1])
        self.assertIn("These commands accept it: level, hold, launch\n", self.ctl("get", "-f", "1")[1])
        self.assertIn("These commands accept it: hold, launch, top\n", self.ctl("get", "-d", "1")[1])
        self.assertIn('unknown command: bogus', self.ctl("-v", "bogus")[1])
        self.assertIn('unknown option: --bogus', self.ctl("--bogus", "get")[1])

    def test_launch(self):
        self.mock()
        self.assertEqual(self.ctl("launch", "sh", "-c", "echo a; exit 7"), ("a\n", "", 7))
        self.assertEqual(self.ctl("launch", "-p", "power-saver", "--floor", "3", "-d", "cpu1", "--for", "1h", "-r", "R", "-i", "A", "--",
                                  "echo", "-p", "--", "x"), ("-p -- x\n", "", 0))
        self.assertEqual(self.ctl("launch", "sh", "-c", "kill -9 $$")[2], -signal.SIGKILL)
        self.assertEqual(self.ctl("launch", "/nonexistent")[2], 127)
        self.assertEqual(self.ctl("launch", "/")[2], 126)
        calls = self.told()
        self.assertEqual([c for c in calls if c[0] != "ReleaseRequest"][:3],
                         [["HoldProfile", "performance", "Running sh", "sh", 0], ["HoldProfile", "power-saver", "R", "A", 3600000000],
                          ["RequestLevel", "cpu1", 3, -1, "R", "A", 3600000000]])
        self.assertEqual(sum(c[0] == "ReleaseRequest" for c in calls), 6)

    def test_launch_gives_up_when_the_second_request_is_refused(self):
        self.mock()
        out, _err, status = self.ctl("launch", "-p", "performance", "--floor", "5", "--domain", "mars", "echo", "x")
        self.assertEqual((out, status), ("", 1))
        self.assertEqual(self.told()[-1][0], "ReleaseRequest")

    def test_reload_error_is_shown(self):
        self.mock()
        _out, err, status = self.ctl("reload")
        self.assertEqual(status, 1)
        self.assertIn("governord.conf:7: unknown knob 'warp'\nNothing was changed", err)

    def test_reload_names_lines_without_effect(self):
        self.mock("idle-lines")
        out, err, status = self.ctl("reload")
        self.assertEqual((out, status, err.count("\n")), ("", 0, 1))
        self.assertIn("quiet.conf:6 has no effect here: no driver has 'pump-limt'", err)


class Errors(GctlTestCase):
    def test_not_running(self):
        for command in COMMANDS_THAT_READ + [["set", "x"], ["level", "5"], ["hold", "x"], ["release", "1"], ["launch", "true"], ["reload"],
                                             ["monitor"]]:
            if command not in (["version"],):
                out, err, status = self.ctl(*command)
                self.assertEqual((out, status), ("", 3), command)
                self.assertIn("systemctl start governord", err)
        self.assertEqual(self.ctl("version")[2], 0)
        self.assertIn("not running", self.ctl("version")[0])
        self.assertEqual(self.ctl("complete", "profiles"), ("", "", 3))

    def test_not_started_without_systemd(self):
        with ActivatingBus() as bus:
            for command in ["status"], ["set", "x"], ["hold", "x"], ["sessions"]:
                out, err, status = self.ctl(*command, env=bus.env)
                self.assertEqual((out, status), ("", 3), command)
                self.assertIn("overnord could not be started", err)
                self.assertIn("start it by hand", err)
            out, err, status = self.ctl("check", env=bus.env)
            self.assertEqual((err, status), ("", 2))
            self.assertIn("governord could not be started", out)

    def test_no_bus(self):
        _out, err, status = self.ctl("get", "--bus-address", "unix:path=/nonexistent")
        self.assertEqual(status, 3)
        self.assertIn("system bus", err)
        self.assertEqual(self.ctl("--bus-address", "nonsense", "get")[2], 3)
        out, err, status = self.ctl("--bus-address", "unix:path=/nonexistent", "version")  # the version of the service is unknown
        self.assertRegex(out, r"^governorctl: \d\S+\ngovernord: unknown\n$")
        self.assertEqual((err, status), ("governorctl: cannot reach the system bus: No such file or directory\n", 0))
        out, err, status = self.ctl("--json", "--bus-address", "nonsense", "version")
        self.assertEqual((json.loads(out)["governord"], status), ("unknown", 0))
        self.assertIn("cannot reach the system bus", err)

    def test_bus_address(self):
        self.mock()
        env = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"}
        self.assertEqual(self.ctl("--bus-address", self.bus.address, "get", env=env), ("balanced\n", "", 0))

    def test_access_denied(self):
        self.mock("denied")
        for command, action in ((["set", "performance"], "set-profile"), (["level", "5"], "set-level"), (["hold", "performance"], "hold-profile"),
                                (["hold", "--level", "5"], "request-level"), (["launch", "true"], "hold-profile"), (["reload"], "reload")):
            out, err, status = self.ctl(*command)
            self.assertEqual((out, status), ("", 1), command)
            self.assertRegex(err, rf"polkit decides by the action org\.governord\.{action}[.,]")
            self.assertIn("Not authorized", err)
        self.assertIsNone(self.json("power")[0]["microwatt"])
        self.assertIn("org.governord.read-energy", self.tty("power")[0])

    def test_limit(self):
        self.mock("full")
        self.assertIn("governorctl holds", self.ctl("hold", "performance")[1])

    def test_full_disk(self):
        self.mock()
        with open("/dev/full", "w") as full:
            result = subprocess.run([clitest.governorctl(), "status"], env=self.env(), stdout=full, stderr=subprocess.PIPE, timeout=120)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"cannot write", result.stderr)


class Staying(GctlTestCase):
    """hold and monitor run until an event ends them; checks the exit status and the last output for each event."""

    def setUp(self):
        self.mock()

    def hold(self, *argv):
        process = self.popen(clitest.governorctl(), "hold", *argv)
        self.assertRegex(process.stdout.readline(), r"^cookie=\d+\n$")
        return process

    def finish(self, process):
        with process:
            out, err = process.communicate(timeout=120)
        self.assertNotIn("Sanitizer", err)
        return out, err, process.returncode

    def test_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process = self.hold("performance")
            process.send_signal(number)
            self.assertEqual(self.finish(process), ("", "", 0))
            self.assertEqual(self.told()[-1][0], "ReleaseRequest")

    def test_deadline(self):
        process = self.hold("--level", "700", "--domain", "package0", "--for", "200ms")
        _out, err, status = self.finish(process)
        self.assertEqual(status, 0)
        self.assertIn("time has passed", err)
        self.assertEqual(self.told()[0][:4], ["RequestLevel", "package0", 700, 700])

    def test_ended_by_others(self):
        process = self.hold("performance")
        self.bus.call("org.governord", "/org/governord", "org.governord.Test", "EndAll")
        _out, err, status = self.finish(process)
        self.assertEqual(status, 1)
        self.assertIn("by hand", err)

    def test_released_by_cookie(self):
        process = self.hold("performance")
        self.assertEqual(self.ctl("release", "7"), ("", "", 0))
        self.assertEqual(self.finish(process)[2], 1)
        self.assertIn("governorctl holds", self.ctl("release", "7")[1])

    def test_daemon_vanishes(self):
        process = self.hold("performance")
        self.service.kill()
        _out, err, status = self.finish(process)
        self.assertEqual(status, 3)
        self.assertIn("governord ended", err)

    def test_bus_vanishes(self):
        with testbus.TestBus() as other:
            service = other.spawn(["/usr/bin/python3", clitest.HERE / "mock_governord.py"], "mock")
            other.wait_name("org.governord", process=service)
            process = self.hold("performance", "--bus-address", other.address)
            other._disconnect()
            other.processes[0].kill()
            _out, err, status = self.finish(process)
        self.assertEqual(status, 3)
        self.assertIn("connection to the bus was lost", err)

    def test_hold_json(self):
        process = self.popen(clitest.governorctl(), "hold", "performance", "--floor", "5", "--for", "300ms", "--json")
        out, _err, status = self.finish(process)
        self.assertEqual((len(json.loads(out)["cookies"]), status), (2, 0))

    def monitor(self, *argv):
        """Starts "governorctl monitor". Returns the process and its first lines: 12 properties, two requests and two sessions."""
        process = self.popen(clitest.governorctl(), "monitor", *argv)
        return process, [process.stdout.readline() for _ in range(16)]

    def test_monitor(self):
        process, first = self.monitor("--json")
        first = [json.loads(line) for line in first]
        self.assertIn({"event": "property", "name": "ActiveProfile", "value": "balanced"}, first)
        self.assertEqual({line["name"] for line in first[:12]},
                         {"ActiveProfile", "SelectedProfile", "Cause", "Degraded", "PowerSource", "BatteryPercentage", "Version", "Rung", "RungReason",
                          "Governor", "Profiles", "Rules"})
        self.assertEqual([(line["event"], line["state"], line.get("cookie", line.get("session"))) for line in first[12:]],
                         [("request", "begun", 3), ("request", "begun", 4), ("session", "begun", 3), ("session", "begun", 11)])
        self.bus.call("org.governord", "/org/governord", "org.governord.Test", "BeginAndEnd")
        lines = [json.loads(process.stdout.readline()) for _ in range(4)]
        self.assertEqual(lines[0], {"event": "request", "state": "begun", "cookie": 9, "kind": "floor", "domain": "cpu1", "value": "300",
                                    "application": "x", "reason": "y", "owner": ":1.9", "pid": 77})
        self.assertEqual(lines[1], {"event": "request", "state": "ended", "cookie": 9, "why": "deadline"})
        self.assertEqual([lines[2][k] for k in ("event", "state", "session", "pid", "target_us")], ["session", "begun", 5, 4005, 850])
        self.assertEqual(lines[3], {"event": "session", "state": "ended", "session": 5})
        self.ctl("set", "performance")
        self.assertEqual(json.loads(process.stdout.readline())["value"], "performance")
        changed = json.loads(process.stdout.readline())
        self.assertEqual((changed["event"], changed["knob"], changed["domains"], changed["new"]), ("changed", "epp", 8, "performance"))
        self.service.stop()
        self.assertEqual(json.loads(process.stdout.readline()), {"event": "service", "state": "stopped"})
        self.mock("hostile")
        self.assertEqual(json.loads(process.stdout.readline())["state"], "started")
        self.ctl("set", "performance")
        self.assertNotIn("\x1b", process.stdout.readline() + process.stdout.readline())
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(process), ("", "", 0))

    def test_monitor_plain(self):
        process, first = self.monitor()
        self.assertIn("property name=ActiveProfile value=balanced\n", first)
        self.assertTrue(first[12].startswith("request state=begun cookie=3 kind=profile "), first)
        self.assertTrue(first[14].startswith("session state=begun session=3 "), first)
        self.ctl("set", "power-saver")
        self.assertEqual(process.stdout.readline(), "property name=ActiveProfile value=power-saver\n")
        self.assertEqual(records(process.stdout.readline())[0]["knob"], "epp")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(process)[2], 0)


class ConfigCheck(GctlTestCase):
    def test_check_of_a_file_is_another_command(self):
        out, err, status = self.ctl("check", "/etc/governord/governord.conf")
        self.assertEqual((out, status), ("", 2))
        self.assertIn("To check a file of the configuration: governorctl config check FILE\n", err)

    def daemon(self, text):
        path = self.folder / "fake-daemon"
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        return {"GOVERNORD_DAEMON": str(path)}

    def test_status_is_passed_on(self):
        env = self.daemon('echo "$@"; test "$1" != --check-config=bad || exit 4\n')
        self.assertEqual(self.ctl("config", "check", env=env), ("--check-config\n", "", 0))
        self.assertEqual(self.ctl("config", "check", "good", "bad", "good", env=env),
                         ("--check-config=good\n--check-config=bad\n--check-config=good\n", "", 4))
        self.assertEqual(self.ctl("config", "check", "--root", "/r", "good", "--driver-dir=/d", env=env)[0], "--check-config=good --root /r --driver-dir /d\n")
        out, _err, status = self.ctl("config", "check", "good", "bad", "--json", env=env)
        self.assertEqual((status, [(f["file"], f["status"], f["output"]) for f in json.loads(out)]),
                         (4, [("good", 0, "--check-config=good\n"), ("bad", 4, "--check-config=bad\n")]))

    def test_not_installed(self):
        _out, err, status = self.ctl("config", "check", env={"GOVERNORD_DAEMON": "/nonexistent/governord"})
        self.assertEqual(status, 127)
        self.assertIn("/nonexistent/governord", err)
        self.assertIn("set GOVERNORD_DAEMON to the path of the program", err)


def keys(document):
    """Returns the names of all members of a JSON document."""
    if isinstance(document, list):
        return set().union(*map(keys, document))
    return set(document).union(*map(keys, document.values())) if isinstance(document, dict) else set()


class Documents(GctlTestCase):
    """Help, man pages and completions list the same options and commands, and the man page lists all keys of the output."""

    def test_keys(self):
        man = (clitest.SOURCE / "docs/man/governorctl.1").read_text()
        words = set(re.findall(r"\w+", man[man.index("\nThe keys are"):man.index("\n.SH EXIT STATUS")]))
        for mode in "corners", "normal":
            self.mock(mode)
            for command in [*COMMANDS_THAT_READ, ["check"], ["top", "-n1"]]:
                out = self.ctl(*command, "--json")[0]
                self.assertEqual(sorted(keys(json.loads(out)) - words), [], command)
            self.service.stop()
            self.bus.wait_no_name("org.governord")

    def help_of(self, *argv):
        return subprocess.run([clitest.governorctl(), *argv], capture_output=True, text=True, check=True, timeout=120).stdout

    def texts(self, name):
        man = (clitest.SOURCE / "docs" / "man" / f"{name}.1").read_text().replace("\\-", "-")
        folder = clitest.SOURCE / "tools" / "completions"
        return man, {f: (folder / f).read_text() for f in (f"{name}.bash", f"_{name}", f"{name}.fish")}

    def check(self, name, options, commands, completions_know_commands):
        man, completions = self.texts(name)
        for option in options:
            self.assertRegex(man, re.escape(option) + r"\b", name)
            for file, text in completions.items():
                named = re.search(rf"-l {option[2:]}\b", text) if file.endswith(".fish") else re.search(re.escape(option) + r"\b", text)
                self.assertTrue(named, f"{file} does not name {option}")
        for command in commands:
            self.assertRegex(man, rf'(?m)^\.(B|BI|BR) "?{command}\b', f"{name}.1 does not name {command}")
            if completions_know_commands:
                for file, text in completions.items():
                    self.assertIn(command, text, file)

    def test_governorctl(self):
        commands = re.findall(r"^  ([a-z]+) ", self.help_of("--help"), re.M)
        self.assertEqual(commands, self.help_of("complete", "commands").split())
        texts = [self.help_of("--help")] + [self.help_of("help", c) for c in commands]
        options = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", "\n".join(texts)))
        self.assertGreater(len(options), 14)
        self.check("governorctl", options, commands, False)

    def test_powerprofilesctl(self):
        with testbus.tempfile.TemporaryDirectory() as folder:
            ppd = pathlib.Path(folder) / "powerprofilesctl"
            ppd.symlink_to(clitest.governorctl())
            run = lambda *argv: subprocess.run([ppd, *argv], capture_output=True, text=True, check=True, timeout=120).stdout
            commands = re.search(r"\{([^}]*)\}", run("-h"))[1].split(",")
            options = set(re.findall(r"--[a-z][a-z-]*", "\n".join(run(c, "-h") for c in commands)))
        self.assertEqual(len(commands), 10)
        self.check("powerprofilesctl", options, commands, True)

    def test_shells_accept_the_completions(self):
        folder = clitest.SOURCE / "tools" / "completions"
        runs = lambda shell: subprocess.run([shell, "-c", "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
        shells = [s for s in ("bash", "zsh", "fish") if testbus.shutil.which(s) and runs(s)]
        for shell in shells:
            for name in ("governorctl", "powerprofilesctl"):
                file = folder / (f"_{name}" if shell == "zsh" else f"{name}.{shell}")
                subprocess.run([shell, "-n", file], check=True, timeout=120)


class CompletionCase(GctlTestCase):
    def tools(self):
        tools = self.folder / "bin"
        tools.mkdir(exist_ok=True)
        for link in ("governorctl", "powerprofilesctl"):
            if not (tools / link).exists():
                (tools / link).symlink_to(clitest.governorctl())
        return tools

    def check_options(self):
        """Completion offers exactly the options that each command accepts."""
        for command in self.ctl("complete", "commands")[0].split():
            accepted = set(re.findall(r"(?m)^  (?:-\w, |    )?(--[a-z][a-z0-9-]*)", self.ctl("help", command)[0]))
            self.assertIn("--json", accepted)
            offered = {option.rstrip("=") for option in self.complete("governorctl", command, "--")}
            self.assertEqual(offered, accepted, command)


@unittest.skipUnless(testbus.shutil.which("fish"), "fish is not installed")
class FishCompletion(CompletionCase):
    def complete(self, *words):
        script = f"source {clitest.SOURCE}/tools/completions/{words[0]}.fish; complete --do-complete $argv[1]"
        env = {"PATH": f"{self.tools()}:{os.environ['PATH']}", "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        out = self.run_program("fish", "--no-config", "-c", script, " ".join(words), env=env)[0]
        return [line.split("\t")[0] for line in out.splitlines()]

    def test_options(self):
        self.check_options()

    def test_names(self):
        self.mock()
        self.assertEqual(self.complete("governorctl", "expl"), ["explain"])
        self.assertEqual(sorted(self.complete("governorctl", "set", "p")), ["performance", "power-saver"])
        self.assertEqual(sorted(self.complete("governorctl", "--bus-address", self.bus.address, "set", "p")), ["performance", "power-saver"])
        self.assertEqual(self.complete("governorctl", "knobs", "ep"), ["epp"])
        self.assertEqual(self.complete("governorctl", "hold", "-d", "policy191"), ["policy191"])
        self.assertEqual(sorted(self.complete("governorctl", "governor", "l")), ["list", "load"])
        self.assertEqual(sorted(self.complete("governorctl", "governor", "load", "s")), ["slack", "steady"])
        self.assertEqual(self.complete("governorctl", "governor", "sl"), [])


class BashCompletion(CompletionCase):
    def complete(self, *words):
        name = words[0]
        tools = self.tools()
        script = (f'source {clitest.SOURCE}/tools/completions/{name}.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _{name}; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        out, _err, _status = self.run_program("bash", "-c", script, "bash", *words, env={"PATH": f"{tools}:{os.environ['PATH']}"})
        return out.split()

    def test_options(self):
        self.check_options()

    def test_arguments_of_a_command(self):
        """After the program that launch or run starts, completion leaves the words to that program."""
        for words in ["launch", "-p", "balanced", "make", "--"], ["run", "--target", "2ms", "--", "make", "--pr"]:
            self.assertEqual(self.complete("governorctl", *words), [], words)

    def test_names_come_from_the_service(self):
        self.mock()
        self.assertEqual(self.complete("governorctl", "set", "p"), ["power-saver", "performance"])
        self.assertEqual(self.complete("governorctl", "why", "no"), ["node"])
        self.assertEqual(self.complete("governorctl", "knobs", "ep"), ["epp"])
        self.assertEqual(self.complete("governorctl", "--json", "why", "policy19"), ["policy19", "policy190", "policy191"])
        self.assertEqual(self.complete("governorctl", "launch", "-p", "quiet"), ["quiet-night"])
        self.assertEqual(self.complete("governorctl", "expl"), ["explain"])
        self.assertEqual(self.complete("governorctl", "level", "--a"), ["--auto"])
        self.assertEqual(self.complete("governorctl", "governor", "l"), ["list", "load"])
        self.assertEqual(self.complete("governorctl", "governor", "load", "s"), ["slack", "steady"])
        self.assertEqual(self.complete("governorctl", "run", "--p"), ["--percentile", "--p95", "--p99"])
        self.assertEqual(self.complete("powerprofilesctl", "set", ""), ["performance", "balanced", "power-saver"])
        self.assertEqual(self.complete("powerprofilesctl", "configure-action", "a"), ["amdgpu_dpm"])

    def test_without_the_service(self):
        self.assertEqual(self.complete("governorctl", "set", ""), [])


if __name__ == "__main__":
    unittest.main()
