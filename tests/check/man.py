#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Man pages stay true: every option that `PROGRAM --help` prints, and every command in its list, is named in the page.

Usage: man.py PAGE PROGRAM [ARGUMENT...]     the program is run with the arguments and --help
"""

import re
import subprocess
import sys


def rendered(page):
    """The page's words without its markup; roff is simple enough here that no formatter is needed."""
    with open(page, encoding="utf-8") as file:
        text = "".join(line for line in file if not line.startswith('.\\"'))
    text = re.sub(r"\\f[BIRP]|\\&|\\,|\\/", "", text)
    return text.replace("\\-", "-").replace("\\(aq", "'")


def options(text):
    """Options at the beginnings of help lines, and the names behind a comma: "-v, --verbose"."""
    for line in text.splitlines():
        head = re.match(r"\s+(-{1,2}[A-Za-z].*)", line)
        if head:
            yield from re.findall(r"(?<![\w-])(--[a-z][a-z-]*|-[A-Za-z])(?![\w-])", re.split(r"\s{2,}", head.group(1))[0])


def commands(text):
    """Words at the beginnings of the lines below a heading that says "commands"."""
    inside = False
    for line in text.splitlines():
        if re.match(r"\S.*[Cc]ommands?.*:$", line):
            inside = True
        elif re.match(r"\S", line):
            inside = False
        elif inside and (match := re.match(r"\s{1,6}([a-z][a-z-]+)\b", line)):
            yield match.group(1)


def main():
    page, program = sys.argv[1], sys.argv[2:]
    run = subprocess.run([*program, "--help"], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    if run.returncode != 0 or not run.stdout:
        sys.exit(f"{program[0]} --help: exit status {run.returncode}, {run.stderr or 'no output'}")
    man, words = rendered(page), set(options(run.stdout)) | set(commands(run.stdout))
    missing = [word for word in sorted(words) if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", man)]
    for word in missing:
        print(f"{page}: does not name {word}")
    if not words:
        print(f"{program[0]} --help names no option: has its format changed?")
    print(f"{len(words)} options and commands, {len(missing)} missing")
    sys.exit(1 if missing or not words else 0)


if __name__ == "__main__":
    main()
