#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""From the latency of a client to the hardware: the whole service on a simulated machine, clients with libgovernord, governors in
the running kernel (rung 3, classes ...Bpf), and the same tests with --no-bpf (rung 4, classes ...User)."""

import contextlib
import mmap
import os
import pathlib
import re
import resource
import select
import shutil
import signal
import struct
import subprocess
import unittest

from gi.repository import GLib

from story import GOVERNORD, GOVERNORD_PATH, HANDS_OFF, MANAGER, Story, main, testbus, wait_for

BUILD = pathlib.Path(os.environ.get("GOVERNORD_BUILD", testbus.SOURCE / "build"))
SESSION = "org.governord.Session1"
FLOOR = "sys/devices/system/cpu/cpufreq/policy%d/scaling_min_freq"
UPPER = "sys/devices/system/cpu/cpufreq/policy%d/scaling_max_freq"
GOVERNED = (FLOOR.replace("%d", "*"), "sys/devices/system/cpu/cpu[0-9]*/power/pm_qos_resume_latency_us")
LOWEST, HIGHEST = 400000, 4200000  # kHz, of the simulated machine
CPUS = sorted(cpu for cpu in os.sched_getaffinity(0) if cpu < 8)  # the simulated machine has eight
TARGET = 2000
LATE, GOOD = 3 * TARGET, TARGET // 20
FOR_EVER = 600 * 1000000
BPF, USER = (f"--governor-dir={BUILD}/bpf",), ("--no-bpf",)

# A separate program. Arguments: the number of processes, and the number of sessions that each of them tries to open. It prints a
# line for each.
OPENER = """
import dbus, dbus.bus, os, sys
children = []
for _ in range(int(sys.argv[1])):
    reader, writer = os.pipe()
    if os.fork() == 0:
        bus = dbus.bus.BusConnection(os.environ["DBUS_SYSTEM_BUS_ADDRESS"])
        manager = dbus.Interface(bus.get_object("org.governord", "/org/governord", introspect=False), "org.governord.Manager1")
        for _ in range(int(sys.argv[2])):
            try:
                said = manager.OpenSession(5000, 950, 0, {"application": "greedy"}, signature="uuua{sv}")[0]
            except dbus.DBusException as e:
                said = e.get_dbus_name()
            os.write(writer, said.encode() + b"\\n")
        os.close(writer)
        sys.stdin.read()
        os._exit(0)
    os.close(writer)
    children.append(reader)
for reader in children:
    print(open(reader).read(), end="", flush=True)
print("done", flush=True)
sys.stdin.read()
"""


# A separate program that opens a session and restricts it to a thread, whose number is from the PID namespace of the program.
CONTAINED = """
import dbus, dbus.bus, os
bus = dbus.bus.BusConnection(os.environ["DBUS_SYSTEM_BUS_ADDRESS"])
path, _details = bus.get_object("org.governord", "/org/governord").OpenReportSession(
    dbus.UInt32(2000), dbus.UInt32(950), dbus.UInt32(0), dbus.Dictionary({}, signature="sv"), dbus_interface="org.governord.Manager1")
print(path)
try:
    bus.get_object("org.governord", path).SetThreads(dbus.Array([os.getpid()], signature="u"), dbus_interface="org.governord.Session1")
except dbus.DBusException as error:
    print(error)
"""

# A separate program that opens a session and reports each latency that it reads from a line of its input.
REPORTER = """
import dbus, dbus.bus, os, sys
bus = dbus.bus.BusConnection(os.environ["DBUS_SYSTEM_BUS_ADDRESS"])
manager = dbus.Interface(bus.get_object("org.governord", "/org/governord", introspect=False), "org.governord.Manager1")
path, *fds = manager.OpenSession(2000, 950, 0, {"stale": dbus.UInt32(600000000)}, signature="uuua{sv}")
session = dbus.Interface(bus.get_object("org.governord", path, introspect=False), "org.governord.Session1")
for line in sys.stdin:
    session.Report([int(line)], signature="au")
