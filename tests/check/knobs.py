#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""governord-knobs(7) has the tables of all installed drivers without differences. Every knob that an example in packaging/ enables
exists.

Usage: knobs.py [--write] PAGE DRIVER-ROWS DRIVER.so...     --write puts the tables into the page
"""

import difflib
import pathlib
import re
import subprocess
import sys

BEGIN, END = '.\\" Tables begin: made by tests/check/knobs.py --write', '.\\" Tables end'


def roff(text):
    return text.replace("\\", "\\e").replace("-", "\\-")


def tables(output):
    """Returns the part of the page between the marks."""
    seen, lines = set(), []
    for line in output.splitlines():
        words = line.split("\t")
        if words[0]:
            seen = set()
            lines += [f".SS {words[0]}: {roff(words[1])}"]
            continue
        _, name, scope, unit, text = words
        if (name, scope) in seen:  # a driver may have several rows of one name, for different machines
            continue
        seen.add((name, scope))
        lines += [".TP", f".BR {roff(name)} \" ({scope}, {unit})\"", roff(text) + "."]
    return lines


def unknown_words(folder, output):
    """Yields a line for each word of an "enable" line, also in comments, that is neither a driver nor a knob."""
    known, driver = set(), None
    for line in output.splitlines():
        first, name = line.split("\t")[:2]
        driver = first or driver
        known |= {first} if first else {name, f"{driver}.{name}"}
    for path in sorted(folder.glob("*.conf")):
        for line in re.findall(r"^[# ]*enable *= *(.*)", path.read_text(encoding="utf-8"), re.M):
            yield from (f"{path}: enables {word}, which no driver has" for word in line.split() if word not in known)


def main():
    write = sys.argv[1] == "--write"
    page, program, *drivers = sys.argv[1 + write:]
    drivers.sort()
    output = subprocess.run([program, *drivers], capture_output=True, text=True, check=True, timeout=60).stdout
    unknown = list(unknown_words(pathlib.Path(page).parents[2] / "packaging/examples", output))
    print(*unknown, sep="\n", end="\n" if unknown else "")
    lines = pathlib.Path(page).read_text(encoding="utf-8").splitlines()
    begin, end = lines.index(BEGIN), lines.index(END)
    wanted = lines[:begin + 1] + tables(output) + lines[end:]
    if write:
        pathlib.Path(page).write_text("\n".join(wanted) + "\n", encoding="utf-8")
    elif lines != wanted:
        print("\n".join(difflib.unified_diff(lines, wanted, page, "the drivers' tables", lineterm="", n=0)))
        print(f"The page is not what the drivers say. Put their tables in: {sys.argv[0]} --write {' '.join(sys.argv[1:])}")
        return 1
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
