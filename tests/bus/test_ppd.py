#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The D-Bus API of power-profiles-daemon 0.30 on a running governord: properties, errors, holds, signals and authorization."""

import contextlib
import itertools
import os
import subprocess
import unittest

import dbus
import dbus.lowlevel
from daemoncase import *  # noqa: F403

ACTIONS = PPD_NAME + "."
FACES = ((PPD_NAME, PPD_PATH), (PPD_LEGACY, PPD_LEGACY_PATH))
EPP = "sys/devices/system/cpu/cpufreq/policy0/energy_performance_preference"


class PpdCase(DaemonCase):
    def set(self, prop, value, name=PPD_NAME, path=PPD_PATH, interface=None):
        self.bus.set_property(name, path, interface or name, prop, value)

    def hold(self, client, profile, name=PPD_NAME, path=PPD_PATH, reason="reason", application="app"):
        return int(client.call(name, path, name, "HoldProfile", profile, reason, application))

    def release(self, client, cookie, name=PPD_NAME, path=PPD_PATH):
        client.call(name, path, name, "ReleaseProfile", dbus.UInt32(cookie))

    def record_changes(self):
        """Returns a list that collects (path, interface, changed, invalidated) of both interfaces."""
        heard = []
        for _name, path in FACES:
            self.bus.connection.add_signal_receiver(
                lambda interface, changed, invalidated, p=None: heard.append(
                    (str(p), str(interface), plain(changed), plain(invalidated))),
                signal_name="PropertiesChanged", dbus_interface=PROPERTIES, path=path, path_keyword="p")
        self.settle()
        del heard[:]
        return heard


class Properties(PpdCase):
    def test_values_of_both_interfaces(self):
        common = {"ActiveProfile": "balanced", "PerformanceInhibited": "", "PerformanceDegraded": "", "ActiveProfileHolds": [],
                  "Version": "0.30", "Actions": ["trickle_charge"]}
        for name, path in FACES:
            everything = plain(self.bus.call(name, path, PROPERTIES, "GetAll", name))
            self.assertEqual({**everything, **common}, everything)
            self.assertEqual([p["Profile"] for p in everything["Profiles"]], ["power-saver", "balanced", "performance"])
        self.assertEqual(set(everything), set(common) | {"Profiles"})  # the legacy interface has no more

    def test_profiles_entries_are_texts(self):
        for entry in self.bus.get_property(PPD_LEGACY, PPD_LEGACY_PATH, PPD_LEGACY, "Profiles"):
            self.assertEqual({type(v) for v in entry.values()}, {dbus.String})
            self.assertIn("Driver", entry)
        self.assertEqual(plain(entry)["Driver"], "multiple")
        self.assertEqual(plain(entry)["CpuDriver"], "intel_pstate")

    def test_types(self):
        types = {"ActionsInfo": "a{sv}", "Profiles": "a{sv}", "ActiveProfileHolds": "a{sv}", "Actions": "s"}
        for prop, signature in types.items():
            self.assertEqual(self.bus.get_property(PPD_NAME, PPD_PATH, PPD_NAME, prop).signature, signature, prop)
        for action in plain(self.bus.get_property(PPD_NAME, PPD_PATH, PPD_NAME, "ActionsInfo")):
            self.assertEqual({k: type(v) for k, v in action.items()}, {"Name": str, "Description": str, "Enabled": bool})
        self.assertIs(self.get("BatteryAware"), True)

    def test_either_name_serves_either_path(self):
        for (name, _), (interface, path) in itertools.product(FACES, FACES):
            self.assertEqual(plain(self.bus.call(name, path, PROPERTIES, "Get", interface, "Version")), "0.30")

    def test_set_reaches_hardware_and_both_interfaces(self):
        self.set("ActiveProfile", "performance", PPD_LEGACY, PPD_LEGACY_PATH)
        self.assertEqual(self.sim.read(EPP), "performance")
        for name, path in FACES:
            self.assertEqual(self.get("ActiveProfile", name, path), "performance")


