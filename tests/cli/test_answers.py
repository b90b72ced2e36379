#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Error messages and hints of governorctl for wrong arguments, and its output about settings, CPUs and the state of the service."""

import json
import os
import re
import socket
import subprocess
import threading
import unittest

import clitest


class AnswerCase(clitest.CliTestCase):
    def ctl(self, *argv, **options):
        return self.run_program(clitest.governorctl(), *argv, **options)

    def tty(self, *argv, **options):
        return self.run_on_tty(clitest.governorctl(), *argv, "--no-color", **options)[0]

    def json(self, *argv):
        return json.loads(self.ctl(*argv, "--json")[0])


class Words(AnswerCase):
    def test_did_you_mean(self):
        self.mock()
        for argv, near in ((["sttatus"], "status"), (["help", "knbs"], "knobs"), (["set", "perfomance"], "performance"),
                           (["explain", "balancd"], "balanced"), (["knobs", "pakage0"], "package0"), (["why", "eppp"], "epp"),
                           (["level", "pakage0"], "package0"), (["level", "Nod"], "node"), (["governor", "load", "stedy"], "steady"),
                           (["set", "perf"], "performance"), (["set", "POWER"], "power-saver"), (["knobs", "boosting"], "boost"),
                           (["why", "boost-switch"], "boost"), (["level", "--celing", "5"], "--ceiling"), (["level", "--flor=5"], "--floor"),
                           (["--jsn", "status"], "--json"), (["--celing", "5", "level"], "--ceiling"), (["hold", "--profile-name", "x"], "--profile"), (["top", "--dela=1"], "--delay")):
            out, err, status = self.ctl(*argv)
            self.assertEqual(out, "", argv)
            self.assertIn(f'did you mean "{near}"?', err, argv)
            self.assertIn(status, (1, 2), argv)
        for argv in ["set", "something-else"], ["set", "pe"], ["level", "--nothing-like-it"]:
            self.assertNotIn("did you mean", self.ctl(*argv)[1], argv)

    def test_no_method_names(self):
        for mode in ("denied", "other"):
            self.mock(mode)
            for argv in (["status"], ["set", "x"], ["level", "5"], ["explain", "x"], ["release", "99"], ["sessions"]):
                err = self.ctl(*argv)[1]
                self.assertNotRegex(err, r"\b(GetAll|Set|SetLevel|HoldProfile|RequestLevel|ListKnobs|ListRequests|Explain|Why|Reload|"
                                         r"ReleaseRequest|LoadGovernor|GetManagedObjects)\b", argv)
            self.service.stop()
            self.bus.wait_no_name("org.governord")

    def test_domains_that_do_not_exist(self):
        self.mock()
        for word in "nosuchdomain", "package9", "cpu99", "Node":
            out, err, status = self.ctl("level", word)
            self.assertEqual((out, status), ("", 1), word)
            self.assertIn(f'no domain "{word}" on this machine', err)
        self.assertEqual(self.ctl("level", "node")[2], 0)

    def test_a_domain_of_another_kind_is_no_slip(self):
        """npu0 of a driver is device0, which no correction of the spelling finds. Therefore the message lists the existing
        domains."""
        self.mock("corners")
        for argv in (["level", "npu0"], ["level", "npu0", "512"], ["level", "npu0", "--auto"], ["hold", "-d", "npu0", "--level", "5"],
                     ["knobs", "npu0"], ["why", "npu0"], ["level", "cpu8"]):
            out, err, status = self.ctl(*argv)
            self.assertEqual((out, status), ("", 1), argv)
            self.assertNotIn("did you mean", err)
            self.assertRegex(err, r"has the domains node, package0, policy0-policy191, cpu0-cpu7, device0\.\n")
            self.assertIn("governorctl knobs", err)
        self.assertNotIn("did you mean", self.ctl("level", "eppp")[1])  # names of knobs are not suggested as domains

    def test_lists_that_could_not_be_read(self):
        """If lists of the service cannot be read, an incomplete list is not shown, and a word is not rejected because of it."""
        self.mock("no-lists")
        out, err, status = self.ctl("level", "npu0", "512")
        self.assertEqual((out, status), ("", 1))
        self.assertIn("There is no domain 'npu0'\n", err)
        self.assertNotIn("has the domains", err)
        for argv in ["knobs", "epp"], ["why", "epp"]:
            out, err, status = self.ctl(*argv)
            self.assertEqual((out, status), ("", 1), argv)
            self.assertNotIn("no domain", err, argv)
            self.assertIn("This user has asked for too much at once", err, argv)

    def test_percent(self):
        self.mock()
        for argv in (["level", "60%"], ["level", "package0", "0%"], ["level", "--floor", "50%", "--ceiling=100%"], ["explain", "60%"]):
            self.assertEqual(self.ctl(*argv)[1:], ("", 0), argv)
        self.assertEqual(self.told(), [["SetLevel", "node", 614, 614], ["SetLevel", "package0", 0, 0], ["SetLevel", "node", 512, 1024],
                                       ["Explain", "614"]])
        for word in "101%", "60 %", "%", "-1%", "60%%", "0.5":
            out, err, status = self.ctl("level", "--", word)
            self.assertEqual((out, status), ("", 2), word)
            self.assertIn("a level is a number from 0 to 1024, or a percentage of 1024, such as 60%\n", err)


