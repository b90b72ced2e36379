#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compiles the sources that tests/check/minimal leaves out with clang and the options of this build, to find warnings that gcc does
not have.

Usage: clang.py BUILD     exits with 77 where there is no clang.
"""

import concurrent.futures
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

FOLDERS = ("bpf",)
# Only these options of a compiler command are relevant to warnings. -Wno-unknown-warning-option makes clang accept those of gcc.
TAKEN = ("-D", "-U", "-I", "-isystem", "-std=", "-W", "-O")
OWN = ("-fsyntax-only", "-Werror", "-Wno-unknown-warning-option")


def sources(build):
    """Returns {path: (options, working directory)} of these sources."""
    root = pathlib.Path(__file__).resolve().parents[2]
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        path = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        if path.is_relative_to(root) and path.relative_to(root).parts[0] in FOLDERS and path.suffix == ".c":
            found[str(path)] = [word for word in shlex.split(entry["command"]) if word.startswith(TAKEN)], entry["directory"]
    return found


def read(clang, path, options, folder):
    done = subprocess.run([clang, *OWN, *options, path], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout)
    return done.returncode != 0


def main(build):
    clang = next(filter(None, map(shutil.which, ("clang", "clang-19", "clang-14"))), None)
    if not clang:
        print("there is no clang here")
        return 77
    chosen = sorted(sources(pathlib.Path(build)).items())
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        failed = sum(pool.map(lambda item: read(clang, item[0], *item[1]), chosen))
    print(f"{len(chosen)} files, {failed} failed")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
