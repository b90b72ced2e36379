#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Subjects of commits are "area: what changed", at most 60 characters, as HACKING.md says.

Usage: commits.py SOURCE     checks the commits since the rule exists; exits 77 if SOURCE is not a git repository.
"""

import re
import subprocess
import sys

SINCE = "2026-12-01T00:00:00Z"  # earlier commits followed another rule
LENGTH_MAX = 60
SUBJECT = re.compile(r"[\w./-]+(, [\w./-]+)*: \S.*[^.]|Revert \".*\"")


def main():
    done = subprocess.run(["git", "-C", sys.argv[1], "log", "--no-merges", f"--since={SINCE}", "--format=%h %s"], capture_output=True, text=True)
    if done.returncode != 0:
        print(f"no history of git: {done.stderr.strip()}")
        return 77
    wrong = 0
    for line in done.stdout.splitlines():
        commit, subject = line.split(" ", 1)
        if len(subject) > LENGTH_MAX:
            print(f"{commit}: {len(subject)} characters, {LENGTH_MAX} are the limit: {subject}")
            wrong += 1
        if not SUBJECT.fullmatch(subject):
            print(f"{commit}: not \"area: what changed\": {subject}")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
