#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions on the bus: OpenSession, Session1, authorization, signals, the end of sessions, and misbehaving clients.

Runs against the governord of this build: with BPF governors (rung 3) if the running kernel can load them, and with --no-bpf (rung
4). bus-sessions-fake runs the tests against a service whose engine the tests control.
"""

import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import unittest

import dbus
from daemoncase import *  # noqa: F403

SESSION = "org.governord.Session1"
PREFIX = "/org/governord/session"
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
E_ARGS = E_INVALID_ARGS
E_LIMIT = E_GOVERNORD + "LimitReached"
FAKE = "session-service" in os.environ.get("GOVERNORD_GOVERNORD", "")
# From tests/unit/fake-engine.h.
BREAK, BUSY, SILENT, ERROR = 4000000001, 4000000002, 4000000003, 4000000004

# A separate process that opens sessions, prints the result of each, and waits until its input ends. If the second argument is the
# descriptor of a pipe, its child waits until the other end of the pipe is closed, and thus keeps the connection open after the
# process has ended.
OPENER = """
import dbus, dbus.bus, os, sys
bus = dbus.bus.BusConnection(os.environ["DBUS_SYSTEM_BUS_ADDRESS"])
manager = dbus.Interface(bus.get_object("org.governord", "/org/governord", introspect=False), "org.governord.Manager1")
for _ in range(int(sys.argv[1])):
    try:
        opened = manager.OpenSession(5000, 950, 0, {"application": "child"}, signature="uuua{sv}")
        print(opened[0], flush=True)
    except dbus.DBusException as e:
        print(e.get_dbus_name(), e.get_dbus_message(), flush=True)
if len(sys.argv) > 2 and os.fork() == 0:
    os.read(int(sys.argv[2]), 1)
else:
    sys.stdin.read()
