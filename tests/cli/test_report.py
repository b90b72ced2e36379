#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""governorctl report: what is in it, and what must not be."""

import json
import os
import re
import unittest

import clitest

MAC, UUID, ID = "52:54:00:aB:cd:ef", "0a1b2c3d-4E5F-6071-8293-a4b5c6d7e8f9", "0123456789abcdef0123456789ABCDEF"


class Report(clitest.CliTestCase):
    def setUp(self):
        os.environ["GOVERNORD_MOCK_TEXT"] = self.planted()

    def planted(self):
        return f"anna, Anna; of {os.uname().nodename}: /home/berta/x {MAC} {UUID} {ID}, annabel /home/berta"

    def ctl(self, *argv):
        fake = self.folder / "bin"
        fake.mkdir(exist_ok=True)
        journal = fake / "journalctl"
        journal.write_text(f'#!/bin/sh\necho "$@"\necho "{self.planted()}"\n')
        journal.chmod(0o755)
        daemon = self.folder / "fake-daemon"
        daemon.write_text(f'#!/bin/sh\necho "{self.planted()}" >&2\nexit 4\n')
        daemon.chmod(0o755)
        return self.run_program(clitest.governorctl(), "report", *argv, cwd=self.folder, umask=0o022,
                                env={"PATH": f"{fake}:{os.environ['PATH']}", "GOVERNORD_DAEMON": str(daemon), "USER": "anna"})

    def check(self, text):
        for word in ("anna", os.uname().nodename, "berta", MAC, UUID, ID):
            self.assertIsNone(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.I), word)
        for word in ("annabel", "<user>", "<host>", "<address>", "<uuid>", "<id>"):
            self.assertIn(word, text)

    def test_file(self):
        self.mock("planted")
        out, err, status = self.ctl("a.txt")
        self.assertEqual((out, err, status), ("file=a.txt\n", "", 0))
        text = (self.folder / "a.txt").read_text()
        self.assertEqual((self.folder / "a.txt").stat().st_mode & 0o777, 0o600)
        self.check(text)
        for word in ("Read it before you send it", "==== Kernel ====", os.uname().release, "==== Processor ====", "==== Settings ====",
                     "knob=epp", "==== Dump ====", "governord 0.2.0", "(exit status 4)", "--no-hostname", "status profile=balanced"):
            self.assertIn(word, text)
        self.assertEqual([c for c in text if ord(c) < 32 and c not in "\n\t"], [])

    def test_name_of_the_file(self):
        self.mock("planted")
        file = json.loads(self.ctl("--json")[0])["file"]
        self.assertRegex(file, r"^governord-report-\d{8}-\d{6}\.txt$")
        self.assertTrue((self.folder / file).exists())

    def test_standard_output(self):
        out, err, status = self.ctl("-")  # without the service, too
        self.assertEqual((err, status), ("", 0))
        self.assertIn("governord is not running", out)
        self.check(out)

    def test_refused(self):
        os.symlink("/nonexistent/elsewhere", self.folder / "link.txt")
        self.assertEqual(self.ctl("link.txt")[2], 0)
        self.assertFalse((self.folder / "link.txt").is_symlink())
        out, err, status = self.ctl("nowhere/a.txt")
        self.assertEqual((out, status), ("", 1))
        self.assertIn("cannot write there: No such file or directory", err)
        if os.geteuid() == 0:
            (self.folder / "theirs").mkdir()
            os.chown(self.folder / "theirs", 65534, 65534)
            self.assertIn("belongs to another user", self.ctl("theirs/a.txt")[1])
            self.assertEqual(os.listdir(self.folder / "theirs"), [])


if __name__ == "__main__":
    unittest.main()