class Refusals(AnswerCase):
    def test_refused_by_polkit(self):
        self.mock("denied")
        err = self.ctl("set", "performance")[1]
        self.assertIn("cannot choose the profile: Not authorized", err)
        self.assertEqual("with sudo" in err, os.geteuid() != 0)

    def test_refused_without_polkit(self):
        """Where polkit is missing, the message does not suggest a polkit rule."""
        self.mock("no-polkit")
        out, err, status = self.ctl("set", "performance")
        self.assertEqual((out, status), ("", 1))
        self.assertIn("polkit is not on the bus, so only root may do this", err)
        self.assertNotIn("rules.d", err)
        self.assertIn("systemctl status polkit", err)

    def test_refused_by_the_bus(self):
        """If the bus rejects the call, because org.governord.conf is missing, the message does not attribute this to polkit."""
        self.mock("bus-denied")
        out, err, status = self.ctl("set", "performance")
        self.assertEqual((out, status), ("", 3))
        self.assertNotIn("polkit decides", err)
        self.assertNotIn("root, may", err)
        self.assertIn("org.governord.conf", err)

    def test_limit_of_the_bus(self):
        self.mock("bus-limit")
        out, err, status = self.ctl("set", "performance")
        self.assertEqual((out, status), ("", 3))
        self.assertIn("The message bus has reached one of its limits and did not pass the call to governord. Try again", err)
        out, err, status = self.ctl("check")
        self.assertEqual((out, err, status),
                         ("governord CRITICAL: the message bus has reached one of its limits and did not pass the call to governord: systemctl status governord\n", "", 2))
        out, err, status = self.ctl("version")
        self.assertIn("governord: unknown\n", out)
        self.assertIn("The message bus has reached one of its limits", err)
        self.assertEqual(status, 0)

    def test_a_bus_that_hangs_up(self):
        """A bus that closes connections at once cannot be reached: the exit status is 3."""
        path = self.folder / "socket"
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
            server.listen()

            def hang_up():
                while True:
                    try:
                        server.accept()[0].close()
                    except OSError:
                        return
            thread = threading.Thread(target=hang_up, daemon=True)
            thread.start()
            for argv in ["set", "performance"], ["status"], ["check"]:
                out, err, status = self.ctl(*argv, "--bus-address", f"unix:path={path}")
                self.assertIn(status, (2, 3) if argv == ["check"] else (3,), (out, err))
                self.assertNotIn("System.Error", out + err)
            server.shutdown(socket.SHUT_RDWR)
        thread.join(20)

    def test_draw(self):
        """The output states why the power is unknown."""
        self.mock("denied")
        self.assertIn("this user may not read it (polkit action org.governord.read-energy)", self.tty("power"))
        self.assertEqual(self.json("power")[0]["why_unknown"], "denied")
        self.service.stop()
        self.bus.wait_no_name("org.governord")
        self.mock("no-counter")
        self.assertIn("no energy counter", self.tty("power"))
        self.assertEqual(self.json("power")[0]["why_unknown"], "no-counter")
        self.service.stop()
        self.bus.wait_no_name("org.governord")
        self.mock("bad-counter")
        said = "The energy counter package0 energy cannot be read: Input/output error"
        self.assertIn(f"power: unknown, since it could not be read: {said}\\x1b[2J\n", self.tty("power"))
        device = self.json("power")[0]
        self.assertEqual((device["microwatt"], device["why_unknown"], device["failure"]), (None, "failed", said + "\x1b[2J"))
        self.assertIn('why_unknown=failed failure="' + said, self.ctl("power")[0])


