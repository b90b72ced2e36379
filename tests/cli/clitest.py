# SPDX-License-Identifier: GPL-2.0-or-later
"""Base class for the tests of command-line programs: a bus with the mock service, and functions that run a program on it."""

import json
import os
import pathlib
import pty
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import testbus  # noqa: E402

CLEAN = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "GOVERNORD_DAEMON", "PPD_COMPLETIONS_GENERATION")}
CLEAN.update(LC_ALL="C.UTF-8", TERM="xterm", COLUMNS="80")


def governorctl():
    path = testbus.program("governorctl", "tools")
    if path is None:
        raise FileNotFoundError("governorctl is not built (set GOVERNORD_BUILD to the build folder)")
    return str(path)


class CliTestCase(testbus.BusTestCase):
    """Runs programs on a private bus. mock() starts the mock service."""

    def mock(self, mode="normal"):
        self.service = self.bus.spawn(["/usr/bin/python3", HERE / "mock_governord.py", mode], "mock")
        self.bus.wait_name("org.governord", process=self.service)

    def told(self):
        """Returns the calls that the mock received, each as a list."""
        return [json.loads(line) for line in self.service.log.splitlines() if line.startswith("[")]

    def env(self, **more):
        return {**CLEAN, **self.bus.env, **more}

    def popen(self, *argv, env=None, **options):
        return subprocess.Popen([str(a) for a in argv], env=self.env(**(env or {})), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def run_program(self, *argv, env=None, **options):
        """Returns stdout, stderr and the exit status."""
        with self.popen(*argv, env=env, **options) as process:
            out, err = process.communicate(timeout=120)
        for text in (out, err):
            self.assertNotIn("Sanitizer", text)
            self.assertNotIn("runtime error", text)
        return out, err, process.returncode

    def run_on_tty(self, *argv, env=None):
        """Runs a program on a terminal. Returns its output and its exit status."""
        master, slave = pty.openpty()
        process = subprocess.Popen([str(a) for a in argv], env=self.env(**(env or {})), stdin=slave, stdout=slave, stderr=slave,
                                   start_new_session=True)
        os.close(slave)
        data = b""
        try:
            while chunk := os.read(master, 65536):
                data += chunk
        except OSError:  # EIO: no process has the terminal open any more
            pass
        os.close(master)
        return data.decode().replace("\r\n", "\n"), process.wait(timeout=120)