os._exit(0)
"""


class Twice(dict):
    """A dictionary that is sent with each entry twice."""

    def __iter__(self):
        return iter([key for key in self.keys() for _ in range(2)])


class SessionCase(DaemonCase):
    RUNG = "bpf"
    OPTIONS = (f"--governor-dir={os.environ.get('GOVERNORD_BUILD', testbus.SOURCE / 'build')}/bpf",)

    def setUp(self):
        super().setUp()
        self.me = self.client()
        get = lambda name: plain(self.bus.get_property(GOVERNORD, GOVERNORD_PATH, MANAGER, name))  # noqa: E731
        if get("Rung") == "not-loaded":  # loading by opening a session would disturb tests that count sessions
            self.me.call(GOVERNORD, GOVERNORD_PATH, MANAGER, "LoadGovernor", "", signature="s")
        rung, reason = get("Rung"), get("RungReason")
        if not FAKE and self.RUNG == "bpf":
            self.skip_without_bpf(rung, reason)
        self.assertTrue(FAKE or rung == self.RUNG, reason)

    def ask(self, method, *args, client=None):
        signature = {"OpenSession": "uuua{sv}", "OpenReportSession": "uuua{sv}"}.get(method)
        return (client or self.me).call(GOVERNORD, GOVERNORD_PATH, MANAGER, method, *args, signature=signature)

    def open(self, target=5000, permille=950, window=0, options=None, client=None):
        """Opens a session, closes the received descriptors, and returns path and details."""
        options = dbus.Dictionary(options or {}, signature="sv")
        path, ring, kick, details = self.ask("OpenSession", target, permille, window, options, client=client)
        for fd in (ring, kick):
            os.close(fd.take())
        return str(path), plain(details)

    def on(self, path, method, *args, client=None, signature=""):
        return (client or self.me).call(GOVERNORD, path, SESSION, method, *args, signature=signature)

    def report(self, path, *latencies, client=None):
        return self.on(path, "Report", dbus.Array(latencies, signature="u"), client=client, signature="au")

    def all(self, path, client=None):
        return plain((client or self.me).call(GOVERNORD, path, PROPERTIES, "GetAll", SESSION))

    def sessions(self):
        return plain(self.ask("ListSessions"))

    def child(self, *argv, **options):
        """Starts OPENER. Returns the process and the lines about its sessions."""
        process = subprocess.Popen(["/usr/bin/python3", "-c", OPENER, *map(str, argv)], env={**os.environ, **self.bus.env},
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdin.close)
        return process, [process.stdout.readline().strip() for _ in range(int(argv[0]))]

    def as_anybody(self):
        """Returns the options with which subprocess runs a child as another user."""
        self.open_bus()
        return {"user": 65534, "group": 65534, "extra_groups": []}

    def alive(self):
        self.assertIsNone(self.governord.returncode, self.governord.log)
        self.assertEqual(self.sessions(), [])
        self.on(self.open()[0], "Close")


class Opening(SessionCase):
    def test_what_comes_back(self):
        path, ring, kick, details = self.ask("OpenSession", 5000, 950, 0, dbus.Dictionary({}, signature="sv"))
        details = plain(details)
        self.assertEqual(set(details), {"slot", "cookie", "rung", "kick", "ring", "ring-version"})
        self.assertEqual(path, f"{PREFIX}/{details['cookie']}")
        self.assertIn(details["kick"], ("bpf", "eventfd", ""))
        self.assertEqual(details["ring-version"], 1)
        self.assertEqual(details["rung"], plain(self.me.call(GOVERNORD, GOVERNORD_PATH, PROPERTIES, "Get", MANAGER, "Rung")))
        for fd in (ring, kick):
            os.close(fd.take())

    def test_without_descriptors(self):
        empty = dbus.Dictionary({}, signature="sv")
        path, details = plain(self.ask("OpenReportSession", 5000, 950, 0, empty))
        self.assertEqual((details["kick"], details["ring"], details["ring-version"]), ("", "", 0))
        self.report(path, 1000, 9000)
        self.assertEqual((self.all(path)["Samples"], self.all(path)["Violations"]), (2, 1))
        self.refused(E_ARGS, self.ask, "OpenReportSession", 0, 950, 0, empty)
        self.on(path, "Close")
        self.assertEqual(self.sessions(), [])

    def test_facts(self):
        path, _ = self.open(7000, 990, 200000, {"application": "däemon", "stale": dbus.UInt32(3000000), "cap": True})
        facts = self.all(path)
        expected = {"Application": "däemon", "Pid": os.getpid(), "Uid": os.geteuid(), "Target": 7000, "Percentile": 990,
                    "Window": 200000, "Stale": 3000000, "Cap": True, "Threads": [],
                    "Samples": 0, "Violations": 0, "Invalid": 0, "Level": 0, "Active": False, "Slack": 0, "Cpus": ""}
        self.assertEqual({k: facts[k] for k in expected}, expected)
        self.assertEqual(set(facts) - set(expected), {"Estimate", "Delay"})
        facts = self.all(self.open()[0])
        self.assertRegex(facts["Application"], "^python3|^test_sessions")
        self.assertEqual((facts["Window"], facts["Stale"], facts["Cap"]), (100000, 1000000, False))

    def test_properties_of_the_manager(self):
        get = lambda name: plain(self.me.call(GOVERNORD, GOVERNORD_PATH, PROPERTIES, "Get", MANAGER, name))  # noqa: E731
        self.assertTrue(get("Rung") and get("Governor"))
        get("RungReason")

    def test_list(self):
        self.assertEqual(self.sessions(), [])
        path, _ = self.open(options={"application": "a"})
        self.assertEqual(self.sessions(), [[path, "a", os.getpid(), os.geteuid(), 5000, 950, 100000, False, False, 0, 0, 0, 0, 0, 0,
                                            ""]])

    def test_ranges(self):
        for arguments, says in (((0, 950, 0), "target of a session must be 1 to 60000000 us; got 0"), ((60000001, 950, 0), "got 60000001"),
                                ((1, 499, 0), "percentile of a session must be 500 to 999 permille; got 499"), ((1, 1000, 0), "got 1000"),
                                ((1, 950, 999), "window of a session must be 1000 to 60000000 us; got 999"), ((1, 950, 60000001), "got 60000001")):
            self.assertIn(says, self.refused(E_ARGS, self.open, *arguments))
        for stale in (999, 600000001):
            self.assertIn(f"got {stale}", self.refused(E_ARGS, self.open, options={"stale": dbus.UInt32(stale)}))
        self.assertEqual(self.sessions(), [])
        self.assertEqual(self.polkit.asked(), [])  # polkit is not asked about calls that are invalid anyway

    def test_options(self):
        for options, says in (({"speed": 1}, "Unknown option 'speed'"), ({"": 1}, "Unknown option ''"),
                              ({"x" * 100000: 1}, "Unknown option 'xxx"),
                              ({"stale": "long"}, "Option 'stale' is of type 'u', not 's'"),
                              ({"cap": 1}, "Option 'cap' is of type 'b', not 'i'"),
                              ({"application": dbus.Array(["a"])}, "Option 'application' is of type 's', not 'as'"),
                              ({"application": "x" * (1 << 20)}, "Option 'application' has 1048576 bytes")):
            said = self.refused(E_ARGS, self.open, options=options)
            self.assertIn(says, said)
            self.assertLess(len(said), 400)
        said = self.refused(E_ARGS, self.ask, "OpenSession", 5000, 950, 0, Twice(cap=False))
        self.assertIn("Option 'cap' was given twice", said)
        self.refused(E_ARGS, self.me.call, GOVERNORD, GOVERNORD_PATH, MANAGER, "OpenSession", 1, 2, signature="uu")
        self.assertEqual(self.sessions(), [])
        path, _ = self.open(options={"application": "ä" * 2000})
        self.assertEqual(self.all(path)["Application"], "ä" * 128)

    def all_options(self):
        """Returns all options twice: as words for busctl, and as values for dbus-python. Without BPF there is only one kind of
        ring."""
        ring = "" if self.RUNG == "user" and not FAKE else "user-ringbuf"
        words = {"application": ("s", "all"), "stale": ("u", "3000000"), "cap": ("b", "false"), "ring": ("s", ring)}
        return words, {"application": "all", "stale": dbus.UInt32(3000000), "cap": False, "ring": ring}

    def open_as_other_user(self, words, method="OpenSession"):
        """Opens a session as an ordinary user with busctl, which then ends. Returns its output. `words` has a type and a value per
        option."""
        flat = [word for key, (kind, value) in words.items() for word in (key, kind, value)]
        command = ["busctl", "--system", "call", GOVERNORD, GOVERNORD_PATH, MANAGER, method, "uuua{sv}", "5000", "950", "0", str(len(words)), *flat]
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        self.open_bus()
        return subprocess.run(command, env={**os.environ, **self.bus.env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=120, **user).stdout

    def test_all_options_at_once(self):
        """Also as a user for whom polkit must be asked: meanwhile the service stores the call, for which separate limits apply."""
        words, values = self.all_options()
        for method in ("OpenSession", "OpenReportSession"):
            opened = self.ask(method, 5000, 950, 0, dbus.Dictionary(values, signature="sv"))
            for fd in opened[1:-1]:
                os.close(fd.take())
            facts = self.all(opened[0])
            self.assertEqual((facts["Application"], facts["Stale"], facts["Cap"]), ("all", 3000000, False))
            self.on(opened[0], "Close")
            self.assertIn(PREFIX, self.open_as_other_user(words, method))

    def test_each_option_alone(self):
        """A wrong type, a value out of range, and a misspelt name of each option are rejected: no session is opened, and polkit is
        not asked."""
        words, values = self.all_options()
        text, wrong = "x" * 4097, {"application": 1, "stale": "3", "cap": dbus.UInt32(1), "ring": True}
        bounds = {"application": (text, "4097 bytes"), "stale": (dbus.UInt32(0xffffffff), "got 4294967295"), "ring": (text, '"xxx')}
        for client in (self.me, self.other_user()):
            for key, value in values.items():
                refused = lambda options: self.refused(E_ARGS, self.open, options=options, client=client)  # noqa: E731
                self.assertIn(f"Option '{key}' is of type", refused({key: wrong[key]}))
                self.assertIn(f"Unknown option '{key}s'", refused({key + "s": value}))
                self.assertIn(f"Unknown option '{key.upper()}'", refused({**values, key.upper(): value}))
                if key in bounds:
                    said = refused({key: bounds[key][0]})
                    self.assertIn(bounds[key][1], said)
                    self.assertLess(len(said), 400)
        self.assertEqual((self.sessions(), self.polkit.asked()), ([], []))
        for key, value in values.items():
            self.on(self.open(options={key: value})[0], "Close")
            self.assertIn(PREFIX, self.open_as_other_user({key: words[key]}))

    def test_leave(self):
        def other_user(cap=None):
            return self.open_as_other_user({} if cap is None else {"cap": ("b", cap)})

        for cap in (None, "false", "true"):
            self.assertIn(PREFIX, other_user(cap))
        self.assertEqual([str(a[0]) for a in self.polkit.asked()],
                         ["org.governord.open-session"] * 2 + ["org.governord.cap-session"])
        self.polkit.deny("org.governord.cap-session")
        self.assertIn("denied", other_user("true"))
        self.assertIn(PREFIX, other_user())
        self.polkit.mode("deny")
        self.assertIn("denied", other_user())
        self.assertRegex(self.governord.log, "User [0-9]+ .* was refused OpenSession, action org.governord.open-session: Not Authorized")

    def test_waiting_for_polkit_is_bounded(self):
        self.polkit.mode("hang")
        clients = [self.other_user(), self.other_user()]
        outcomes = [client.call_async(GOVERNORD, GOVERNORD_PATH, MANAGER, "OpenSession", 5000, 950, 0, {}, signature="uuua{sv}")
                    for client in clients for _ in range(10)]
        wait_for(lambda: sum(map(len, outcomes)) >= 4, what="refusal of what is more than 16 calls")
        self.assertEqual({o[0].get_dbus_name() for o in outcomes if o}, {"org.freedesktop.DBus.Error.LimitsExceeded"})


@unittest.skipIf(FAKE, "an engine of its own")
class Questions(DaemonCase):
    """Queries load nothing into the kernel. When a session causes a governor to be loaded, a signal reports it."""
    OPTIONS = SessionCase.OPTIONS

    def test_load_nothing(self):
        get = lambda name: plain(self.bus.get_property(GOVERNORD, GOVERNORD_PATH, MANAGER, name))  # noqa: E731
        plain(self.bus.call(GOVERNORD, GOVERNORD_PATH, PROPERTIES, "GetAll", MANAGER))
        rows = plain(self.bus.call(GOVERNORD, GOVERNORD_PATH, MANAGER, "ListGovernors"))
        self.skip_without_bpf(get("Rung"), get("RungReason"))
        self.assertEqual((get("Rung"), get("Governor")), ("not-loaded", ""))
        self.assertIn('"slack"', get("RungReason"))
        self.assertEqual({row[0]: bool(row[5]) for row in rows}, {"slack": False, "step": False, "race": False})
        heard = self.bus.record(PROPERTIES, "PropertiesChanged", GOVERNORD_PATH)
        client = self.client()
        client.call(GOVERNORD, GOVERNORD_PATH, MANAGER, "OpenSession", 5000, 950, 0, dbus.Dictionary({}, signature="sv"), signature="uuua{sv}")
        wait_for(lambda: any("Rung" in plain(arguments[1]) for _, _, arguments in heard), what="the new rung's signal")
        self.assertNotEqual(get("Rung"), "not-loaded")
        self.assertTrue(get("Governor").startswith("slack"))


@unittest.skipIf(FAKE, "an engine of its own")
class Files(DaemonCase):
    """Queries read the files of governors once, and again only after a file has changed."""
    IN_OPEN = 0x20

    def setUp(self):
        super().setUp()
        rung, reason = (plain(self.bus.get_property(GOVERNORD, GOVERNORD_PATH, MANAGER, name)) for name in ("Rung", "RungReason"))
        self.skip_without_bpf(rung, reason)
        self.assertEqual(rung, "not-loaded", reason)

    def argv(self, *options):
        """Uses copies of this build's governors, so that tests can change and watch the files."""
        build = pathlib.Path(SessionCase.OPTIONS[0].partition("=")[2])
        self.governors = self.folder / "vendor"
        self.governors.mkdir(exist_ok=True)
        for name in ("platform.o", "slack.bpf.o", "race.bpf.o"):
            if (build / name).exists():
                shutil.copy(build / name, self.governors)
        return super().argv(f"--governor-dir={self.governors}", *options)

    def names(self):
        return sorted(row[0] for row in plain(self.bus.call(GOVERNORD, GOVERNORD_PATH, MANAGER, "ListGovernors")))

    def test_are_read_once(self):
        self.assertEqual(self.names(), ["race", "slack"])
        watch = testbus._libc.inotify_init1(os.O_NONBLOCK)
        self.addCleanup(os.close, watch)
        for name in ("slack.bpf.o", "race.bpf.o"):
            self.assertGreaterEqual(testbus._libc.inotify_add_watch(watch, os.fsencode(self.governors / name), self.IN_OPEN), 0)
        for _ in range(5):
            self.bus.call(GOVERNORD, GOVERNORD_PATH, PROPERTIES, "GetAll", MANAGER)
            self.names()
        self.assertRaises(BlockingIOError, os.read, watch, 4096)

    def test_changes_are_seen(self):
        self.assertEqual(self.names(), ["race", "slack"])
        admin = self.config / "governors"
        admin.mkdir()
        shutil.copy(self.governors / "slack.bpf.o", admin / "mine.bpf.o")
        rows = {row[2]: row[6] for row in plain(self.bus.call(GOVERNORD, GOVERNORD_PATH, MANAGER, "ListGovernors"))}
        self.assertEqual(rows[str(admin / "mine.bpf.o")], "")
        self.assertIn("replaced by another governor", rows[str(self.governors / "slack.bpf.o")])
        (admin / "mine.bpf.o").write_bytes(b"no ELF file")  # the file is overwritten, not replaced
        self.assertEqual(self.names(), ["mine", "race", "slack"])
        (self.governors / "race.bpf.o").unlink()
        self.assertEqual(self.names(), ["mine", "slack"])
        self.write_config("[governord]\ngovernor = nonsense\n")
        self.bus.call(GOVERNORD, GOVERNORD_PATH, MANAGER, "Reload")
        self.assertIn('"slack"', plain(self.bus.call(GOVERNORD, GOVERNORD_PATH, PROPERTIES, "Get", MANAGER, "RungReason")))
        self.assertEqual(plain(self.bus.call(GOVERNORD, GOVERNORD_PATH, PROPERTIES, "Get", MANAGER, "LinesWithoutEffect")),
                         [[f"{self.config}/governord.conf:2", 'there is no governor "nonsense"']])
        (self.governors / "platform.o").unlink()
        self.assertEqual(plain(self.bus.call(GOVERNORD, GOVERNORD_PATH, PROPERTIES, "Get", MANAGER, "Rung")), "user")


