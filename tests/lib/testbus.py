# SPDX-License-Identifier: GPL-2.0-or-later
"""A private system bus, a simulated machine and a daemon under test, for bus tests and stories.

No function sleeps. Every wait depends on an event (a D-Bus signal, inotify, the end of a process) and has a deadline; after it,
Timeout is raised with the reason. All processes that were started are ended by their process IDs, also if the test is killed.

    class Switching(testbus.BusTestCase):
        def test_performance(self):
            machine = self.machine("intel-hybrid.tree")
            daemon = self.daemon([GOVERNORD, "--root", machine.path], names=[PPD_NAME, PPD_LEGACY])
            self.bus.set_property(PPD_NAME, PPD_PATH, PPD_NAME, "ActiveProfile", "performance")
            machine.wait(EPP % 0, "performance")

Run with Debian's /usr/bin/python3 (python3-dbus, python3-gi; python3-dbusmock for UPower and logind).
Programs are found in $GOVERNORD_BUILD (a meson build folder, default: build), see program().
"""

import collections
import contextlib
import ctypes
import json
import os
import pathlib
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import dbus
import dbus.bus
import dbus.mainloop.glib
from gi.repository import GLib

dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)

SOURCE = pathlib.Path(__file__).resolve().parents[2]
MACHINES = SOURCE / "tests" / "machines"

PPD_NAME = "org.freedesktop.UPower.PowerProfiles"
PPD_PATH = "/org/freedesktop/UPower/PowerProfiles"
PPD_LEGACY = "net.hadess.PowerProfiles"
PPD_LEGACY_PATH = "/net/hadess/PowerProfiles"
POLKIT_NAME = "org.freedesktop.PolicyKit1"
POLKIT_PATH = "/org/freedesktop/PolicyKit1/Authority"
POLKIT_TEST = "org.governord.test.Polkit"
UPOWER_NAME = "org.freedesktop.UPower"
UPOWER_PATH = "/org/freedesktop/UPower"
DISPLAY_DEVICE = "/org/freedesktop/UPower/devices/DisplayDevice"
LOGIND_NAME = "org.freedesktop.login1"
LOGIND_PATH = "/org/freedesktop/login1"
MOCK = "org.freedesktop.DBus.Mock"
PROPERTIES = "org.freedesktop.DBus.Properties"

# Ends a wait for an event that will not occur. It is long, because tests also run on busy machines.
DEADLINE = 60.0

_libc = ctypes.CDLL(None, use_errno=True)


# Simulated machines have thousands of small files, which are kept in memory if possible.
FAST_FOLDER = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class Timeout(AssertionError):
    """A condition did not come true before its deadline. An AssertionError, so that unittest counts it as a failure."""


def wait_for(predicate, timeout=DEADLINE, what="condition", watch=()):
    """Runs the GLib main loop until predicate() is true, and returns its value.

    The predicate is called after every event of the loop, so a change of its result must cause an event. D-Bus signals do; for
    files, `watch` must contain their paths or folders.
    """
    context = GLib.MainContext.default()
    expired = []
    with Inotify(watch) if watch else contextlib.nullcontext():
        source = GLib.timeout_add(max(1, int(timeout * 1000)), expired.append, True)
        try:
            while not (value := predicate()):
                if expired:
                    raise Timeout(f"no {what} within {timeout} s")
                context.iteration(True)
            return value
        finally:
            if not expired:
                GLib.source_remove(source)


def program(name, folder=""):
    """The path of a program: $GOVERNORD_<NAME> if set, else below the build folder. None if it does not exist."""
    override = os.environ.get("GOVERNORD_" + name.upper().replace("-", "_"))
    build = pathlib.Path(os.environ.get("GOVERNORD_BUILD", SOURCE / "build"))
    path = pathlib.Path(override) if override else build / folder / name
    return path.absolute() if os.access(path, os.X_OK) else None


def _require(path, name):
    if path is None:
        raise FileNotFoundError(f"{name} is not built (set GOVERNORD_BUILD to the build folder)")
    return str(path)


