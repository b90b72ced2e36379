#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""version.py ROOT VERSION: files that cannot take the version from meson.build must state the same version."""

import pathlib
import re
import sys


def stated(root):
    """Yields each place with the version that it states."""
    news = (root / "NEWS.md").read_text()
    yield "NEWS.md", re.search(r"^## (\S+)", news, re.M).group(1)
    yield "client/python/governord_qos.py", re.search(r'^__version__ = "(.*)"', (root / "client/python/governord_qos.py").read_text(), re.M).group(1)
    for page in sorted((root / "docs/man").glob("*.[1-8]")):
        yield f"docs/man/{page.name}", re.search(r'^\.TH .*"governord (\S+)"', page.read_text(), re.M).group(1)


def main():
    root, version = pathlib.Path(sys.argv[1]), sys.argv[2]
    wrong = [(place, other) for place, other in stated(root) if other != version]
    for place, other in wrong:
        print(f"{place}: says {other}, meson.build says {version}")
    return 1 if wrong else 0


sys.exit(main())
