#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""There are no circular dependencies between files, neither through #include nor through calls, which are taken from symbol tables
of objects.

Usage: cycles.py SOURCE BUILD     prints each circle with its edges, exits 1 if there is any.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys

FOLDERS = ("base", "bpf", "client", "core", "daemon", "dbus", "drivers", "tools")
# Sets of folders that are linked into one program. In addition, drivers/NAME/ is linked with drivers/common/.
PROGRAMS = ({"base", "core", "daemon", "bpf", "dbus"}, {"base", "tools"}, {"base", "client"})
# Folders in which circles are allowed for now. A folder without a circle must not be listed.
KNOWN = set()

INCLUDE = re.compile(r'^\s*#\s*include "([^"]+)"', re.M)
SYMBOL = re.compile(r"^(.+):[0-9a-f]*\s+([A-Za-z]) (\S+)$", re.M)


def linked_together(a, b):
    folders = {a.split("/")[0], b.split("/")[0]}
    if folders <= {"base", "drivers"}:
        return len({name.split("/")[1] for name in (a, b) if name.startswith("drivers/")} - {"common"}) < 2
    return any(folders <= program for program in PROGRAMS)


def includes(root):
    for folder in FOLDERS:
        for path in (root / folder).rglob("*.[ch]"):
            name = path.relative_to(root).as_posix()
            for header in INCLUDE.findall(path.read_text(encoding="utf-8")):
                if header.startswith(tuple(f + "/" for f in FOLDERS)):
                    yield name, header, "#include"


def objects(root, build):
    """Yields (name of the source, path of its object) for each source of the folders, without tests."""
    for command in json.loads((build / "compile_commands.json").read_text()):
        source, output = (build / command["file"]).resolve(), command["output"]
        if source.is_relative_to(root) and not output.startswith(("tests/", "bench/")) and (build / output).exists():
            name = source.relative_to(root).as_posix()
            if name.split("/")[0] in FOLDERS:
                yield name, build / output


def calls(root, build):
    """Yields calls between two files of one program. If two programs have a function of the same name, each one calls its own."""
    defined, wanted = collections.defaultdict(set), set()
    names = {str(path): name for name, path in objects(root, build)}
    table = subprocess.run(["nm", "-A", "-g", *names], capture_output=True, text=True, check=True).stdout
    for path, kind, symbol in SYMBOL.findall(table):
        if kind == "U":
            wanted.add((names[path], symbol))
        elif kind in "TDBRVW":
            defined[symbol].add(names[path])
    for name, symbol in wanted:
        for other in defined[symbol]:
            if other != name and linked_together(name, other):
                yield name, other, symbol


def circles(edges):
    """Returns the strongly connected components with more than one file (Tarjan's algorithm)."""
    graph = collections.defaultdict(set)
    for a, b, _ in edges:
        graph[a].add(b)
    index, low, stack, found = {}, {}, [], []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in graph.get(v, ()):
            if w not in index:
                visit(w)
            if w in stack:
                low[v] = min(low[v], low[w])
        if low[v] == index[v]:
            circle = stack[stack.index(v):]
            del stack[stack.index(v):]
            if len(circle) > 1:
                found.append(set(circle))

    sys.setrecursionlimit(10000)
    for v in sorted(graph):
        if v not in index:
            visit(v)
    return found


def main():
    root, build = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    edges = sorted({*includes(root), *calls(root, build)})
    failed, known = False, set()

    for circle in circles(edges):
        folders = {f for f in KNOWN if any(name.startswith(f + "/") for name in circle)}
        known |= folders
        if folders and all(name.startswith(tuple(f + "/" for f in folders)) for name in circle):
            continue
        failed = True
        print("Circle: " + " ".join(sorted(circle)))
        for a, b, why in edges:
            if a in circle and b in circle:
                print(f"  {a} -> {b}: {why}")
    for folder in sorted(KNOWN - known):
        failed = True
        print(f"{folder}/ has no circle any more: take it out of KNOWN")
    print(f"{len({a for a, _, _ in edges})} files, {len(edges)} edges")
    return 1 if failed or not edges else 0


if __name__ == "__main__":
    sys.exit(main())
