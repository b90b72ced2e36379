#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""org.governord.Manager1 and Device1: every method, every error, authorization, and which signals are sent to which clients."""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import time
import unittest
import unittest.mock

import dbus
from daemoncase import *  # noqa: F403

E_ARGS = E_INVALID_ARGS
GAMING = """
[profile gaming]
description = For games
inherits = performance

[rule batch]
when = unit backup.service
profile = power-saver
"""


class ApiCase(DaemonCase):
    CONFIG = GAMING

    def ask(self, method, *args, signature=None, client=None):
        call = client.call if client else self.bus.call
        return plain(call(GOVERNORD, GOVERNORD_PATH, MANAGER, method, *args, signature=signature))

    def prop(self, name):
        return plain(self.bus.call(GOVERNORD, GOVERNORD_PATH, PROPERTIES, "Get", MANAGER, name))

    def choose(self, profile, client=None):
        (client or self.bus).call(GOVERNORD, GOVERNORD_PATH, PROPERTIES, "Set", MANAGER, "ActiveProfile", profile, signature="ssv")

    def hold(self, client, profile, timeout=0):
        return self.ask("HoldProfile", profile, "reason", "app", timeout, signature="ssst", client=client)

    def level(self, client, domain, floor, ceiling, timeout=0):
        return self.ask("RequestLevel", domain, floor, ceiling, "reason", "app", timeout, signature="siisst", client=client)

    def requests(self):
        return self.ask("ListRequests")


class Profiles(ApiCase):
    def test_properties(self):
        self.assertRegex(self.prop("Version"), r"^\d+\.\d+")
        self.assertEqual((self.prop("ActiveProfile"), self.prop("SelectedProfile")), ("balanced", "balanced"))
        self.assertIn(self.prop("PowerSource"), ("ac", "battery", "unknown"))
        profiles = {p[0]: p[1:] for p in self.prop("Profiles")}
        self.assertEqual(list(profiles)[:3], ["power-saver", "balanced", "performance"])
        self.assertEqual(profiles["gaming"], ["performance", "For games", True])
        self.assertEqual(self.prop("Rules"), [["batch", "unit backup.service", "power-saver", False, False]])

    def test_custom_profile_is_shown_by_its_base_to_ppd(self):
        heard = []
        self.bus.connection.add_signal_receiver(lambda i, c, v: heard.append((str(i), plain(c))), signal_name="PropertiesChanged",
                                                dbus_interface=PROPERTIES)
        self.choose("gaming")
        self.assertEqual((self.prop("ActiveProfile"), self.prop("SelectedProfile"), self.prop("Cause")), ("gaming", "gaming", "manual"))
        self.assertEqual(self.get("ActiveProfile"), "performance")
        self.dispatch()
        del heard[:]
        self.choose("performance")
        self.assertEqual(self.prop("ActiveProfile"), "performance")
        self.dispatch()
        self.assertEqual([h for h in heard if h[0] == PPD_NAME and "ActiveProfile" in h[1]], [])  # shows gaming as performance
        self.assertTrue([h for h in heard if h[0] == MANAGER and h[1].get("ActiveProfile") == "performance"])

    def test_errors_of_properties(self):
        self.refused(E_GOVERNORD + "InvalidProfile", self.choose, "nonsense")
        self.refused("org.freedesktop.DBus.Error.UnknownProperty", self.prop, "Nonsense")
        self.refused("org.freedesktop.DBus.Error.PropertyReadOnly", self.bus.call, GOVERNORD, GOVERNORD_PATH, PROPERTIES, "Set", MANAGER,
                     "Cause", "x", signature="ssv")
        self.refused(E_ARGS, self.bus.call, GOVERNORD, GOVERNORD_PATH, PROPERTIES, "Set", MANAGER, "ActiveProfile", True, signature="ssv")

    def test_ppd_does_not_take_custom_names(self):
        self.refused(E_FAILED, self.bus.set_property, PPD_NAME, PPD_PATH, PPD_NAME, "ActiveProfile", "gaming")