class Inotify:
    """Wakes the main loop when one of `paths` is written, and counts the writes.

    `modified` maps each file (path as text) to its number of modification events; a folder stands for the files in it.
    """

    _EVENT = struct.Struct("iIII")
    IN_MODIFY, IN_CLOSE_WRITE, IN_MOVED_TO, IN_CREATE, IN_DELETE = 0x2, 0x8, 0x80, 0x100, 0x200
    IN_Q_OVERFLOW = 0x4000

    def __init__(self, paths):
        self.modified = collections.Counter()
        self.overflow = False
        self._watched = {}
        self._fd = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self._source = GLib.unix_fd_add_full(0, self._fd, GLib.IOCondition.IN, self._readable)
        for path in paths:
            self._add(os.fspath(path))

    def _add(self, path):
        mask = self.IN_MODIFY | self.IN_CLOSE_WRITE | self.IN_MOVED_TO | self.IN_CREATE | self.IN_DELETE
        wd = _libc.inotify_add_watch(self._fd, os.fsencode(path), mask)
        if wd < 0:
            error = ctypes.get_errno()
            self.close()
            raise OSError(error, os.strerror(error), path)
        self._watched[wd] = path

    def _readable(self, *_):
        self.drain()
        return True

    def drain(self):
        """Reads the pending events, without the main loop."""
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._fd, 1 << 20):
                self._take(data)

    def _take(self, data):
        at = 0
        while at < len(data):
            wd, mask, _cookie, length = self._EVENT.unpack_from(data, at)
            name = data[at + 16:at + 16 + length].rstrip(b"\0").decode()
            at += 16 + length
            self.overflow |= bool(mask & self.IN_Q_OVERFLOW)
            if mask & self.IN_MODIFY and wd in self._watched:
                self.modified[os.path.join(self._watched[wd], name) if name else self._watched[wd]] += 1

    def close(self):
        if self._fd >= 0:
            GLib.source_remove(self._source)
            os.close(self._fd)
            self._fd = -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _die_with_parent():
    """Called in the child: if the test is killed, its daemons are killed, too (PR_SET_PDEATHSIG)."""
    _libc.prctl(1, signal.SIGKILL, 0, 0, 0)


