# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the commands in docs/writing-a-driver.md, from the empty folder to the tested driver.

    guide.py BUILD
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1]).absolute()
GUIDE = (SOURCE / "docs" / "writing-a-driver.md").read_text(encoding="utf-8")

# Waits after commands, which a person who types the commands does not need.
WAITS = {"stub-polkit &": "gdbus wait --system -t 60 org.freedesktop.PolicyKit1", "-v &": "gdbus wait --system -t 60 org.governord"}


def commands():
    """The lines of steps 0 to 7 that are indented by four, without C code."""
    text = GUIDE[GUIDE.index("**0. "):GUIDE.index("**8. ")]
    text = re.sub(r"^```c$.*?^```$", "", text, flags=re.M | re.S)
    for line in re.findall(r"^    (.*)", text, re.M):
        yield line
        yield from (wait for end, wait in WAITS.items() if line.endswith(end))


class Guide(unittest.TestCase):
    def test_commands(self):
        with tempfile.TemporaryDirectory(prefix="governord-guide-") as folder:
            tree = pathlib.Path(folder, "governord")
            tree.mkdir()
            for name in ("drivers", "include", "tests"):
                (tree / name).symlink_to(SOURCE / name)
            (tree / "build").symlink_to(BUILD)
            lines = [line.replace("/tmp/", f"{folder}/") for line in commands()]
            self.assertEqual(lines[0].split()[:2], ["export", "GOVERNORD=$HOME/governord"])
            script = "\n".join(["set -eu", *lines, "echo the end", "kill $(jobs -p)", "wait || true"])
            environment = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
            try:
                done = subprocess.run(["bash", "-c", script], cwd=folder, env={**environment, "HOME": folder, "LC_ALL": "C.UTF-8"},
                                      check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
            finally:
                self.end_bus(folder)
            self.judge(done.stdout, pathlib.Path(folder, "mynpu", "expected.txt").read_text(encoding="utf-8"))

    def test_drivers_that_block(self):
        """The guide says that they are rejected, as core/machine/plugin.c does (tests/unit/core/machine/test-plugin.c)."""
        self.assertIn("does not load a driver with `GOV_DRIVER_MAY_BLOCK`", " ".join(GUIDE.split()))

    def end_bus(self, folder):
        """Ends dbus-daemon, which has moved to the background and is found by the folder in its command line."""
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
            except OSError:
                continue
            if words[0].endswith("dbus-daemon") and f"--address=unix:path={folder}/mynpu-bus" in words:
                os.kill(int(process.name), 15)

    def judge(self, said, expected):
        self.assertIn("the end\n", said)
        self.assertEqual(len(re.findall(r"^would write device[01] npu-(?:mode|min-freq): .* \(sys/class/mynpu/npu[01]/(?:mode|min_khz); ", said, re.M)), 4, said)
        self.assertRegex(said, r"mynpu .*loaded")
        self.assertRegex(said, r"(?m)^800000")  # --ceiling 512
        self.assertRegex(said, r"(?m)^1600000")
        self.assertNotIn("FAILED", said)
        self.assertEqual([line.split()[:3] for line in expected.splitlines()], [["one-npu", "mynpu", "yes"], ["two-npus", "mynpu", "yes"]])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
