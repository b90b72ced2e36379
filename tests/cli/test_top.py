#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""governorctl top against a mock of the service: on a pipe, on a terminal, and the state of the terminal after each way to end
it."""

import fcntl
import json
import os
import pty
import re
import select
import shlex
import signal
import struct
import termios
import time
import unittest

import clitest
import testbus

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"
# All escape sequences that top itself sends. Any other one came from a text of another program.
OURS = re.compile(r"\x1b\[H\x1b\[2J|\x1b\[(?:H|K|J|[0-9]?m|[0-9]{2}m|\?(?:1049|25|7)[hl])")


class Terminal:
    """A program that runs on its own terminal as the session leader, as in a terminal window."""

    def __init__(self, argv, env, rows=24, columns=130):
        self.seen = ""
        ready, go = os.pipe()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.read(ready, 1)  # until the terminal has its size
            os.execvpe(argv[0], argv, env)
        self.before = termios.tcgetattr(self.fd)
        self.resize(rows, columns)
        os.write(go, b"x")
        os.close(ready)
        os.close(go)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def read(self, timeout):
        if not select.select([self.fd], [], [], max(timeout, 0))[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # EIO: no process has the terminal open any more
            return False
        self.seen += data.decode()
        return bool(data)

    def picture(self):
        """Returns the lines of the last complete picture."""
        pictures = [p for p in self.seen.split("\x1b[H")[1:] if "\x1b[J" in p]
        return re.split("\r*\n", OURS.sub("", pictures[-1].split("\x1b[J")[0])) if pictures else []

    def wait(self, text):
        """Reads until the picture contains the text."""
        deadline = time.monotonic() + testbus.DEADLINE
        while not any(text in line for line in self.picture()):
            left = deadline - time.monotonic()
            if left <= 0 or (not self.read(left) and time.monotonic() > deadline):
                raise testbus.Timeout(f"no {text!r} on the terminal: {self.picture()}")
        return self.picture()

    def end(self):
        """Waits for the end. Returns the exit status or the negative signal, and whether the terminal's settings are those of
        before."""
        while self.read(testbus.DEADLINE):
            pass
        for text in ("Sanitizer", "runtime error"):
            if text in self.seen:
                raise AssertionError(self.seen)
        settings = termios.tcgetattr(self.fd)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]), settings == self.before


class TopTestCase(clitest.CliTestCase):
    def top(self, *argv, **options):
        return self.run_program(clitest.governorctl(), "top", *argv, **options)

    def terminal(self, *argv, **size):
        return Terminal([clitest.governorctl(), "top", *argv], self.env(), **size)

    def check_clean(self, text):
        """Asserts that the text has no control characters apart from line ends and the sequences that top itself sends."""
        self.assertEqual([c for c in OURS.sub("", text) if (ord(c) < 32 and c not in "\r\n") or 127 <= ord(c) < 160 or c == "\u202e"], [])
        self.assertNotIn("\n  Profile:         forged", text)


class Blocks(TopTestCase):
    def blocks(self, text):
        return [[shlex.split(line) for line in block.splitlines()] for block in text.split("\n\n") if block]

    def test_two_looks(self):
        self.mock()
        out, err, status = self.top("-n", "2", "-d", "0.1")
        self.assertEqual((err, status), ("", 0))
        first, second = self.blocks(out)
        self.assertEqual([line[0] for line in second], ["look"] + ["session"] * 2 + ["range"] * 3)
        self.assertIn("governor=slack (governord 0.2.0)", second[0])
        self.assertIn("rung=user", second[0])
        session = dict(word.split("=", 1) for word in second[1][1:])
        self.assertEqual([session[k] for k in ("session", "target_us", "permille", "estimate_us", "slack_us", "level", "cpus")],
                         ["3", "2000", "990", "1700", "300", "640", "0-3"])
        self.assertIn("samples_per_second=", first[1])
        self.assertGreater(float(session["samples_per_second"]), 0)  # 100 samples, in a time that the test does not know
        self.assertEqual(second[3][1:], ["cpus=0-3", "kind=performance", "online=true", "floor=0", "ceiling=512"])

    def test_json(self):
        self.mock()
        out, err, status = self.top("--json", "--count=2", "--delay=100ms")
        looks = [json.loads(line) for line in out.splitlines()]
        self.assertEqual((err, status, len(looks)), ("", 0, 2))
        self.assertIsNone(looks[0]["sessions"][0]["samples_per_second"])
        self.assertGreater(looks[1]["sessions"][0]["samples_per_second"], 0)
        self.assertEqual([r["cpus"] for r in looks[0]["ranges"]], ["0-3", "4-6", "7"])

    def test_for_people_without_a_screen(self):
        self.mock()
        for argv, env in (["--plain"], {}), ([], {"TERM": "dumb"}):
            out, status = self.run_on_tty(clitest.governorctl(), "top", "-n1", *argv, env=env)
            self.assertEqual(status, 0)
            self.assertNotIn("\x1b", out)
            for text in ("governor slack (governord 0.2.0)   decides in the service", "2ms     p99    1.7ms     300us  640", "PCTL"):
                self.assertIn(text, out)

    def test_rung_only_when_asked(self):
        self.mock()
        out = self.run_on_tty(clitest.governorctl(), "top", "-n1", "--plain")[0]
        self.assertNotIn("rung", out)
        self.assertIn("rung user (no right to load BPF: ", self.run_on_tty(clitest.governorctl(), "top", "-n1", "--plain", "-v")[0])

    def test_no_rate_across_a_restart(self):
        """After a restart of the service, sessions have the paths of former ones and at least as many samples, but no rate is
        computed."""
        self.mock()
        with self.popen(clitest.governorctl(), "top", "--json", "-n", "2", "-d", "5") as process:
            self.assertIsNone(json.loads(process.stdout.readline())["sessions"][0]["samples_per_second"])
            self.service.stop()
            self.bus.wait_no_name("org.governord")
            self.mock()
            sessions = json.loads(process.stdout.readline())["sessions"]
            self.assertEqual([s["samples_per_second"] for s in sessions], [None, None])
            self.assertEqual(process.wait(timeout=60), 0)

    def test_late_samples(self):
        """25 of 100 samples per query are late, so the rates have this proportion, regardless of the time between two queries."""
        self.mock()
        looks = [json.loads(line) for line in self.top("--json", "-n2", "-d0.1")[0].splitlines()]
        session = looks[1]["sessions"][0]
        self.assertIsNone(looks[0]["sessions"][0]["violations_per_second"])
        self.assertAlmostEqual(session["violations_per_second"] / session["samples_per_second"], 0.25, places=2)

    def test_no_sessions(self):
        self.mock("empty")
        self.assertIn("No sessions. Programs that use libgovernord appear here.\n",
                      self.run_on_tty(clitest.governorctl(), "top", "-n1", "--plain")[0])
        self.assertEqual(len(self.blocks(self.top("-n1")[0])[0]), 1)

    def test_hostile(self):
        self.mock("hostile")
        for out in (self.top("-n2", "-d0.1")[0], self.top("-n2", "-d0.1", "--json")[0],
                    self.run_on_tty(clitest.governorctl(), "top", "-n1", "--plain")[0]):
            self.check_clean(out)
            self.assertIn("evil", out)

    def test_not_running(self):
        out, _err, status = self.top("-n", "2", "-d", "0.1")
        self.assertEqual((len(self.blocks(out)), status), (2, 3))
        self.assertEqual(self.blocks(out)[1][0][:2], ["look", "running=false"])
        self.assertIn("problem=governord does not answer", out.replace("\"", ""))

    def test_another_version(self):
        self.mock("other")
        out, _err, status = self.top("-n", "1")
        self.assertEqual(status, 1)
        self.assertIn("unknown format", out)
        self.assertIn("unknown format", self.run_on_tty(clitest.governorctl(), "top", "-n1", "--plain")[0])

    def test_wrong_usage(self):
        for argv in (["-n", "0"], ["-n", "x"], ["-d", "0"], ["-d", "0.05"], ["-d", "1.5000"], ["-d", "."], ["-d", "-1"], ["-d", "3601"], ["x"]):
            self.assertEqual(self.top(*argv)[::2], ("", 2), argv)


class Screen(TopTestCase):
    def test_picture(self):
        self.mock()
        terminal = self.terminal("-d", "0.1")
        terminal.wait("⣶")
        lines = terminal.picture()
        self.assertTrue(lines[0].startswith("governord 0.2.0   profile balanced (rule build)"), lines)
        self.assertRegex("\n".join(lines), r"Compiling – 編譯 se… .* 2ms +p99 +1\.7ms +300us +640 .*[\u2801-\u28ff]")
        self.assertIn("0-3   performance  0      512      " + "█" * 16 + "─" * 16, lines)
        self.assertEqual(lines[-1], "q quits, s sorts (now by age)")
        terminal.type("q")
        self.assertEqual(terminal.end(), (0, True))

    def test_hostile(self):
        self.mock("hostile")
        terminal = self.terminal("-d", "0.1", columns=200)
        terminal.wait("evil\\x1b[2J\\x1b]0;o")
        terminal.type("q")
        self.assertEqual(terminal.end(), (0, True))
        self.check_clean(terminal.seen)

    def test_however_it_ends(self):
        """At the end, the terminal is restored: the normal screen, a visible cursor, the former settings."""
        self.mock()
        for way, status in (("q", 0), ("xQ", 0), ("\x03", 0), ("\x1c", 0), (signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 0),
                            (signal.SIGSEGV, -signal.SIGSEGV), (signal.SIGABRT, -signal.SIGABRT)):
            terminal = self.terminal()
            terminal.wait("q quits")
            self.assertIn("\x1b[?25l", terminal.seen)
            if isinstance(way, str):
                terminal.type(way)
            else:
                os.kill(terminal.pid, way)
            self.assertEqual(terminal.end(), (status, True), way)
            self.assertTrue(terminal.seen.endswith("\x1b[?25h" + LEAVE), (way, terminal.seen[-60:]))

    def test_sorted(self):
        """Sorted by age, session 3 comes first; sorted by slack, session 11, which misses its target."""
        self.mock()
        terminal = self.terminal("-d", "3600")
        row = lambda word: next(i for i, line in enumerate(terminal.picture()) if word in line)  # noqa: E731
        terminal.wait("now by age")
        self.assertLess(row("4003"), row("4011"))
        terminal.type("s")
        terminal.wait("now by slack")
        self.assertGreater(row("4003"), row("4011"))
        for name in "late samples", "level", "rate", "age":
            terminal.type("s")
            terminal.wait(f"now by {name}")
        self.assertLess(row("4003"), row("4011"))
        terminal.type("q")
        self.assertEqual(terminal.end(), (0, True))

    def test_one_write_per_picture(self):
        """Each picture is one write, so that the terminal never shows a part of it."""
        def writes():
            with open(f"/proc/{terminal.pid}/io", encoding="ascii") as file:
                return int(re.search(r"syscw: (\d+)", file.read())[1])

        self.mock()
        terminal = self.terminal("-d", "3600")
        terminal.wait("640")
        for order in "slack", "late samples", "level":
            before = writes()
            terminal.type("s")
            terminal.wait(f"now by {order}")
            self.assertEqual(writes(), before + 1)
        terminal.type("q")
        self.assertEqual(terminal.end(), (0, True))

    def test_count(self):
        self.mock()
        terminal = self.terminal("-n", "2", "-d", "0.1")
        self.assertEqual(terminal.end(), (0, True))
        self.assertTrue(terminal.seen.endswith(LEAVE))

    def test_stopped_and_continued(self):
        self.mock()
        terminal = self.terminal()
        terminal.wait("q quits")
        terminal.type("\x1a")
        self.assertTrue(os.WIFSTOPPED(os.waitpid(terminal.pid, os.WUNTRACED)[1]))
        self.assertEqual(termios.tcgetattr(terminal.fd), terminal.before)
        while not terminal.seen.endswith(LEAVE):
            self.assertTrue(terminal.read(10))
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.seen = ""
        terminal.wait("q quits")
        self.assertIn(ENTER, terminal.seen)
        terminal.type("q")
        self.assertEqual(terminal.end(), (0, True))

    def test_resized(self):
        self.mock()
        terminal = self.terminal("-d", "3600", rows=24, columns=130)
        terminal.wait("q quits")
        terminal.seen = ""
        terminal.resize(8, 40)
        terminal.wait("q quits")
        self.assertEqual(len(terminal.picture()), 8)
        self.assertLessEqual(max(map(len, terminal.picture())), 40)
        for rows, columns in (1, 1), (2, 500), (200, 3):
            terminal.seen = ""
            terminal.resize(rows, columns)
            terminal.wait("q")
            self.assertLessEqual(len(terminal.picture()), rows)
            self.assertLessEqual(max(map(len, terminal.picture())), columns)
        terminal.type("q")
        self.assertEqual(terminal.end(), (0, True))

    def test_signals_between_looks(self):
        self.mock()
        terminal = self.terminal("-d", "3600")
        terminal.wait("640")
        self.bus.call("org.governord", "/org/governord", "org.governord.Test", "SignalLevel", 901, signature="u")
        terminal.wait("901")
        self.bus.call("org.governord", "/org/governord", "org.governord.Test", "CloseSessions")
        terminal.wait("No sessions. Programs that use libgovernord appear here.")
        terminal.type("q")
        self.assertEqual(terminal.end(), (0, True))

    def test_service_restarts(self):
        self.mock()
        terminal = self.terminal("-d", "3600")
        terminal.wait("640")
        self.service.stop()
        lines = terminal.wait("governord has ended, waiting for it")
        self.assertFalse(any("640" in line for line in lines))
        self.mock()
        terminal.wait("640")
        terminal.type("q")
        self.assertEqual(terminal.end(), (0, True))

    def test_hanging_service(self):
        """Keys work while the service does not reply."""
        self.mock()
        terminal = self.terminal("-d", "0.1")
        terminal.wait("640")
        self.service.signal(signal.SIGSTOP)
        terminal.resize(10, 70)
        terminal.seen = ""
        terminal.wait("q quits")
        terminal.type("q")
        self.assertEqual(terminal.end(), (0, True))
        self.service.signal(signal.SIGCONT)

    def test_not_running(self):
        terminal = self.terminal("-d", "0.1")
        terminal.wait("does not answer, waiting for it")
        self.mock()
        terminal.wait("640")
        terminal.type("q")
        self.assertEqual(terminal.end(), (0, True))


if __name__ == "__main__":
    unittest.main()
