#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of mktree. test-fixture checks the format of .tree files."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

MKTREE = sys.argv.pop(1)


class Mktree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name in "one", "two":
            (self.folder / f"{name}.tree").write_text(f"sys/{name} = {name}\n")

    def run_it(self, *argv):
        done = subprocess.run([MKTREE, *map(str, argv)], capture_output=True, text=True, timeout=60)
        return done.stdout, done.stderr, done.returncode

    def test_a_second_machine_is_not_mixed_with_the_first(self):
        machine = self.folder / "machine"
        self.assertEqual(self.run_it(self.folder / "one.tree", machine), ("", "", 0))
        out, err, status = self.run_it(self.folder / "two.tree", machine)
        self.assertEqual((out, status), ("", 1))
        self.assertRegex(err, f"^mktree: {machine} is not empty.*\n$")
        self.assertEqual([p.name for p in (machine / "sys").iterdir()], ["one"])

    def test_an_empty_folder_is_filled(self):
        machine = self.folder / "machine"
        machine.mkdir()
        self.assertEqual(self.run_it(self.folder / "one.tree", machine), ("", "", 0))
        self.assertEqual((machine / "sys/one").read_text(), "one\n")

    def test_usage(self):
        out, err, status = self.run_it("--help")
        self.assertEqual((err, status), ("", 0))
        self.assertTrue(out.startswith("Usage: mktree "))
        self.assertEqual(self.run_it("-h"), (out, "", 0))
        self.assertEqual(self.run_it("--bogus", "x", "y")[2], 2)
        self.assertEqual(self.run_it("x")[1:], (out, 2))


if __name__ == "__main__":
    unittest.main()