class Shown(AnswerCase):
    HELP = "Energy-performance preference of the processor"

    def test_status_without_rungs(self):
        self.mock()
        self.assertIn("Governor: slack (governord 0.2.0) (decides in the service, in user space, from the reports of sessions; BPF is not used: no right to load BPF", self.tty("status"))
        self.assertNotIn("ung", self.tty("status"))
        self.assertIn("Rung: user", self.tty("status", "-v"))

    def test_settings_are_explained(self):
        self.mock()
        self.assertEqual({k["help"] for k in self.json("knobs")}, {self.HELP})
        self.assertNotIn(self.HELP, self.tty("knobs"))
        self.assertIn(f"epp (intel): {self.HELP}\n", self.tty("knobs", "-v"))
        self.assertIn(f"pl1 (intel): {self.HELP}\n", self.tty("knobs", "-v"))
        one = self.tty("knobs", "epp")
        self.assertIn(f"epp (intel): {self.HELP}\n", one)
        self.assertNotIn("pl1", one)

    def test_names_of_settings(self):
        self.mock()
        self.assertEqual({k["knob"] for k in self.json("knobs", "boost")}, {"boost"})
        self.assertEqual(len(self.json("why", "epp")), 4)
        self.assertEqual(self.json("why", "boost"), [])
        self.assertEqual({k["domain"] for k in self.json("knobs", "policy3")}, {"policy3"})

    def test_80_columns(self):
        self.mock()
        for argv in ["knobs"], ["cpus"]:
            lines = self.tty(*argv, env={"COLUMNS": "80"}).splitlines()
            self.assertLessEqual(max(map(len, lines)), 80, argv)
            self.assertGreater(max(map(len, self.tty(*argv, "-v", env={"COLUMNS": "80"}).splitlines())), 80)
        lines = self.tty("knobs", env={"COLUMNS": "80"})
        for word in ("DOMAIN", "KNOB", "NOW", "STATE", "PART", "rapl-mmio"):  # columns that distinguish two lines are not left out
            self.assertIn(word, lines)

    def test_labels_in_explain(self):
        self.mock()
        self.assertEqual([r["label"] for r in self.json("explain", "512") if r["knob"] == "pl1"], ["package-0", "package-0 (mmio)"])
        self.assertIn("package-0 (mmio)", self.tty("explain", "512"))

    def test_cpus_now(self):
        self.mock()
        cpus = self.json("cpus")
        self.assertEqual([(c["now_khz"], c["idle_percent"]) for c in cpus[:2]], [(1500000, 25)] * 2)
        self.assertEqual([cpus[7][k] for k in ("policy", "package", "now_khz", "efficient_khz")], [None] * 4)
        table = self.tty("cpus", "-v").splitlines()
        self.assertEqual(table[0].split()[-2:], ["NOW", "IDLE"])
        self.assertTrue(table[1].endswith("1.50 GHz  25 %"), table)
        self.assertEqual(table[8].split()[1:3], ["-", "-"])
        self.assertNotIn("4294967295", self.ctl("cpus")[0])

    def test_battery_that_is_not_there(self):
        self.mock("empty")
        self.assertIsNone(self.json("status")["battery_percentage"])


