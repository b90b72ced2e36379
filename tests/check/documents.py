#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables of Markdown documents are valid, and every document that a file names exists.

Usage: documents.py [SOURCE]
"""

import pathlib
import re
import sys

FOLDERS = ("base", "bench", "bpf", "client", "core", "daemon", "dbus", "docs", "drivers", "include", "packaging", "tests", "tools")
SEPARATOR = re.compile(r"\|( *:?-+:? *\|)+")


def table_breaches(name, lines):
    """A table is a sequence of lines that begin with "|". Markdown shows it as plain text unless its second line consists of
    dashes."""
    for i, line in enumerate(lines):
        if not line.startswith("|") or (i > 0 and lines[i - 1].startswith("|")):
            continue
        below = lines[i + 1] if i + 1 < len(lines) else ""
        if not SEPARATOR.fullmatch(below) or below.count("|") != line.count("|"):
            yield f"{name}:{i + 2}: a line |---| for each column of the heading is missing"


def name_breaches(name, text, documents):
    for mention in sorted(set(re.findall(r"[\w./-]*\w\.md\b", text.replace("\\-", "-")))):
        place = re.sub(r"^(\.\.?/|GOVERNORD/)*", "/", mention)
        if not any(document.endswith(place) for document in documents):
            yield f"{name}: names {mention}, which is not there"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
    files = [path for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"]
    files += [path for path in root.iterdir() if path.is_file() and path.suffix in (".md", ".build", "")]
    documents = ["/" + str(path.relative_to(root)) for path in files if path.suffix == ".md"]
    breaches, tables = [], 0

    for path in sorted(files):
        name, text = path.relative_to(root), path.read_text(encoding="utf-8", errors="replace")
        breaches += name_breaches(name, text, documents)
        if path.suffix == ".md":
            breaches += table_breaches(name, text.splitlines())
            tables += len(re.findall(r"^\|-", text, re.M))
    print(*breaches, sep="\n", end="\n" if breaches else "")
    print(f"{len(documents)} documents, {tables} tables, {len(breaches)} breaches")
    sys.exit(1 if breaches or not tables else 0)


if __name__ == "__main__":
    main()