class Errors(PpdCase):
    """The names and messages of errors are those of power-profiles-daemon."""

    def set_any(self, *args, signature="ssv", path=PPD_PATH):
        self.bus.call(PPD_NAME, path, PROPERTIES, "Set", *args, signature=signature)

    def test_bad_profile_names(self):
        for name, path in FACES:
            for bad in ("", "x", "Performance", "BALANCED"):
                self.assertEqual(self.refused(E_FAILED, self.set, "ActiveProfile", bad, name, path), f"Invalid profile name '{bad}'")
        self.assertEqual(self.get("ActiveProfile"), "balanced")

    def test_wrong_types_are_refused_before_polkit(self):
        for name, path in FACES:
            for bad in (True, dbus.UInt32(1), dbus.Array(["performance"], signature="s"), dbus.ObjectPath("/performance")):
                self.refused(E_INVALID_ARGS, self.set, "ActiveProfile", bad, name, path)
        self.refused(E_INVALID_ARGS, self.set, "BatteryAware", "true")
        self.assertEqual(self.polkit.asked(), [])

    def test_read_only_and_unknown_properties(self):
        for prop in ("Profiles", "Version", "PerformanceDegraded", "NoSuchThing", ""):
            self.refused(E_INVALID_ARGS, self.set, prop, "x")
        self.refused(E_INVALID_ARGS, self.set, "BatteryAware", True, PPD_LEGACY, PPD_LEGACY_PATH)
        self.refused(E_INVALID_ARGS, self.bus.get_property, PPD_NAME, PPD_PATH, PPD_NAME, "NoSuchThing")
        for prop in ("ActionsInfo", "BatteryAware"):
            self.refused(E_INVALID_ARGS, self.bus.get_property, PPD_LEGACY, PPD_LEGACY_PATH, PPD_LEGACY, prop)
        self.assertEqual(self.polkit.asked(), [])

    def test_unknown_interfaces(self):
        for path, interface in ((PPD_PATH, PPD_LEGACY), (PPD_LEGACY_PATH, PPD_NAME), (PPD_PATH, "x.y"), (PPD_PATH, ""), (PPD_PATH, MANAGER)):
            self.refused(E_INVALID_ARGS, self.bus.call, PPD_NAME, path, PROPERTIES, "Get", interface, "ActiveProfile")
            self.refused(E_INVALID_ARGS, self.bus.call, PPD_NAME, path, PROPERTIES, "GetAll", interface)
            self.refused(E_INVALID_ARGS, self.set_any, interface, "ActiveProfile", "performance", path=path)

    def test_wrong_signatures(self):
        calls = ((PPD_NAME, "HoldProfile", "s", ["performance"]), (PPD_NAME, "HoldProfile", "", []), (PPD_NAME, "ReleaseProfile", "i", [1]),
                 (PPD_NAME, "ReleaseProfile", "uu", [1, 2]), (PPD_NAME, "SetActionEnabled", "s", ["x"]),
                 (PROPERTIES, "Get", "s", ["x"]), (PROPERTIES, "Set", "ss", ["x", "y"]), (PROPERTIES, "GetAll", "", []))
        for interface, method, signature, args in calls:
            self.refused(E_INVALID_ARGS, self.bus.call, PPD_NAME, PPD_PATH, interface, method, *args, signature=signature)

    def test_unknown_methods_and_objects(self):
        unknown = ((PPD_LEGACY_PATH, PPD_LEGACY, "SetActionEnabled"), (PPD_PATH, PPD_NAME, "NoSuchMethod"), (PPD_PATH, "x.y", "HoldProfile"),
                   (PPD_PATH, PPD_LEGACY, "HoldProfile"), (PPD_LEGACY_PATH, PPD_NAME, "HoldProfile"), ("/x", PPD_NAME, "HoldProfile"),
                   ("/org", PPD_NAME, "HoldProfile"), (PPD_PATH + "/x", PPD_NAME, "HoldProfile"), (PPD_PATH, PROPERTIES, "Nothing"))
        for path, interface, method in unknown:
            self.refused(E_UNKNOWN_METHOD, self.bus.call, PPD_NAME, path, interface, method, "performance", "", "", signature="sss")
        self.refused(E_UNKNOWN_METHOD, self.bus.call, PPD_NAME, "/x", PROPERTIES, "GetAll", PPD_NAME)
        self.refused(E_UNKNOWN_METHOD, self.bus.call, PPD_NAME, "/x", "org.freedesktop.DBus.Introspectable", "Introspect")

    def test_calls_without_interface(self):
        """D-Bus allows calls without an interface. They must not stop the service."""
        for path, member in ((PPD_PATH, "ReleaseProfile"), ("/", "X"), (GOVERNORD_PATH, "Dump"), (DEVICE_PATH % 0, "ReadPower")):
            message = dbus.lowlevel.MethodCallMessage(PPD_NAME, path, None, member)
            with self.assertRaises(dbus.DBusException) if path != GOVERNORD_PATH else contextlib.suppress(dbus.DBusException):
                self.bus.connection.send_message_with_reply_and_block(message, 5)
        self.assertIsNone(self.governord.returncode)

    def test_battery_aware_twice(self):
        self.assertEqual(self.refused(E_FAILED, self.set, "BatteryAware", True), "battery_aware is already set to TRUE")
        self.set("BatteryAware", False)
        self.assertEqual(self.refused(E_FAILED, self.set, "BatteryAware", False), "battery_aware is already set to FALSE")
        self.assertIs(self.get("BatteryAware"), False)

    def test_hold_arguments(self):
        client = self.client()
        for name, path in FACES:
            for bad in ("balanced", "", "x", "Performance"):
                self.refused(E_INVALID_ARGS, self.hold, client, bad, name, path)
        self.assertEqual(self.get("ActiveProfileHolds"), [])

    def test_release_of_unknown_cookies(self):
        for name, path in FACES:
            for cookie in (0, 1, 0xffffffff):
                self.refused(E_INVALID_ARGS, self.release, self.client(), cookie, name, path)

    def test_unknown_action(self):
        for bad in ("", "x", "Trickle_Charge"):
            self.refused(E_INVALID_ARGS, self.bus.call, PPD_NAME, PPD_PATH, PPD_NAME, "SetActionEnabled", bad, True)

    def test_set_action(self):
        self.bus.call(PPD_NAME, PPD_PATH, PPD_NAME, "SetActionEnabled", "trickle_charge", False)
        self.assertNotIn("trickle_charge", self.get("Actions"))
        info = {a["Name"]: a["Enabled"] for a in self.get("ActionsInfo")}
        self.assertIs(info["trickle_charge"], False)