"""


@contextlib.contextmanager
def ticks():
    """Makes the main loop iterate every few milliseconds, to check conditions without events, and to keep this process from only
    sleeping."""
    source = GLib.timeout_add(2, lambda: True)
    try:
        yield
    finally:
        GLib.source_remove(source)


class Client:
    """The program bursty, which reports latencies on request and prints the state of its session."""

    def __init__(self, bus, cpu=None, stale=FOR_EVER):
        pin = {cpu} if cpu is not None else set(CPUS)
        self.lines = []

        def before():
            testbus._die_with_parent()
            os.sched_setaffinity(0, pin)
        program = testbus._require(testbus.program("bursty", "tests/demo"), "bursty")
        self.process = subprocess.Popen([program, str(TARGET), "100000", str(stale)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **bus.env}, preexec_fn=before)
        self.pid, self._buffer = self.process.pid, b""
        self._source = GLib.unix_fd_add_full(0, self.process.stdout.fileno(), GLib.IOCondition.IN | GLib.IOCondition.HUP, self._readable)

    def _readable(self, fd, _condition):
        data = os.read(fd, 4096)
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        self.lines += [line.decode().split() for line in lines]
        if not data:
            self._source = 0
        return bool(data)

    def wait_open(self, sessions=1):
        """Waits until the client has opened this number of sessions and the last one is open; returns its rung."""
        wait_for(lambda: self.lines and self.lines[-1][0] == "open" and int(self.lines[-1][2]) >= sessions,
                 what=f"session {sessions} of the client")
        return self.lines[-1][1]

    def report(self, latency, every=1000):
        self.process.stdin.write(f"{latency} {every}\n".encode())
        self.process.stdin.flush()

    def silence(self):
        self.report(0, 0)

    def move(self, cpu):
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            os.sched_setaffinity(int(thread), {cpu})

    def end(self, number=None):
        """Ends the client by closing its input, or by a signal."""
        if number:
            self.process.send_signal(number)
        else:
            self.process.stdin.close()
        self.process.wait(timeout=testbus.DEADLINE)

    def clean_up(self):
        self.process.kill()
        self.process.wait()
        if self._source:
            GLib.source_remove(self._source)
        self.process.stdout.close()
        if not self.process.stdin.closed:
            self.process.stdin.close()


class Sessions(Story):
    RUNG = ""

    def start(self, *options, **more):
        daemon = super().start(*options, **more)
        rung, reason = self.loaded_rung()
        if self.RUNG == "bpf":
            self.skip_without_bpf(rung, reason)
        self.assertEqual(rung, self.RUNG, reason)
        return daemon

    def bursty(self, **options):
        client = Client(self.bus, **options)
        self.addCleanup(client.clean_up)
        self.assertEqual(client.wait_open(), self.RUNG)
        return client

    def floor(self, cpu):
        read = lambda: self.sim.read(FLOOR % cpu)  # noqa: E731
        while (text := read()) != read() or not text:  # while it is written in two steps
            pass
        return int(text)

    def wait_floor(self, cpu, condition, what):
        try:
            wait_for(lambda: condition(self.floor(cpu)), what=what, watch=[self.sim.file(FLOOR % cpu)])
        except testbus.Timeout as e:
            sessions = self.ask("ListSessions")
            raise testbus.Timeout(f"{e}; it is {self.floor(cpu)}, changed is {self.changed()}, sessions {sessions}") from None

    def wait_raised(self, cpu, khz=HIGHEST):
        self.wait_floor(cpu, lambda now: now == khz, f"lower limit of {khz} kHz on CPU {cpu}")

    def wait_let_go(self, *cpus):
        for cpu in cpus:
            self.wait_floor(cpu, lambda now: now == LOWEST, f"original lower limit of CPU {cpu}")

    def wait_pristine(self):
        files = [self.sim.file(file) for name in GOVERNED for file in self.sim.files(name)]
        try:
            wait_for(lambda: not self.changed(), what="originals", watch=files)
        except testbus.Timeout as e:
            raise testbus.Timeout(f"{e}: {self.changed()}") from None

    def assert_only(self, cpu):
        """Asserts that the lower limit of this CPU is changed, and no file of another CPU."""
        self.assertIn(FLOOR % cpu, self.changed())
        self.assertEqual([file for file in self.changed() if f"/policy{cpu}/" not in file and f"/cpu{cpu}/" not in file], [])

    def raised(self, cpu=CPUS[0], **options):
        """Starts a client that always misses its target; waits until the lower limit has the highest frequency."""
        client = self.bursty(cpu=cpu, **options)
        client.report(LATE)
        self.wait_raised(cpu)
        return client

    def samples(self):
        """Returns the number of samples of the first session."""
        return self.ask("ListSessions")[0][9]

    def open(self, client, target=TARGET, **options):
        """Opens a session without the library; returns path, ring and kick."""
        path, ring, kick, _ = client.call(GOVERNORD, GOVERNORD_PATH, MANAGER, "OpenSession", target, 950, 0, options, signature="uuua{sv}")
        fds = ring.take(), kick.take()
        for fd in fds:
            self.addCleanup(os.close, fd)
        return str(path), *fds


class Loop:
    def test_the_floor_follows_the_client(self):
        cpu, other = CPUS[-1], CPUS[0]
        client = self.raised(cpu, stale=500000)
        self.assert_only(cpu)
        self.assertEqual(self.ask("ListSessions")[0][-1], str(cpu))
        if other != cpu:
            client.move(other)
            self.wait_raised(other)
            if self.RUNG == "bpf":  # rung 4 uses the last CPU of each thread, and the library's thread still sleeps there
                self.wait_let_go(cpu)
        client.report(GOOD)
        self.wait_floor(other, lambda now: LOWEST <= now < HIGHEST / 4, "sinking of the lower limit")
        client.report(LATE)
        self.wait_raised(other)
        client.silence()
        self.wait_pristine()
        client.report(LATE)
        self.wait_raised(other)
        client.end()
        self.wait_pristine()
        self.assertEqual(self.ask("ListSessions"), [])

    def test_the_service_stops_and_comes_back(self):
        client = self.raised()
        self.assertEqual(self.governord.stop(), 0)
        self.assertEqual((self.changed(), self.ledger()), ({}, {}))
        self.governord = self.start()
        self.assertEqual(client.wait_open(2), self.RUNG)
        self.wait_raised(CPUS[0])  # the client has continued to report

    def test_kill_9_of_the_service(self):
        client = self.raised()
        self.governord.kill()
        self.assert_only(CPUS[0])
        self.assertIn(str(LOWEST), self.ledger().values())
        self.governord = self.start()
        self.assertEqual(client.wait_open(2), self.RUNG)
        self.wait_raised(CPUS[0])
        client.end()
        self.wait_pristine()

    def test_kill_9_of_both(self):
        client = self.raised()
        self.governord.kill()
        client.end(signal.SIGKILL)
        self.assertTrue(self.changed())
        self.write_config(HANDS_OFF)
        self.governord = self.start()
        self.assertEqual(self.changed(), {})

    def test_a_ceiling_of_the_administrator(self):
        self.ask("SetLevel", "node", -1, 512, signature="sii")
        with testbus.Inotify([self.sim.file(FLOOR % cpu) for cpu in range(8)]) as inotify:
            client = self.bursty(cpu=CPUS[0])
            client.report(LATE)
            self.wait_raised(CPUS[0], HIGHEST // 2)
            inotify.drain()
            self.assertEqual(set(inotify.modified), {str(self.sim.file(FLOOR % CPUS[0]))})
        seen, samples = set(), self.samples()
        with ticks():
            wait_for(lambda: seen.add(self.floor(CPUS[0])) or self.samples() > samples + 200, what="samples")
        self.assertEqual(max(seen), HIGHEST // 2)
        self.assertLessEqual(self.ask("ListSessions")[0][13], 512)  # the policy knows the ceiling
        self.ask("SetLevel", "node", -1, -1, signature="sii")
        self.wait_raised(CPUS[0])
        self.ask("SetLevel", "node", -1, 256, signature="sii")
        self.wait_raised(CPUS[0], HIGHEST // 4)
        self.assertEqual(int(self.sim.read(UPPER % CPUS[0])), HIGHEST // 4)

    def test_the_limit_of_a_profile(self):
        self.write_config("[profile power-saver]\nintel.max-freq = 1500MHz\n")
        self.ask("Reload")
        self.choose("power-saver")
        self.bursty(cpu=CPUS[0]).report(LATE)
        self.wait_raised(CPUS[0], 1500000)
        self.choose("performance")
        self.wait_raised(CPUS[0])
        self.choose("power-saver")
        self.wait_raised(CPUS[0], 1500000)
        self.assertEqual(int(self.sim.read(UPPER % CPUS[0])), 1500000)


class Ends:
    """Clients that end in unexpected ways. Their stale time is several minutes, so the levels are not dropped because of it."""

    def test_kill_9(self):
        self.raised().end(signal.SIGKILL)
        self.wait_pristine()
        self.assertEqual(self.ask("ListSessions"), [])

    def test_stopped(self):
        client = self.raised(stale=1000000)
        client.process.send_signal(signal.SIGSTOP)
        self.wait_pristine()
        self.assertEqual(len(self.ask("ListSessions")), 1)
        client.process.send_signal(signal.SIGCONT)
        self.wait_raised(CPUS[0])

    def test_leaves_the_bus(self):
        """The connection is closed, but the process continues and still has the ring."""
        client = self.client()
        path, _, _ = self.open(client, stale=testbus.dbus.UInt32(FOR_EVER))

        def report_and_look():  # repeatedly, because a client that sleeps soon counts as running on no CPU
            client.call(GOVERNORD, path, SESSION, "Report", [LATE] * 500, signature="au")
            return self.changed()

        with ticks():
            wait_for(report_and_look, what="a higher lower limit")
        client.close()
        self.wait_pristine()
        self.assertEqual(self.ask("ListSessions"), [])


class Quiet:
    SECONDS = 2  # a fixed waiting time

    def switches(self):
        status = pathlib.Path(f"/proc/{self.governord.pid}/status").read_text()
        return sum(int(line.split()[1]) for line in status.splitlines() if "ctxt_switches" in line)

    def switches_in(self, seconds):
        before = self.switches()
        select.select([], [], [], seconds)
        return self.switches() - before

    def timers(self):
        """Returns the timers of the service that are armed."""
        folder = pathlib.Path(f"/proc/{self.governord.pid}")
        infos = [(folder / "fdinfo" / fd.name).read_text() for fd in (folder / "fd").iterdir() if "timerfd" in os.readlink(fd)]
        self.assertTrue(infos, "its event loop has no timer")
        return [info for info in infos if "it_value: (0, 0)" not in info]

    def assert_sleeps(self, when):
        """Asserts that the service finishes its work, and then sleeps without an armed timer."""
        self.idle()
        self.assertTrue(any(self.switches_in(0.5) == 0 and not self.timers() for _ in range(120)), f"{when}: it does not come to rest")
        self.assertEqual(self.timers(), [], when)
        self.assertIsNone(self.governord.returncode)

    def test_no_wake_up(self):
        self.assert_sleeps("no session")
        client = self.bursty(cpu=CPUS[0], stale=100000)
        self.assert_sleeps("a session that said nothing yet")
        client.report(LATE)
        self.wait_raised(CPUS[0])
        client.silence()
        self.wait_pristine()
        self.assert_sleeps("a session that fell silent")
        self.assertEqual(self.switches_in(self.SECONDS), 0, "something else wakes it")
        client.end()
        self.assert_sleeps("the last session ended")


class Hostile:
    CONFIG = "[governord]\nsessions-per-user = 10\n"
    POLKIT = ()

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to run as another user")
    def test_quota(self):
        honest = self.raised()
        os.chmod(self.folder, 0o755)
        os.chmod(self.folder / "bus", 0o777)
        greedy = subprocess.Popen(["/usr/bin/python3", "-c", OPENER, "13", "8"], env={**os.environ, **self.bus.env},
                                  user=65534, group=65534, extra_groups=[], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  preexec_fn=testbus._die_with_parent, text=True)
        self.addCleanup(greedy.wait)
        self.addCleanup(greedy.kill)
        self.addCleanup(greedy.stdin.close)
        self.addCleanup(greedy.stdout.close)
        said = list(iter(greedy.stdout.readline, "done\n"))
        self.assertEqual(len([line for line in said if line.startswith("/")]), 10, said)
        self.assertEqual(len(said), 104)
        self.assertEqual({line for line in said if not line.startswith("/")}, {"org.governord.Error.LimitReached\n"})
        self.assertEqual(len(self.ask("ListSessions")), 11)
        honest.silence()
        honest.report(LATE)
        self.wait_raised(CPUS[0])
        removed = self.bus.record("org.freedesktop.DBus.ObjectManager", "InterfacesRemoved")
        greedy.kill()
        greedy.stdin.close()
        wait_for(lambda: len(removed) == 10, what="end of the greedy ones' sessions")

    def scribble(self, ring, kick, *writes):
        """Writes ((offset, 64-bit number) ...) into a ring. Offsets start after the first page, which the kernel does not allow to
        be written."""
        page = resource.getpagesize()
        with mmap.mmap(ring, page + 16384, offset=page) as memory:
            for offset, number in writes:
                memory[offset:offset + 8] = struct.pack("=Q", number)
        if self.RUNG == "user":
            os.write(kick, struct.pack("=Q", 1))

    def spoil(self, *writes):
        """Opens a session and writes these values into its ring. Returns the signals Closed that this causes while the process
        sleeps and wakes up."""
        client = self.client()
        closed = client.record(member="Closed")
        _, ring, kick = self.open(client)
        self.scribble(ring, kick, *writes)
        with ticks():
            wait_for(lambda: closed, what="end of the session")
        client.close()
        return closed

    def test_scribblers(self):
        page = resource.getpagesize()
        honest = self.raised()
        for name, writes in {"a position that is none": [(0, 0xdeadbeef)], "far ahead": [(0, 1 << 40)], "back": [(0, 2**64 - 32)],
                             "a length": [(page, 0x3fffffff), (0, 32)],
                             "a record that is too short": [(page, 4), (0, 32)]}.items():
            with self.subTest(name):
                path, interface, (reason,) = self.spoil(*writes)[0]
                self.assertEqual(interface, SESSION)
                self.assertRegex(reason, "^broken: (?!broken)")
        wait_for(lambda: len(self.ask("ListSessions")) == 1, what="end of the scribblers' sessions")
        (mine,) = self.ask("ListSessions")
        self.assertEqual((mine[1], mine[11]), ("bursty", 0))
        honest.report(GOOD)
        self.wait_floor(CPUS[0], lambda now: now < HIGHEST / 2, "sinking of the others' lower limit")
        self.assertGreater(self.ask("ListSessions")[0][9], mine[9])


class Governors:
    def rows(self):
        """Returns {name or file: (file, priority, fits, runs, reason)} of ListGovernors."""
        return {row[0] or os.path.basename(row[2]): row[2:] for row in self.ask("ListGovernors")}

    def runs(self):
        return [name for name, row in self.rows().items() if row[3]]

    def load(self, name):
        return self.ask("LoadGovernor", name, signature="s")

    def refused_load(self, name):
        with self.assertRaises(testbus.dbus.DBusException) as caught:
            self.load(name)
        return caught.exception.get_dbus_name(), caught.exception.get_dbus_message()


for story in (Loop, Ends, Quiet, Hostile):
    for rung, options in (("bpf", BPF), ("user", USER)):
        name = story.__name__ + rung.capitalize()
        globals()[name] = type(name, (story, Sessions), {"RUNG": rung, "OPTIONS": options, "__module__": __name__})


class GovernorsBpf(Governors, Sessions):
    RUNG, OPTIONS = "bpf", BPF
    AUTOSTART = False

    def install(self, name, data):
        folder = self.config / "governors"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)

    def test_replaced_while_a_session_runs(self):
        self.governord = self.start()
        self.assertEqual((self.runs(), self.prop("Governor")[:5]), (["slack"], "slack"))
        self.assertEqual(set(self.rows()), {"slack", "step", "race"})
        client = self.bursty(cpu=CPUS[0], stale=300000)
        client.report(GOOD)
        self.wait_floor(CPUS[0], lambda now: LOWEST < now < HIGHEST / 4, "sinking of the lower limit")
        self.load("race")
        self.assertNotIn("unrecognized", self.governord.log)  # a message of libbpf about unknown sections
        self.wait_raised(CPUS[0])  # race requests the highest level for any latency
        self.assertEqual((self.runs(), self.prop("Governor")[:4]), (["race"], "race"))
        client.silence()
        self.wait_pristine()
        client.report(GOOD)
        self.wait_raised(CPUS[0])
        error, text = self.refused_load("nonsense")
        self.assertEqual((error, "nonsense" in text, self.runs()), ("org.governord.Error.NoSuchGovernor", True, ["race"]))
        self.load("")
        self.assertEqual(self.runs(), ["slack"])
        self.wait_floor(CPUS[0], lambda now: now < HIGHEST / 4, "sinking of the lower limit")
        self.assertEqual(client.lines[-1], ["open", "bpf", "1"])  # the session was not opened again

    def test_the_administrator_s_own(self):
        """A governor of the administrator, echo, has the highest priority. Its level is the latency in microseconds."""
        if not (BUILD / "tests/bpf/echo.bpf.o").exists():
            self.skipTest("this build has no BPF")
        echo = (BUILD / "tests/bpf/echo.bpf.o").read_bytes()
        self.install("echo.bpf.o", echo)
        self.install("cut.bpf.o", echo[:len(echo) // 2])
        self.install("text.bpf.o", b"int main(void) { return 0; }\n")
        self.install("empty.bpf.o", b"")
        self.install("program.bpf.o", pathlib.Path("/bin/true").read_bytes())
        self.install("endless.bpf.o", (BUILD / "tests/bpf/endless.bpf.o").read_bytes())
        self.install("README", b"not looked at\n")
        self.governord = self.start()
        rows = self.rows()
        self.assertEqual(set(rows), {"slack", "step", "race", "echo", "endless", "cut", "text", "empty", "program"})
        for name in ("cut", "text", "empty", "program"):
            self.assertEqual(rows[name][2:4], [False, False])
            self.assertTrue(rows[name][4])
        self.assertEqual((self.runs(), self.prop("Governor")[:4]), (["echo"], "echo"))
        self.assertEqual(rows["echo"][0], str(self.config / "governors" / "echo.bpf.o"))
        client = self.bursty(cpu=CPUS[0])
        client.report(512)
        self.wait_raised(CPUS[0], HIGHEST // 2)
        error, text = self.refused_load("endless")
        self.assertEqual((error, "verifier" in text, self.runs()), ("org.governord.Error.NotSupported", True, ["echo"]))
        client.report(1024)
        self.wait_raised(CPUS[0])
        self.assertEqual(self.refused_load("cut")[0], "org.governord.Error.NoSuchGovernor")

    def test_the_configuration_names_one(self):
        self.write_config("[governord]\ngovernor = race\n")
        self.governord = self.start()
        self.assertEqual(self.runs(), ["race"])

    def test_the_configuration_names_none_that_there_is(self):
        """The unknown governor is reported before the first session, and again when that loads a governor."""
        self.write_config("[governord]\ngovernor = slak\n")
        self.governord = self.start()
        line, reason = self.prop("LinesWithoutEffect")[0]
        self.assertEqual((line, reason), (f"{self.config}/governord.conf:2", 'there is no governor "slak", did you mean "slack"?'))
        self.assertIn(f"{line}: warning: no effect here: {reason}", self.governord.log)
        self.raised()
        self.assertIn(f'{line}: governor = slak: there is no governor "slak"; trying the best one available', self.governord.log)
        self.assertEqual(self.runs(), ["slack"])
        self.assertEqual(self.prop("LinesWithoutEffect"), [[line, reason]])


class GovernorsUser(Governors, Sessions):
    RUNG, OPTIONS = "user", USER

    def test_built_in(self):
        self.assertEqual((set(self.rows()), self.runs()), ({"slack", "step", "race"}, ["slack"]))
        self.assertEqual(self.refused_load("race")[0], "org.governord.Error.NotSupported")
        self.assertEqual(self.runs(), ["slack"])
        self.assertEqual(self.prop("RungReason"), "switched off by --no-bpf")

    def test_the_configuration_names_one(self):
        self.governord.stop()
        self.write_config("[governord]\ngovernor = race\n")
        self.governord = self.start()
        self.assertEqual(self.runs(), ["race"])
        client = self.bursty(cpu=CPUS[0])
        client.report(GOOD)
        self.wait_raised(CPUS[0])


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv"), "needs root and setpriv")
class Refused(Sessions):
    """The kernel has BPF, but the service cannot use it."""
    RUNG, OPTIONS, AUTOSTART = "user", BPF, False
    POLKIT = ()

    def test_without_capabilities(self):
        self.governord = self.start(prefix=["setpriv", "--bounding-set=-all", "--inh-caps=-all"])
        reason = self.prop("RungReason")
        if "no BPF" in reason:
            self.skipTest(reason)
        self.assertIn("CAP_BPF", reason)
        client = self.raised()
        client.end()
        self.wait_pristine()
        self.assertEqual(self.governord.stop(), 0)

    def test_in_a_container(self):
        """In a PID namespace, BPF programs could not find clients by the process ids that the service knows."""
        unshare = ["unshare", "--pid", "--mount-proc", "--kill-child", "--fork"]
        self.governord = self.daemon([*unshare, *self.argv()], log="governord")  # a child of this process owns the name
        self.bus.wait_name(GOVERNORD)
        reason = self.prop("RungReason")
        if "no BPF" in reason:
            self.skipTest(reason)
        self.assertIn("PID namespace", reason)
        with self.assertRaisesRegex(testbus.dbus.DBusException, "NoSuchProcess.*container"):  # the bus is outside of the namespace
            self.ask("OpenSession", TARGET, 950, 0, {}, signature="uuua{sv}")

    def test_client_in_a_container(self):
        """A client in a container can open a session on the bus of the host, but cannot use thread ids of its own PID namespace."""
        self.governord = self.start("--no-bpf")
        done = subprocess.run(["unshare", "--pid", "--mount-proc", "--kill-child", "--fork", "/usr/bin/python3", "-c", CONTAINED],
                              env={**os.environ, **self.bus.env}, capture_output=True, text=True, timeout=60)
        self.assertRegex(done.stdout, "(?s)^/org/governord/session/1\n.*PID namespace of the service", done.stderr)

    def test_another_user_in_the_unit(self):
        """With the restrictions of the unit on /proc, the service still finds the CPUs of a program of another user."""
        unit = (testbus.SOURCE / "packaging/governord.service.in").read_text()
        hidden = re.search(r"^ProtectProc=(\w+)", unit, re.M)
        mount = f"mount -t proc -o hidepid={hidden[1]} proc /proc && " if hidden and hidden[1] != "default" else ""
        self.governord = self.start(prefix=["unshare", "--mount", "--propagation=private", "sh", "-c",
                                            mount + 'exec setpriv --bounding-set=-all --inh-caps=-all "$@"', "sh"])
        os.chmod(self.folder, 0o755)
        os.chmod(self.folder / "bus", 0o777)

        def before():
            testbus._die_with_parent()
            os.sched_setaffinity(0, {CPUS[0]})
        client = subprocess.Popen(["/usr/bin/python3", "-c", REPORTER], env={**os.environ, **self.bus.env}, user=65534, group=65534,
                                  extra_groups=[], stdin=subprocess.PIPE, preexec_fn=before, text=True)
        self.addCleanup(client.wait)
        self.addCleanup(client.kill)
        self.addCleanup(client.stdin.close)
        reports = iter(range(2000))  # not more lines than the pipe can hold

        def report_and_look():
            """Makes the client report again, because a thread that sleeps soon counts as running on no CPU."""
            if next(reports, None) is not None:
                client.stdin.write(f"{LATE}\n")
                client.stdin.flush()
            return self.floor(CPUS[0]) > LOWEST and self.ask("ListSessions")[0][-1] == str(CPUS[0])

        with ticks():
            wait_for(report_and_look, what="a raised lower limit, and its CPU in the list")

    def test_without_governors(self):
        """If platform.o is missing, the reason is reported and rung 4 is used."""
        (self.folder / "none").mkdir()
        self.governord = self.start(f"--governor-dir={self.folder}/none")
        reason = self.prop("RungReason")
        if "no BPF" in reason:
            self.skipTest(reason)
        self.assertIn("platform.o", reason)
        self.raised()


if __name__ == "__main__":
    main()