class Use(SessionCase):
    def test_report(self):
        path, _ = self.open()
        self.report(path, *[6000] * 3, 4000)
        self.report(path)
        facts = self.all(path)
        self.assertEqual((facts["Samples"], facts["Violations"], facts["Active"]), (4, 3, True))
        self.assertEqual(facts["Slack"], 5000 - facts["Estimate"] if facts["Estimate"] else 0)
        self.report(path, *[4294967295 if not FAKE else 60000000] * 4096)
        self.assertEqual(self.all(path)["Samples"], 4100)
        self.assertIn("4097", self.refused(E_ARGS, self.report, path, *[1] * 4097))
        self.assertEqual(self.all(path)["Samples"], 4100)

    def test_targets(self):
        path, _ = self.open()
        heard = self.me.record(member="PropertiesChanged")
        self.on(path, "SetTarget", 9000, 500, 0, signature="uuu")
        self.assertEqual([self.all(path)[k] for k in ("Target", "Percentile", "Window")], [9000, 500, 100000])
        wait_for(lambda: heard, what="PropertiesChanged")
        self.assertEqual({k: v for k, v in plain(heard[0][2][1]).items() if k != "Slack"},
                         {"Target": 9000, "Percentile": 500, "Window": 100000})
        self.assertIn("got 1000", self.refused(E_ARGS, self.on, path, "SetTarget", 9000, 1000, 0, signature="uuu"))
        self.assertEqual(self.all(path)["Percentile"], 500)

    def test_threads(self):
        path, _ = self.open()
        heard = self.me.record(member="PropertiesChanged")
        self.on(path, "SetThreads", [os.getpid()], signature="au")
        self.assertEqual(self.all(path)["Threads"], [os.getpid()])
        wait_for(lambda: heard, what="PropertiesChanged")
        self.assertEqual(plain(heard[0][2][1]), {"Threads": [os.getpid()]})
        said = self.refused(E_ARGS, self.on, path, "SetThreads", [os.getpid(), 1], signature="au")
        self.assertIn("has no thread 1", said)
        self.assertIn("got 17", self.refused(E_ARGS, self.on, path, "SetThreads", [os.getpid()] * 17, signature="au"))
        self.assertEqual(self.all(path)["Threads"], [os.getpid()])
        self.on(path, "SetThreads", [], signature="au")
        self.assertEqual(self.all(path)["Threads"], [])

    def test_changes_are_signalled_seldom_and_only_what_changed(self):
        path, _ = self.open(options={"stale": dbus.UInt32(300000)})
        heard = self.me.record(member="PropertiesChanged")
        for _ in range(50):
            self.report(path, 6000)
        wait_for(lambda: heard, what="PropertiesChanged")
        first = plain(heard[0][2])
        self.assertEqual(first[0], SESSION)
        self.assertIn("Samples", first[1])
        self.assertFalse(set(first[1]) & {"Application", "Pid", "Uid", "Target", "Percentile", "Window", "Stale", "Cap", "Cpus",
                                          "Invalid"})
        self.assertLessEqual(len(heard), 4)  # changes are collected, and 50 round trips take less than a second
        if FAKE:
            self.report(path, SILENT)
        wait_for(lambda: [h for h in heard if h[2][1].get("Active") is False], what="end of activity")
        said = {}
        for h in heard:
            said.update(plain(h[2][1]))
        now = self.all(path)
        self.assertEqual(said, {k: now[k] for k in said})

    def test_objects(self):
        added = self.bus.record(OBJECT_MANAGER, "InterfacesAdded")
        removed = self.bus.record(OBJECT_MANAGER, "InterfacesRemoved")
        path, _ = self.open(options={"application": "a"})
        managed = plain(self.me.call(GOVERNORD, GOVERNORD_PATH, OBJECT_MANAGER, "GetManagedObjects"))
        self.assertEqual(managed[path][SESSION], self.all(path))
        self.on(path, "Close")
        wait_for(lambda: removed, what="InterfacesRemoved")
        self.assertEqual(plain(added[0][2][0]), path)
        self.assertEqual(plain(added[0][2][1])[SESSION]["Uid"], os.geteuid())
        self.assertEqual(plain(added[0][2][1])[SESSION]["Application"], "")  # a broadcast has no private values
        self.assertEqual((plain(removed[0][2][0]), SESSION in plain(removed[0][2][1])), (path, True))
        self.assertNotIn(path, plain(self.me.call(GOVERNORD, GOVERNORD_PATH, OBJECT_MANAGER, "GetManagedObjects")))

    def test_paths_that_are_none(self):
        path, details = self.open()
        for name in (f"0{details['cookie']}", "0", "x", "4294967295", "4294967296", f"{details['cookie']}/x"):
            self.refused(E_UNKNOWN_METHOD, self.on, f"{PREFIX}/{name}", "Close")
        self.on(path, "Close")
        self.refused(E_UNKNOWN_METHOD, self.report, path, 1)

    @unittest.skipUnless(FAKE, "an engine that does what it is told")
    def test_engine_refuses(self):
        path, _ = self.open()
        self.assertIn("the first 0 of 1", self.refused(E_GOVERNORD + "Busy", self.report, path, BUSY))
        self.assertIn("the first 512 of 513", self.refused(E_GOVERNORD + "Busy", self.report, path, *[1] * 512, BUSY))
        self.assertIn("Input/output error", self.refused(E_FAILED, self.report, path, ERROR))

    @unittest.skipUnless(FAKE, "an engine that does what it is told")
    def test_cpus(self):
        path, _ = self.open()
        self.report(path, 6000)
        self.assertEqual(self.all(path)["Cpus"], "0-3,5,8-9,1023")
        self.assertEqual(self.sessions()[0][-1], "0-3,5,8-9,1023")