class Process:
    """A child process with its output in a file; the base class of all programs that are started here."""

    def __init__(self, argv, log, env=None, pass_fds=()):
        self.argv = [os.fspath(a) for a in argv]
        self.log_path = pathlib.Path(log)
        with open(self.log_path, "ab") as out:
            self._popen = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                           env={**os.environ, **(env or {})}, pass_fds=pass_fds,
                                           preexec_fn=_die_with_parent)
        self._pidfd = os.pidfd_open(self.pid)
        self._source = GLib.unix_fd_add_full(0, self._pidfd, GLib.IOCondition.IN, self._ended)

    def _ended(self, *_):
        """Wakes the main loop when the process ends, so that wait_for() calls its predicate again."""
        self._source = 0
        return GLib.SOURCE_REMOVE

    @property
    def pid(self):
        return self._popen.pid

    @property
    def returncode(self):
        """None while the process runs; then its exit status, or the negative number of the signal that ended it."""
        return self._popen.poll()

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def signal(self, number):
        if self.returncode is None:
            os.kill(self.pid, number)

    def wait_exit(self, timeout=DEADLINE):
        poller = select.poll()
        if self.returncode is None:
            poller.register(self._pidfd, select.POLLIN)
            if not poller.poll(timeout * 1000):
                raise Timeout(f"pid {self.pid} ({self.argv[0]}) did not end within {timeout} s\n{self.log}")
        self._forget_pidfd()
        return self._popen.wait()

    def _forget_pidfd(self):
        if self._source:
            GLib.source_remove(self._source)
            self._source = 0
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1

    def wait_log(self, text, timeout=DEADLINE):
        """Waits until the output contains `text`."""
        return wait_for(lambda: text in self.log, timeout, f"{text!r} in the log of {self.argv[0]}", [self.log_path])

    def kill(self):
        """Sends SIGKILL, for tests that no data is lost."""
        self.signal(signal.SIGKILL)
        return self.wait_exit()

    def stop(self, timeout=DEADLINE):
        """Sends SIGTERM and returns the exit status. After a timeout, sends SIGKILL and raises Timeout."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait_exit(timeout)
        except Timeout:
            self.kill()
            raise


class TestBus:
    """A private dbus-daemon of type "system", without policy and limits, and mocks of its usual services."""

    __test__ = False  # not a test case, in spite of its name

    CONFIG = (SOURCE / "tests" / "lib" / "bus.conf").read_text(encoding="utf-8")

    def __init__(self, folder=None):
        self._own_folder = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="governord-bus-", dir=FAST_FOLDER))
        self.address = f"unix:path={self.folder}/bus"
        self.processes = []
        self.connection = None
        self._followed = {}
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self):
        config = self.folder / "bus.conf"
        config.write_text(self.CONFIG.format(folder=self.folder))
        reader, writer = os.pipe()
        self.spawn(["dbus-daemon", "--nofork", "--nopidfile", "--nosyslog", f"--config-file={config}",
                    f"--address={self.address}", f"--print-address={writer}"], "bus", pass_fds=[writer])
        os.close(writer)
        try:
            ready, _, _ = select.select([reader], [], [], DEADLINE)
            if not ready or not os.read(reader, 4096):
                raise Timeout("dbus-daemon did not come up\n" + self.logs())
        finally:
            os.close(reader)
        self.connection = self.connect()

    @property
    def env(self):
        """The environment variables with which a program uses this bus as the system bus."""
        return {"DBUS_SYSTEM_BUS_ADDRESS": self.address}

    def connect(self):
        """Another connection, which is a separate client with its own unique name until close()."""
        connection = dbus.bus.BusConnection(self.address)
        connection.set_exit_on_disconnect(False)
        return connection

    def spawn(self, argv, name, env=None, pass_fds=()):
        """Starts a program on this bus, with its output in NAME.log; stop() ends it."""
        process = Process(argv, self.folder / f"{name}.log", {**self.env, **(env or {})}, pass_fds)
        self.processes.append(process)
        return process

    def _follow(self, name):
        """Makes changes of the owner of `name` wake the main loop."""
        if name not in self._followed:
            self._followed[name] = self.connection.watch_name_owner(name, lambda _owner: None)

    def _bus_driver(self, method, *args):
        return self.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method, *args)

    def owner(self, name, process=None):
        """The unique name that owns `name`, "" if none does; with `process` only if that process is the owner.

        The bus is queried each time, because after a restart an owner from a signal could be the previous one.
        """
        try:
            owner = self.connection.get_name_owner(name)
            if process and self._bus_driver("GetConnectionUnixProcessID", owner) != process.pid:
                return ""
        except dbus.DBusException:
            return ""
        return str(owner)

    def wait_name(self, name, timeout=DEADLINE, process=None):
        """Waits until `name` has an owner, and returns it. Fails at once if `process`, which should own it, has ended."""
        self._follow(name)
        wait_for(lambda: self.owner(name, process) or (process and process.returncode is not None), timeout,
                 f"owner of {name}")
        owner = self.owner(name, process)
        if not owner:
            raise Timeout(f"{process.argv[0]} ended ({process.returncode}) without owning {name}\n{process.log}")
        return owner

    def wait_no_name(self, name, timeout=DEADLINE):
        self._follow(name)
        wait_for(lambda: not self.owner(name), timeout, f"release of {name}")

    def wait_profiles(self, name=PPD_LEGACY, path=PPD_LEGACY_PATH, timeout=DEADLINE):
        """Waits until there are profiles. The name is no indication, because PPD owns it before it has found any hardware."""
        heard = self.record(interface=PROPERTIES, path=path)

        def offered():
            del heard[:]
            with contextlib.suppress(dbus.DBusException):
                return [str(p["Profile"]) for p in self.get_property(name, path, name, "Profiles")]
            return None
        return wait_for(offered, timeout, f"Profiles of {name}")

    def interface(self, name, path, interface, connection=None):
        proxy = (connection or self.connection).get_object(name, path, introspect=False)
        return dbus.Interface(proxy, interface)

    def call(self, name, path, interface, method, *args, timeout=DEADLINE, signature=None):
        """Calls a method and waits for the reply. Without introspection, types that Python does not imply need `signature`."""
        return self.interface(name, path, interface).get_dbus_method(method)(*args, timeout=timeout, signature=signature)

    def get_property(self, name, path, interface, prop):
        return self.call(name, path, PROPERTIES, "Get", interface, prop)

    def set_property(self, name, path, interface, prop, value):
        self.call(name, path, PROPERTIES, "Set", interface, prop, value, signature="ssv")

    def polkit(self, *options):
        """Starts the stub authority with these options; returns an object that controls it."""
        stub = _require(program("stub-polkit", "tests/lib"), "stub-polkit")
        process = self.spawn([stub, *options], "polkit")
        self.wait_name(POLKIT_NAME, process=process)
        return Polkit(self)

    def _mock(self, template, name, parameters):
        argv = ["/usr/bin/python3", "-m", "dbusmock", "--system", "-t", template, "-p", json.dumps(parameters)]
        process = self.spawn(argv, template)
        self.wait_name(name, process=process)
        return process

    def upower(self, on_battery=False, percentage=80.0):
        """Starts a mock of UPower, which set_on_battery() and set_percentage() control."""
        process = self._mock("upower", UPOWER_NAME, {"OnBattery": on_battery})
        self.set_percentage(percentage)
        return process

    def set_on_battery(self, on_battery):
        mock = self.interface(UPOWER_NAME, UPOWER_PATH, MOCK)
        mock.UpdateProperties(UPOWER_NAME, {"OnBattery": dbus.Boolean(on_battery, variant_level=1)})

    def set_percentage(self, percentage):
        """Sets the charge of the display device. Its other values are plausible constants (a discharging battery of 60 Wh)."""
        self.interface(UPOWER_NAME, UPOWER_PATH, MOCK).SetupDisplayDevice(
            2, 2, float(percentage), float(percentage) * 0.6, 60.0, 5.0, 7200, 0, True, "battery-good-symbolic", 1)

    def logind(self):
        """Starts a mock of logind. sleep_signal() sends its PrepareForSleep."""
        return self._mock("logind", LOGIND_NAME, {})

    def sleep_signal(self, going_down):
        mock = self.interface(LOGIND_NAME, LOGIND_PATH, MOCK)
        mock.EmitSignal(LOGIND_NAME + ".Manager", "PrepareForSleep", "b", [dbus.Boolean(going_down)])

    def record(self, interface=None, member=None, path=None):
        """Returns a list to which (path, member, arguments) of each further signal is appended while the main loop runs."""
        heard = []
        self.connection.add_signal_receiver(
            lambda *args, p=None, m=None: heard.append((str(p), str(m), args)), signal_name=member,
            dbus_interface=interface, path=path, path_keyword="p", member_keyword="m")
        self.connection.get_name_owner("org.freedesktop.DBus")  # a round trip, after which the match is active
        return heard

    def _disconnect(self):
        """Closes the connection after all messages have been read: dbus-python aborts if a message arrives after close()."""
        if not self.connection:
            return
        for match in self._followed.values():
            match.cancel()
        self._bus_driver("GetId")  # after this reply, all earlier replies and signals have arrived
        while GLib.MainContext.default().iteration(False):
            pass
        self.connection.close()
        self.connection = None

    def logs(self):
        return "\n".join(f"--- {p.log_path.name} (pid {p.pid}, status {p.returncode})\n{p.log}" for p in self.processes)

    def stop(self):
        """Ends all programs, the latest first and the bus last."""
        for process in reversed(self.processes[1:]):
            with contextlib.suppress(Timeout):
                process.stop()
        self._disconnect()
        for process in self.processes[:1]:
            process.stop()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Polkit:
    """Controls the running stub authority."""

    def __init__(self, bus):
        self._stub = bus.interface(POLKIT_NAME, POLKIT_PATH, POLKIT_TEST)

    def mode(self, name):
        """"allow", "deny", "fail" (return an error), "hang" (do not reply) or "limit" (return the error of a bus at its limit)."""
        self._stub.SetMode(name)

    def deny(self, *actions):
        """Denies exactly these action IDs from now on, in the mode "allow"."""
        self._stub.SetDenied(dbus.Array(actions, signature="s"))

    def asked(self):
        """The calls of the daemon: [(action ID, subject)], oldest first."""
        return [(str(action), str(subject)) for action, subject in self._stub.Asked()]

    def forget(self):
        """Clears the list of asked()."""
        self._stub.Forget()


class Daemon(Process):
    """A daemon under test, which is started on a bus and is ready when it owns its names."""

    def __init__(self, bus, argv, names=(), env=None, timeout=DEADLINE, log="daemon"):
        self.bus = bus
        for name in names:
            bus._follow(name)  # before it starts, so that no change of the owner is missed
        super().__init__(argv, bus.folder / f"{log}.log", {**bus.env, **(env or {})})
        bus.processes.append(self)
        for name in names:
            bus.wait_name(name, timeout, self)


def _regular_files(folder):
    """All files below a folder. For thousands of files, this takes a third of the time that pathlib needs."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _regular_files(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield entry.path


