#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A mock of governord on the bus: org.governord with the values of a hybrid laptop, and the power-profiles-daemon API.

The first argument is the mode: normal, hostile (texts with control characters for a terminal), denied (polkit denies), no-polkit,
empty (all lists are empty), other (replies of other types), full (LimitReached), interleaved (CPUs alternate between packages),
bus-denied and bus-limit (errors of the message bus), no-counter and bad-counter (of energy), no-lists (knobs cannot be listed),
healthy and troubled (for governorctl check), planted (texts of GOVERNORD_MOCK_TEXT), corners (unknown values, a session of another
user, one without a process, a device with power limits, hardware that rejects values, lines without effect). Each call that changes
something is printed as one JSON line.
"""

import json
import os
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

MANAGER = "org.governord.Manager1"
DEVICE = "org.governord.Device1"
SESSION = "org.governord.Session1"
OBJECTS = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"
INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
PPD = "org.freedesktop.UPower.PowerProfiles"
LEGACY = "net.hadess.PowerProfiles"
PPD_PATHS = {PPD: "/org/freedesktop/UPower/PowerProfiles", LEGACY: "/net/hadess/PowerProfiles"}

MODE = sys.argv[1] if len(sys.argv) > 1 else "normal"
HOSTILE = "evil\x1b[2J\x1b]0;owned\x07\n  Profile:         forged\t\u202egnp\u009b31m \"quoted\\\" \u2603"
HELP = "Energy-performance preference of the processor"
TEXT = HOSTILE if MODE == "hostile" else os.environ["GOVERNORD_MOCK_TEXT"] if MODE == "planted" else "Compiling \u2013 \u7de8\u8b6f"
EMPTY = MODE == "empty"
CORNERS = MODE == "corners"
DEGRADED = {"empty": "", "healthy": "", "users": "", "idle-lines": "", "troubled": "configuration-not-used"}
WELL = MODE in ("healthy", "troubled", "users", "idle-lines")


def told(method, *args):
    print(json.dumps([method, *args]), flush=True)


def refuse(name, message):
    raise dbus.exceptions.DBusException(message, name=name)


def guard(action):
    if MODE == "denied":
        refuse("org.freedesktop.DBus.Error.AccessDenied", f"Not authorized: {action}")
    if MODE == "no-polkit":
        refuse("org.freedesktop.DBus.Error.AccessDenied", f"Not Authorized: {action} (polkit is not on the bus, so only root may do this)")
    if MODE == "bus-limit":
        refuse("org.freedesktop.DBus.Error.LimitsExceeded", "The maximum number of pending replies per connection has been reached")
    if MODE == "bus-denied":
        refuse("org.freedesktop.DBus.Error.AccessDenied", "Rejected send message, 1 matched rules; type=\"method_call\", sender=\":1.7\"")


def array(signature, rows):
    return dbus.Array([] if EMPTY else rows, signature=signature)


class Manager(dbus.service.Object):
    def __init__(self, bus):
        super().__init__(bus, "/org/governord")
        self.bus, self.active, self.cookie, self.holds = bus, "balanced", 6, {}
        self.looks, self.times, self.governor, self.sessions = 0, 0, "slack", {} if EMPTY else {11: 900, 3: 1700}

    def properties(self):
        profiles = [("power-saver", "power-saver", "Least energy", True), ("balanced", "balanced", "What most want", True),
                    ("performance", "performance", "Speed before energy", True), ("quiet-night", "power-saver", TEXT, False)]
        rules = [("on-battery", "battery and below 30 %", "power-saver", False, False), ("build", TEXT, "performance", True, True)]
        return {
            "Version": "0.2.0", "ActiveProfile": "" if EMPTY else self.active, "SelectedProfile": "" if EMPTY else "balanced",
            "Cause": "" if EMPTY else "rule:build", "Degraded": DEGRADED.get(MODE, "lap-detected,knobs-failed"),
            "PowerSource": "unknown" if EMPTY else "battery", "BatteryPercentage": dbus.Int32(-1 if EMPTY else 61),
            "Rung": "" if EMPTY else "user", "RungReason": "" if EMPTY else "no right to load BPF: " + TEXT,
            "Governor": "" if EMPTY else f"{self.governor} (governord 0.2.0)",
            "Profiles": array("(sssb)", profiles), "Rules": array("(sssbb)", rules),
            **({"LinesWithoutEffect": dbus.Array([("quiet.conf:6", f"no driver has 'pump-limt': {HOSTILE}")], signature="(ss)")}
               if MODE == "idle-lines" else {}),
            **({"LinesWithoutEffect": dbus.Array([(f"quiet.conf:{n}", "this machine has no pump") for n in range(1, 9)], signature="(ss)")}
               if CORNERS else {}),
            "FromTheFuture": dbus.Array(["x"], signature="s"),
        }

    @dbus.service.method(PROPERTIES, in_signature="s", out_signature="a{sv}")
    def GetAll(self, _interface):
        if MODE == "other":
            return {"ActiveProfile": dbus.UInt32(7)}
        if MODE == "bus-limit":
            guard("")
        return self.properties()

    @dbus.service.method(PROPERTIES, in_signature="ssv")
    def Set(self, _interface, name, value):
        guard("org.governord.set-profile")
        told("Set", name, value)
        if value not in ("power-saver", "balanced", "performance"):
            refuse("org.governord.Error.InvalidProfile", f"There is no profile '{value}'")
        if CORNERS and value == "performance":
            refuse("org.governord.Error.HardwareRefused", "Failed to activate profile 'performance': policy0 epp: no; the former profile stays in force")
        self.active = str(value)
        self.PropertiesChanged(MANAGER, {"ActiveProfile": self.active}, [])
        self.Changed(1700000000000001, "epp", 8, "performance", "manual choice of " + TEXT, "governord")

    @dbus.service.signal(PROPERTIES, signature="sa{sv}as")
    def PropertiesChanged(self, interface, changed, invalidated):
        pass

    @dbus.service.signal(MANAGER, signature="tsusss")
    def Changed(self, usec, knob, domains, new_value, cause, who):
        pass

    def ended(self, owner, cookie, reason):
        message = dbus.lowlevel.SignalMessage("/org/governord", MANAGER, "RequestEnded")
        message.set_destination(owner)
        message.append(cookie, reason, signature="us")
        self.bus.send_message(message)

    def add(self, owner, timeout):
        if MODE == "full":
            refuse("org.governord.Error.LimitReached", "Too many requests of one client")
        self.cookie += 1
        self.holds[self.cookie] = owner
        if timeout:
            GLib.timeout_add(timeout // 1000, self.deadline, self.cookie)
        return self.cookie

    def deadline(self, cookie):
        owner = self.holds.pop(cookie, None)
        if owner:
            self.ended(owner, dbus.UInt32(cookie), "deadline")
        return False

    @dbus.service.method(MANAGER, in_signature="ssst", out_signature="u", sender_keyword="sender")
    def HoldProfile(self, profile, reason, application, timeout_usec, sender=None):
        guard("org.governord.hold-profile")
        told("HoldProfile", profile, reason, application, timeout_usec)
        return self.add(sender, timeout_usec)

    @dbus.service.method(MANAGER, in_signature="siisst", out_signature="u", sender_keyword="sender")
    def RequestLevel(self, domain, floor, ceiling, reason, application, timeout_usec, sender=None):
        guard("org.governord.request-level")
        told("RequestLevel", domain, floor, ceiling, reason, application, timeout_usec)
        if domain == "mars" or domain.startswith("npu"):
            refuse("org.governord.Error.NoSuchDomain", f"There is no domain '{domain}'")
        return self.add(sender, timeout_usec)

    @dbus.service.method(MANAGER, in_signature="sii")
    def SetLevel(self, domain, floor, ceiling):
        guard("org.governord.set-level")
        told("SetLevel", domain, floor, ceiling)
        if domain.startswith("npu"):
            refuse("org.governord.Error.NoSuchDomain", f"There is no domain '{domain}'")
        self.levels = [(5, "floor", domain, str(floor), "the administrator", "", "", 0, 0, False, "nothing here follows levels")
                       ] if domain == "device7" else []

    @dbus.service.method(MANAGER, in_signature="u")
    def ReleaseRequest(self, cookie):
        told("ReleaseRequest", cookie)
        if cookie not in self.holds:
            refuse("org.governord.Error.NoSuchRequest", f"There is no request {cookie}")
        owner = self.holds.pop(cookie)
        self.ended(owner, dbus.UInt32(cookie), "released")

    @dbus.service.method(MANAGER, out_signature="a(ussssssutbs)" if MODE != "other" else "a(us)")
    def ListRequests(self):
        if MODE == "other":
            return [(1, "x")]
        return array("(ussssssutbs)", [(3, "profile", "node", "performance", "make", TEXT, ":1.5", 4242, 1740000000, True, ""),
                                      (4, "ceiling", "package0", "512", "thermald", "hot", ":1.9", 77, 0, False, "nothing here follows it")] + getattr(self, "levels", []))

    @dbus.service.method(MANAGER, out_signature="a(ssssssu)")
    def ListDrivers(self):
        return array("(ssssssu)", [("intel", "Intel P-states", "intel_pstate", "active", "loaded", "", 44),
                                   ("amd", "AMD P-states", "", "", "absent", "no such CPU", 0),
                                   *([] if WELL else [("extra", TEXT, "", "", "refused", "speaks ABI 9, we speak 1", 0)])])

    @dbus.service.method(MANAGER, out_signature="a(sts)")
    def GetStatistics(self):
        return array("(sts)", [("switches", 3, "switches to another profile"), ("switch-longest-usec", 2**64 - 1, TEXT)])

    @dbus.service.method(MANAGER, in_signature="s", out_signature="a(sssssssssssss)")
    def ListKnobs(self, domain):
        if MODE == "no-lists" and not domain:
            refuse("org.freedesktop.DBus.Error.LimitsExceeded", "This user has asked for too much at once")
        if domain and not domain.startswith(("policy", "package", "cpu", "node", "device")):
            refuse("org.governord.Error.NoSuchDomain", f"There is no domain '{domain}'")
        rows = [(f"policy{i}", "epp", "balance_performance", "balance_power", "balance_performance", "",
                 "default performance balance_performance balance_power power", "intel",
                 f"sys/devices/system/cpu/cpufreq/policy{i}/energy_performance_preference", "ok", "", "", HELP)
                for i in range(192)]
        rows += [(f"policy{i}", "boost", "0", "", "1", "", "0..1", "intel", f"sys/policy{i}/boost", "failed",
                  "Device or resource busy: another program holds it", "", HELP) for i in range(4)]
        rows += [("package0", "pl1", "15000000", "", "", "uW", "1000000..64000000", "intel", f"sys/{part}", "untouched", TEXT, part, HELP)
                 for part in ("rapl", "rapl-mmio")]
        if WELL:
            rows = [r for r in rows if r[9] != "failed"]
        if MODE == "troubled":
            rows += [("policy1", "epp", "power", "", "balance_performance", "", "", "intel", "sys/x", "yielded", "set to \"power\" by tool", "", HELP),
                     ("policy0", "max-freq", "1000000", "", "", "kHz", "400000..4400000", "intel", "sys/y", "untouched", "", "", HELP)]
        if CORNERS:
            rows += [("policy5", "epp", "", "", "performance", "", "", "intel", "sys/z", "failed", "cannot be read", "", HELP),
                     ("cpu0", "wake", "5", "0", "", "us", "", "intel", "sys/w", "failed", "could not be put back", "", HELP),
                     ("cpu1", "wake", "", "", "", "us", "", "intel", "sys/v", "failed", "", "", HELP),
                     ("device0", "cap", "30000000", "", "", "uW", "10000000..60000000", "npu", "sys/cap", "untouched", "", "slow", HELP),
                     ("device0", "top-cap", "", "", "", "uW", "", "npu", "sys/top", "untouched", "", "", HELP),
                     ("node", "psys-limit", "90000000", "", "", "uW", "", "intel", "sys/psys", "untouched", "", "psys", HELP),
                     ("device0", "draw", "7000000", "", "", "uW", "", "npu", "sys/draw", "sensor", "", "", HELP)]
        return array("(sssssssssssss)", [r for r in rows if domain in ("", r[0])])

    @dbus.service.method(MANAGER, in_signature="s", out_signature="a(ssssssss)")
    def Explain(self, what):
        told("Explain", what)
        if what not in ("balanced", "performance") and not what.isdigit():
            refuse("org.governord.Error.InvalidProfile", f"'{what}' is neither a profile nor a level from 0 to 1024")
        rows = [(f"policy{i}", "epp", "balance_performance", "performance", "", "profile performance", "intel", "") for i in range(8)]
        rows += [(f"policy{i}", "max", "4400000", "2200000", "kHz", f"ceiling of thermald ({TEXT})", "intel", "") for i in range(8, 12)]
        rows += [(f"policy{i}", "min", "400000", "", "kHz", "left alone", "intel", "") for i in range(0, 24, 2)]
        rows += [("package0", "pl1", "15000000", "", "uW", "left alone", "intel", label) for label in ("package-0", "package-0 (mmio)")]
        return array("(ssssssss)", rows)

    @dbus.service.method(MANAGER, in_signature="s", out_signature="a(tssssss)")
    def Why(self, domain):
        if domain and not domain.startswith(("policy", "package", "cpu", "node")):
            refuse("org.governord.Error.NoSuchDomain", f"There is no domain '{domain}'")
        return array("(tssssss)", [(1700000000000000 + i, f"policy{i}", "epp", "power", "performance", "manual choice of performance",
                                    f"gdbus[{TEXT}] (pid 17)") for i in range(4)])

    @dbus.service.method(MANAGER, out_signature="a(uuusuttttbuuttt)")
    def ListCpus(self):
        kinds = [("performance", 1024, 4400000)] * 4 + [("efficiency", 640, 3300000)] * 4
        self.times += 1
        known = lambda i, number: 4294967295 if i == 7 else number
        return array("(uuusuttttbuuttt)", [(i, known(i, i), known(i, i % 2 if MODE == "interleaved" else 0), kind, capacity, 400000, 0, 1700000, top, i != 7, 0, 512 if i < 4 else 1024,
                                            0 if i == 7 else 1500000, 250000 * self.times, 1000000 * self.times)
                                        for i, (kind, capacity, top) in enumerate(kinds)])

    def session(self, cookie, estimate):
        """Properties of a session: session 3 has 100 more samples at each query; session 11 is inactive and misses its target."""
        active, u = cookie == 3, dbus.UInt32
        bad = MODE in ("troubled", "users") and active
        estimate = 9000 if bad else estimate
        return {"Application": TEXT + " server" if active else "a-program-with-a-very-long-name", "Pid": u(4000 + cookie), "Uid": u(0 if MODE == "troubled" else 1000),
                "Target": u(2000 if active else 850), "Percentile": u(990 if active else 995), "Window": u(100000), "Stale": u(1000000),
                "Cap": False, "Samples": dbus.UInt64(100 * self.looks if active else 7), "Violations": dbus.UInt64(25 * self.looks if active else 5), "Invalid": dbus.UInt64(4 if bad else 0),
                "Estimate": u(estimate), "Slack": dbus.Int32((2000 if active else 850) - estimate), "Level": u(1024 if bad else 640 if active else 0),
                "Delay": u(8), "Active": active, "Cpus": "0-3" if active else "", "FromTheFuture": dbus.Array(["x"], signature="s")}

    @dbus.service.method(OBJECTS, out_signature="a{oa{sa{sv}}}" if MODE != "other" else "a(us)")
    def GetManagedObjects(self):
        if MODE == "other":
            return [(1, "x")]
        self.looks += 1
        if CORNERS:  # sessions of another user, of which only user and activity are visible, and one whose process is unknown
            nothing = {k: type(v)() for k, v in self.session(3, 0).items() if k != "FromTheFuture"} | {"Uid": dbus.UInt32(1001), "Active": True}
            return dbus.Dictionary({"/org/governord/session/3": {SESSION: nothing}, "/org/governord/session/11": {SESSION: self.session(11, 900) | {"Pid": dbus.UInt32(0)}},
                                    "/org/governord/session/12": {SESSION: nothing}}, signature="oa{sa{sv}}")
        objects = {f"/org/governord/session/{c}": {SESSION: self.session(c, e), INTROSPECTABLE: {}} for c, e in self.sessions.items()}
        objects["/org/governord/device/package0"] = {DEVICE: {"Domain": "package0"}}
        return dbus.Dictionary(objects, signature="oa{sa{sv}}")

    @dbus.service.signal(OBJECTS, signature="oas")
    def InterfacesRemoved(self, path, interfaces):
        pass

    @dbus.service.signal(OBJECTS, signature="oa{sa{sv}}")
    def InterfacesAdded(self, path, interfaces):
        pass

    @dbus.service.signal(MANAGER, signature="ussssssu")
    def RequestAdded(self, cookie, kind, domain, value, application, reason, owner, pid):
        pass

    @dbus.service.signal(MANAGER, signature="us")
    def RequestRemoved(self, cookie, reason):
        pass

    @dbus.service.method("org.governord.Test")
    def BeginAndEnd(self):
        self.RequestAdded(9, "floor", "cpu1", "300", "x", "y", ":1.9", 77)
        self.RequestRemoved(9, "deadline")
        self.InterfacesAdded("/org/governord/device/package1", {DEVICE: {}})
        self.InterfacesAdded("/org/governord/session/5", {INTROSPECTABLE: {}, SESSION: self.session(5, 700)})
        self.InterfacesRemoved("/org/governord/device/package1", [DEVICE])
        self.InterfacesRemoved("/org/governord/session/5", [INTROSPECTABLE, SESSION])

    @dbus.service.method("org.governord.Test", in_signature="u")
    def SignalLevel(self, level):
        message = dbus.lowlevel.SignalMessage("/org/governord/session/3", PROPERTIES, "PropertiesChanged")
        message.append(SESSION, {"Level": dbus.UInt32(level)}, [], signature="sa{sv}as")
        self.bus.send_message(message)

    @dbus.service.method("org.governord.Test")
    def CloseSessions(self):
        self.sessions = {}
        self.InterfacesRemoved("/org/governord/session/3", [SESSION])

    @dbus.service.method(MANAGER, out_signature="a(sssubbs)")
    def ListGovernors(self):
        rows = [("slack", "keeps the percentile at its target", "/usr/lib/governord/governors/slack.bpf.o", 100, True, self.governor == "slack", ""),
                ("steady", TEXT, "/etc/governord/governors/steady.bpf.o", 50, True, self.governor == "steady", ""),
                ("elsewhere", "for others", "/etc/governord/governors/x.bpf.o", 10, False, False, "made for vax, but this machine has intel_pstate")]
        return array("(sssubbs)", rows)

    @dbus.service.method(MANAGER, in_signature="s")
    def LoadGovernor(self, name):
        guard("org.governord.load-governor")
        told("LoadGovernor", name)
        if name not in ("", "slack", "steady"):
            refuse("org.governord.Error.NoSuchGovernor", f"There is no governor '{name}'")
        self.governor = str(name) or "slack"

    @dbus.service.method(MANAGER, out_signature="s")
    def Dump(self):
        return f"governord 0.2.0\n\tknobs: 44\n{TEXT}"

    @dbus.service.method(MANAGER)
    def Reload(self):
        guard("org.governord.reload")
        told("Reload")
        if MODE != "idle-lines":
            refuse("org.freedesktop.DBus.Error.Failed", "/etc/governord/governord.conf:7: unknown knob 'warp'\nNothing was changed")

    @dbus.service.method("org.governord.Test")
    def EndAll(self):
        for cookie, owner in list(self.holds.items()):
            del self.holds[cookie]
            self.ended(owner, dbus.UInt32(cookie), "manual-switch")


class Devices(dbus.service.Object):
    """Exists only so that introspection lists the objects below it."""


class Device(dbus.service.Object):
    calls = 0

    @dbus.service.method(PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, _interface, name):
        limits = [("pl1", TEXT, 15000000, 1000000, 64000000), ("pl2", "short term", 28000000, 1, 0)]
        return {"Domain": "package0", "Kind": "cpu", "Model": TEXT,
                "PowerLimits": dbus.Array(limits, signature="(ssxxx)")}[name]

    @dbus.service.method(DEVICE, out_signature="tt")
    def ReadPower(self):
        guard("org.governord.read-energy")
        if MODE == "no-counter":
            refuse("org.governord.Error.NotAvailable", "This machine does not measure this")
        if MODE == "bad-counter":
            refuse("org.freedesktop.DBus.Error.Failed", "The energy counter package0 energy cannot be read: Input/output error\x1b[2J")
        self.calls += 1
        return (0, 0) if self.calls == 1 else (8250000, 1100000)


class PowerProfiles(dbus.service.Object):
    """power-profiles-daemon 0.30, on one of its two interfaces."""

    state = {"ActiveProfile": "balanced", "BatteryAware": True, "holds": {}, "cookie": 0}

    def __init__(self, bus, interface):
        super().__init__(bus, PPD_PATHS[interface])
        self.interface = interface

    def get(self, name):
        text = "a\x1bb" if MODE == "hostile" else TEXT
        holds = [dbus.Dictionary({"ApplicationId": a, "Profile": p, "Reason": r}, signature="sv")
                 for p, r, a in self.state["holds"].values()]
        if MODE in ("normal", "hostile"):
            holds += [dbus.Dictionary({"ApplicationId": "org.x", "Profile": "performance", "Reason": text}, signature="sv"),
                      dbus.Dictionary({"ApplicationId": "org.y", "Profile": "power-saver", "Reason": ""}, signature="sv")]
        profile = lambda name, **more: dbus.Dictionary({"Profile": name, **more}, signature="sv")
        values = {
            "ActiveProfile": self.state["ActiveProfile"], "Version": "0.30",
            "PerformanceDegraded": "" if EMPTY else "high-operating-temperature,lap-detected", "PerformanceInhibited": "",
            "Profiles": dbus.Array([
                profile("power-saver", CpuDriver="intel_pstate", PlatformDriver="placeholder", Driver="multiple"),
                profile("balanced", CpuDriver="intel_pstate", PlatformDriver="placeholder", Driver="multiple"),
                *([] if EMPTY else [profile("performance", CpuDriver="intel_pstate", Driver="intel_pstate")])], signature="a{sv}"),
            "Actions": dbus.Array(["trickle_charge"], signature="s"),
            "ActionsInfo": dbus.Array([] if EMPTY else [
                dbus.Dictionary({"Name": n, "Description": n + " does", "Enabled": e}, signature="sv")
                for n, e in (("trickle_charge", True), ("amdgpu_dpm", False))], signature="a{sv}"),
            "ActiveProfileHolds": dbus.Array(holds, signature="a{sv}"), "BatteryAware": dbus.Boolean(self.state["BatteryAware"]),
        }
        if name not in values:
            refuse("org.freedesktop.DBus.Error.InvalidArgs", f"No such property “{name}”")
        return values[name]

    @dbus.service.method(PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, _interface, name):
        return self.get(name)

    @dbus.service.method(PROPERTIES, in_signature="s", out_signature="a{sv}")
    def GetAll(self, _interface):
        return {"ActiveProfile": self.state["ActiveProfile"]}

    @dbus.service.method(PROPERTIES, in_signature="ssv")
    def Set(self, _interface, name, value):
        guard("org.freedesktop.UPower.PowerProfiles.switch-profile")
        told("Set", name, bool(value) if isinstance(value, dbus.Boolean) else value)
        if name == "BatteryAware" and bool(value) == self.state[name]:
            refuse("org.freedesktop.DBus.Error.Failed", "battery_aware is already set")
        self.state[name] = value

    def hold(self, profile, reason, application):
        guard("org.freedesktop.UPower.PowerProfiles.hold-profile")
        told("HoldProfile", profile, reason, application)
        if profile not in ("power-saver", "performance"):
            refuse("org.freedesktop.DBus.Error.InvalidArgs", "Only profiles 'performance' and 'power-saver' can be a hold profile")
        self.state["cookie"] += 1
        self.state["holds"][self.state["cookie"]] = (profile, reason, application)
        return self.state["cookie"]

    @dbus.service.method(PPD, in_signature="sss", out_signature="u")
    def HoldProfile(self, profile, reason, application):
        return self.hold(profile, reason, application)

    @dbus.service.method(PPD, in_signature="u")
    def ReleaseProfile(self, cookie):
        told("ReleaseProfile", cookie)
        del self.state["holds"][cookie]

    @dbus.service.method(PPD, in_signature="sb")
    def SetActionEnabled(self, action, enabled):
        told("SetActionEnabled", action, bool(enabled))
        if action not in ("trickle_charge", "amdgpu_dpm"):
            refuse("org.freedesktop.DBus.Error.InvalidArgs", f"Unknown action '{action}'")


class LegacyPowerProfiles(PowerProfiles):
    @dbus.service.method(LEGACY, in_signature="sss", out_signature="u")
    def HoldProfile(self, profile, reason, application):
        return self.hold(profile, reason, application)

    @dbus.service.method(LEGACY, in_signature="u")
    def ReleaseProfile(self, cookie):
        told("ReleaseProfile", cookie)
        del self.state["holds"][cookie]


def main():
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SystemBus()
    objects = [Manager(bus), PowerProfiles(bus, PPD), LegacyPowerProfiles(bus, LEGACY)]
    if not EMPTY:
        objects += [Devices(bus, "/org/governord/device"), Device(bus, "/org/governord/device/package0")]
    names = [dbus.service.BusName(name, bus) for name in (PPD, LEGACY, "org.governord")]
    GLib.MainLoop().run()
    del objects, names


if __name__ == "__main__":
    import dbus.lowlevel  # noqa: F401, only for the unicast signal

    main()
