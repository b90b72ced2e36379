#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The interface files in dbus/ match the introspection data of the running service and the output of --bus-introspect."""

import re
import subprocess
import unittest
import xml.etree.ElementTree as ET

from daemoncase import *  # noqa: F403

OBJECTS = {
    PPD_NAME: PPD_PATH,
    PPD_LEGACY: PPD_LEGACY_PATH,
    MANAGER: GOVERNORD_PATH,
    DEVICE: DEVICE_PATH % 0,
}
# Interfaces whose objects exist only while they are used.
PRINTED_ONLY = ["org.governord.Session1"]
STANDARD = {"org.freedesktop.DBus." + name for name in ("Peer", "Introspectable", "Properties", "ObjectManager")}


def interfaces(xml):
    """Returns {interface: {(kind, member): facts}} without comments and without the order of members; arguments keep their
    order."""
    found = {}
    for interface in ET.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", xml)).iter("interface"):
        members = {}
        for member in interface:
            if member.tag == "property":
                signalled = [a.get("value") for a in member.findall("annotation") if a.get("name").endswith(".EmitsChangedSignal")]
                facts = (member.get("type"), member.get("access"), *(signalled or ["true"]))
            else:
                default = "in" if member.tag == "method" else "out"
                facts = [(a.get("name"), a.get("type"), a.get("direction", default)) for a in member.findall("arg")]
            if member.tag != "annotation":
                members[member.tag, member.get("name")] = facts
        found[interface.get("name")] = members
    return found


def golden(interface):
    return interfaces((testbus.SOURCE / "dbus" / f"{interface}.xml").read_text())


class Introspection(DaemonCase):
    maxDiff = None

    def introspect(self, path):
        return str(self.bus.call(GOVERNORD, path, "org.freedesktop.DBus.Introspectable", "Introspect"))

    def test_running_daemon(self):
        for interface, path in OBJECTS.items():
            said = interfaces(self.introspect(path))
            self.assertEqual({k: v for k, v in said.items() if k not in STANDARD}, golden(interface))

    def prints(self):
        """Returns whether this build has the option --bus-introspect."""
        return "--bus-introspect" in subprocess.run([self.argv()[0], "--help"], capture_output=True, text=True, check=True).stdout

    def test_printed(self):
        if not self.prints():
            self.skipTest("this governord has no --bus-introspect")
        printed = interfaces(subprocess.run([self.argv()[0], "--bus-introspect"], capture_output=True, text=True, check=True).stdout)
        for interface in [*OBJECTS, *PRINTED_ONLY]:
            self.assertEqual({interface: printed.pop(interface)}, golden(interface))
        self.assertEqual(printed, {})

    def test_tree_can_be_walked(self):
        def walk(path):
            names = [n.get("name") for n in ET.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", self.introspect(path))).findall("node")]
            return [path] + [p for name in names for p in walk(path.rstrip("/") + "/" + name)]
        self.assertTrue(set(OBJECTS.values()) <= set(walk("/")))

    def test_object_manager_lists_packages(self):
        objects = self.bus.call(GOVERNORD, GOVERNORD_PATH, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        self.assertIn(DEVICE, objects[DEVICE_PATH % 0])
        for path in ("package99", "package00", "package", "node", "policy0", "x"):
            self.refused("org.freedesktop.DBus.Error.UnknownProperty", self.bus.call, GOVERNORD, f"/org/governord/device/{path}", PROPERTIES,
                         "Get", DEVICE, "Domain")


if __name__ == "__main__":
    unittest.main()