class Unavailable(PpdCase):
    TREE = "vm-no-cpufreq.tree"

    def test_profile_that_is_not_offered(self):
        self.assertEqual([p["Profile"] for p in self.get("Profiles")], ["power-saver", "balanced"])
        self.assertEqual(self.refused(E_FAILED, self.set, "ActiveProfile", "performance"),
                         "Cannot switch to unavailable profile 'performance'")
        self.refused(E_INVALID_ARGS, self.hold, self.client(), "performance")
        self.set("ActiveProfile", "power-saver")
        self.assertEqual(self.get("ActiveProfile"), "power-saver")


class ThirdParty(PpdCase):
    """A driver that is neither for CPUs nor for firmware makes a profile available if a line of the profile applies to one of its
    knobs."""
    TREE = "vm-no-cpufreq.tree"
    CONFIG = "[profile performance]\nnpu-mode = turbo\n"

    def test_profile_is_offered(self):
        self.assertEqual([(p["Profile"], p["Driver"]) for p in self.get("Profiles")],
                         [("power-saver", "placeholder"), ("balanced", "placeholder"), ("performance", "governord-example")])
        self.set("ActiveProfile", "performance")
        self.assertEqual(self.sim.read("sys/class/governord-example/npu1/mode"), "turbo")
        self.set("ActiveProfile", "balanced")
        self.assertEqual(self.sim.read("sys/class/governord-example/npu1/mode"), "auto")


class ThirdPartyWithoutSuchValue(Unavailable):
    CONFIG = "[profile performance]\nnpu-mode = ludicrous\n"


