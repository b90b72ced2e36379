#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The service's clients of UPower, logind and systemd against mocks that appear, send valid and invalid data, and disappear."""

import pathlib
import sys
import unittest

import dbus
import dbus.service

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import testbus  # noqa: E402

SYSTEMD = "org.freedesktop.systemd1"
SYSTEMD_PATH = "/org/freedesktop/systemd1"
FOO_PATH = SYSTEMD_PATH + "/unit/foo_2ebar_40baz_2eservice"
FOO = "foo.bar@baz.service"


class FakeSystemd(dbus.service.Object):
    """The part of systemd's manager that lists units. It has no properties, so a client that queries properties fails."""

    def __init__(self, connection):
        self.states = {}
        self.subscribed = 0
        self.asked = 0
        super().__init__(connection, SYSTEMD_PATH)
        self.bus_name = dbus.service.BusName(SYSTEMD, connection)  # dbus-python releases the name when this object is freed

    @dbus.service.method(SYSTEMD + ".Manager")
    def Subscribe(self):
        self.subscribed += 1

    @dbus.service.method(SYSTEMD + ".Manager", in_signature="asas", out_signature="a(ssssssouso)")
    def ListUnitsByPatterns(self, states, patterns):
        assert not states
        self.asked += 1
        return [(unit, "", "loaded", state, "", "", "/x", 0, "", "/") for unit, state in self.states.items() if unit in patterns]

    @dbus.service.signal(SYSTEMD + ".Manager", signature="so")
    def UnitNew(self, unit, path):
        pass


def changed(connection, path, interface, properties, invalid=(), signature="sa{sv}as", destination=None):
    message = dbus.lowlevel.SignalMessage(path, "org.freedesktop.DBus.Properties", "PropertiesChanged")
    if destination:
        message.set_destination(destination)
    if signature == "sa{sv}as":
        message.append(interface, dbus.Dictionary(properties, signature="sv"), dbus.Array(invalid, signature="s"), signature=signature)
    else:
        message.append(interface, signature="s")
    connection.send_message(message)