class Requests(ApiCase):
    def test_hold_of_a_custom_profile(self):
        client = self.client()
        cookie = self.hold(client, "gaming")
        self.assertEqual(self.prop("ActiveProfile"), "gaming")
        row, = self.requests()
        self.assertEqual(row[:8], [cookie, "profile", "node", "gaming", "app", "reason", client.name, os.getpid()])
        self.assertEqual(row[8:], [0, True, ""])
        self.assertEqual(plain(self.get("ActiveProfileHolds"))[0]["Profile"], "performance")
        self.ask("ReleaseRequest", cookie, signature="u", client=client)
        self.assertEqual((self.prop("ActiveProfile"), self.requests()), ("balanced", []))

    def test_hold_of_balanced_is_not_shown_to_ppd(self):
        self.hold(self.client(), "balanced")
        self.assertEqual(self.get("ActiveProfileHolds"), [])

    def test_level(self):
        client = self.client()
        cookie = self.level(client, "policy0", 300, 900)
        self.assertEqual([r[:4] for r in self.requests()], [[cookie, "floor", "policy0", "300"], [cookie, "ceiling", "policy0", "900"]])
        cpu = self.ask("ListCpus")[0]
        self.assertEqual((cpu[0], cpu[10:12]), (0, [300, 900]))
        self.ask("ReleaseRequest", cookie, signature="u", client=client)
        self.assertEqual(self.requests(), [])

    def test_persistent_level(self):
        self.ask("SetLevel", "node", -1, 800, signature="sii")
        row, = self.requests()
        self.assertEqual(row[1:4] + row[6:8], ["ceiling", "node", "800", "", 0])
        self.ask("SetLevel", "node", -1, -1, signature="sii")
        self.assertEqual(self.requests(), [])

    def test_deadline(self):
        client = self.client()
        ended = client.record(member="RequestEnded")
        cookie = self.hold(client, "performance", 300000)
        self.assertTrue(0 < self.requests()[0][8] <= 300000)
        wait_for(lambda: ended, what="RequestEnded")
        self.assertEqual(ended, [(GOVERNORD_PATH, MANAGER, [cookie, "deadline"])])
        self.assertEqual(self.prop("ActiveProfile"), "balanced")

    def test_ended_is_unicast_with_its_reason(self):
        client, other = self.client(), self.client()
        ended, overheard = client.record(member="RequestEnded"), other.record(member="RequestEnded")
        first = self.hold(client, "performance")
        self.ask("ReleaseRequest", first, signature="u", client=client)
        second = self.hold(client, "performance")
        self.choose("power-saver")
        wait_for(lambda: len(ended) == 2, what="RequestEnded")
        self.assertEqual([e[2] for e in ended], [[first, "released"], [second, "manual-switch"]])
        other.call(GOVERNORD, GOVERNORD_PATH, MANAGER, "ListRequests")
        self.assertEqual(overheard, [])

    def test_all_hear_of_requests(self):
        """Signals announce requests that begin and end, with the same values as ListRequests."""
        added, removed = self.bus.record(MANAGER, "RequestAdded"), self.bus.record(MANAGER, "RequestRemoved")
        client = self.client()
        cookies = [self.hold(client, "performance"), self.level(client, "policy0", 300, 900)]
        self.ask("SetLevel", "node", 10, -1, signature="sii")
        rows = [row[:8] for row in self.requests()]
        self.ask("SetLevel", "node", 20, -1, signature="sii")
        self.ask("SetLevel", "node", -1, -1, signature="sii")
        self.ask("ReleaseRequest", cookies[0], signature="u", client=client)
        client.close()
        wait_for(lambda: len(removed) == 3, what="RequestRemoved")
        self.assertEqual([plain(a[2]) for a in added], rows + [[rows[-1][0], "floor", "node", "20", *rows[-1][4:]]])
        self.assertEqual([plain(r[2]) for r in removed],
                         [[rows[-1][0], "released"], [cookies[0], "released"], [cookies[1], "owner-gone"]])

    def test_ends_with_the_owner(self):
        client = self.client()
        self.hold(client, "performance")
        self.level(client, "cpu1", 100, -1)
        client.close()
        wait_for(lambda: self.requests() == [], what="end of the requests")
        self.assertEqual(self.prop("ActiveProfile"), "balanced")

    def test_errors(self):
        client = self.client()
        self.refused(E_GOVERNORD + "InvalidProfile", self.hold, client, "nonsense")
        for domain in ("", "x", "cpu9999", "policy", "package7", "cpu-1", "cpu01x"):
            self.refused(E_GOVERNORD + "NoSuchDomain", self.level, client, domain, 1, -1)
            self.refused(E_GOVERNORD + "NoSuchDomain", self.ask, "SetLevel", domain, 1, -1, signature="sii")
        for floor, ceiling in ((-1, -1), (1025, -1), (-1, 1025), (-2, 5)):
            self.refused(E_ARGS, self.level, client, "node", floor, ceiling)
        self.refused(E_GOVERNORD + "NoSuchRequest", self.ask, "ReleaseRequest", 12345, signature="u")
        self.refused(E_ARGS, self.ask, "HoldProfile", "x", signature="s")
        self.assertEqual(self.requests(), [])

    def test_limit_per_client(self):
        client = self.client()
        for _ in range(64):
            self.level(client, "node", 1, -1)
        self.refused(E_GOVERNORD + "LimitReached", self.level, client, "node", 1, -1)
        self.refused("org.freedesktop.DBus.Error.LimitsExceeded", client.call, PPD_NAME, PPD_PATH, PPD_NAME, "HoldProfile", "performance",
                     "", "")
        self.level(self.client(), "node", 1, -1)  # other connections are not affected

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to run as another user")
    def test_limit_per_user(self):
        """The programs of one user cannot use up the places of other users, even with many connections."""
        self.write_config(GAMING + "\n[governord]\nrequests-per-user = 5\n")
        self.ask("Reload")
        clients = [self.other_user() for _ in range(5)]
        for client in clients:
            self.level(client, "node", 1, -1)
        self.assertIn("requests-per-user", self.refused(E_GOVERNORD + "LimitReached", self.level, self.other_user(), "node", 1, -1))
        for face, path in ((PPD_NAME, PPD_PATH), (PPD_LEGACY, PPD_LEGACY_PATH)):
            self.refused("org.freedesktop.DBus.Error.LimitsExceeded", clients[0].call, face, path, face, "HoldProfile", "performance", "", "")
        self.level(self.other_user(uid=ANOTHER), "node", 1, -1)
        root = self.client()
        for _ in range(6):
            self.level(root, "node", 1, -1)
        clients[0].close()
        wait_for(lambda: len(self.requests()) == 11, what="end of a request")
        self.level(self.other_user(), "node", 1, -1)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to run as another user")
    def test_only_owner_and_root_release(self):
        cookie = self.hold(self.client(), "performance")
        for path, method in ((GOVERNORD_PATH, f"{MANAGER}.ReleaseRequest"), (PPD_PATH, f"{PPD_NAME}.ReleaseProfile")):
            said = self.as_nobody("dbus-send", "--system", "--print-reply", f"--dest={GOVERNORD}", path, method, f"uint32:{cookie}")
            self.assertIn(E_ACCESS_DENIED, said)
        self.assertEqual(len(self.requests()), 1)
        self.ask("ReleaseRequest", cookie, signature="u", client=self.client())
        self.assertEqual(self.requests(), [])