class Corners(AnswerCase):
    def test_status_names_lines_without_effect(self):
        self.mock("corners")
        out = self.tty("status")
        self.assertIn("Lines of the configuration that have no effect on this machine", out)
        self.assertEqual(re.findall(r"quiet\.conf:(\d+) +this machine has no pump", out), list("12345678"))

    def test_set_names_lines_without_effect(self):
        self.mock("corners")
        out, err, status = self.ctl("set", "power-saver")
        self.assertEqual((out, status), ("", 0))
        self.assertEqual(err.splitlines(), [f"quiet.conf:{n} has no effect here: this machine has no pump" for n in range(1, 6)] +
                         ["3 more lines of the configuration without effect: governorctl status"])
        self.service.stop()
        self.bus.wait_no_name("org.governord")
        self.mock()
        self.assertEqual(self.ctl("set", "power-saver"), ("", "", 0))

    def test_set_that_the_hardware_refused(self):
        """The former profile is restored, so "governorctl status" would not show the failure. The hint names the journal
        instead."""
        self.mock("corners")
        out, err, status = self.ctl("set", "performance")
        self.assertEqual((out, status), ("", 1))
        self.assertIn("policy0 epp: no", err)
        self.assertNotIn("governorctl status", err)
        self.assertIn("journalctl -u governord", err)

    def test_level_of_a_device(self):
        self.mock("corners")
        out = self.tty("level", "device0")
        self.assertNotIn("No CPU belongs to this domain", out)
        self.assertIn("device0 is a device", out)
        self.assertIn("governorctl knobs device0", out)
        self.assertIn("governorctl level device0 --floor N --ceiling N", out)

    def test_power_limits_of_devices(self):
        """Power limits are shown for every domain that has some."""
        self.mock("corners")
        devices = {d["domain"]: d for d in self.json("power")}
        self.assertEqual(sorted(devices), ["device0", "node", "package0"])
        self.assertEqual(devices["device0"]["kind"], "device")
        self.assertEqual(devices["device0"]["limits"], [
            {"knob": "cap", "label": "slow", "microwatt": 30000000, "lowest_microwatt": 10000000, "highest_microwatt": 60000000},
            {"knob": "top-cap", "label": "", "microwatt": None, "lowest_microwatt": None, "highest_microwatt": None}])
        self.assertEqual(devices["device0"]["why_unknown"], "not-measured")
        self.assertIn("limit domain=device0 knob=cap", self.ctl("power")[0])
        self.assertRegex(self.tty("power"), r"device0\n(.*\n)+ *cap +slow +30\.0 W +10\.0 W +60\.0 W\n")

    def test_sessions_of_other_users(self):
        """Values that this user may not see are not shown as zeros, and one line states the reason."""
        self.mock("corners")
        for out in self.tty("sessions"), self.tty("top", "-n1", "--plain"):
            rows = [line.split() for line in out.splitlines() if line.startswith("user 1001")]
            self.assertEqual(len(rows), 2, out)
            for row in rows:
                self.assertEqual(set(row[2:]) - {"-", "yes"}, set(), out)
            self.assertEqual(out.count("root"), 1, out)
            self.assertIn("Details of 2 sessions of other users are shown only to these users and to root.", out)
        nobody_knows = self.json("sessions")[1]
        self.assertEqual((nobody_knows["application"][:9], nobody_knows["pid"], nobody_knows["target_us"]), ("a-program", None, 850))
        session = self.json("sessions")[0]
        self.assertEqual((session["uid"], session["active"], session["application"]), (1001, True, ""))
        for key in "pid", "target_us", "permille", "window_us", "stale_us", "cap", "estimate_us", "level", "samples", "violations", "invalid", "delay_us":
            self.assertIsNone(session[key], key)
        self.assertIn('pid=""', self.ctl("sessions")[0].splitlines()[0])
        look = json.loads(self.ctl("top", "-n2", "-d0.1", "--json")[0].splitlines()[1])
        self.assertIsNone(look["sessions"][0]["samples_per_second"])


