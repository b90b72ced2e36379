#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""libgovernord in a separate program, against a fake service in this process that starts, stops, rejects calls and sends invalid
replies."""

import errno
import importlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import unittest
from unittest import mock

import dbus
from gi.repository import GLib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import fakeservice  # noqa: E402
import testbus  # noqa: E402
from fakeservice import BpfRing, NoKernel, Service, UserRing  # noqa: E402

WAITING, OPENING, OPEN, REFUSED, OFF = range(5)
LATENCY, SPIKE, CALM = 1, 2, 3
DEADLINE = testbus.DEADLINE
CAP, START = 1, 2
SANITIZED = os.environ.get("GOVERNORD_SANITIZED", "")  # sanitizers make system calls of their own
READABLE = GLib.IOCondition.IN | GLib.IOCondition.HUP


class Client:
    """The program qos-client: each line of input causes a line of output. While a test waits for it, the main loop runs the fake
    service."""

    def __init__(self, bus, env=None):
        program = testbus.program("qos-client", "tests/client")
        self._popen = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       env={**os.environ, **(bus.env if bus else {}), **(env or {})},
                                       preexec_fn=testbus._die_with_parent)
        self.pid, self._buffer = self._popen.pid, b""
        self._source = GLib.unix_fd_add_full(0, self._popen.stdout.fileno(), READABLE, self._readable)

    def _readable(self, fd, _condition):
        data = os.read(fd, 4096)
        self._buffer += data
        if not data:
            self._source = 0
        return bool(data)

    def ask(self, line):
        self._popen.stdin.write(line.encode() + b"\n")
        self._popen.stdin.flush()
        testbus.wait_for(lambda: b"\n" in self._buffer or not self._source, DEADLINE, f"answer to {line!r}")
        answer, _, self._buffer = self._buffer.partition(b"\n")
        return answer.decode()

    def open(self, flags=0, target=2000, permille=0, window=0, stale=0, name=""):
        return int(self.ask(f"open {flags} {target} {permille} {window} {stale} {name}"))

    def wait(self, state, sessions=0, message=""):
        text = self.ask(f"wait {state} {sessions} {message}")
        names = ["waiting", "opening", "open", "refused", "off"]
        if not text.startswith(names[state] + " "):
            raise AssertionError(f"{text!r} is not {names[state]}")
        return text

    def end(self):
        """Ends the program by closing its input; returns the exit status and its standard error."""
        self._popen.stdin.close()
        testbus.wait_for(lambda: not self._source, DEADLINE, "end of the client")
        errors = self._popen.stderr.read()
        self._popen.stdout.close()
        self._popen.stderr.close()
        return self._popen.wait(DEADLINE), errors.decode()

    def threads(self):
        """Returns {name: folder in /proc} of all threads except the main thread."""
        tasks = pathlib.Path(f"/proc/{self.pid}/task")
        return {(task / "comm").read_text().strip(): task for task in tasks.iterdir() if task.name != str(self.pid)}

    def sleep_of(self, name):
        """Waits until the thread sleeps in a system call; returns the words of its /proc/PID/task/TID/syscall: number and
        arguments."""
        task = self.threads()[name]
        for _ in range(100000):
            words = (task / "syscall").read_text().split()
            if words[0] != "running":
                return words
        raise AssertionError(f"{name} does not sleep")


class ActivatingBus(testbus.TestBus):
    CONFIG = testbus.TestBus.CONFIG.replace("<auth>", "<servicedir>{folder}</servicedir>\n  <auth>")


class ForbiddingBus(testbus.TestBus):
    """A bus that rejects OpenSession, as if the policy file of governord was missing."""
    CONFIG = testbus.TestBus.CONFIG.replace("</policy>", "  <deny send_interface=\"org.governord.Manager1\" send_member=\"OpenSession\"/>\n  </policy>")


class Qos(testbus.BusTestCase):
    def setUp(self):
        self.clients = []

    def tearDown(self):
        for client in self.clients:
            status, errors = client.end()
            self.assertEqual((status, errors), (client.wanted_status, ""))

    def client(self, bus=True, env=None, wanted_status=0):
        client = Client(self.bus if bus else None, env)
        client.wanted_status = wanted_status
        self.clients.append(client)
        return client

    def opened_with(self, _service):
        client = self.client()
        self.assertEqual(client.open(), 0)
        client.wait(OPEN)
        return client

    def opened(self, **options):
        service = Service(self.bus, **options)
        return service, self.opened_with(service)

    # -- samples --

    def test_samples_arrive(self):
        service, client = self.opened()
        client.ask("report 1234 3")
        client.ask("spike")
        client.ask("end")
        records = service.sessions[0].ring.read()
        self.assertEqual(records[:4], [(LATENCY, 1234, 0)] * 3 + [(SPIKE, 0, 0)])
        self.assertEqual(len(records), 5)
        self.assertGreater(records[4][2], 0)
        self.assertIn("open rung=user sessions=1 reported=5 dropped=0 message=", client.ask("status"))
        self.assertEqual(service.calls, [(2000, 950, 0)])
        self.assertEqual(service.options, [{}])

    def test_every_state_without_a_session_has_a_message(self):
        """This includes the state in which the service has not replied yet."""
        class Thinking(Service):
            @dbus.service.method("org.governord.Manager1", in_signature="uuua{sv}", out_signature="ohha{sv}", async_callbacks=("ok", "no"))
            def OpenSession(self, target, permille, window, options, ok, no):
                self.calls.append(target)  # sends no reply

        service, client = Thinking(self.bus), self.client()
        self.assertEqual(client.open(), 0)
        client.wait(OPENING)
        self.assertEqual(client.ask("status"), "opening rung=none sessions=0 reported=0 dropped=0 message=requesting a session from the service")
        testbus.wait_for(lambda: service.calls, testbus.DEADLINE, "call of OpenSession")

    def test_options_reach_the_service(self):
        service, client = Service(self.bus), self.client()
        self.assertEqual(client.open(CAP, 16000, 990, 500000, 3000000, "Größe of a game"), 0)
        client.wait(OPEN)
        self.assertEqual(service.calls, [(16000, 990, 500000)])
        self.assertEqual(service.options, [{"application": "Größe of a game", "stale": 3000000, "cap": True}])

    def test_variables_replace_options(self):
        service = Service(self.bus)
        names = ("TARGET_US", "PERMILLE", "WINDOW_US", "STALE_US", "CAP")
        own = ((2000, 950, 100000), 500000, False)
        for values, wanted in ((("7", "990", "2000", "3000", "1"), ((7, 990, 2000), 3000, True)),
                               (("60000000", "999", "60000000", "600000000", "0"), ((60000000, 999, 60000000), 600000000, False)),
                               (("0", "499", "999", "999", "2"), own), (("60000001", "1000", "60000001", "600000001", "-1"), own),
                               (("2ms", "99.5", " 2000", "+3000", "yes"), own), (("", "", "", "", ""), own),
                               (("0x10", "950.", "1e5", "4294968296", "true"), own), (("00000000007",) * 5, own)):
            client = self.client(env={f"GOVERNORD_{name}": value for name, value in zip(names, values)})
            self.assertEqual(client.open(window=100000, stale=500000), 0)
            client.wait(OPEN)
            target, stale, cap = service.calls[-1], service.options[-1]["stale"], bool(service.options[-1].get("cap", False))
            self.assertEqual((target, stale, cap), wanted, values)

        client = self.client(env={"GOVERNORD_TARGET_US": "7"})  # also overrides later changes
        client.open()
        client.wait(OPEN)
        client.ask("target 5000 900 200000")
        testbus.wait_for(lambda: service.targets, DEADLINE, "the target")
        self.assertEqual(service.targets, [(7, 900, 200000)])

    def test_nonsense_is_refused(self):
        client = self.client()
        for options in ({"target": 0}, {"target": 60000001}, {"permille": 499}, {"permille": 1000}, {"window": 999}, {"stale": 999},
                        {"window": 60000001}, {"stale": 600000001}, {"flags": 4}, {"name": "x" * 256}, {"flags": 1 << 31}):
            self.assertEqual(client.open(**options), -22, options)
        self.assertEqual(client.ask("status"), "off rung=none sessions=0 reported=0 dropped=0 message=The handle is NULL")
        self.assertEqual(client.ask("report 1 1"), "0 ok")
        self.assertEqual(client.open(name="x" * 255), 0)
        for target in ("0 0 0", "1 1000 0", "1 0 999"):
            self.assertEqual(client.ask("target " + target), "-22 ok")
        self.assertEqual(client.ask("target 1 0 0"), "0 ok")

    def test_full_ring_drops(self):
        service, client = self.opened()
        client.ask("report 5 600")
        self.assertIn("reported=512 dropped=88", client.ask("status"))
        self.assertEqual(len(service.sessions[0].ring.read()), 512)
        client.ask("report 6 1")
        self.assertEqual(service.sessions[0].ring.read(), [(LATENCY, 6, 0)])

    def test_user_rung_wakes_an_idle_reader_once(self):
        service, client = self.opened()
        session = service.sessions[0]
        client.ask("report 5 100")
        self.assertEqual(session.kicks(), 1)
        session.ring.read()
        client.ask("report 5 100")
        self.assertEqual(session.kicks(), 1)
        self.assertEqual(client.ask("kick"), "0 ok")
        self.assertEqual(session.kicks(), 1)
        os.eventfd_write(session.kick, 2 ** 64 - 2)  # the highest value of the counter
        self.assertEqual(client.ask("kick"), "0 ok")
        session.ring.read()
        self.assertEqual(client.ask("report 5 1"), "0 ok")

    @unittest.skipIf(SANITIZED, "not with sanitizers")
    def test_no_system_call(self):
        service, client = self.opened(rung="bpf", kick="")
        client.wanted_status = -signal.SIGSYS  # proves that the filter works
        client.ask("seccomp 400")
        self.clients.pop()
        self.assertEqual(client.end(), (0, ""))
        self.assertEqual(len(service.sessions[0].ring.read()), 404)

        other = self.client(wanted_status=-signal.SIGSYS)
        service.kick = "eventfd"
        self.assertEqual(other.open(), 0)
        other.wait(OPEN)
        other.ask("seccomp 400")

    def test_bpf_ring_and_kick(self):
        try:
            fakeservice.kick_program(1, 2)
            BpfRing().close()
        except NoKernel as reason:
            self.skipTest(str(reason))
        service, client = self.opened(ring=BpfRing, kick="bpf")
        client.ask("report 77 3")
        self.assertEqual(service.sessions[0].ring.read(), [(LATENCY, 77, 0)] * 3)
        self.assertIn("open rung=bpf", client.ask("status"))
        self.assertEqual(client.ask("kick"), "0 ok")
        client.ask("report 78 600")
        self.assertIn("reported=512 dropped=91", client.ask("status"))

        service.details["slot"] = dbus.UInt32(8)  # the program returns -EPERM for another slot
        other = self.client()
        other.open()
        other.wait(OPEN)
        self.assertEqual(other.ask("kick"), "-1 ok")

    def test_new_target(self):
        service, client = self.opened()
        self.assertEqual(client.ask("target 3000 990 200000"), "0 ok")
        testbus.wait_for(lambda: service.targets, DEADLINE, "SetTarget")
        self.assertEqual(service.targets, [(3000, 990, 200000)])
        service.sessions[0].end("broken: test")
        client.wait(OPEN, 2)
        self.assertEqual(service.calls[1], (3000, 990, 200000))

    def test_threads(self):
        """A list of threads may be set before a session exists, is set again for the next session, and can be removed."""
        client = self.client()
        self.assertEqual(client.open(), 0)
        self.assertEqual(client.ask("threads 1"), "-3 ok")  # a thread of init
        self.assertEqual(client.ask(f"threads {client.pid}"), "0 ok")
        service = Service(self.bus)
        client.wait(OPEN)
        testbus.wait_for(lambda: service.threads, DEADLINE, "SetThreads")
        service.sessions[0].end("broken: test")
        client.wait(OPEN, 2)
        testbus.wait_for(lambda: len(service.threads) == 2, DEADLINE, "SetThreads once more")
        self.assertEqual(client.ask("threads"), "0 ok")
        testbus.wait_for(lambda: len(service.threads) == 3, DEADLINE, "all threads again")
        self.assertEqual(service.threads, [[client.pid], [client.pid], []])
        service.refuses_threads = True
        self.assertEqual(client.ask(f"threads {client.pid}"), "0 ok")
        client.wait(OPEN, 2, "rejected the list of threads")
        self.assertEqual(service.targets, [])

    # -- start and end of the service --

    def test_no_service_then_one(self):
        client = self.client()
        self.assertEqual(client.open(), 0)
        client.wait(WAITING, 0, "governord is not running")
        self.assertEqual(client.ask("report 5 10"), "0 ok")
        self.assertEqual(client.ask("kick"), "-107 ok")
        self.assertIn("reported=0 dropped=0", client.ask("status"))
        service = Service(self.bus)
        client.wait(OPEN)
        client.ask("report 5 1")
        self.assertEqual(service.sessions[0].ring.read(), [(LATENCY, 5, 0)])
        self.assertEqual(client.ask("close"), "0 ok")

    def test_service_restarts(self):
        service, client = self.opened()
        for sessions in (2, 3):
            old = service.sessions[0].ring
            service.stop()
            self.assertIn("governord has ended", client.wait(WAITING))
            client.ask("report 1 5")
            self.assertEqual(old.read(), [])
            self.assertEqual(client.ask("kick"), "-107 ok")
            self.assertIn("rung=none", client.ask("status"))
            self.assertEqual(client.sleep_of("gov-qos")[3], "0x0", "no timeout: it waits for the service and does not poll")
            service = Service(self.bus)
            client.wait(OPEN, sessions)
            client.ask("report 2 1")
            self.assertEqual(service.sessions[0].ring.read(), [(LATENCY, 2, 0)])
            self.assertEqual(len(service.calls), 1)

    def test_bus_restarts(self):
        service, client = self.opened()
        client.wanted_status = 0
        pid = self.bus.processes[0]
        service.remove_from_connection()
        for session in service.sessions:
            session.remove_from_connection()
        self.bus._disconnect()
        service.bus.get_name_owner("org.freedesktop.DBus")
        service.bus.close()
        pid.kill()
        client.wait(WAITING, 0, "No connection to the D-Bus system bus, next try in 250 ms")
        client.ask("report 1 5")
        with testbus.TestBus(self.folder) as self.bus:
            service = Service(self.bus)
            client.wait(OPEN, 2)
            client.ask("report 2 1")
            self.assertEqual(service.sessions[0].ring.read(), [(LATENCY, 2, 0)])
            service.stop()

    def test_no_bus(self):
        client = self.client(bus=False, env={"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/none"})
        self.assertEqual(client.open(), 0)
        client.wait(WAITING, 0, "No connection to the D-Bus system bus, next try in 500 ms")
        client.ask("report 1 5")
        self.assertEqual(client.ask("close"), "0 ok")

    def test_broken_ring_is_replaced(self):
        service, client = self.opened()
        service.sessions[0].end("broken: a test")
        client.wait(OPEN, 2)
        client.ask("report 2 1")
        self.assertEqual(service.sessions[0].ring.read(), [])
        self.assertEqual(service.sessions[1].ring.read(), [(LATENCY, 2, 0)])

    def test_back_off_grows(self):
        service, client = self.opened()
        service.refusal = ("org.freedesktop.DBus.Error.Failed", "out of order")
        service.sessions[0].end("broken: a test")
        client.wait(WAITING, 0, "governord closed the session, next try in 250 ms: broken: a test")
        for n in (2, 3):
            testbus.wait_for(lambda n=n: len(service.calls) == n, DEADLINE, "another try")
        client.wait(WAITING, 0, "governord failed, next try in 1000 ms: out of order")

    def test_refusals_are_final(self):
        for reason in ("quota", "denied"):
            service, client = self.opened()
            service.sessions[0].end(reason)
            self.assertIn(f"governord closed the session: {reason}", client.wait(REFUSED))
            self.assert_patient(client)
            self.assertEqual(len(service.calls), 1)
            service.stop()
            client.ask("close")

    def test_refused_by_the_bus(self):
        """The message states that the bus rejected the call, and that governord did not receive it."""
        folder = self.folder / "forbidding"
        folder.mkdir()
        with ForbiddingBus(folder) as bus:
            service = Service(bus)
            client = self.client(env=bus.env)
            client.open()
            self.assertIn("the message bus refused the call and did not pass it to governord: Rejected send message", client.wait(REFUSED))
            self.assertEqual(service.calls, [])
            client.ask("close")
            service.stop()

    def test_who_refuses(self):
        """The name and the text of an error determine which program the message names, as in governorctl."""
        for name, text, state, said in (
                ("org.freedesktop.DBus.Error.LimitsExceeded", "The maximum number of pending replies per connection has been reached", WAITING,
                 "the message bus has reached one of its limits and did not pass the call to governord, next try in 250 ms: The maximum number"),
                ("org.freedesktop.DBus.Error.LimitsExceeded", "Sending user's quota exceeded", WAITING,
                 "the message bus has reached one of its limits and did not pass the call to governord, next try in 250 ms: Sending user's"),
                ("org.freedesktop.DBus.Error.NoReply", "Remote peer disconnected", WAITING, "governord ended before it answered, next try in 250 ms"),
                ("org.freedesktop.DBus.Error.LimitsExceeded", "5 calls wait for polkit", WAITING, "governord failed, next try in 250 ms: 5 calls"),
                ("org.freedesktop.DBus.Error.Spawn.ChildExited", "exited 1", WAITING, "governord could not be started, next try in 250 ms: exited 1"),
                ("org.freedesktop.systemd1.UnitMasked", "Unit governord.service is masked.", WAITING, "the unit of governord is masked, next try in 250 ms: Unit"),
                ("org.freedesktop.DBus.Error.NoReply", "Message recipient disconnected from message bus without replying", WAITING,
                 "governord ended before it answered, next try in 250 ms"),
                ("org.freedesktop.DBus.Error.NoReply", "Method call timed out", WAITING, "governord did not answer in time, next try in 250 ms")):
            service, client = Service(self.bus), self.client()
            service.refusal = (name, text)
            client.open()
            self.assertIn(said, client.wait(state, 0, said))
            client.ask("close")
            service.stop()

    def test_errors_that_are_final(self):
        for name in ("org.freedesktop.DBus.Error.AccessDenied", "org.governord.Error.LimitReached",
                     "org.governord.Error.NotSupported"):
            service, client = Service(self.bus), self.client()
            service.refusal = (name, "a reason for people")
            client.open()
            self.assertIn("governord refused: a reason for people", client.wait(REFUSED))
            self.assert_patient(client)
            self.assertEqual(len(service.calls), 1)
            service.stop()
            service = Service(self.bus)  # after a restart of the service, the call is tried again
            client.wait(OPEN)
            client.ask("close")
            service.stop()

    def test_a_refusal_of_polkit_names_the_way_out(self):
        """The message mentions the group only if polkit denied the action open-session, because the group is not relevant
        otherwise."""
        denied, opens = "org.freedesktop.DBus.Error.AccessDenied", "Not Authorized: org.governord.open-session"
        for name, text, helps in ((denied, opens, True), ("org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", opens, True),
                                  (denied, "Not Authorized: org.governord.cap-session", False),
                                  (denied, opens + " (polkit is not on the bus, so only root may do this)", False),
                                  ("org.governord.Error.LimitReached", opens, False)):
            service, client = Service(self.bus), self.client()
            service.refusal = (name, text)
            client.open()
            message = client.wait(REFUSED)
            self.assertIn("governord refused: " + text, message)
            self.assertEqual("Members of the group governord-session may open sessions: libgovernord(3), PERMISSIONS" in message, helps, message)
            client.ask("close")
            service.stop()

    def test_another_handle_asks_again(self):
        service, client = Service(self.bus), self.client()
        service.refusal = ("org.freedesktop.DBus.Error.AccessDenied", "a reason for people")
        client.open()
        client.wait(REFUSED)
        service.refusal = None
        self.assert_patient(client)  # no event reports the change
        self.assertEqual(len(service.calls), 1)
        client.ask("close")
        client.open()
        client.wait(OPEN)

    def test_a_rung_of_a_later_service(self):
        """The version of the ring and the kind of kick determine how to report. The name of the rung is only shown to users."""
        for rung in ("kfunc", "", None):
            service, client = Service(self.bus, rung=rung), self.client()
            client.open()
            client.wait(OPEN)
            client.ask("report 77 3")
            self.assertEqual(service.sessions[0].ring.read(), [(LATENCY, 77, 0)] * 3)
            self.assertEqual(service.sessions[0].kicks(), 1)
            self.assertIn("open rung=other sessions=1 reported=3 dropped=0 message=", client.ask("status"))
            client.ask("close")
            service.stop()

    def test_answers_that_are_nonsense(self):
        for details, state, text in (({"ring-version": dbus.UInt32(2)}, REFUSED, "another version of the ring"),
                                     ({"rung": dbus.UInt32(3)}, WAITING, "The session's ring cannot be used"),
                                     ({"cookie": "x"}, WAITING, "The session's ring cannot be used")):
            service, client = Service(self.bus, **details), self.client()
            client.open()
            testbus.wait_for(lambda: service.closed, DEADLINE, "Close()")
            client.wait(state, 0, text)
            client.ask("close")
            service.stop()

    def test_no_ring_but_a_file(self):
        class Nowhere(UserRing):
            def __init__(self):
                super().__init__()
                os.close(self.fd)
                self.fd = os.eventfd(0)

        service, client = Service(self.bus, ring=Nowhere), self.client()
        client.open()
        testbus.wait_for(lambda: service.closed, DEADLINE, "Close()")
        client.wait(WAITING, 0, "The session's ring cannot be used")

    def test_no_kick(self):
        _service, client = self.opened(kick="")
        self.assertEqual(client.ask("kick"), "-107 ok")

    # -- the process --

    def assert_patient(self, client):
        """Asserts that the library's thread sleeps without a timeout."""
        words = client.sleep_of("gov-qos")
        self.assertEqual(int(words[3], 16), 0, f"ppoll with a timeout: {words}")

    def test_the_thread(self):
        service, client = self.opened()
        task = client.threads()["gov-qos"]
        status = dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)
        self.assertEqual(int(status["SigBlk"], 16) & 0x7fffffff, 0x7fffffff & ~(1 << 8 | 1 << 18))  # except KILL and STOP
        self.assert_patient(client)

        def switches():
            return re.findall(r"ctxt_switches:\s+(\d+)", (task / "status").read_text())
        before = switches()
        for i in range(20):  # unrelated events on the bus do not wake it
            other = self.bus.connect()
            other.request_name(f"org.example.Other{i}")
            other.get_name_owner("org.freedesktop.DBus")
            other.close()
        client.ask("report 1 50")
        self.assert_patient(client)
        self.assertEqual(switches(), before)

    def test_without_service_it_sleeps(self):
        client = self.client()
        client.open()
        client.wait(WAITING, 0, "governord is not running")
        self.assert_patient(client)

    def test_starts_the_service_only_when_asked(self):
        folder = self.folder / "activating"
        folder.mkdir()
        (folder / "org.governord.service").write_text(
            f"[D-BUS Service]\nName=org.governord\nUser=root\nExec=/usr/bin/touch {folder}/started\n")
        with ActivatingBus(folder) as bus:
            client = self.client(env=bus.env)
            client.open()
            client.wait(WAITING, 0, "governord is not running")
            self.assertFalse((folder / "started").exists())
            other = self.client(env=bus.env)
            other.open(START)
            testbus.wait_for((folder / "started").exists, DEADLINE, "start of the service", [folder])
            self.assertEqual(other.ask("close"), "0 ok")
            self.assertEqual(client.ask("close"), "0 ok")

    def test_close_ends_the_session(self):
        service, client = self.opened()
        owner = service.sessions[0].owner
        child = int(client.ask("child-stays"))  # has copies of all descriptors
        try:
            gone = self.bus.record(interface="org.freedesktop.DBus", member="NameOwnerChanged")
            self.assertEqual(client.ask("close"), "0 ok")
            testbus.wait_for(lambda: owner in [g[2][0] for g in gone], DEADLINE, "leave of the bus")
            self.assertNotIn("gov-qos", client.threads())
        finally:
            os.kill(child, signal.SIGKILL)

    def test_child(self):
        service, client = self.opened()
        self.assertEqual(client.ask("child"), "0")
        client.ask("report 3 1")
        self.assertEqual(service.sessions[0].ring.read(), [(LATENCY, 3, 0)])
        self.assertIn("open rung=user", client.ask("status"))

    @unittest.skipIf(SANITIZED, "not with sanitizers")
    def test_closed_descriptors(self):
        service, client = self.opened()
        client.ask("close-descriptors")
        client.ask("report 3 10")
        service.sessions[0].end("broken: a test")  # wakes the thread
        client.wait(OFF, 0, "The program closed file descriptors of the library")
        self.assertEqual(client.ask("report 3 10"), "0 ok")
        self.assertEqual(client.ask("target 1 0 0"), "0 ok")
        self.assertEqual(client.ask("kick"), "-107 ok")
        self.assertEqual(client.ask("close"), "0 ok")

        client = self.opened_with(service)  # does not notice it before the handle is closed
        client.ask("close-descriptors")
        self.assertEqual(client.ask("close"), "0 ok")

    @unittest.skipIf(SANITIZED, "not with sanitizers")
    def test_no_descriptors(self):
        client = self.client()
        client.ask("status")  # loading the program needs descriptors, and is finished now
        subprocess.run(["prlimit", "--pid", str(client.pid), "--nofile=3:3"], check=True, timeout=DEADLINE)
        self.assertEqual(client.open(), 0)
        self.assertIn("off rung=none sessions=0 reported=0 dropped=0 message=The library cannot work in this process: "
                      "Too many open files", client.ask("status"))
        client.ask("report 3 10")
        self.assertEqual(client.ask("close"), "0 ok")

    # -- bindings and examples --

    def run_program(self, argv, text=""):
        """Runs a program while the fake service serves it; returns its output."""
        library = testbus.program("libgovernord.so.0", "client")
        env = {**os.environ, **self.bus.env, "LD_LIBRARY_PATH": str(library.parent)}
        process = subprocess.Popen([os.fspath(a) for a in argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, env=env, preexec_fn=testbus._die_with_parent)
        process.stdin.write(text.encode())
        process.stdin.close()
        output = bytearray()

        def readable(fd, _condition):
            data = os.read(fd, 65536)
            output.extend(data)
            return bool(data) or ended.append(True)
        ended = []
        GLib.unix_fd_add_full(0, process.stdout.fileno(), READABLE, readable)
        testbus.wait_for(lambda: ended, DEADLINE, f"end of {argv}")
        process.stdout.close()
        self.assertEqual(process.wait(DEADLINE), 0, output.decode())
        return output.decode()

    @unittest.skipIf(SANITIZED, "not with sanitizers")
    def test_python(self):
        service = Service(self.bus)
        output = self.run_program([sys.executable, testbus.SOURCE / "client/examples/loop.py", "20"])
        self.assertIn("'state': 'open', 'rung': 'user', 'sessions': 1, 'reported': 20, 'dropped': 0, 'message': ''", output)
        records = service.sessions[0].ring.read()
        self.assertEqual(len(records), 20)
        self.assertTrue(all(kind == LATENCY and end > 0 for kind, _, end in records))
        self.assertEqual(service.options[0], {"application": "example in Python"})

    def test_python_without_the_library(self):
        """Without the library, no exception is raised; status() gives the reason."""
        done = subprocess.run([sys.executable, "-c", """
import ctypes
import sys
class Absent:
    def __init__(self, name):
        raise OSError(f"{name}: cannot open shared object file")
ctypes.CDLL = ctypes.PyDLL = Absent
sys.path.insert(0, sys.argv[1])
import governord_qos
with governord_qos.Qos(target_us=2000) as qos:
    with qos.work():
        pass
    qos.report(5)
    qos.set_target(1000)
    assert not qos.wait(10000)
    print(qos.status()["state"], qos.status()["message"])
""", str(testbus.SOURCE / "client/python")], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.stdout, "off The library libgovernord.so.0 cannot be loaded: libgovernord.so.0: cannot open shared object file\n")

    def test_python_names_the_argument_that_is_out_of_range(self):
        """Uses the ranges of the header, with and without the library."""
        header = (testbus.SOURCE / "include/governord/qos.h").read_text()
        limit = lambda name, which: int(re.search(rf"define GOV_QOS_{name.removesuffix('_us').upper()}_{which}(?:_US)?\s+(\d+)", header)[1])
        with mock.patch.object(sys, "path", [str(testbus.SOURCE / "client/python"), *sys.path]):
            binding = importlib.import_module("governord_qos")
        for name in "target_us", "permille", "window_us", "stale_us":
            least, most = limit(name, "MIN"), limit(name, "MAX")
            for value in least - 1 or -1, most + 1, 2**32 + least, -1:
                with self.assertRaises(OSError) as raised:
                    binding.Qos(**{"target_us": 1000, name: value})
                self.assertEqual((raised.exception.errno, raised.exception.strerror.split(",")[0]),
                                 (errno.EINVAL, f"Invalid argument: {name} is {value}"))
                self.assertIn(f"{least} to {most}", raised.exception.strerror)
            for value in least, most:
                binding.Qos(**{"target_us": 1000, name: value}).close()
        for arguments, name in (({"target_us": 0}, "target_us"), ({"target_us": 5, "flags": 4}, "flags"), ({"target_us": 5, "application": "x" * 256}, "application")):
            self.assertRaisesRegex(OSError, f"Invalid argument: {name} ", binding.Qos, **arguments)
        with binding.Qos(1000) as qos:
            self.assertRaisesRegex(OSError, "Invalid argument: permille is 5,", qos.set_target, 1000, 5)

    @unittest.skipIf(SANITIZED, "not with sanitizers")
    def test_python_binding(self):
        service = Service(self.bus)
        self.run_program([sys.executable, "-c", """
import sys
import threading
sys.path.insert(0, sys.argv[1])
import governord_qos
try:
    governord_qos.Qos(0)
    sys.exit("no error")
except OSError as error:
    assert error.errno == 22, error
with governord_qos.Qos(1000, permille=990, flags=governord_qos.CAP) as qos:
    assert qos.wait(10000)
    qos.report(12)
    qos.report(10 ** 12)
    qos.spike()
    qos.calm()
    assert qos.kick() == 0
    qos.set_target(2000)
    qos.set_threads(threading.get_native_id())
qos.report(1)
assert qos.kick() == -107 and qos.status()["state"] == "off", qos.status()
""", testbus.SOURCE / "client/python"])
        self.assertEqual(service.sessions[0].ring.read(), [(LATENCY, 12, 0), (LATENCY, 0xffffffff, 0), (SPIKE, 0, 0), (CALM, 0, 0)])

    def test_examples(self):
        service = Service(self.bus)
        self.assertIn("4 frames, ", self.run_program([testbus.program("example-frame-loop", "client/examples"), "4"]))
        self.assertEqual(service.options[0], {"application": "example frames", "cap": True})
        output = self.run_program([testbus.program("example-server-loop", "client/examples")], "one\ntwo\n")
        self.assertTrue(output.startswith("ONE\nTWO\n"), output)

    def test_example_without_the_right_to_cap(self):
        service = Service(self.bus)
        service.cap_refusal = ("org.freedesktop.DBus.Error.AccessDenied", "Not Authorized: org.governord.cap-session")
        output = self.run_program([testbus.program("example-frame-loop", "client/examples"), "60"])
        self.assertEqual([options.get("cap", False) for options in service.options], [True, False])
        self.assertIn("governord refused: Not Authorized: org.governord.cap-session\nNow without GOV_QOS_CAP", output)
        self.assertRegex(output, r"60 frames, \d+ late\n[1-9]\d* reported, 0 dropped\n")

        service.cap_refusal, service.refusal = None, ("org.freedesktop.DBus.Error.AccessDenied", "Not Authorized: org.governord.open-session")
        output = self.run_program([testbus.program("example-frame-loop", "client/examples"), "60"])
        self.assertIn(" late\nno session: governord refused: Not Authorized: org.governord.open-session", output)

    def test_examples_without_service(self):
        self.assertIn("4 frames, ", output := self.run_program([testbus.program("example-frame-loop", "client/examples"), "4"]))
        self.assertIn("no session: governord is not running", output)
        self.assertIn("0 reported, 0 dropped.",
                      self.run_program([testbus.program("example-server-loop", "client/examples")], "one\ntwo\n"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