class Holds(PpdCase):
    def test_all_four_orders(self):
        """power-saver takes precedence over performance, regardless of the order in which the two holds begin and end."""
        for first, second in (("performance", "power-saver"), ("power-saver", "performance")):
            for gone in (0, 1):
                client = self.client()
                cookies = [self.hold(client, first)]
                self.assertEqual(self.get("ActiveProfile"), first)
                cookies.append(self.hold(client, second))
                self.assertEqual(self.get("ActiveProfile"), "power-saver")
                self.release(client, cookies[gone])
                self.assertEqual(self.get("ActiveProfile"), (second, first)[gone])
                self.release(client, cookies[1 - gone])
                self.assertEqual(self.get("ActiveProfile"), "balanced")

    def test_entries_on_both_interfaces(self):
        client = self.client()
        cookie = self.hold(client, "performance", reason="a game", application="org.example.Game")
        self.assertGreater(cookie, 0)
        entry = {"ApplicationId": "org.example.Game", "Profile": "performance", "Reason": "a game"}
        for name, path in FACES:
            self.assertEqual(self.get("ActiveProfileHolds", name, path), [entry])
        self.assertNotEqual(self.hold(client, "performance"), cookie)

    def test_ends_with_owner(self):
        leaving, staying = self.client(), self.client()
        self.hold(leaving, "power-saver")
        self.hold(leaving, "power-saver", PPD_LEGACY, PPD_LEGACY_PATH)
        self.hold(staying, "performance")
        heard = self.record_changes()
        leaving.close()
        # The signal for the last HoldProfile follows its reply, so it may arrive now. It does not contain ActiveProfile.
        ended = lambda: [h[2] for h in heard if "ActiveProfile" in h[2]]  # noqa: E731
        wait_for(ended, what="signal of the end of the holds")
        self.assertEqual(ended()[0]["ActiveProfile"], "performance")
        self.assertEqual([h["Profile"] for h in ended()[0]["ActiveProfileHolds"]], ["performance"])
        self.assertEqual(self.get("ActiveProfile"), "performance")

    def test_released_is_unicast_by_the_same_door(self):
        for name, path in FACES:
            holder, other = self.client(), self.client()
            heard, overheard = holder.record(member="ProfileReleased"), other.record(member="ProfileReleased")
            cookies = [self.hold(holder, "performance", name, path) for _ in range(2)]
            self.release(holder, cookies[0], name, path)
            wait_for(lambda h=heard: h, what="ProfileReleased")
            self.set("ActiveProfile", "power-saver")
            wait_for(lambda h=heard: len(h) > 1, what="ProfileReleased")
            self.assertEqual(heard, [(path, name, [c]) for c in cookies])
            self.set("ActiveProfile", "balanced")
            other.call(PPD_NAME, PPD_PATH, PROPERTIES, "Get", PPD_NAME, "Version")
            self.dispatch()
            self.assertEqual(overheard, [])
            self.assertEqual(self.get("ActiveProfileHolds"), [])

    def test_held_over_one_interface_and_released_over_the_other(self):
        client = self.client()
        heard = client.record(member="ProfileReleased")
        cookie = self.hold(client, "performance", PPD_LEGACY, PPD_LEGACY_PATH)
        self.release(client, cookie)
        wait_for(lambda: heard, what="ProfileReleased")
        self.assertEqual(heard, [(PPD_LEGACY_PATH, PPD_LEGACY, [cookie])])

    def test_a_level_request_is_no_hold(self):
        client = self.client()
        cookie = client.call(GOVERNORD, GOVERNORD_PATH, MANAGER, "RequestLevel", "node", -1, 900, "", "", dbus.UInt64(0),
                             signature="siisst")
        self.assertEqual(self.get("ActiveProfileHolds"), [])
        self.refused(E_INVALID_ARGS, self.release, client, cookie)

    def test_a_sender_that_left_gets_no_hold(self):
        self.open_bus()
        for user in ({}, {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}):
            subprocess.run(["dbus-send", "--system", f"--dest={PPD_NAME}", "--type=method_call", PPD_PATH, PPD_NAME + ".HoldProfile",
                            "string:performance", "string:", "string:"], env={**os.environ, **self.bus.env}, check=True, timeout=120, **user)
            self.settle()  # the service has received the call
            self.polkit.asked()  # polkit has answered all questions
            self.assertEqual((self.get("ActiveProfileHolds"), self.get("ActiveProfile")), ([], "balanced"))

    def test_root_may_release_for_others(self):
        """Root may release the hold of another client. test_governord_api.py checks that other users may not."""
        cookie = self.hold(self.client(), "performance")
        self.release(self.client(), cookie)
        self.assertEqual(self.get("ActiveProfileHolds"), [])


