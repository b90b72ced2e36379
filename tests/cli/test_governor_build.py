#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""governorctl governor build, with a real clang, on the example that is installed with the documentation. The exit status is 77
without clang."""

import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import clitest

EXAMPLE = clitest.SOURCE / "packaging" / "examples" / "governor.bpf.c"
GOVERNOR = '#include "bpf/governor.h"\nstatic uint32_t decide(struct policy_state *s, const struct policy_input *i, const struct policy_target *t,' \
           ' const struct policy_limits *l) { return %s; }\nGOVERNOR("%s", "%s", "any", 1);\n'


class Build(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def build(self, *argv, include=clitest.SOURCE, env=None, umask=0o022):
        argv = [clitest.governorctl(), "governor", "build", *argv, *(["--include", include] if include else [])]
        result = subprocess.run([str(a) for a in argv], cwd=self.folder, env={**clitest.CLEAN, **(env or {})}, capture_output=True, text=True,
                                timeout=120, umask=umask)
        for text in (result.stdout, result.stderr):
            self.assertNotIn("Sanitizer", text)
            self.assertNotIn("runtime error", text)
        return result.stdout, result.stderr, result.returncode

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return name

    def refused(self, *argv, **options):
        """Asserts that a build fails and leaves no file behind; returns its standard error."""
        before = sorted(self.folder.iterdir())
        out, err, status = self.build(*argv, **options)
        self.assertEqual((out, status), ("", 1), err)
        self.assertEqual(sorted(self.folder.iterdir()), before)
        return err

    def test_example(self):
        shutil.copy(EXAMPLE, self.folder / "steady.bpf.c")
        out, err, status = self.build("steady.bpf.c", "--json")
        self.assertEqual((err, status), ("", 0))
        self.assertEqual(json.loads(out), {"file": "steady.bpf.o", "name": "steady", "description": "in proportion to how late the work is",
                                           "platforms": "any", "priority": 50, "needs": ""})
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["steady.bpf.c", "steady.bpf.o"])
        self.assertEqual((self.folder / "steady.bpf.o").stat().st_mode & 0o777, 0o644)
        self.assertLess(len(EXAMPLE.read_text().splitlines()), 60)

    def test_the_documents_example_is_the_example(self):
        text = (clitest.SOURCE / "docs" / "writing-a-governor.md").read_text()
        code = next(c for c in re.findall(r"```c\n(.*?)```", text, re.S) if "GOVERNOR(" in c and "decide" in c)
        example = EXAMPLE.read_text()
        self.assertEqual(code.strip(), example[example.index('#include "bpf/governor.h"'):].strip())

    def test_installed_headers(self):
        """The example compiles with only the headers that bpf/meson.build installs."""
        headers = self.folder / "include" / "governord" / "bpf"
        headers.mkdir(parents=True)
        installed = re.search(r"install_headers\((.*?), subdir: 'governord/bpf'\)", (clitest.SOURCE / "bpf" / "meson.build").read_text())[1]
        for name in re.findall(r"'([^']+)'", installed):
            shutil.copy(clitest.SOURCE / "bpf" / name, headers)
        shutil.copy(EXAMPLE, self.folder / "x.c")
        self.assertEqual(self.build("x.c", include="include/governord")[2], 0)
        self.assertTrue((self.folder / "x.bpf.o").exists())

    def test_output(self):
        self.write("a.bpf.c", GOVERNOR % ("l->floor", "a", "one"))
        (self.folder / "sub").mkdir()
        self.assertEqual(self.build("a.bpf.c", "-o", "sub/z.o", umask=0o077)[0], "file=sub/z.o name=a description=one platforms=any priority=1 needs=\"\"\n")
        self.assertEqual((self.folder / "sub" / "z.o").stat().st_mode & 0o777, 0o600)
        self.assertEqual(os.listdir(self.folder / "sub"), ["z.o"])
        self.assertIn("cannot write this file", self.refused("a.bpf.c", "-o", "nowhere/z.o"))

    def test_the_former_object_stays(self):
        self.write("a.bpf.c", "int x(")
        self.write("a.bpf.o", "former")
        self.assertRegex(self.refused("a.bpf.c"), r"(?s)a\.bpf\.c:1:7: error: .*a\.bpf\.c: not built")
        self.assertEqual((self.folder / "a.bpf.o").read_text(), "former")

    def test_no_governor(self):
        self.write("none.c", "int x;\n")
        self.assertIn("the line GOVERNOR(...) is missing", self.refused("none.c"))
        for name, description in ("Upper", "x"), ("", "x"), ("a b", "x"), ("a", "\\033[2J"), ("a", "caf\u00e9"), ("a", "x" * 96):
            self.write("bad.c", GOVERNOR % ("0", name, description))
            self.assertIn("it compiles, but is not a governor", self.refused("bad.c"))
        self.write("bad.c", GOVERNOR % ("0", "a" * 40, "x"))
        self.refused("bad.c")

    def test_missing_things(self):
        self.write("a.c", GOVERNOR % ("0", "a", "one"))
        self.assertIn("No such file", self.refused("missing.c"))
        self.assertIn("--include DIR", self.refused("a.c", include="/nonexistent"))
        self.assertIn("cannot find clang", self.refused("a.c", env={"PATH": "/nonexistent"}))
        _out, err, status = self.build("a.c", env={"CLANG": "/nonexistent"})
        self.assertEqual(status, 127)
        self.assertIn("cannot run /nonexistent", err)
        self.assertEqual(os.listdir(self.folder), ["a.c"])
        self.assertNotIn("\x1b", self.refused("no\x1b[2Jthing.c"))

    def test_strange_names(self):
        for name in ("-g.c", "two words.c", ".c", "noending"):
            self.write(name, GOVERNOR % ("0", "a", "one"))
            argv = ["--", name] if name[0] == "-" else [name]
            result = subprocess.run([clitest.governorctl(), "governor", "build", "-I", clitest.SOURCE, *argv], cwd=self.folder, env=clitest.CLEAN,
                                    capture_output=True, text=True, timeout=120)
            self.assertEqual(result.returncode, 1 if name == "noending" else 0, name)  # clang needs the suffix

    def attack(self, folder):
        """Makes a compiler that also plays an attacker who owns the output folder: while it runs, it replaces each hidden file in
        the folder by a symbolic link to a secret file. Returns the secret file and the compiler."""
        secret = self.folder / "secret"
        shutil.copy(self.folder / "object", secret)
        secret.chmod(0o600)
        fake = self.folder / "fake-clang"
        fake.write_text(f'''#!/bin/sh
while [ "$1" != -o ]; do shift; done
cp {self.folder}/object "$2"
for file in {folder}/.[!.]*; do ln -sf {secret} "$file"; done
''')
        fake.chmod(0o755)
        return secret, fake

    def test_links_in_place_of_the_output(self):
        """Modes are changed through descriptors, so a link that another user creates meanwhile cannot redirect the change to
        another file."""
        self.write("a.c", GOVERNOR % ("0", "a", "one"))
        self.assertEqual(self.build("a.c", "-o", "object")[2], 0)
        (self.folder / "out").mkdir()
        secret, fake = self.attack(self.folder / "out")
        self.assertEqual(self.build("a.c", "-o", "out/a.o", env={"CLANG": str(fake)})[2], 0)
        self.assertEqual(secret.stat().st_mode & 0o777, 0o600)
        self.assertFalse((self.folder / "out" / "a.o").is_symlink())
        symbols = subprocess.run(["nm", "-D", "--undefined-only", clitest.governorctl()], capture_output=True, text=True, timeout=60)
        if symbols.returncode == 0:  # no command changes modes or owners, or makes temporary files, by path
            self.assertEqual(re.findall(r"\b(?:l?chmod|l?chown|fchmodat|fchownat|mktemp|tmpnam|tempnam)\b", symbols.stdout), [])

    def test_nothing_is_left_in_tmp(self):
        (self.folder / "tmp").mkdir()
        self.write("a.c", GOVERNOR % ("0", "a", "one"))
        self.assertEqual(self.build("a.c", env={"TMPDIR": str(self.folder / "tmp")})[2], 0)
        self.write("b.c", "int x(")
        self.assertEqual(self.build("b.c", env={"TMPDIR": str(self.folder / "tmp")})[2], 1)
        self.assertEqual(os.listdir(self.folder / "tmp"), [])
        self.assertIn("cannot make a folder for the compiler", self.refused("a.c", "-o", "z.o", env={"TMPDIR": "/nonexistent"}))

    @unittest.skipIf(os.geteuid() != 0, "only root can be deceived by another user's folder")
    def test_root_in_the_folder_of_another_user(self):
        self.write("a.c", GOVERNOR % ("0", "a", "one"))
        os.chown(self.folder, 65534, 65534)
        self.assertIn("belongs to another user", self.refused("a.c"))

    @unittest.skipIf(os.geteuid() != 0, "only root can be deceived by another user's folder")
    def test_root_with_the_temporary_folder_of_another_user(self):
        """The owner of $TMPDIR, or of a folder above it, could replace the folder into which root's compiler writes by a link."""
        self.write("a.c", GOVERNOR % ("0", "a", "one"))
        (self.folder / "outer" / "inner").mkdir(parents=True)
        for folder, owner, mode, reason in (("inner", 65534, 0o700, "inner belongs to another user"), ("inner", 0, 0o777, "inner can be changed by"),
                                            ("outer", 65534, 0o755, "outer belongs to another user")):
            changed = next(self.folder.rglob(folder))
            os.chown(changed, owner, owner)
            changed.chmod(mode)
            err = self.refused("a.c", env={"TMPDIR": str(self.folder / "outer" / "inner")})
            self.assertRegex(err, f"(?s)/inner/.*cannot make a folder for the compiler: {reason}.*, for example with TMPDIR=/run")
            os.chown(changed, 0, 0)
            changed.chmod(0o1777)
        self.assertEqual(self.build("a.c", env={"TMPDIR": str(self.folder / "outer" / "inner")})[2], 0)

    def test_objects_that_lie(self):
        """The output of clang is checked before it is used. Here clang is a script that writes invalid object files."""
        self.write("a.c", GOVERNOR % ("0", "a", "one"))
        self.assertEqual(self.build("a.c")[2], 0)
        good = (self.folder / "a.bpf.o").read_bytes()
        (self.folder / "a.bpf.o").unlink()
        fake = self.folder / "fake-clang"
        fake.write_text('#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\ncp object "$2"\n')
        fake.chmod(0o755)
        sections = struct.unpack_from("<Q", good, 40)[0]
        lies = [b"", good[:40], good[:-1], good[:sections + 10], b"\x7fELF" + b"\xff" * 200]
        for offset, width in (40, 8), (58, 2), (60, 2), (62, 2), (18, 2):
            lies += [good[:offset] + value * width + good[offset + width:] for value in (b"\xff", b"\x7f")]
        count = struct.unpack_from("<H", good, 60)[0]
        for i in range(count):
            lies += [good[:sections + i * 64 + at] + b"\xf0" * 8 + good[sections + i * 64 + at + 8:] for at in (0, 24, 32)]
        (self.folder / "object").write_bytes(b"")
        for lie in lies:
            (self.folder / "object").write_bytes(lie)
            _out, err, status = self.build("a.c", env={"CLANG": str(fake)})
            self.assertIn(status, (0, 1), err)
            if status == 0:
                (self.folder / "a.bpf.o").unlink()
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.c", "fake-clang", "object"])
        (self.folder / "object").write_bytes(good)
        self.assertEqual(self.build("a.c", env={"CLANG": str(fake)})[2], 0)
        self.assertEqual((self.folder / "a.bpf.o").stat().st_mode & 0o777, 0o644)  # whatever mode the compiler's file had


if __name__ == "__main__":
    if not any(shutil.which(name) for name in ("clang", "clang-19", "clang-14")):
        print("there is no clang here")
        sys.exit(77)
    unittest.main()