def _read(path):
    with open(path, "rb", buffering=0) as f:
        return f.read()


class Machine:
    """A simulated machine: a folder with sys/ and proc/, which mktree made from a .tree file."""

    def __init__(self, tree, path, **defines):
        self.path = pathlib.Path(path)
        mktree = _require(program("mktree", "tests/tools"), "mktree")
        tree = pathlib.Path(tree) if os.path.sep in os.fspath(tree) else MACHINES / tree
        options = [word for name, value in defines.items() for word in ("-D", f"{name}={value}")]
        subprocess.run([mktree, *options, os.fspath(tree), os.fspath(self.path)], check=True, timeout=120)

    def file(self, attribute):
        """The path of an attribute; "/sys/x" and "sys/x" are the same."""
        return self.path / attribute.lstrip("/")

    def read(self, attribute):
        return self.file(attribute).read_text().rstrip("\n")

    def write(self, attribute, value):
        """Rewrites an attribute in place, without a newline, as other programs do."""
        with open(self.file(attribute), "w", encoding="utf-8") as f:
            f.write(str(value))

    def files(self, pattern):
        """All attributes that match a glob, sorted, as paths relative to the root of the machine."""
        return sorted(str(p.relative_to(self.path)) for p in self.path.glob(pattern.lstrip("/")))

    def wait(self, attribute, value, timeout=DEADLINE):
        """Waits until an attribute has `value`."""
        path = self.file(attribute)
        try:
            wait_for(lambda: self.read(attribute) == value, timeout, watch=[path])
        except Timeout:
            raise Timeout(f"{attribute} is {self.read(attribute)!r}, not {value!r}, after {timeout} s") from None

    def snapshot(self):
        """{attribute: content} of all regular files, to find what was changed or restored."""
        skip = len(os.path.join(self.path, ""))
        return {path[skip:]: _read(path) for path in _regular_files(os.fspath(self.path))}


class BusTestCase(unittest.TestCase):
    """A test with a separate folder and bus. If it fails, the logs of all programs that it started are printed."""

    def run(self, result=None):
        result = result if result is not None else self.defaultTestResult()
        before = len(result.failures) + len(result.errors)
        with tempfile.TemporaryDirectory(prefix="governord-test-", dir=FAST_FOLDER, ignore_cleanup_errors=True) as folder:
            self.folder = pathlib.Path(folder)
            with TestBus(self.folder) as self.bus:
                super().run(result)
                if len(result.failures) + len(result.errors) > before:
                    print(f"=== {self.id()} failed\n{self.bus.logs()}", file=sys.stderr, flush=True)
        return result

    def machine(self, tree, **defines):
        return Machine(tree, self.folder / f"machine-{len(list(self.folder.glob('machine-*')))}", **defines)

    def daemon(self, argv, names=(), **options):
        return Daemon(self.bus, argv, names, **options)