class Signals(PpdCase):
    def both(self, changed, legacy=None):
        return [(PPD_PATH, PPD_NAME, changed, []), (PPD_LEGACY_PATH, PPD_LEGACY, legacy or changed, [])]

    def test_switch(self):
        heard = self.record_changes()
        self.set("ActiveProfile", "performance")
        self.dispatch()
        self.assertEqual(heard, self.both({"ActiveProfile": "performance"}))
        del heard[:]
        self.set("ActiveProfile", "performance")
        self.dispatch()
        self.assertEqual(heard, [])

    def test_hold_and_release(self):
        client, heard = self.client(), self.record_changes()
        cookie = self.hold(client, "performance", reason="r", application="a")
        entry = {"ApplicationId": "a", "Profile": "performance", "Reason": "r"}
        self.dispatch()
        self.assertEqual(heard, self.both({"ActiveProfile": "performance", "ActiveProfileHolds": [entry]}))
        del heard[:]
        self.release(client, cookie)
        self.dispatch()
        self.assertEqual(heard, self.both({"ActiveProfile": "balanced", "ActiveProfileHolds": []}))

    def test_switch_that_ends_holds(self):
        client, heard = self.client(), self.record_changes()
        self.hold(client, "performance")
        self.dispatch()
        del heard[:]
        self.set("ActiveProfile", "power-saver")
        self.dispatch()
        self.assertEqual(heard, self.both({"ActiveProfile": "power-saver", "ActiveProfileHolds": []}))

    def test_battery_aware_and_actions(self):
        heard = self.record_changes()
        self.set("BatteryAware", False)
        self.dispatch()
        self.assertIn((PPD_PATH, PPD_NAME, {"BatteryAware": False}, []), heard)
        self.assertNotIn("BatteryAware", [k for h in heard if h[1] == PPD_LEGACY for k in h[2]])
        del heard[:]
        self.bus.call(PPD_NAME, PPD_PATH, PPD_NAME, "SetActionEnabled", "trickle_charge", False)
        self.dispatch()
        current, legacy = ([h for h in heard if h[1] == name][0][2] for name in (PPD_NAME, PPD_LEGACY))
        self.assertEqual(current["Actions"], [])
        self.assertEqual({a["Name"]: a["Enabled"] for a in current["ActionsInfo"]}["trickle_charge"], False)
        self.assertEqual(legacy, {"Actions": []})

    def order(self, client, call):
        """Returns the order in which a client receives the signal and the reply that its call causes."""
        seen, number = [], []

        def on_message(_connection, message):
            if message.get_member() == "PropertiesChanged":
                seen.append("signal")
            elif message.get_type() == dbus.lowlevel.MESSAGE_TYPE_METHOD_RETURN and message.get_reply_serial() in number:
                seen.append("reply")
            return dbus.lowlevel.HANDLER_RESULT_NOT_YET_HANDLED

        client.connection.add_match_string(f"type='signal',interface='{PROPERTIES}',path='{PPD_PATH}'")
        client.call(PPD_NAME, PPD_PATH, PROPERTIES, "Get", PPD_NAME, "Version")
        client.connection.add_message_filter(on_message)
        client.connection.send_message(call)
        number.append(call.get_serial())
        wait_for(lambda: set(seen) == {"signal", "reply"}, what="signal and reply")
        return seen

    def method(self, interface, method, signature, *args):
        message = dbus.lowlevel.MethodCallMessage(PPD_NAME, PPD_PATH, interface, method)
        message.append(*args, signature=signature)
        return message

    def test_order_of_signal_and_reply(self):
        client = self.client()
        self.assertEqual(self.order(client, self.method(PROPERTIES, "Set", "ssv", PPD_NAME, "ActiveProfile", "performance")),
                         ["signal", "reply"])
        self.assertEqual(self.order(self.client(), self.method(PPD_NAME, "HoldProfile", "sss", "power-saver", "", "")),
                         ["reply", "signal"])
        client = self.client()
        cookie = self.hold(client, "power-saver")
        self.dispatch()
        self.assertEqual(self.order(client, self.method(PPD_NAME, "ReleaseProfile", "u", cookie)), ["signal", "reply"])

    def test_everything_at_start(self):
        self.governord.stop()
        heard = self.record_changes_unowned()
        self.start(log="again")
        self.dispatch()
        first = heard[0]
        self.assertEqual(set(first[2]), {"ActiveProfile", "PerformanceInhibited", "PerformanceDegraded", "Profiles", "Actions",
                                         "ActionsInfo", "ActiveProfileHolds", "Version", "BatteryAware"})
        self.assertEqual(set(heard[1][2]), set(first[2]) - {"ActionsInfo", "BatteryAware"})

    def record_changes_unowned(self):
        settle, self.settle = self.settle, lambda: self.bus.connection.get_name_owner("org.freedesktop.DBus")
        try:
            return self.record_changes()
        finally:
            self.settle = settle


