#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""governorctl report: what it contains, and what it must not contain."""

import json
import os
import re
import unittest

import clitest

# Contents of DMI files. The asset tag that is not specific to a machine is not removed.
SERIALS = {"product_serial": "PF-3XYZ12", "board_serial": "L1HF.0815", "chassis_serial": "MP 1a2b", "product_uuid": "not-of-the-form",
           "board_asset_tag": "To be filled by O.E.M.", "chassis_asset_tag": "inv_4711"}
MAC, UUID, ID = "52:54:00:aB:cd:ef", "0a1b2c3d-4E5F-6071-8293-a4b5c6d7e8f9", "0123456789abcdef0123456789ABCDEF"


class Report(clitest.CliTestCase):
    def setUp(self):
        os.environ["GOVERNORD_MOCK_TEXT"] = self.planted()

    def planted(self):
        return f"anna, Anna; of {os.uname().nodename}: /home/berta/x {MAC} {UUID} {ID}, annabel /home/berta" + \
            "".join(f"; {serial}" for serial in SERIALS.values())

    def ctl(self, *argv):
        fake = self.folder / "bin"
        fake.mkdir(exist_ok=True)
        journal = fake / "journalctl"
        journal.write_text(f'#!/bin/sh\necho "$@"\necho "{self.planted()}"\n')
        journal.chmod(0o755)
        daemon = self.folder / "fake-daemon"
        daemon.write_text(f'#!/bin/sh\necho "{self.planted()}" >&2\nexit 4\n')
        daemon.chmod(0o755)
        dmi = self.folder / "dmi"
        dmi.mkdir(exist_ok=True)
        for name, serial in SERIALS.items():
            (dmi / name).write_text(serial + "\n")
        return self.run_program(clitest.governorctl(), "report", *argv, cwd=self.folder, umask=0o022,
                                env={"GOVERNORD_CONFIG_DIR": str(self.folder / "config"), "GOVERNORD_DAEMON": str(daemon), "USER": "anna",
                                     "GOVERNORD_DMI_DIR": str(dmi),
                                     "PATH": f"{fake}:{os.environ['PATH']}"})

    def check(self, text):
        for word in ("anna", os.uname().nodename, "berta", MAC, UUID, ID, *(serial for serial in SERIALS.values() if not serial.startswith("To be"))):
            self.assertIsNone(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.I), word)
        for word in ("annabel", "<user>", "<host>", "<address>", "<uuid>", "<id>", "<serial>", SERIALS["board_asset_tag"]):
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

    def test_profile_in_force(self):
        self.mock("planted")
        self.run_program(clitest.governorctl(), "set", "performance")
        self.assertEqual(self.ctl("a.txt")[2], 0)
        self.assertTrue("==== Settings of the profile in force ====" in (self.folder / "a.txt").read_text())
        self.assertEqual([call for call in self.told() if call[0] == "Explain"], [["Explain", "performance"]])

    def test_configuration(self):
        """The report has every configuration file that the service reads. Values whose meaning only a driver knows are removed
        everywhere."""
        folder = self.folder / "config" / "governord.conf.d"
        folder.mkdir(parents=True)
        (folder.parent / "governord.conf").write_text(f"# by {os.uname().nodename}\nstray = Passw0rd\n[governord]\ndrift = yield\n# [driver pdu]\n#password = hunter22\n")
        (folder / "20-pdu.conf").write_text("[driver pdu]\nhost= pdu-7.example.org\n# pin = 4711\n serial = SN0815X \nSN0816X\nx = 1\n"
                                            "[rule r]\nwhen = ac\nprofile = balanced\n[drivr pdu]\ntoken = t0ken-t0ken")
        (folder / "10-first.conf").write_text("# the first\n[ driver pdu ]\npassword = a = b c\n")
        for name in (".hidden.conf", "old.conf.bak"):
            (folder / name).write_text("# unread\n")
        os.environ["GOVERNORD_MOCK_TEXT"] = self.planted() + " pdu-7.example.org SN0815X"
        self.mock("planted")
        self.assertEqual(self.ctl("a.txt")[2], 0)
        text = (self.folder / "a.txt").read_text()
        for word in ("pdu-7", "4711", "SN0815X", "SN0816X", "a = b c", "t0ken", "Passw0rd", "hunter22", "unread"):
            self.assertFalse(word in text, word)
        shown = [text[text.index(f"==== {folder.parent}/{name} ===="):].split("\n\n")[0].splitlines()[1:] for name in
                 ("governord.conf", "governord.conf.d/10-first.conf", "governord.conf.d/20-pdu.conf")]
        self.assertEqual(shown, [["# by <host>", "stray = <value>", "[governord]", "drift = yield", "# [driver pdu]", "# <comment>"],
                                 ["# the first", "[ driver pdu ]", "password = <value>"],
                                 ["[driver pdu]", "host= <value>", "# <comment>", " serial = <value>", "<line>", "x = <value>", "[rule r]",
                                  "when = ac", "profile = balanced", "[drivr pdu]", "token = <value>"]])

    def test_name_of_the_file(self):
        self.mock("planted")
        file = json.loads(self.ctl("--json")[0])["file"]
        self.assertRegex(file, r"^governord-report-\d{8}-\d{6}\.txt$")
        self.assertTrue((self.folder / file).exists())

    def test_standard_output(self):
        out, err, status = self.ctl("-")  # also without the service
        self.assertEqual((err, status), ("", 0))
        self.assertIn("governord is not running", out)
        self.check(out)

    def test_refused(self):
        os.symlink("/nonexistent/elsewhere", self.folder / "link.txt")
        os.mkfifo(self.folder / "pipe")
        (self.folder / "folder").mkdir()
        for name, said in (("link.txt", "it is a symbolic link"), ("pipe", "it is a pipe"), ("folder", "Is a directory")):
            before = os.lstat(self.folder / name)
            out, err, status = self.ctl(name)
            self.assertEqual((out, status), ("", 1), name)
            self.assertIn(f"{name}: cannot write this file: {said}", err)
            self.assertIn("No report was written", err)
            self.assertEqual(os.lstat(self.folder / name).st_ino, before.st_ino, "it was replaced")
        (self.folder / "old.txt").write_text("old")
        self.assertEqual(self.ctl("old.txt")[1:], ("", 0))
        self.assertIn("Report of governorctl", (self.folder / "old.txt").read_text())
        out, err, status = self.ctl("nowhere/a.txt")
        self.assertEqual((out, status), ("", 1))
        self.assertIn("cannot write this file: No such file or directory", err)
        if os.geteuid() == 0:
            (self.folder / "theirs").mkdir()
            os.chown(self.folder / "theirs", 65534, 65534)
            self.assertIn("belongs to another user", self.ctl("theirs/a.txt")[1])
            self.assertEqual(os.listdir(self.folder / "theirs"), [])

    @unittest.skipIf(os.geteuid() != 0, "only root can be deceived by another user's links")
    def test_folders_on_the_way(self):
        """Every folder of the path is checked, not only the last one, because each determines where root writes."""
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