class Others(SessionCase):
    def test_the_owner_is_the_connection(self):
        other = self.client()
        mine, _ = self.open()
        theirs, _ = self.open(client=other)  # another connection of the same process
        said = self.refused(E_ACCESS_DENIED, self.on, mine, "SetTarget", 1, 950, 0, client=other, signature="uuu")
        self.assertIn("belongs to another connection", said)
        if os.geteuid() == 0:
            self.report(mine, 1, client=other)
            self.on(mine, "Close", client=other)
        self.on(theirs, "Close", client=other)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to run as another user")
    def test_other_user(self):
        path, _ = self.open()
        self.as_anybody()
        for call in ("Close", "Report array:uint32:1", "SetTarget uint32:1 uint32:950 uint32:0", "SetThreads array:uint32:1"):
            method, *arguments = call.split()
            said = self.as_nobody("dbus-send", "--system", "--print-reply", f"--dest={GOVERNORD}", path, f"{SESSION}.{method}",
                                  *arguments)
            self.assertIn(E_ACCESS_DENIED, said)
        self.assertEqual(self.all(path)["Samples"], 0)

    @unittest.skipUnless(FAKE and os.geteuid() == 0, "needs root, to run as another user, and an engine without limits of its own")
    def test_quota(self):
        _, said = self.child(70, **self.as_anybody())
        self.assertEqual(len([s for s in said if s.startswith(PREFIX)]), 64)
        self.assertEqual({s.split()[0] for s in said[64:]}, {E_LIMIT})
        _, said = self.child(1, **self.as_anybody())
        self.assertIn("sessions-per-user", said[0])
        self.open()  # the quota of another user is not affected
        removed = self.bus.record(OBJECT_MANAGER, "InterfacesRemoved")
        self.write_config("[governord]\nsessions-per-user = 3\n")
        self.bus.call(GOVERNORD, GOVERNORD_PATH, MANAGER, "Reload")
        wait_for(lambda: len(removed) == 61, what="end of the sessions beyond the quota")
        self.assertEqual(len(self.sessions()), 4)


    @unittest.skipUnless(os.geteuid() == 0, "needs root, to run as another user")
    def test_what_others_see(self):
        """Other users see that a session exists, its user, and whether it is active, but no other value."""
        heard = self.bus.record(PROPERTIES, "PropertiesChanged")
        added = self.bus.record(OBJECT_MANAGER, "InterfacesAdded")
        same_user, other = self.other_user(), self.other_user(uid=ANOTHER)
        process, (path,) = self.child(1, **self.as_anybody())
        self.report(path, 9000, 9000)
        shown = {"Uid": 65534, "Active": True}
        everything = self.all(path, client=same_user)
        self.assertEqual((everything["Application"], everything["Pid"], everything["Samples"]), ("child", process.pid, 2))
        empty = {name: type(value)() for name, value in everything.items()}
        for client, expected in ((self.me, everything), (same_user, everything), (other, {**empty, **shown})):
            seen = self.all(path, client=client)
            self.assertEqual({**seen, "Estimate": 0, "Slack": 0, "Level": 0, "Delay": 0, "Cpus": ""},
                             {**expected, "Estimate": 0, "Slack": 0, "Level": 0, "Delay": 0, "Cpus": ""})
            row, = plain(self.ask("ListSessions", client=client))
            self.assertEqual([row[i] for i in (0, 1, 2, 3, 4, 8, 9)],
                             [path] + [expected[k] for k in ("Application", "Pid", "Uid", "Target", "Active", "Samples")])
            managed = plain(client.call(GOVERNORD, GOVERNORD_PATH, OBJECT_MANAGER, "GetManagedObjects"))
            self.assertEqual(managed[path][SESSION]["Application"], expected["Application"])
            self.assertEqual(plain(client.call(GOVERNORD, path, PROPERTIES, "Get", SESSION, "Samples")), expected["Samples"])
        wait_for(lambda: [h for h in heard if plain(h[2][1]).get("Active") is True], what="activity")
        if FAKE:
            self.report(path, SILENT)
        wait_for(lambda: [h for h in heard if plain(h[2][1]).get("Active") is False], what="end of activity")
        self.assertEqual({name for h in heard if h[0] == path for name in plain(h[2][1])}, {"Active"})
        self.assertEqual(plain(added[0][2][1])[SESSION], {**empty, "Uid": 65534})


