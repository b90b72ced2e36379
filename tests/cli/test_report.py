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

    @unittest.skipIf(os.geteuid() != 0, "only root can be deceived by another user's links")
    def test_folders_on_the_way(self):
        """Every part of the path decides where root writes, not the last one alone."""
        def folder(path, mode, uid=0):
            path.mkdir()
            os.chown(path, uid, uid)
            path.chmod(mode)
            return path

        target = folder(self.folder / "target", 0o755)
        folder(self.folder / "anna", 0o755, 65534)
        folder(self.folder / "anna/roots", 0o755)
        (folder(self.folder / "all", 0o777) / "link").symlink_to(target)
        folder(self.folder / "all/roots", 0o755)
        folder(self.folder / "staff", 0o2775)
        sticky = folder(self.folder / "sticky", 0o1777)
        for name, uid in (("theirs", 65534), ("ours", 0)):
            (sticky / name).symlink_to("../target")
            os.chown(sticky / name, uid, uid, follow_symlinks=False)
        (self.folder / "circle").symlink_to("circle")
        for path, said in (("anna/roots", "anna belongs to another user"), (f"{self.folder}/anna/roots", "anna belongs to another user"),
                           ("all/link", "all can be changed by other users"), ("all/roots", "all can be changed by other users"),
                           ("staff", "staff can be changed by other users"), ("sticky/theirs", "theirs is a link of another user"),
                           ("circle", "Too many levels of symbolic links"), ("target/../anna", "anna belongs to another user")):
            out, err, status = self.ctl(path + "/a.txt")
            self.assertEqual((out, status), ("", 1), path)
            self.assertIn(said, err)
        for path in self.folder.rglob("a.txt"):
            self.fail(path)
        for path in ("sticky", "sticky/ours", f"{self.folder}/sticky/ours", "target/../sticky/.", "./target//"):
            out, err, status = self.ctl(path + "/a.txt")
            self.assertEqual((err, status), ("", 0), path)
            (self.folder / path / "a.txt").unlink()


if __name__ == "__main__":
    unittest.main()