class Polkit(PpdCase):
    def guarded(self, client):
        """Pairs of an action and a call that needs it and would change something."""
        def call(path, interface, method, signature, *args):
            return lambda: client.call(PPD_NAME, path, interface, method, *args, signature=signature)
        return (
            ("switch-profile", call(PPD_PATH, PROPERTIES, "Set", "ssv", PPD_NAME, "ActiveProfile", "performance")),
            ("switch-profile", call(PPD_LEGACY_PATH, PROPERTIES, "Set", "ssv", PPD_LEGACY, "ActiveProfile", "performance")),
            ("hold-profile", call(PPD_PATH, PPD_NAME, "HoldProfile", "sss", "performance", "", "")),
            ("hold-profile", call(PPD_LEGACY_PATH, PPD_LEGACY, "HoldProfile", "sss", "performance", "", "")),
            ("configure-action", call(PPD_PATH, PPD_NAME, "SetActionEnabled", "sb", "trickle_charge", False)),
            ("configure-battery-aware", call(PPD_PATH, PROPERTIES, "Set", "ssv", PPD_NAME, "BatteryAware", False)),
        )

    def assert_untouched(self):
        self.assertEqual((self.get("ActiveProfile"), self.get("ActiveProfileHolds"), self.get("Actions"), self.get("BatteryAware")),
                         ("balanced", [], ["trickle_charge"], True))

    def test_refusal(self):
        self.polkit.mode("deny")
        client = self.other_user()
        for action, call in self.guarded(client):
            self.polkit.forget()
            self.assertEqual(self.refused(E_ACCESS_DENIED, call), "Not Authorized: " + ACTIONS + action)
            self.assertEqual(self.polkit.asked(), [(ACTIONS + action, client.name)])
        self.assert_untouched()

    def test_failure(self):
        self.polkit.mode("fail")
        for _action, call in self.guarded(self.other_user()):
            self.assertEqual(self.refused(E_ACCESS_DENIED, call), "Not Authorized: The stub was told to fail")
        self.assert_untouched()

    def test_is_asked_before_values(self):
        self.polkit.mode("deny")
        client = self.other_user()
        self.refused(E_ACCESS_DENIED, self.hold, client, "no-such-profile")
        for prop, value in (("ActiveProfile", "no-such-profile"), ("BatteryAware", True)):
            self.refused(E_ACCESS_DENIED, client.call, PPD_NAME, PPD_PATH, PROPERTIES, "Set", PPD_NAME, prop, value, signature="ssv")
        self.refused(E_ACCESS_DENIED, client.call, PPD_NAME, PPD_PATH, PPD_NAME, "SetActionEnabled", "x", True)

    def test_reading_and_releasing_need_nothing(self):
        client = self.client()
        cookie = self.hold(client, "performance")
        self.polkit.mode("deny")
        self.polkit.forget()
        for name, path in FACES:
            self.bus.call(name, path, PROPERTIES, "GetAll", name)
        self.release(client, cookie)
        self.assertEqual(self.polkit.asked(), [])

    def choose(self, client, profile="performance"):
        return client.call_async(PPD_NAME, PPD_PATH, PROPERTIES, "Set", PPD_NAME, "ActiveProfile", profile, signature="ssv")

    def test_hanging_polkit_blocks_nobody_else(self):
        """Calls that wait for polkit are counted for each user over all connections. Calls of root do not wait for polkit."""
        self.polkit.mode("hang")
        clients = [self.other_user() for _ in range(4)]
        outcomes = [self.choose(client) for client in clients for _ in range(10)]
        wait_for(lambda: sum(map(len, outcomes)) >= 24, what="refusal of what is more than 16 calls")
        errors = [o[0].get_dbus_name() for o in outcomes if o]
        self.assertEqual((set(errors), len(errors)), ({"org.freedesktop.DBus.Error.LimitsExceeded"}, 24))
        self.assert_untouched()
        self.polkit.mode("allow")
        if os.geteuid() == 0:
            other = self.choose(self.other_user(uid=ANOTHER), "power-saver")
            wait_for(lambda: other, what="answer to another user")
            self.assertEqual(other[0], ())
            self.polkit.mode("hang")
            self.set("ActiveProfile", "balanced")  # as root
            self.assertEqual(self.get("ActiveProfile"), "balanced")
        clients[0].close()
        self.assertEqual(self.governord.stop(), 0)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to run as other users")
    def test_hanging_polkit_and_many_users(self):
        """The limit for all users together leaves room for other calls of the service, and calls of root succeed."""
        self.polkit.mode("hang")
        outcomes = [self.choose(client) for client in map(self.other_user, range(1, 8)) for _ in range(16)]
        wait_for(lambda: sum(map(len, outcomes)) >= 12, what="refusal of what is more than 100 calls")
        self.set("ActiveProfile", "performance")
        self.assertEqual((len(self.polkit.asked()), self.get("ActiveProfile")), (100, "performance"))
        self.assertEqual([o[0].get_dbus_name() for o in outcomes if o], ["org.freedesktop.DBus.Error.LimitsExceeded"] * 12)

    def test_bus_that_takes_no_more_questions(self):
        self.polkit.mode("limit")
        for _action, call in self.guarded(self.other_user()):
            self.assertIn("try again", self.refused("org.freedesktop.DBus.Error.LimitsExceeded", call))
        self.assert_untouched()

    def test_who_leaves_waits_no_more(self):
        self.polkit.mode("hang")
        client = self.other_user()
        for _ in range(16):
            self.choose(client)
        self.refused("org.freedesktop.DBus.Error.LimitsExceeded", self.hold, self.other_user(), "performance")
        client.close()
        self.polkit.mode("allow")

        def may():
            try:
                return self.hold(self.other_user(), "performance")
            except dbus.DBusException:
                return False
        wait_for(may, what="end of the calls of a client that left")

    def test_long_texts_are_refused_before_polkit_is_asked(self):
        """Calls that wait for polkit are kept in memory, so their size is bounded."""
        client, long = self.other_user(), "x" * 4097
        for name, path in FACES:
            self.assertIn("4097 bytes", self.refused(E_INVALID_ARGS, self.hold, client, "performance", name, path, reason=long))
            self.refused(E_INVALID_ARGS, self.hold, client, "performance", name, path, application=long)
            self.refused(E_INVALID_ARGS, self.hold, client, long, name, path)
            self.refused(E_INVALID_ARGS, client.call, name, path, PROPERTIES, "Set", name, "ActiveProfile", long, signature="ssv")
        self.refused(E_INVALID_ARGS, client.call, PPD_NAME, PPD_PATH, PPD_NAME, "SetActionEnabled", long, True)
        self.assertEqual(self.polkit.asked(), [])
        self.hold(client, "performance", reason="x" * 4096)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_root_is_not_asked_about(self):
        self.polkit.mode("deny")
        for _action, call in self.guarded(self.client()):
            call()
        self.assertEqual(self.polkit.asked(), [])

    def test_death_of_polkit_refuses(self):
        self.polkit.mode("hang")
        outcome = self.other_user().call_async(PPD_NAME, PPD_PATH, PPD_NAME, "HoldProfile", "performance", "", "")
        wait_for(lambda: self.polkit.asked(), what="question")
        [p for p in self.bus.processes if "stub-polkit" in p.argv[0]][0].kill()
        wait_for(lambda: outcome, what="answer")
        self.assertEqual(outcome[0].get_dbus_name(), E_ACCESS_DENIED)
        self.assertEqual(self.get("ActiveProfileHolds"), [])