class Ends(SessionCase):
    def closed(self, client=None):
        return (client or self.me).record(member="Closed")

    def test_close(self):
        heard, overheard = self.closed(), self.closed(self.client())
        path, _ = self.open()
        self.on(path, "Close")
        wait_for(lambda: heard, what="Closed")
        self.assertEqual(heard, [(path, SESSION, ["closed"])])
        self.assertEqual(overheard, [])

    def test_owner_leaves(self):
        removed = self.bus.record(OBJECT_MANAGER, "InterfacesRemoved")
        client = self.client()
        self.open(client=client)
        self.open(client=client)
        path, _ = self.open()
        client.close()
        wait_for(lambda: len(removed) == 2, what="end of the sessions")
        self.assertEqual([s[0] for s in self.sessions()], [path])

    def test_process_ends_while_its_connection_lives(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, writer)
        process, (path,) = self.child(1, reader, pass_fds=[reader])
        os.close(reader)
        removed = self.bus.record(OBJECT_MANAGER, "InterfacesRemoved", GOVERNORD_PATH)
        self.assertEqual([s[:3] for s in self.sessions()], [[path, "child", process.pid]])
        process.stdin.close()
        wait_for(lambda: removed, what="end of the session")
        self.assertIn("process-ended", self.governord.log)
        self.assertEqual(self.sessions(), [])

    @unittest.skipUnless(FAKE, "an engine that does what it is told")
    def test_broken(self):
        heard = self.closed()
        path, _ = self.open()
        self.report(path, BREAK, BREAK)
        wait_for(lambda: heard, what="Closed")
        self.assertEqual(heard, [(path, SESSION, ["broken: it was told so"])])
        self.alive()

    def test_idle(self):
        self.write_config("[governord]\nsession-idle-max = 100ms\n")
        self.bus.call(GOVERNORD, GOVERNORD_PATH, MANAGER, "Reload")
        heard = self.closed()
        path, _ = self.open(options={"stale": dbus.UInt32(1000)})
        wait_for(lambda: heard, what="Closed")
        self.assertEqual(heard, [(path, SESSION, ["stale"])])

    def test_service_stops(self):
        heard = self.closed()
        path, _ = self.open()
        self.report(path, 6000)
        self.assertEqual(self.governord.stop(), 0)
        wait_for(lambda: heard, what="Closed")
        self.assertEqual(heard, [(path, SESSION, ["service-stops"])])

    def test_killed_clients(self):
        """Clients that are killed: their sessions end."""
        removed = self.bus.record(OBJECT_MANAGER, "InterfacesRemoved", GOVERNORD_PATH)
        for _ in range(3):
            process, _ = self.child(2)
            process.send_signal(signal.SIGKILL)
        wait_for(lambda: len(removed) == 6, what="end of the sessions")
        self.alive()