class Views(ApiCase):
    def test_drivers(self):
        drivers = {d[0]: d for d in self.ask("ListDrivers")}
        self.assertEqual(drivers["intel"][2:5], ["intel_pstate", "active", "loaded"])
        self.assertGreater(drivers["intel"][6], 0)

    def test_statistics(self):
        def counters():
            return {name: value for name, value, _ in self.ask("GetStatistics")}
        before = counters()
        self.assertTrue(all(help_text for _, _, help_text in self.ask("GetStatistics")))
        self.assertEqual((before["switches-failed"], before["drift"], before["demand-batches"]), (0, 0, 0))
        self.choose("performance")
        after = counters()
        self.assertEqual(after["switches"], before["switches"] + 1)
        self.assertGreater(after["writes"], before["writes"])
        self.assertTrue(after["switch-usec"] >= before["switch-usec"] + after["switch-last-usec"] > 0)
        self.assertGreaterEqual(after["switch-longest-usec"], after["switch-last-usec"])
        self.assertGreater(after["driver-calls"], before["driver-calls"])
        self.choose("performance")
        self.assertEqual(counters()["switches"], after["switches"])  # the profile in force did not change
        self.assertEqual(counters(), counters())  # reading the counters calls no driver

    def test_knobs(self):
        everything = self.ask("ListKnobs", "")
        one = self.ask("ListKnobs", "policy0")
        self.assertTrue(0 < len(one) < len(everything))
        epp = [k for k in one if k[:2] == ["policy0", "epp"]][0]
        self.assertEqual((epp[2], epp[7]), ("balance_performance", "intel"))
        self.assertIn("energy", epp[12].lower())  # the description
        self.assertTrue(all(k[12] for k in everything))
        for bad in ("x", "cpu9999"):
            self.refused(E_GOVERNORD + "NoSuchDomain", self.ask, "ListKnobs", bad)

    def test_explain(self):
        rows = {(r[0], r[1]): r for r in self.ask("Explain", "performance")}
        self.assertEqual(rows["policy0", "epp"][2:4], ["balance_performance", "performance"])
        self.assertIn("/governord.conf:", rows["policy0", "epp"][5])  # the file with the defaults
        self.assertIn("of this query", " ".join(r[5] for r in self.ask("Explain", "512")))
        labels = [r[11] for r in self.ask("ListKnobs", "") if r[1] == "pl1"]
        self.assertEqual([r[7] for r in self.ask("Explain", "performance") if r[1] == "pl1"], labels)
        self.assertEqual(len(set(labels)), len(labels))
        for bad in ("", "x", "1025", "-1"):
            self.refused(E_GOVERNORD + "InvalidProfile", self.ask, "Explain", bad)

    def test_why_and_changed(self):
        heard = []
        self.bus.connection.add_signal_receiver(lambda *a: heard.append(plain(a)), signal_name="Changed", dbus_interface=MANAGER)
        self.choose("performance")
        newest = [c for c in self.ask("Why", "policy0") if c[2] == "epp"][0]
        self.assertEqual(newest[1:5], ["policy0", "epp", "balance_performance", "performance"])
        self.assertAlmostEqual(newest[0] / 1e6, time.time(), delta=60)
        self.dispatch()
        epp = [h for h in heard if h[1] == "epp"]
        self.assertEqual(len(epp), 1)
        self.assertGreater(epp[0][2], 1)
        self.assertEqual(epp[0][3], "performance")
        self.refused(E_GOVERNORD + "NoSuchDomain", self.ask, "Why", "cpu9999")

    def test_why_names_the_client(self):
        """Why names the client that requested a profile, a hold, a level, or the end of one."""
        client, who = self.client(), f"[{os.getpid()}]"

        def newest(knob):
            return next(c for c in self.ask("Why", "policy0") if c[2] == knob)[5:]
        self.choose("performance", client)
        self.assertEqual(newest("epp")[0], "manual choice of performance")
        self.assertIn(who, newest("epp")[1])
        for word, knob, cause, call in (
                ("hold", "epp", "hold of power-saver by app", lambda: self.hold(client, "power-saver")),
                ("level", "max-freq", "ceiling 512 by app", lambda: self.level(client, "policy0", -1, 512)),
                ("lasting level", "max-freq", "ceiling 400 by the administrator", lambda: self.ask("SetLevel", "policy0", -1, 400, signature="sii", client=client))):
            call()
            self.assertEqual(newest(knob)[0], cause, word)
            self.assertIn(who, newest(knob)[1], word)
        self.ask("SetLevel", "policy0", -1, -1, signature="sii", client=client)
        cookie = self.level(client, "policy0", -1, 300)
        self.ask("ReleaseRequest", cookie, signature="u", client=client)
        self.assertEqual(newest("max-freq")[0], "release of a request")
        self.assertIn(who, newest("max-freq")[1])

    def test_cpus(self):
        cpus = self.ask("ListCpus")
        self.assertEqual([c[0] for c in cpus], sorted(c[0] for c in cpus))
        self.assertEqual({c[3] for c in cpus}, {"performance", "efficiency"})
        self.assertEqual(max(c[4] for c in cpus), 1024)

    def test_cpus_now(self):
        """The present frequency, and times from /proc/stat, a file that a simulated machine lacks at first."""
        self.assertEqual({tuple(c[13:]) for c in self.ask("ListCpus")}, {(0, 0)})
        self.sim.write("sys/devices/system/cpu/cpufreq/policy1/scaling_cur_freq", "1234567\n")
        self.sim.write("proc/stat", "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 10 0 10 70 10 0 0 0 0 0\ncpu1 1 2 3 99999999999999999999 5 6 7 8 9 10\n"
                           "cpu2 x\ncpu99999 1 2 3 4 5 6 7 8\ncpu3 1 1\nintr " + "1 " * 300000)
        cpus = self.ask("ListCpus")
        self.assertEqual(cpus[1][12], 1234567)
        self.assertEqual([tuple(c[13:]) for c in cpus[:4]], [(800000, 1000000), (0, 0), (0, 0), (0, 0)])

    def test_dump(self):
        self.assertIn("intel_pstate", self.ask("Dump"))

    def test_bytes_that_are_no_text_do_not_cost_the_connection(self):
        """Values of hardware may be invalid UTF-8. The bus disconnects a sender of such strings, so the service must not pass them
        on."""
        path = self.sim.file("sys/devices/system/cpu/cpufreq/policy0/energy_performance_preference")
        with open(path, "wb") as f:
            f.write(b"bal\xff\xc3(")
        self.ask("ListKnobs", "policy0")
        self.ask("Dump")
        self.assertIsNone(self.governord.returncode)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to run as another user")
    def test_energy_is_for_root(self):
        def energy(said):
            return [line for line in said.splitlines() if "1234567890" in line]
        command = ["busctl", "--system", "call", GOVERNORD, GOVERNORD_PATH, MANAGER, "ListKnobs", "s", ""]
        said = subprocess.run(command, env={**os.environ, **self.bus.env}, capture_output=True, text=True, check=True).stdout
        self.assertTrue(energy(said))
        said = self.as_nobody(*command)
        self.assertIn("energy", said)
        self.assertEqual(energy(said), [])