class WithoutPolkit(PpdCase):
    POLKIT = None

    def test_root_alone(self):
        self.set("ActiveProfile", "performance")
        self.set("ActiveProfile", "balanced")

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to run as another user")
    def test_nobody_else(self):
        said = self.as_nobody("busctl", "--system", "set-property", PPD_NAME, PPD_PATH, PPD_NAME, "ActiveProfile", "s", "performance")
        self.assertRegex(said, "Access denied|polkit is not on the bus, so only root may do this")
        self.assertEqual(self.get("ActiveProfile"), "balanced")
        self.assertEqual(self.governord.log.count("polkit is not on the bus: only root may change anything"), 1)


class Names(PpdCase):
    def test_second_instance_fails_and_touches_nothing(self):
        before = self.sim.snapshot()
        second = self.daemon(self.argv(), log="second")
        self.assertEqual(second.wait_exit(), 1)
        self.assertEqual(self.sim.snapshot(), before)
        self.assertIsNone(self.governord.returncode)

    def test_one_foreign_name_is_enough_to_fail(self):
        self.assertEqual(self.governord.stop(), 0)
        for name in NAMES:
            other = self.client()
            other.connection.request_name(name, dbus.bus.NAME_FLAG_DO_NOT_QUEUE)
            self.assertEqual(self.daemon(self.argv(), log="late").wait_exit(), 1, name)
            other.close()

    def test_replace(self):
        second = self.start("--replace", log="second")
        self.assertEqual(self.governord.wait_exit(), 0)
        for name in NAMES:
            self.assertTrue(self.bus.owner(name, second), name)

    def test_losing_either_name_ends_with_0(self):
        for name in (PPD_NAME, PPD_LEGACY):
            daemon = self.governord if self.governord.returncode is None else self.start(log=name)
            thief = self.client()
            thief.connection.request_name(name, dbus.bus.NAME_FLAG_REPLACE_EXISTING)
            self.assertEqual(daemon.wait_exit(), 0)
            thief.close()

    def test_sigterm_ends_with_0_and_releases_holds(self):
        client = self.client()
        heard = client.record(member="ProfileReleased")
        cookie = self.hold(client, "performance")
        self.assertEqual(self.governord.stop(), 0)
        wait_for(lambda: heard, what="ProfileReleased")
        self.assertEqual(heard, [(PPD_PATH, PPD_NAME, [cookie])])

    def test_lost_bus_is_an_error(self):
        bus = testbus.TestBus()
        try:
            # A second service needs its own runtime directory, because two services cannot share a ledger.
            daemon = testbus.Daemon(bus, [*self.argv(), "--runtime-dir", f"{self.folder}/other-runtime"], names=NAMES)
            bus._disconnect()
            bus.processes[0].kill()
            self.assertEqual(daemon.wait_exit(), 1)
        finally:
            bus.processes[:1] = [p for p in bus.processes[:1] if p.returncode is None] or [daemon]
            bus.stop()


if __name__ == "__main__":
    unittest.main()
