# SPDX-License-Identifier: GPL-2.0-or-later
"""A governord on a simulated machine and a private bus, for the tests of its D-Bus interfaces."""

import os
import pathlib
import re
import subprocess
import sys

import dbus
import dbus.lowlevel

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import testbus  # noqa: E402
from testbus import PPD_LEGACY, PPD_LEGACY_PATH, PPD_NAME, PPD_PATH, PROPERTIES, wait_for  # noqa: E402,F401

GOVERNORD = "org.governord"
GOVERNORD_PATH = "/org/governord"
MANAGER = "org.governord.Manager1"
DEVICE = "org.governord.Device1"
DEVICE_PATH = "/org/governord/device/package%d"
NAMES = [PPD_NAME, PPD_LEGACY, GOVERNORD]

# Two users that exist on every system: nobody and daemon.
NOBODY, ANOTHER = 65534, 1

# The reasons that the service reports where no service could load BPF (bpf/preview.c, bpf/engines.c).
WITHOUT_BPF = re.compile(r"build of governord has no BPF|CAP_BPF|a PID namespace|page size of this machine|platform\.o: No such file")

E_FAILED = "org.freedesktop.DBus.Error.Failed"
E_INVALID_ARGS = "org.freedesktop.DBus.Error.InvalidArgs"
E_UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"
E_ACCESS_DENIED = "org.freedesktop.DBus.Error.AccessDenied"
E_GOVERNORD = "org.governord.Error."


def plain(value):
    """Converts types of dbus-python to those of Python, so that the messages of failed comparisons are readable."""
    if isinstance(value, dict):
        return {plain(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if value is None:
        return None
    if isinstance(value, dbus.Boolean):
        return bool(value)
    if isinstance(value, str):
        return str(value)
    return float(value) if isinstance(value, float) else int(value)


class Client:
    """A separate connection to the bus: its calls, and the signals that it receives, including unicast signals."""

    def __init__(self, bus, uid=None):
        self.bus = bus
        before = os.geteuid()
        if uid is not None:
            os.seteuid(uid)
        try:
            self.connection = bus.connect()
        finally:
            os.seteuid(before)
        self.name = self.connection.get_unique_name()

    def call(self, name, path, interface, method, *args, signature=None, timeout=testbus.DEADLINE):
        proxy = self.connection.get_object(name, path, introspect=False)
        return proxy.get_dbus_method(method, interface)(*args, timeout=timeout, signature=signature)

    def call_async(self, name, path, interface, method, *args, signature=None, timeout=testbus.DEADLINE):
        """Returns a list that gets one element: the reply, or the exception."""
        outcome = []
        proxy = self.connection.get_object(name, path, introspect=False)
        proxy.get_dbus_method(method, interface)(*args, timeout=timeout, signature=signature, ignore_reply=False,
                                                 reply_handler=lambda *reply: outcome.append(reply),
                                                 error_handler=outcome.append)
        return outcome

    def record(self, interface=None, member=None, path=None):
        """Returns a list of the signals that reach this connection. It adds no match rule; without one, only unicast signals
        arrive."""
        heard = []

        def on_message(_connection, message):
            if message.get_type() == dbus.lowlevel.MESSAGE_TYPE_SIGNAL and message.get_member() == member:
                heard.append((message.get_path(), message.get_interface(), plain(message.get_args_list())))
            return dbus.lowlevel.HANDLER_RESULT_NOT_YET_HANDLED

        self.connection.add_message_filter(on_message)
        return heard

    def close(self):
        """Processes all pending messages, then closes the connection: dbus-python crashes if a message arrives after close()."""
        if self.connection:
            self.connection.get_name_owner("org.freedesktop.DBus")
            while testbus.GLib.MainContext.default().iteration(False):
                pass
            self.connection.close()
            self.connection = None


class DaemonCase(testbus.BusTestCase):
    TREE = "intel-hybrid.tree"
    POLKIT = ()  # options of the stand-in for polkit; None: no polkit
    CONFIG = ""
    OPTIONS = ()

    def setUp(self):
        self.clients = []
        self.addCleanup(lambda: [c.close() for c in self.clients])
        self.polkit = self.bus.polkit(*self.POLKIT) if self.POLKIT is not None else None
        self.sim = self.machine(self.TREE)
        self.config = self.folder / "config"
        self.config.mkdir()
        self.write_config(self.CONFIG)
        self.governord = self.start()

    def skip_without_bpf(self, rung, reason):
        """Skips the test if BPF is unavailable for a reason that is not a fault of the service."""
        if rung == "user" and WITHOUT_BPF.search(reason):
            self.skipTest(reason)

    def write_config(self, text):
        (self.config / "governord.conf").write_text(text)

    def argv(self, *options):
        daemon = testbus.program("governord") or testbus.program("governord", "core")
        drivers = os.environ.get("GOVERNORD_DRIVERS", daemon and daemon.parent / "drivers")
        return [testbus._require(daemon, "governord"), "-vv", f"--root={self.sim.path}", f"--driver-dir={drivers}",
                f"--config-dir={self.config}", f"--state-dir={self.folder}/state", f"--runtime-dir={self.folder}/run",
                *self.OPTIONS, *options]

    def start(self, *options, names=NAMES, log="governord"):
        daemon = self.daemon(self.argv(*options), names=names, log=log)
        if names:
            self.bus.get_property(PPD_NAME, PPD_PATH, PPD_NAME, "Version")  # returns when the event loop of the service runs
        return daemon

    def client(self, uid=None):
        self.clients.append(Client(self.bus, uid))
        return self.clients[-1]

    def open_bus(self):
        """Allows all users to connect to the bus."""
        os.chmod(self.folder, 0o755)
        os.chmod(self.folder / "bus", 0o777)

    def other_user(self, uid=NOBODY):
        """A client that needs authorization by polkit, because it does not run as root."""
        if os.geteuid() != 0:
            return self.client()
        self.open_bus()
        return self.client(uid)

    def refused(self, error, function, *args, **options):
        """Asserts that a call fails with this D-Bus error; returns its message."""
        with self.assertRaises(dbus.DBusException) as caught:
            function(*args, **options)
        self.assertEqual(caught.exception.get_dbus_name(), error, caught.exception.get_dbus_message())
        return caught.exception.get_dbus_message()

    def as_nobody(self, *argv):
        """Runs a program as user nobody and returns its output. Needs root."""
        self.open_bus()
        done = subprocess.run(argv, env={**os.environ, **self.bus.env}, capture_output=True, text=True, timeout=120,
                              user=65534, group=65534, extra_groups=[])
        return done.stdout + done.stderr

    def get(self, prop, name=PPD_NAME, path=PPD_PATH):
        return plain(self.bus.get_property(name, path, name, prop))

    def settle(self):
        """Makes a round trip: signals that the service sent before have arrived, but are not dispatched yet."""
        self.get("Version")

    def dispatch(self):
        """Dispatches all signals that the service sent before."""
        self.settle()
        while testbus.GLib.MainContext.default().iteration(False):
            pass