class Hostile(SessionCase):
    def holds(self):
        """Returns the numbers of descriptors and of ring mappings that the service has."""
        folder = pathlib.Path(f"/proc/{self.governord.pid}")
        return len(os.listdir(folder / "fd")), (folder / "maps").read_text().count("anon_inode")

    def test_many_in_a_loop(self):
        """More sessions than there are slots, so that each slot is used again. With BPF there are fewer, because each session takes
        two grace periods of RCU."""
        cookies, used = [], None
        for _ in range(1100 if FAKE or self.RUNG == "user" else 100):
            path, details = self.open()
            cookies.append(details["cookie"])
            self.on(path, "Close")
            used = used or self.holds()
        self.assertEqual(cookies, sorted(set(cookies)))
        self.assertEqual(self.holds(), used)
        self.alive()

    def test_open_without_close(self):
        """Root has no quota. When the table or the engine has no room for another session, the call fails with LimitReached."""
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        limit, n = 1024 if os.geteuid() == 0 else 64, 0
        soft, _ = resource.prlimit(self.governord.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.governord.pid, resource.RLIMIT_NOFILE, (max(soft, 8192), max(soft, 8192)))
        client = self.client()
        with self.assertRaises(dbus.DBusException) as caught:
            while n <= limit:
                self.open(client=client)
                n += 1
        self.assertEqual(caught.exception.get_dbus_name(), E_LIMIT)
        self.assertTrue(n == limit or (n > 0 and not FAKE))
        for _ in range(10):
            self.refused(E_LIMIT, self.open, client=client)
        removed = self.bus.record(OBJECT_MANAGER, "InterfacesRemoved")
        client.close()
        wait_for(lambda: len(removed) == n, what="end of the sessions")
        self.alive()

    def test_no_descriptors_left(self):
        """Whichever descriptor is the first that cannot be opened, the call returns an error, and no descriptor is leaked."""
        self.on(self.open()[0], "Close")
        used = len(os.listdir(f"/proc/{self.governord.pid}/fd"))
        before = resource.prlimit(self.governord.pid, resource.RLIMIT_NOFILE)
        outcomes = set()
        for more in range(48):  # the service reserves 32 of them for its connection to the bus
            resource.prlimit(self.governord.pid, resource.RLIMIT_NOFILE, (used + more, before[1]))
            try:
                self.on(self.open()[0], "Close")
                outcomes.add("")
            except dbus.DBusException as e:
                outcomes.add(e.get_dbus_name())
        resource.prlimit(self.governord.pid, resource.RLIMIT_NOFILE, before)
        self.assertEqual(outcomes, {"", "org.freedesktop.DBus.Error.LimitsExceeded"})
        self.alive()
        self.assertEqual(len(os.listdir(f"/proc/{self.governord.pid}/fd")), used)

    def test_report_flood(self):
        path, _ = self.open()
        heard = self.me.record(member="PropertiesChanged")
        begin = time.monotonic()
        flood = dbus.Array([6000] * 4096, signature="u")
        outcomes = [self.me.call_async(GOVERNORD, path, SESSION, "Report", flood, signature="au") for _ in range(100)]
        wait_for(lambda: all(outcomes), what="replies")
        self.assertLessEqual(len(heard), 4 * (time.monotonic() - begin) + 2)
        taken = busy = 0
        for (outcome,) in outcomes:  # a tick may be reading the ring of this session at that moment
            if isinstance(outcome, tuple):
                taken += 4096
            else:
                self.assertEqual(outcome.get_dbus_name(), E_GOVERNORD + "Busy")
                taken += int(re.search("the first ([0-9]+) of 4096", outcome.get_dbus_message())[1])
                busy += 1
        # The core passes 512 latencies at a time to the engine. A busy engine does not return how many of these it has taken.
        samples = self.all(path)["Samples"]
        self.assertTrue(taken <= samples <= taken + busy * 511, (samples, taken, busy))
        self.on(path, "Close")
        self.alive()


class WithoutPolkit(SessionCase):
    POLKIT = None

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to run as another user")
    def test_root_alone(self):
        self.open()
        _, said = self.child(1, **self.as_anybody())
        self.assertIn(E_ACCESS_DENIED, said[0])


def on_rung_4(case):
    """Returns a class with the same tests for the service without BPF."""
    return type(case.__name__ + "User", (case,), {"RUNG": "user", "OPTIONS": ("--no-bpf",), "__module__": __name__})


if not FAKE:
    for case in (Opening, Use, Others, Ends, Hostile, WithoutPolkit):
        globals()[case.__name__ + "User"] = on_rung_4(case)
    del case


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.skipped and len(result.skipped) == result.testsRun else 0)