class Check(AnswerCase):
    def check(self, *argv):
        out, err, status = self.ctl("check", *argv)
        self.assertEqual(err, "")
        return out, status

    def test_warning(self):
        self.mock()
        out, status = self.check()
        self.assertEqual((status, out.count("\n")), (1, 1))
        self.assertRegex(out, r"^governord WARNING: 3 findings \(shown with -v\), the first of severity warning: lap-detected")
        out, status = self.check("-v")
        self.assertIn("warning: policy0-policy3 boost: wanted 1, is 0: Device or resource busy: another program holds it\n", out)
        self.assertIn("warning: driver extra was refused: speaks ABI 9, we speak 1\n", out)
        report = json.loads(self.check("--json")[0])
        self.assertEqual((report["status"], report["profile"]), ("warning", "balanced"))
        self.assertEqual([(f["severity"], f["kind"]) for f in report["findings"]],
                         [("warning", "lap-detected"), ("warning", "failed"), ("warning", "driver")])

    def test_ok(self):
        self.mock("healthy")
        self.assertEqual(self.check(), ("governord OK: profile balanced is in force, no setting has failed\n", 0))
        self.assertEqual(json.loads(self.check("--json")[0]), {"status": "ok", "profile": "balanced", "findings": []})

    def test_troubles(self):
        self.mock("troubled")
        out, status = self.check("-v")
        self.assertEqual(status, 1)
        for text in ("configuration-not-used: the configuration has errors", "policy1 epp: wanted balance_performance, is power: set to \"power\" by tool",
                     "policy0 max-freq: limited to 1000000 kHz (400000..4400000) by another program, the kernel or the firmware",
                     "sent 4 invalid records", "misses its target at the highest level: 9ms instead of 2ms"):
            self.assertIn(text, out)

    def test_lines_without_effect(self):
        """One configuration may serve many kinds of machines, so a line without effect is only a notice and does not change the
        status."""
        self.mock("idle-lines")
        self.assertEqual(self.check(), ("governord OK: profile balanced is in force, no setting has failed; notices (shown with -v): 1\n", 0))
        self.assertIn("\nnotice: quiet.conf:6 has no effect here: no driver has 'pump-limt'", self.check("-v")[0])
        self.assertEqual([(f["severity"], f["kind"]) for f in json.loads(self.check("--json")[0])["findings"]], [("notice", "without-effect")])

    def test_sessions_of_users(self):
        """Findings about sessions of ordinary users are only notices, because each user alone decides what a program reports."""
        self.mock("users")
        ok = "governord OK: profile balanced is in force, no setting has failed; notices (shown with -v): 2\n"
        self.assertEqual(self.check(), (ok, 0))
        out, status = self.check("-v")
        self.assertEqual((out.startswith(ok), status, out.count("\nnotice: session 3 ")), (True, 0, 2))
        self.assertIn("user 1000", out)
        report = json.loads(self.check("--json")[0])
        self.assertEqual((report["status"], [(f["severity"], f["kind"]) for f in report["findings"]]), ("ok", [("notice", "session")] * 2))

    def test_values_that_are_not_known(self):
        """Messages are complete sentences also where a value is unknown."""
        self.mock("corners")
        out = self.check("-v")[0]
        for text in ("warning: policy5 epp: wanted performance: cannot be read\n", "warning: cpu0 wake: is 5: could not be put back\n",
                     "warning: cpu1 wake: failed\n"):
            self.assertIn(text, out)

    def test_critical(self):
        self.assertEqual(self.check(), ("governord CRITICAL: governord is not running: systemctl status governord\n", 2))
        self.mock("empty")
        self.assertEqual(self.check(), ("governord CRITICAL: no profile is in force\n", 2))

    def test_unknown(self):
        self.mock("other")
        self.assertEqual(self.check()[1], 3)
        out, status = self.check("--bus-address", "unix:path=/nonexistent")
        self.assertEqual((out, status), ("governord UNKNOWN: the system bus cannot be reached\n", 3))

    def test_hostile(self):
        self.mock("hostile")
        for argv in [], ["-v"], ["--json"]:
            out, _status = self.check(*argv)
            self.assertEqual([c for c in out if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or c in "|\u202e"], [])


class Permissions(AnswerCase):
    @unittest.skipIf(os.geteuid() != 0, "only root can become another user")
    def test_another_user_on_a_private_bus(self):
        """The message suggests sudo only to users other than root."""
        self.mock("denied")
        os.chmod(self.folder, 0o755)
        result = subprocess.run([clitest.governorctl(), "set", "performance"], env=self.env(), capture_output=True, text=True, timeout=20,
                                user=65534, group=65534, extra_groups=[])
        self.assertIn(result.returncode, (1, 3), result.stderr)
        if result.returncode == 1:
            self.assertIn("with sudo", result.stderr)


if __name__ == "__main__":
    unittest.main()
