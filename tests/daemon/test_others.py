#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Other programs on the machine: some write knobs of the service; clients are stopped or killed, exceed limits, or send invalid
data."""

import json
import re
import signal
import unittest

from story import EPP, GOVERNORD, GOVERNORD_PATH, MANAGER, POKE, PPD_NAME, PPD_PATH, PROPERTIES, Story, main, plain, testbus, wait_for

STAY = "import signal; signal.pause()"

# A separate client that holds a profile and prints a line. It is sent every signal of the bus.
HOLDER = """import sys, dbus, signal
bus = dbus.SystemBus()
bus.add_match_string("type='signal'")
proxy = bus.get_object("org.governord", "/org/governord", introspect=False)
cookie = proxy.HoldProfile(sys.argv[1], "work", "holder", dbus.UInt64(0), dbus_interface="org.governord.Manager1")
print("holding", int(cookie), flush=True)
signal.pause()
"""


class AnotherWriter(Story):
    PATH = EPP % 3

    def setUp(self):
        super().setUp()
        self.choose("performance")
        self.idle()

    def other_writes(self, value):
        """Writes with a program that then keeps running, so that the service can determine its name. Returns name[pid]."""
        child = self.python(POKE + STAY, self.sim.file(self.PATH), value)
        self.addCleanup(child.kill)
        return f"python3[{child.pid}]"

    def need_names(self):
        if "fanotify is not available" in self.governord.log:
            self.skipTest("the kernel names writers by fanotify only, which needs CAP_SYS_ADMIN")

    def test_is_named_and_left_alone(self):
        self.need_names()
        heard = self.bus.record(interface=MANAGER, member="Changed")
        who = self.other_writes("balance_power")
        self.governord.wait_log(f'policy3 epp was set to "balance_power" by {who}; leaving it alone')
        wait_for(lambda: heard, what="Changed")
        self.assertEqual(plain(heard[0][2])[1:], ["epp", 1, "balance_power", "changed outside governord", who])
        newest = [row for row in self.ask("Why", "policy3") if row[2] == "epp"][0]
        self.assertEqual(newest[3:], ["performance", "balance_power", "changed outside governord", who])
        self.assertIn(who, self.ctl("why", "policy3"))
        knob, = self.knobs("policy3", "epp")
        self.assertEqual((knob.state, knob.value, knob.wanted), ("yielded", "balance_power", "performance"))
        self.assertEqual(self.sim.read(self.PATH), "balance_power")

    def test_is_noticed_without_a_name(self):
        self.other_writes("balance_power")
        self.governord.wait_log('policy3 epp was set to "balance_power" by ')

    def test_keeps_it_until_the_next_choice(self):
        self.other_writes("balance_power")
        self.governord.wait_log("leaving it alone")
        self.bus.upower(on_battery=True)
        self.wait_prop("PowerSource", "battery")
        self.assertEqual(self.sim.read(self.PATH), "balance_power")
        self.choose("power-saver")
        self.assertEqual(self.sim.read(self.PATH), "power")
        self.governord.stop()
        self.assertEqual(self.changed(), {})

    def test_keeps_it_after_our_end(self):
        self.other_writes("balance_power")
        self.governord.wait_log("leaving it alone")
        self.governord.stop()
        self.assertEqual(self.changed(), {self.PATH: "balance_power"})
        self.assertEqual(self.ledger(), {})

    def test_same_value_is_no_drift(self):
        with testbus.Inotify([self.sim.file(self.PATH)]) as seen:
            self.poke(self.PATH, "performance")
            self.idle()
            seen.drain()
        self.assertEqual(sum(seen.modified.values()), 1)
        self.assertEqual(self.knobs("policy3", "epp")[0].state, "ok")

    def test_firmware_key(self):
        """A key on the keyboard may change the platform profile, so such a change is a choice and not drift."""
        self.hold(self.client(), "performance")
        self.poke("sys/firmware/acpi/platform_profile", "low-power")
        self.wait_prop("ActiveProfile", "power-saver")
        self.assertEqual((self.prop("Cause"), self.prop("SelectedProfile"), self.ask("ListRequests")), ("firmware", "power-saver", []))
        self.assertEqual(set(self.epp()), {"power"})


class Reassert(AnotherWriter):
    CONFIG = "[governord]\ndrift = reassert\ndrift-limit = 2\n"
    test_is_named_and_left_alone = test_keeps_it_until_the_next_choice = test_keeps_it_after_our_end = None

    def test_a_bounded_number_of_times(self):
        for n in (1, 2):
            self.other_writes("balance_power")
            self.governord.wait_log(f'restoring "performance" (attempt {n} of 2)')
            self.sim.wait(self.PATH, "performance")
            self.idle()
        self.other_writes("balance_power")
        self.governord.wait_log("drift-limit is reached")
        self.idle()
        self.assertEqual((self.sim.read(self.PATH), self.knobs("policy3", "epp")[0].state), ("balance_power", "yielded"))

    def test_why_names_the_cause(self):
        self.need_names()
        who = self.other_writes("balance_power")
        self.governord.wait_log('restoring "performance"')
        self.idle()
        newest = [row for row in self.ask("Why", "policy3") if row[2] == "epp"][0]
        self.assertEqual(newest[3:], ["balance_power", "performance", f"restored after a change by {who}", "governord"])

    def test_a_choice_gives_new_patience(self):
        self.test_a_bounded_number_of_times()
        self.choose("power-saver")
        self.idle()
        self.other_writes("default")
        self.governord.wait_log('restoring "power" (attempt 1 of 2)')
        self.sim.wait(self.PATH, "power")


class Before(Story):
    TREE = "intel-server.tree"
    CONFIG = "[profile performance]\nuncore-max-freq = max\n"
    AUTOSTART = False
    UNCORE = "sys/devices/system/cpu/intel_uncore_frequency/package_00_die_00/max_freq_khz"

    def test_a_value_outside_of_the_range_is_put_back(self):
        self.poke(self.UNCORE, "2700000")  # the kernel accepts it, although the value at boot was 2500000
        before = self.contents()
        self.governord = self.start()
        self.choose("performance")
        self.assertEqual(self.changed(before)[self.UNCORE], "2500000")
        self.assertEqual(self.governord.stop(), 0)
        self.assertEqual(self.changed(before), {})


class Clients(Story):
    def holder(self, profile):
        child = self.python(HOLDER, profile, name=f"holder-{profile}")
        child.wait_log("holding")
        return child

    def test_killed_owner(self):
        child = self.holder("performance")
        self.assertEqual((self.prop("ActiveProfile"), set(self.epp())), ("performance", {"performance"}))
        child.kill()
        self.wait_prop("ActiveProfile", "balanced")
        self.assertEqual((self.ask("ListRequests"), self.changed()), ([], {}))

    def test_stopped_owner(self):
        child = self.holder("performance")
        child.signal(signal.SIGSTOP)
        self.assertEqual(self.prop("ActiveProfile"), "performance")
        client = self.client()
        cookie = self.hold(client, "power-saver")
        self.assertEqual(self.prop("ActiveProfile"), "power-saver")  # power-saver takes precedence, as in power-profiles-daemon
        self.ask("ReleaseRequest", cookie, signature="u", client=client)
        self.assertEqual(self.prop("ActiveProfile"), "performance")
        self.choose("power-saver")  # ends the hold; the stopped owner has not received the signal yet
        self.assertEqual((self.prop("ActiveProfile"), self.ask("ListRequests")), ("power-saver", []))
        child.kill()

    def test_killed_while_stopped(self):
        child = self.holder("performance")
        child.signal(signal.SIGSTOP)
        child.kill()
        self.wait_prop("ActiveProfile", "balanced")

    def test_who_never_reads_blocks_nobody(self):
        """A client that does not read thousands of signals does not block others."""
        child = self.holder("performance")
        child.signal(signal.SIGSTOP)
        client = self.client()
        for _ in range(300):
            for profile in ("performance", "power-saver"):
                cookie = self.hold(client, profile)
                self.ask("ReleaseRequest", cookie, signature="u", client=client)
        self.assertEqual(self.prop("ActiveProfile"), "performance")
        child.kill()
        self.wait_prop("ActiveProfile", "balanced")
        self.assertEqual(self.ask("ListRequests"), [])

    def test_limit(self):
        client, other = self.client(), self.client()
        cookies = [self.hold(client, "performance") for _ in range(64)]
        self.assertIn("64", self.refused("org.governord.Error.LimitReached", self.hold, client, "performance"))
        self.hold(other, "performance")
        self.ask("ReleaseRequest", cookies[0], signature="u", client=client)
        self.hold(client, "performance")
        heard = self.bus.record(interface=PROPERTIES, path=PPD_PATH)  # changes of ActiveProfileHolds
        client.close()
        wait_for(lambda: heard, what="end of 64 holds")
        self.assertEqual(len(self.ask("ListRequests")), 1)
        self.assertEqual(self.prop("ActiveProfile"), "performance")


class ConfiguredLimit(Story):
    CONFIG = "[governord]\nmax-requests-per-client = 2\n"

    def test_limit(self):
        client = self.client()
        self.hold(client, "performance")
        self.hold(client, "performance")
        self.refused("org.governord.Error.LimitReached", self.hold, client, "performance")


class HostileWords(Story):
    WORDS = {
        "very long": "x" * 1000000,
        "very long and wide": "\U0001f525" * 100000,
        "control characters": "".join(map(chr, [*range(1, 32), 127, *range(0x80, 0xa0)])),
        "escape sequences": "\x1b]0;owned\x07\x1b[2J\x1b[31mred",
        "a forged line": "innocent\ngovernord: Everything is fine\r\n\tperformance",
        "format": "%s%n%s%n%1000000d",
        "quotes": "\"'\\`$(reboot)",
        "bidirectional": "\u202egnol\u2066",
        "noncharacters": "\ufdd0\ufffe\U0010ffff",
        "empty": "",
    }

    def test_reason_and_application(self):
        for name, words in self.WORDS.items():
            with self.subTest(name):
                client = self.client()
                try:
                    cookie = self.hold(client, "performance", words, words)
                except testbus.dbus.DBusException as error:  # texts that are too long may be rejected with a message
                    self.assertTrue(error.get_dbus_message())
                    continue
                self.look(cookie)
                self.ask("ReleaseRequest", cookie, signature="u", client=client)
        self.assertIsNone(self.governord.returncode)
        self.assertEqual(re.findall("[\x00-\x08\x0b-\x1f\x7f]", self.governord.log), [])
        self.assertNotIn("\ngovernord: Everything", self.governord.log)

    def test_no_upper_control_characters_in_the_log(self):
        client = self.client()
        self.ask("ReleaseRequest", self.hold(client, "performance", "\x9b31m", "\x9b31m"), signature="u", client=client)
        self.assert_no_controls(self.governord.log)

    def look(self, cookie):
        row, = self.ask("ListRequests")
        self.assertEqual(row[0], cookie)
        self.assertLess(len(row[4]) + len(row[5]), 10000)
        holds, = self.get("ActiveProfileHolds")
        self.assertEqual(holds["Profile"], "performance")
        said = self.ctl("holds")
        self.assert_no_controls(said)
        json.loads(self.ctl("holds", "--json"))
        self.assert_no_controls(self.ctl("status"))
        self.ask("Dump")

    def assert_no_controls(self, text):
        self.assertEqual(re.findall("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]", text), [])

    def test_profile_names(self):
        for words in (*self.WORDS.values(), "../../etc/passwd", "performance\n"):
            with self.subTest(words[:20]):
                with self.assertRaises(testbus.dbus.DBusException) as caught:
                    self.choose(words)
                self.assertLess(len(caught.exception.get_dbus_message()), 1000)
                with self.assertRaises(testbus.dbus.DBusException):
                    self.bus.set_property(PPD_NAME, PPD_PATH, PPD_NAME, "ActiveProfile", words)
                with self.assertRaises(testbus.dbus.DBusException):
                    self.bus.call(GOVERNORD, GOVERNORD_PATH, MANAGER, "Explain", words)
        self.assertEqual((self.prop("ActiveProfile"), self.changed()), ("balanced", {}))


if __name__ == "__main__":
    main()