class Reload(ApiCase):
    def test_new_profile(self):
        self.write_config(GAMING.replace("gaming", "movies"))
        self.ask("Reload")
        self.assertEqual([p[0] for p in self.prop("Profiles")][3:], ["movies"])

    def test_broken_configuration(self):
        self.write_config("[profile gaming]\nepp =\n[nonsense")
        self.assertIn("governord.conf:", self.refused(E_GOVERNORD + "InvalidConfiguration", self.ask, "Reload"))
        self.assertEqual([p[0] for p in self.prop("Profiles")][3:], ["gaming"])

    def test_long_texts_are_cut_without_losing_the_bus(self):
        self.write_config("[x" + "\u00e9" * 80 + "]\n")
        self.assertIn("unknown section", self.refused(E_GOVERNORD + "InvalidConfiguration", self.ask, "Reload"))
        self.assertIn("x\u00e9", self.refused(E_GOVERNORD + "InvalidProfile", self.choose, "x" + "\u00e9" * 80))
        self.assertEqual(self.prop("ActiveProfile"), "balanced")


class Leave(ApiCase):
    def guarded(self, client):
        return {
            "set-profile": lambda: self.choose("performance", client),
            "hold-profile": lambda: self.hold(client, "performance"),
            "request-level": lambda: self.level(client, "node", 1, -1),
            "set-level": lambda: self.ask("SetLevel", "node", 1, -1, signature="sii", client=client),
            "reload": lambda: self.ask("Reload", client=client),
            "read-energy": lambda: client.call(GOVERNORD, DEVICE_PATH % 0, DEVICE, "ReadPower"),
        }

    def test_polkit_that_cannot_be_asked(self):
        """The error message states that polkit made no decision."""
        self.polkit.mode("fail")
        for action, call in self.guarded(self.other_user()).items():
            self.assertEqual(self.refused(E_ACCESS_DENIED, call),
                             f"Not Authorized: org.governord.{action} (polkit made no decision: The stub was told to fail)")

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to run as another user")
    def test_polkit_that_is_not_there(self):
        client = self.other_user()
        [p for p in self.bus.processes if "stub-polkit" in p.argv[0]][0].kill()
        self.bus.wait_no_name("org.freedesktop.PolicyKit1")
        for action, call in self.guarded(client).items():
            self.assertEqual(self.refused(E_ACCESS_DENIED, call),
                             f"Not Authorized: org.governord.{action} (polkit is not on the bus, so only root may do this)")

    def test_refusals(self):
        self.polkit.mode("deny")
        for action, call in self.guarded(self.other_user()).items():
            self.polkit.forget()
            self.assertEqual(self.refused(E_ACCESS_DENIED, call), f"Not Authorized: org.governord.{action}")
            self.assertEqual([a for a, _ in self.polkit.asked()], [f"org.governord.{action}"])
            self.assertEqual(self.refused(E_ACCESS_DENIED, call), f"Not Authorized: org.governord.{action}")
            user = NOBODY if os.geteuid() == 0 else os.geteuid()
            told = f"User {user} \\(:[0-9.]+ on the bus\\) was refused [A-Za-z]+, action org.governord.{action}: Not Authorized: "
            self.assertEqual(len(re.findall(told, self.governord.log)), 1, self.governord.log)  # logged once, not for each call
        self.assertEqual((self.prop("ActiveProfile"), self.requests()), ("balanced", []))

    def test_leave(self):
        for client in (self.other_user(), self.client()):
            for call in self.guarded(client).values():
                call()

    def test_asking_needs_none(self):
        self.polkit.mode("deny")
        for method, *args in (["ListRequests"], ["ListDrivers"], ["ListKnobs", ""], ["Explain", "balanced"], ["Why", ""], ["ListCpus"],
                              ["Dump"], ["ListSessions"]):
            self.ask(method, *args, client=self.other_user())
        self.assertEqual(self.polkit.asked(), [])

    def test_long_texts_are_refused_before_polkit_is_asked(self):
        client, long = self.other_user(), "x" * 4097
        self.refused(E_ARGS, self.ask, "HoldProfile", "performance", long, "", 0, signature="ssst", client=client)
        self.refused(E_ARGS, self.ask, "RequestLevel", "node", 1, -1, "", long, 0, signature="siisst", client=client)
        self.refused(E_ARGS, self.ask, "SetLevel", long, 1, -1, signature="sii", client=client)
        self.refused(E_ARGS, self.ask, "LoadGovernor", long, signature="s", client=client)
        self.refused(E_ARGS, self.choose, long, client)
        self.assertEqual(self.polkit.asked(), [])

    def test_calls_that_wait_keep_no_descriptors(self):
        """A message may carry descriptors that no argument refers to. They must be closed while a call waits."""
        self.polkit.mode("hang")
        before = len(os.listdir(f"/proc/{self.governord.pid}/fd"))
        client = self.other_user()
        for _ in range(8):
            client.call_async(GOVERNORD, GOVERNORD_PATH, MANAGER, "LoadGovernor", "x", signature="s")
        self.send_with_descriptors(client)
        wait_for(lambda: len(self.polkit.asked()) == 9, what="questions")
        self.assertEqual(len(os.listdir(f"/proc/{self.governord.pid}/fd")), before)

    def send_with_descriptors(self, client):
        """dbus-python attaches descriptors only to arguments, here to an option of a type that OpenSession rejects."""
        with open("/dev/null", "rb") as file:
            self.refused(E_ARGS if self.sessions_are_taken() else E_GOVERNORD + "NotSupported", client.call, GOVERNORD, GOVERNORD_PATH,
                         MANAGER, "OpenSession", 1, 950, 0, {"stale": dbus.types.UnixFd(file)}, signature="uuua{sv}")
        client.call_async(GOVERNORD, GOVERNORD_PATH, MANAGER, "Reload")

    def sessions_are_taken(self):
        return self.prop("Rung") != ""


