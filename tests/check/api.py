#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/dbus-api.md names every member of the interfaces, and the polkit actions in the code are exactly those that are installed.

Usage: api.py [SOURCE]
"""

import pathlib
import re
import sys
import xml.etree.ElementTree

PPD = "org.freedesktop.UPower.PowerProfiles."
OUR = "org.governord."


def members(path):
    for interface in xml.etree.ElementTree.parse(path).iter("interface"):
        yield interface.get("name")
        for member in interface:
            if member.tag in ("method", "property", "signal"):
                yield member.get("name")


def asked_actions(path):
    """Yields the actions in the table of dbus/bus/polkit.c, whose lines are like PPD "switch-profile" or OUR "set-profile"."""
    for prefix, name in re.findall(r'{\s*(PPD|OUR) "([a-z-]+)"', path.read_text(encoding="utf-8")):
        yield (PPD if prefix == "PPD" else OUR) + name


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
    api = (root / "docs/dbus-api.md").read_text(encoding="utf-8")
    breaches, n = [], 0

    for path in sorted((root / "dbus").glob("*.xml")):
        for name in members(path):
            n += 1
            if f"`{name}`" not in api:
                breaches.append(f"docs/dbus-api.md: does not name {name} of {path.name}")
    asked = set(asked_actions(root / "dbus/bus/polkit.c"))
    installed = {action.get("id") for path in (root / "packaging/polkit").glob("*.policy")
                 for action in xml.etree.ElementTree.parse(path).iter("action")}
    breaches += [f"packaging/polkit: {action} is asked for by dbus/bus/polkit.c, but not installed" for action in sorted(asked - installed)]
    breaches += [f"packaging/polkit: {action} is installed, but never asked for" for action in sorted(installed - asked)]
    print(*breaches, sep="\n", end="\n" if breaches else "")
    print(f"{n} members, {len(asked)} actions, {len(breaches)} breaches")
    sys.exit(1 if breaches or not n or not asked else 0)


if __name__ == "__main__":
    main()
