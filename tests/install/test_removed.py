# SPDX-License-Identifier: GPL-2.0-or-later
"""packaging/install below a folder (DESTDIR): what it installs, enables, removes and keeps. tests/roots does this on a whole
system."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1])
WANTED = "etc/systemd/system/multi-user.target.wants/governord.service"
RECORD = "usr/lib/governord/made-folders"
# The group governord-session is not removed, as usual for system groups in Debian, because files may still belong to it.
ACCOUNTS = {"etc/.pwd.lock", "etc/group", "etc/gshadow"}


class Removed(unittest.TestCase):
    def setUp(self):
        self.tree = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="governord-removed-")))

    def script(self, *argv, status=0):
        """Runs packaging/install. As root it must not use $TMPDIR, whose owner could change the lists of the files that root
        removes."""
        tmpdir = {"TMPDIR": "/nonexistent"} if os.geteuid() == 0 else {}
        done = subprocess.run([SOURCE / "packaging/install", *argv, BUILD], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120, check=False, env={**os.environ, "DESTDIR": str(self.tree), **tmpdir})
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def put(self, name, text="ours\n"):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def files(self):
        found = {str(path.relative_to(self.tree)) for path in self.tree.rglob("*") if not path.is_dir() or path.is_symlink()}
        return sorted(found - ACCOUNTS)

    def test_nothing_is_left(self):
        """No file or folder is left, also after a second installation, which creates no folders, so that they are missing in
        meson's log."""
        self.script()
        self.assertTrue((self.tree / WANTED).is_symlink())
        self.script()
        self.put("var/lib/governord/state")
        self.put("run/governord/ledger", "governord-ledger 1 boot\no\t1\tfake\tknob\nw\t1\ta\nd\t1\n")
        self.script("--remove")
        self.assertEqual(self.files(), [])
        if shutil.which("systemd-sysusers"):
            self.assertRegex((self.tree / "etc/group").read_text(encoding="utf-8"), r"(?m)^governord-session:")
        for folder in ("usr/lib/governord", "usr/include", "usr/share/doc", "etc/governord", "var/lib/governord", "run/governord"):
            self.assertFalse((self.tree / folder).exists(), folder)

    def test_what_is_not_ours_stays(self):
        """Files of the administrator, and original values that could not be restored, are kept. A second removal changes
        nothing."""
        kept = [self.put("etc/governord/governord.conf"), self.put("etc/systemd/system/governord.service.d/mine.conf"),
                self.put("usr/include/other/header.h"),
                self.put("run/governord/ledger", "governord-ledger 1 boot\no\t1\tfake\tknob\no\t2\tfake\tknob\nd\t1\n")]
        self.script()
        for said in (self.script("--remove"), self.script("--remove")):
            self.assertIn("etc/governord, because it contains files that governord did not install", said)
            self.assertIn("governord.service.d, because it contains files that governord did not install", said)
            self.assertIn("could not be restored", said)
        self.assertEqual(self.files(), sorted(str(path.relative_to(self.tree)) for path in kept))

    def test_folders_of_others_stay(self):
        """Empty folders that existed before, and those that belong to a package, are kept; all others are removed. A second
        installation creates no folders."""
        (self.tree / "usr/share/zsh/site-functions").mkdir(parents=True)
        (self.tree / "usr/include").mkdir()
        self.script()
        self.script()
        self.own("usr/share/dbus-1/interfaces/org.example.xml", "dbus").unlink()
        self.put("var/lib/dpkg/info/dbus.list", "/.\n/usr\n/usr/share\n/usr/share/dbus-1\n/usr/share/dbus-1/interfaces\n")
        self.script("--remove")
        for folder in ("usr/share/zsh/site-functions", "usr/include", "usr/share/dbus-1/interfaces"):
            self.assertTrue((self.tree / folder).is_dir(), folder)
        for folder in ("usr/lib/governord", "usr/share/doc", "usr/share/dbus-1/system.d", "etc/governord"):
            self.assertFalse((self.tree / folder).exists(), folder)

    def test_folders_that_are_not_recorded(self):
        """If an older version installed governord and recorded no folders, only folders with governord's name are removed."""
        self.script()
        (self.tree / RECORD).unlink()
        self.script("--remove")
        self.assertTrue((self.tree / "usr/share/zsh/site-functions").is_dir())
        for folder in ("usr/lib/governord", "usr/share/doc/governord", "usr/include/governord", "etc/governord"):
            self.assertFalse((self.tree / folder).exists(), folder)

    def own(self, name, package="power-profiles-daemon"):
        """Makes a file of a package, with dpkg's records of it."""
        self.put("var/lib/dpkg/status", f"Package: {package}\nStatus: install ok installed\nVersion: 0.30\nArchitecture: all\n"
                                        "Maintainer: nobody <nobody@example.org>\nDescription: a package\n\n")
        self.put(f"var/lib/dpkg/info/{package}.list", f"/.\n/{name}\n")
        return self.put(name, "the package's\n")

    def test_a_package_is_not_overwritten(self):
        path = self.own("usr/bin/powerprofilesctl")
        before = self.files()
        self.assertIn("apt-get remove power-profiles-daemon", self.script(status=1))
        self.assertEqual(path.read_text(encoding="utf-8"), "the package's\n")
        self.assertEqual(self.files(), before)

    def test_files_of_a_package_stay(self):
        """A package that was installed over governord keeps its file."""
        self.script()
        (self.tree / "usr/bin/powerprofilesctl").unlink()
        path = self.own("usr/bin/powerprofilesctl")
        self.script("--remove")
        self.assertEqual(path.read_text(encoding="utf-8"), "the package's\n")
        self.assertFalse((self.tree / "usr/bin/governorctl").exists())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
