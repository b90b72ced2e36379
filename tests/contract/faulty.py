# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests the contract suite: a correct driver passes, and for each other driver the suite reports the fault.

    faulty.py DRIVER-CONTRACT SOUND.so FAULTY.so...
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

CONTRACT, *FILES = map(os.path.abspath, sys.argv[1:])  # Meson passes relative paths
DRIVERS = {pathlib.Path(file).stem: file for file in FILES}
CARD = "sys/class/faulty/card0/max_mhz = 1000\n"

# The message of the suite for each fault.
FAULTS = {
    "rounds-unsaid": "GOV_KNOB_ROUNDS",
    "step-missing": "and step is 0; where the hardware rounds, the row needs GOV_KNOB_ROUNDS, which it has, and the instance a step",
    "range-upside-down": "min 1600000 is above max 200000",
    "range-enforced": "outside the described range",
    "clamps": "outside the described range",
    "number-too-large": "max-freq 0: write() accepts '9223372036854775807', a number that no hardware has; it must return an error such as -EINVAL or -ERANGE",
    "twins": "max-freq: instances 0 and 1 have the same domain 0 and no label",
    "identities": "max-freq: instances 0 and 1 have the same identity CARD-1; their originals could not be told apart",
    "row-name": 'the service refuses this driver: row 0 ("max_freq"): a name must consist of at most 32 lower-case letters, digits and "-"',
}


class Suite(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="governord-suite-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def machines(self, **trees):
        for name, text in trees.items():
            (self.folder / f"{name}.tree").write_text(text, encoding="utf-8")
        return self.folder

    def check(self, *arguments, **kwargs):
        command = [CONTRACT, *map(str, arguments)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, **kwargs)
        self.assertGreaterEqual(done.returncode, 0, done.stderr)  # not ended by a signal
        return done.returncode, done.stdout + done.stderr

    def test_a_sound_driver(self):
        status, said = self.check(self.machines(card=CARD), "-", DRIVERS["sound"])
        self.assertEqual(status, 0, said)

    def test_faults(self):
        self.assertEqual(set(FAULTS) | {"sound"}, set(DRIVERS))
        machines = self.machines(card=CARD)
        for name, words in FAULTS.items():
            with self.subTest(name):
                status, said = self.check(machines, "-", DRIVERS[name])
                self.assertNotEqual(status, 0, said)
                self.assertRegex(said, f"{name} on (card|table): ")
                self.assertIn(words, said)

    def test_printing_hides_no_fault(self):
        for mode in "--print", "--print-missing":
            status, said = self.check(mode, self.machines(card=CARD), "-", DRIVERS["clamps"])
            self.assertNotEqual(status, 0, said)
            self.assertIn(FAULTS["clamps"], said)

    def test_missing_lines(self):
        """Only the lines that the list lacks are printed, and the list is complete with them."""
        machines = self.machines(card=CARD, other="sys/class/other/x = 1\n")
        expected = self.folder / "expected.txt"
        lines = {}
        for mode, text in (("--print", ""), ("--print-missing", ""), ("", "card sound no\n")):
            expected.write_text(text, encoding="utf-8")
            status, said = self.check(*filter(None, [mode]), machines, expected, DRIVERS["sound"])
            self.assertEqual(status != 0, mode == "", said)
            lines[mode] = [line for line in said.splitlines() if line.startswith(("card sound ", "other sound "))]
        self.assertEqual([line.split()[:3] for line in lines["--print-missing"]], [["card", "sound", "yes"], ["other", "sound", "no"]])
        self.assertEqual(lines["--print-missing"], lines["--print"])
        for known in lines["--print"]:
            expected.write_text(known + "\n", encoding="utf-8")
            said = self.check("--print-missing", machines, expected, DRIVERS["sound"])[1].splitlines()
            self.assertEqual([line for line in lines["--print"] if line in said], [line for line in lines["--print"] if line != known])
        expected.write_text("".join(line + "\n" for line in lines["--print-missing"]), encoding="utf-8")
        self.assertEqual(self.check(machines, expected, DRIVERS["sound"])[0], 0)

    def test_absent(self):
        status, said = self.check("--absent", self.machines(other="sys/class/other/x = 1\n"), DRIVERS["sound"])
        self.assertEqual(status, 0, said)
        status, said = self.check("--absent", self.machines(card=CARD), DRIVERS["sound"])
        self.assertNotEqual(status, 0, said)
        self.assertIn("sound on card: ", said)
        self.assertIn("probe() finds its hardware, and --absent says that it is not there", said)

    def test_arguments(self):
        missing = self.folder / "missing"
        machines = self.machines(card=CARD)
        empty = self.folder / "empty"
        empty.mkdir()
        no_driver = self.folder / "no-driver.so"
        no_driver.write_bytes(b"")
        for arguments, words in (
            ((missing, "-", DRIVERS["sound"]), f"{missing}: No such file or directory"),
            ((missing / "a.tree", "-", DRIVERS["sound"]), f"{missing}/a.tree: No such file or directory"),
            ((empty, "-", DRIVERS["sound"]), f"{empty}: the folder has no .tree file"),
            (("", "-", DRIVERS["sound"]), "MACHINES is empty"),
            ((machines, missing, DRIVERS["sound"]), f"{missing}: No such file or directory"),
            ((machines, "-", missing), str(missing)),
            ((machines, "-", no_driver), str(no_driver)),
            ((machines, "-", CONTRACT), CONTRACT),
            ((machines, "-"), "Usage:"),
            (("--absnt", machines, DRIVERS["sound"]), "Usage:"),
        ):
            with self.subTest(words):
                status, said = self.check(*arguments)
                self.assertEqual(status, 2, said)
                self.assertIn(words, said)
                self.assertNotIn("PASSED", said)

    def test_found_nowhere(self):
        machines = self.machines(other="sys/class/other/x = 1\n")
        status, said = self.check(machines, "-", DRIVERS["sound"])
        self.assertNotEqual(status, 0, said)
        self.assertIn("probe() finds its hardware on none of them", said)
        (self.folder / "expected.txt").write_text("other sound no\n", encoding="utf-8")
        status, said = self.check(machines, self.folder / "expected.txt", DRIVERS["sound"])
        self.assertEqual(status, 0, said)

    def test_a_driver_in_this_folder(self):
        folder, name = os.path.split(DRIVERS["sound"])
        status, said = self.check(self.machines(card=CARD), "-", name, cwd=folder)
        self.assertEqual(status, 0, said)

    def test_one_tree(self):
        status, said = self.check(self.machines(card=CARD) / "card.tree", "-", DRIVERS["sound"])
        self.assertEqual(status, 0, said)
        self.assertIn("sound on card", said)

    def test_a_tree_with_an_error(self):
        status, said = self.check(self.machines(card="nonsense\n"), "-", DRIVERS["sound"])
        self.assertNotEqual(status, 0, said)
        self.assertIn("card.tree", said)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