class Clients(testbus.BusTestCase):
    def start(self, *units):
        program = testbus.program("bus-clients", "tests/bus")
        if program is None:
            self.skipTest("bus-clients is not built")
        client = self.bus.spawn([str(program), *units], "clients")
        client.wait_log("ready")
        return client

    def wait(self, client, *lines):
        for line in lines:
            client.wait_log(line + "\n")

    def test_upower_comes_and_goes(self):
        client = self.start()
        upower = self.bus.upower(on_battery=True, percentage=42.0)
        self.wait(client, "upower known battery 42")
        self.bus.set_on_battery(False)
        self.wait(client, "upower known ac 42")
        self.bus.set_percentage(17.6)
        self.wait(client, "upower known ac 17")
        upower.stop()
        self.wait(client, "upower gone ac -1")
        self.assertEqual(client.stop(), 0)

    def test_upower_was_there(self):
        self.bus.upower(on_battery=True, percentage=9.0)
        client = self.start()
        self.wait(client, "upower known battery 9")
        self.assertEqual(client.stop(), 0)

    def test_nonsense_from_upower(self):
        self.bus.upower(on_battery=False, percentage=50.0)
        client = self.start()
        self.wait(client, "upower known ac 50")
        mock = self.bus.interface(testbus.UPOWER_NAME, testbus.UPOWER_PATH, testbus.MOCK)
        mock.UpdateProperties(testbus.UPOWER_NAME, {"OnBattery": dbus.String("yes", variant_level=1)})
        mock.UpdateProperties(testbus.UPOWER_NAME, {"OnBattery": dbus.Array([], signature="(ss)", variant_level=1)})
        mock.EmitSignal("org.freedesktop.DBus.Properties", "PropertiesChanged", "i", [4711])
        mock.EmitSignal("org.freedesktop.DBus.Properties", "PropertiesChanged", "s", [testbus.UPOWER_NAME])
        self.bus.set_percentage(-7.0)
        self.wait(client, "upower known ac -1")
        self.bus.set_on_battery(True)
        self.wait(client, "upower known battery -1")
        self.assertEqual(client.stop(), 0)

    def test_forged_signals(self):
        self.bus.upower(on_battery=False, percentage=50.0)
        client = self.start()
        self.wait(client, "upower known ac 50")
        stranger = self.bus.connect()
        target = next(n for n in self.bus.connection.list_names() if n.startswith(":") and self.bus.call(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetConnectionUnixProcessID", n) == client.pid)
        changed(stranger, testbus.UPOWER_PATH, testbus.UPOWER_NAME, {"OnBattery": dbus.Boolean(True)}, destination=target)
        changed(stranger, testbus.UPOWER_PATH, testbus.UPOWER_NAME, {"OnBattery": dbus.Boolean(True)})
        stranger.get_name_owner("org.freedesktop.DBus")  # the signals have been delivered
        self.bus.set_percentage(30.0)
        self.wait(client, "upower known ac 30")
        self.assertNotIn("battery", client.log)
        stranger.close()

    def test_logind(self):
        client = self.start()
        logind = self.bus.logind()
        self.bus.sleep_signal(True)
        self.wait(client, "sleep down")
        self.bus.sleep_signal(False)
        self.wait(client, "sleep up")
        mock = self.bus.interface(testbus.LOGIND_NAME, testbus.LOGIND_PATH, testbus.MOCK)
        for hint, word in ((True, "yes"), (False, "no"), (True, "yes")):
            mock.UpdateProperties(testbus.LOGIND_NAME + ".Manager", {"IdleHint": dbus.Boolean(hint, variant_level=1)})
            testbus.wait_for(lambda w=word: client.log.splitlines()[-1] == f"idle {w}", what=f"idle {word}", watch=[client.log_path])
        logind.stop()
        testbus.wait_for(lambda: client.log.splitlines()[-1] == "idle no", what="idle no", watch=[client.log_path])
        self.assertEqual(client.stop(), 0)

    def test_units(self):
        client = self.start(FOO, "other.timer")
        connection = self.bus.connect()
        systemd = FakeSystemd(connection)
        systemd.states = {"other.timer": "active", "third.service": "active"}
        self.wait(client, "unit other.timer active")
        self.assertEqual(systemd.subscribed, 1)
        changed(connection, FOO_PATH, SYSTEMD + ".Unit", {"ActiveState": "activating"})
        changed(connection, FOO_PATH, SYSTEMD + ".Unit", {"ActiveState": "active"}, ["Conditions"])
        self.wait(client, f"unit {FOO} active")
        changed(connection, FOO_PATH, SYSTEMD + ".Unit", {"ActiveState": "reloading"})
        changed(connection, FOO_PATH, SYSTEMD + ".Unit", {"ActiveState": "deactivating"})
        self.wait(client, f"unit {FOO} inactive")
        self.assertEqual(client.log.count(f"unit {FOO}"), 2)
        connection.release_name(SYSTEMD)
        self.wait(client, "unit other.timer inactive")
        self.assertEqual(client.stop(), 0)
        connection.close()

    def test_unit_is_loaded_and_started_at_once(self):
        client = self.start(FOO)
        connection = self.bus.connect()
        systemd = FakeSystemd(connection)
        testbus.wait_for(lambda: systemd.asked, what="question")
        systemd.states = {FOO: "active"}
        systemd.UnitNew("third.service", "/x")
        systemd.UnitNew(FOO, FOO_PATH)
        self.wait(client, f"unit {FOO} active")
        self.assertEqual(systemd.asked, 2)
        connection.close()

    def test_wrong_unit_names(self):
        for name in ("foo", ".service", "a/b.service", "a'.service", "x" * 256 + ".service"):
            program = testbus.program("bus-clients", "tests/bus")
            if program is None:
                self.skipTest("bus-clients is not built")
            self.assertEqual(self.bus.spawn([str(program), name], "wrong").wait_exit(), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
