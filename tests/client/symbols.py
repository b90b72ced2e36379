#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks that libgovernord exports exactly the symbols that its header declares, their versions and the soname, and that the man
page names each of them.

Usage: symbols.py SOURCE LIBRARY
"""

import pathlib
import re
import subprocess
import sys

VERSION = "GOVERNORD_QOS_1"
LATER = {"gov_qos_options_init": "GOVERNORD_QOS_2"}  # never changed once released


def main():
    source, library = pathlib.Path(sys.argv[1]), sys.argv[2]
    header = (source / "include/governord/qos.h").read_text(encoding="utf-8")
    man = (source / "docs/man/libgovernord.3").read_text(encoding="utf-8").replace("\\-", "-")
    names = set(re.findall(r"^GOV_QOS_API [\w *]*?(gov_qos_\w+)\(", header, re.M))
    listed = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
    shown = {line.split()[-1] for line in listed.splitlines()} - {VERSION, *LATER.values()}
    dynamic = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True).stdout
    breaches = [f"the header declares {name}, the library does not have it" for name in names if f"{name}@@{LATER.get(name, VERSION)}" not in shown]
    breaches += [f"the library shows {name}" for name in shown if name.split("@@")[0] not in names]
    breaches += [f"libgovernord.3 does not name {name}" for name in names if name not in man]
    breaches += [] if "[libgovernord.so.0]" in dynamic else ["the soname is not libgovernord.so.0"]
    needed = set(re.findall(r"NEEDED.*\[(.*?)\]", dynamic)) - {"libc.so.6", "libsystemd.so.0"}
    breaches += [f"needs {name}" for name in needed if not re.match(r"ld-linux|lib(a|ub)san|libpthread", name)]
    print(*breaches, sep="\n", end="\n" if breaches else "")
    print(f"{len(names)} functions, {len(breaches)} breaches")
    sys.exit(1 if breaches or not names else 0)


if __name__ == "__main__":
    main()