class Allowance(ApiCase):
    """Queries take time of the event loop, so each user has an allowance for them. Queries of one user do not delay those of
    others."""

    def setUp(self):
        """Allowances are refilled as time passes. The processes of this test get real-time priority, so that other load on the
        machine cannot slow the queries down until the allowance is refilled faster than they use it."""
        super().setUp()
        processes = [0, *(process.pid for process in self.bus.processes)]
        self.addCleanup(lambda: self.schedule(processes[:1], os.SCHED_OTHER, 0))
        self.schedule(processes, os.SCHED_RR, 1)

    @staticmethod
    def schedule(processes, policy, priority):
        with contextlib.suppress(PermissionError):
            for process in processes:
                os.sched_setscheduler(process, policy, os.sched_param(priority))

    def exhaust(self, client, calls, interface, method, *args):
        """Makes queries until the allowance of the client's user is used up. Most of them request no reply, because the bus limits
        the number of outstanding replies."""
        for _ in range(calls):
            call = dbus.lowlevel.MethodCallMessage(GOVERNORD, GOVERNORD_PATH, interface, method)
            call.append(*args)
            call.set_no_reply(True)
            client.connection.send_message(call)
        outcomes = [client.call_async(GOVERNORD, GOVERNORD_PATH, interface, method, *args, timeout=120) for _ in range(100)]
        wait_for(lambda: all(outcomes), what=f"answers to {method}", timeout=120)
        refusals = [o[0] for o in outcomes if isinstance(o[0], dbus.DBusException)]
        self.assertEqual({r.get_dbus_name() for r in refusals}, {"org.freedesktop.DBus.Error.LimitsExceeded"}, method)
        for refusal in refusals:
            self.assertIn("has queried too many list entries", refusal.get_dbus_message())

    def test_lists_are_bounded(self):
        greedy = self.other_user()
        self.exhaust(greedy, 90000 // len(self.ask("ListKnobs", "", client=greedy)), MANAGER, "ListKnobs", "")
        if os.geteuid() == 0:
            self.ask("ListKnobs", "")  # neither root nor another user is affected
            self.ask("ListKnobs", "", client=self.other_user(uid=ANOTHER))

    def test_whatever_takes_time_is_bounded(self):
        """If the test runs as root, a different user makes each query."""
        for uid, question in enumerate(((PROPERTIES, "GetAll", MANAGER), (PROPERTIES, "Get", MANAGER, "LinesWithoutEffect"),
                                        (PROPERTIES, "Get", MANAGER, "RungReason"), (MANAGER, "ListGovernors"), (MANAGER, "ListCpus")), 1):
            self.exhaust(self.other_user(uid=uid), 800, *question)

    def test_long_answers_are_bounded(self):
        """Answers cost one unit for each row, a text one for each 64 bytes, and the list of requests one for each knob that it
        examines."""
        self.choose("performance")  # so that Why has an answer
        costs = {("Explain", "balanced"): len, ("Why", ""): len, ("ListRequests",): lambda rows: 64, ("Dump",): lambda text: len(text) // 64}
        for uid, (question, cost) in enumerate(costs.items(), 1):
            self.exhaust(self.other_user(uid=uid), 90000 // cost(self.ask(*question)), MANAGER, *question)


class FewMatchRules(ApiCase):
    """A bus that allows fewer match rules than there are clients."""
    ALLOWED = 48

    def run(self, result=None):
        config = testbus.TestBus.CONFIG
        limit = f'<limit name="max_match_rules_per_connection">{self.ALLOWED}</limit></busconfig>'
        with unittest.mock.patch.object(testbus.TestBus, "CONFIG", config.replace("</busconfig>", limit)):
            return super().run(result)

    def rules(self):
        """The match rules with which the service notices that clients leave. The first call waits until earlier messages are
        handled."""
        self.prop("ActiveProfile")
        all_of_it = self.bus.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.Debug.Stats", "GetAllMatchRules")
        return [str(r) for rules in all_of_it.values() for r in rules if "arg2=''" in r]

    def test_no_number_of_clients_is_too_many(self):
        """Clients of a user and of root, more than there are match rules. The service notices the end of each."""
        self.assertEqual(self.rules(), [])
        clients = [self.other_user() for _ in range(self.ALLOWED)] + [self.client() for _ in range(5)]
        for client in clients:
            self.level(client, "node", 1, -1)
        self.assertLess(len(self.rules()), 20)
        while clients:
            clients.pop(len(clients) // 2).close()
            wait_for(lambda: len(self.requests()) == len(clients), what=f"end of the requests of all but {len(clients)}")
        self.assertEqual(self.rules(), [])

    def test_few_clients_have_rules_of_their_own(self):
        """With few clients, the service has a match rule for each, so that connections of other programs do not wake it."""
        clients = [self.client() for _ in range(3)]
        for client in clients:
            self.level(client, "node", 1, -1)
        self.assertEqual(len(self.rules()), 3)
        self.assertEqual([rule for rule in self.rules() if "arg0='" not in rule], [])


class MatchRules(FewMatchRules):
    """A bus that allows too few match rules to watch all clients. A client that cannot be watched gets an error, and nothing that
    would have to end with the client."""
    ALLOWED = 20
    test_no_number_of_clients_is_too_many = test_few_clients_have_rules_of_their_own = None

    def ppd_hold(self, client, name, path):
        return client.call(name, path, name, "HoldProfile", "performance", "", "")

    def session(self, client):
        return client.call(GOVERNORD, GOVERNORD_PATH, MANAGER, "OpenReportSession", 5000, 950, 0, dbus.Dictionary({}, signature="sv"),
                           signature="uuua{sv}")

    def check(self, make):
        """`make` returns a new client."""
        first = self.client()
        self.level(first, "node", 1, -1)
        with self.assertRaises(dbus.DBusException) as caught:
            for _ in range(self.ALLOWED):
                self.level(make(), "node", 1, -1)
        self.assertEqual(caught.exception.get_dbus_name(), "org.freedesktop.DBus.Error.LimitsExceeded")
        self.assertRegex(caught.exception.get_dbus_message(), r"allows no more match rules.* watches \d+ clients")
        held = len(self.requests())
        late, choose = make(), lambda client: self.choose("performance", client)
        for call in (lambda c: self.ppd_hold(c, PPD_NAME, PPD_PATH), lambda c: self.ppd_hold(c, PPD_LEGACY, PPD_LEGACY_PATH), self.session,
                     lambda c: self.hold(c, "performance")):
            self.assertIn("match rules", self.refused("org.freedesktop.DBus.Error.LimitsExceeded", call, late))
        self.assertEqual((len(self.requests()), self.ask("ListSessions"), self.prop("ActiveProfile")), (held, [], "balanced"))
        choose(self.client())  # a choice of root has no owner to be watched
        self.level(first, "node", 2, -1)  # a client that is already watched may make further requests
        first.close()
        wait_for(lambda: len(self.requests()) == held - 1, what="end of the first one's requests")
        self.level(late, "node", 1, -1)

    def test_root_is_told(self):
        self.check(self.client)

    def test_others_are_told(self):
        self.check(self.other_user)


class Denied(testbus.BusTestCase):
    """A bus whose policy allows no program to own the service's names, for example because the policy files are below another
    prefix."""

    def test_message(self):
        self.assertIn('<allow own="*"/>', self.bus.CONFIG)
        (self.folder / "denying").mkdir()
        config = testbus.TestBus.CONFIG
        with unittest.mock.patch.object(testbus.TestBus, "CONFIG", config.replace('<allow own="*"/>', "")):
            with testbus.TestBus(self.folder / "denying") as bus:
                daemon = testbus.program("governord") or testbus.program("governord", "core")
                machine = self.machine("intel-hybrid.tree")
                process = bus.spawn([daemon, f"--root={machine.path}", f"--state-dir={self.folder}/state",
                                     f"--runtime-dir={self.folder}/run"], "denied")
                self.assertEqual(process.wait_exit(), 1)
                self.assertIn(f"Cannot get the name {PPD_NAME} on the bus", process.log)
                self.assertRegex(process.log, rf"{PPD_NAME}\.conf is missing in /\S*/dbus-1/system\.d")


class Device(ApiCase):
    ENERGY = "sys/class/powercap/intel-rapl:0/energy_uj"
    RANGE = "sys/class/powercap/intel-rapl:0/max_energy_range_uj"

    def device(self, prop):
        return plain(self.bus.call(GOVERNORD, DEVICE_PATH % 0, PROPERTIES, "Get", DEVICE, prop))

    def read_power(self):
        return plain(self.bus.call(GOVERNORD, DEVICE_PATH % 0, DEVICE, "ReadPower"))

    def test_properties(self):
        self.assertEqual((self.device("Domain"), self.device("Kind")), ("package0", "cpu"))
        self.assertIn("Intel", self.device("Model"))
        self.assertEqual(self.device("Cpus"), [c[0] for c in self.ask("ListCpus")])
        self.assertEqual(len(set(self.device("Capabilities"))), len(self.device("Capabilities")))
        self.assertIn("epp", self.device("Capabilities"))
        self.assertEqual(self.device("PowerLimits")[0], ["pl1", "package-0", 28000000, 1000000, 28000000])

    def measure(self, first, second):
        """Returns the energy in joule (power times period) that is measured when the counter changes from `first` to `second`. The
        service reads the counter at most once a second."""
        self.sim.write(self.ENERGY, first)
        self.assertEqual(self.read_power(), [0, 0])
        self.sim.write(self.ENERGY, second)
        answer = []
        testbus.GLib.timeout_add(1050, lambda: answer.append(self.read_power()))
        wait_for(lambda: answer, what="second measurement")
        power, period = answer[0]
        self.assertGreaterEqual(period, 1000000)
        return power * period / 1e12

    def test_power(self):
        self.assertAlmostEqual(self.measure(1000000, 16000000), 15, delta=0.01)


class DeviceOfAmd(Device):
    TREE = "amd-client-epp.tree"
    test_properties = None  # applies only to the machine of the base class

    def test_power_over_a_wrap(self):
        top = int(self.sim.read(self.RANGE))
        self.assertAlmostEqual(self.measure(top - 5000000, 10000000), 15, delta=0.01)


class NoEnergy(ApiCase):
    TREE = "vm-no-cpufreq.tree"
    CONFIG = ""

    def test_power(self):
        self.refused(E_GOVERNORD + "NotAvailable", self.bus.call, GOVERNORD, DEVICE_PATH % 0, DEVICE, "ReadPower")

    def test_unavailable_profile(self):
        self.refused(E_GOVERNORD + "NotAvailable", self.choose, "performance")
        self.refused(E_GOVERNORD + "NotAvailable", self.hold, None, "performance")


class Levels(ApiCase):
    """Levels of devices, and how the service reports levels that have no effect."""
    TREE = "vm-no-cpufreq.tree"
    MAX = "sys/class/governord-example/npu%u/max_khz"

    def set_level(self, *args):
        self.ask("SetLevel", *args, signature="sii")

    def test_device(self):
        self.set_level("device0", -1, 512)
        self.assertEqual([self.sim.read(self.MAX % i) for i in (0, 1)], ["800000", "1600000"])
        self.assertEqual([r[9:] for r in self.requests()], [[True, ""]])
        self.set_level("node", -1, 256)
        self.assertEqual([self.sim.read(self.MAX % i) for i in (0, 1)], ["400000", "400000"])
        self.assertEqual([(r[2], r[9]) for r in self.requests()], [("device0", False), ("node", True)])
        self.set_level("node", -1, -1)
        self.set_level("device0", -1, -1)
        self.assertEqual([self.sim.read(self.MAX % i) for i in (0, 1)], ["1600000", "1600000"])

    def test_refusals(self):
        for domain in ("device2", "gpu0", "package9", "policy0", "mars", "device", ""):
            self.refused(E_GOVERNORD + "NoSuchDomain", self.set_level, domain, 500, 500)
        self.refused(E_ARGS, self.set_level, "device0", -1, 1025)
        self.assertEqual(self.requests(), [])


class LevelsOfNothing(ApiCase):
    TREE = "vm-no-cpufreq.tree"
    CONFIG = "[governord]\nblock = example\n"

    def test_nothing_follows(self):
        self.ask("SetLevel", "node", 500, 600, signature="sii")
        (floor, *a), (ceiling, *b) = ((r[1], *r[9:]) for r in self.requests())
        self.assertEqual((floor, ceiling, a), ("floor", "ceiling", b))
        self.assertEqual(a[0], False)
        self.assertIn("levels have no effect on this machine", a[1])


class Inputs(ApiCase):
    """Data of other services reaches the manager, and the service subscribes only to what the configuration needs."""

    def matches(self):
        """The match rules of all connections, from the bus."""
        return [str(r) for rules in self.bus.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.Debug.Stats",
                                                  "GetAllMatchRules").values() for r in rules]

    def test_upower(self):
        self.bus.upower(on_battery=True, percentage=40.0)
        wait_for(lambda: self.prop("PowerSource") == "battery", what="battery")
        self.bus.set_on_battery(False)
        wait_for(lambda: self.prop("PowerSource") == "ac", what="mains")

    def test_idle_hint_only_with_an_idle_rule(self):
        self.bus.logind()
        self.settle()
        self.assertFalse([r for r in self.matches() if "login1" in r and "PropertiesChanged" in r])
        self.write_config("[rule away]\nwhen = idle\nprofile = power-saver\n")
        self.ask("Reload")
        wait_for(lambda: [r for r in self.matches() if "login1" in r and "PropertiesChanged" in r], what="match of the idle hint")

    def test_idle_state_is_forgotten_with_the_rule(self):
        self.bus.logind()
        mock = self.bus.interface(testbus.LOGIND_NAME, testbus.LOGIND_PATH, testbus.MOCK)

        def hint(idle):
            mock.UpdateProperties(testbus.LOGIND_NAME + ".Manager", {"IdleHint": dbus.Boolean(idle, variant_level=1)})

        def configure(text):
            self.write_config(text)
            self.ask("Reload")

        rule = "[rule away]\nwhen = idle\nprofile = power-saver\n"
        configure(rule)
        hint(True)
        wait_for(lambda: self.prop("ActiveProfile") == "power-saver", what="the rule")
        configure("")
        self.assertEqual(self.prop("ActiveProfile"), "balanced")
        hint(False)  # no rule needs it, so the service does not receive it
        configure(rule)
        self.assertEqual(self.prop("ActiveProfile"), "balanced")

    def test_resume_applies_anew(self):
        self.bus.logind()
        path = "sys/devices/system/cpu/cpufreq/policy0/energy_performance_preference"
        self.choose("performance")
        wait_for(lambda: [r for r in self.matches() if "PrepareForSleep" in r], what="match of PrepareForSleep")
        self.bus.wait_name("org.freedesktop.login1")
        # The firmware changes values during sleep without a write by a program, so no event reports the change.
        file = pathlib.Path(self.sim.path, path)
        other = file.with_suffix(".new")
        other.write_text("default\n")
        other.rename(file)
        self.bus.sleep_signal(False)
        self.sim.wait(path, "performance")


if __name__ == "__main__":
    sys.exit(unittest.main())
