#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sources are formatted by clang-format 14 (.clang-format); other versions format some lines differently.

Usage: format.py SOURCE     prints the files that differ, exits 1 if there is any, and 77 without clang-format 14.
"""

import pathlib
import shutil
import subprocess
import sys

FOLDERS = ("base", "bench", "bpf", "client", "core", "daemon", "dbus", "drivers", "include", "tests", "tools")
VERSION = "version 14."


def find_program():
    for name in ("clang-format-14", "clang-format"):
        path = shutil.which(name)
        if path and VERSION in subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout:
            return path
    return None


def main():
    root, program = pathlib.Path(sys.argv[1]), find_program()
    if not program:
        print("clang-format 14 is not here")
        return 77
    names = [path.relative_to(root).as_posix() for folder in FOLDERS for path in sorted((root / folder).rglob("*.[ch]"))]
    done = subprocess.run([program, "--dry-run", "--ferror-limit=1", *names], cwd=root, capture_output=True, text=True, check=True)
    wrong = sorted({line.split(":", 1)[0] for line in done.stderr.splitlines() if "-Wclang-format-violations" in line})
    for name in wrong:
        print(f"{name}: not formatted; clang-format-14 -i does it")
    print(f"{len(names)} files")
    return 1 if wrong or not names else 0


if __name__ == "__main__":
    sys.exit(main())
