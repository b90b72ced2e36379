#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients of other projects: busctl, gdbus, and the original powerprofilesctl of power-profiles-daemon in Debian 12 and 13.

The latter are downloaded into a cache and unpacked there, but not installed. If they are not available, the tests are skipped."""

import os
import shutil
import subprocess

from story import EPP, PPD_NAME, PPD_PATH, Story, main, testbus  # first, because it adds the folder of the next two to the path
import cached
import debian


class Tool(Story):
    def say(self, *argv, fails=False):
        done = subprocess.run([str(a) for a in argv], env={**os.environ, **self.bus.env}, capture_output=True, text=True,
                              timeout=testbus.DEADLINE)
        self.assertEqual(done.returncode != 0, fails, done.stdout + done.stderr)
        return (done.stderr if fails else done.stdout).strip()


class Busctl(Tool):
    def setUp(self):
        if not shutil.which("busctl"):
            self.skipTest("busctl is not installed")
        super().setUp()

    def busctl(self, *argv, **options):
        return self.say("busctl", "--system", *argv, **options)

    def test_get_and_set(self):
        self.assertEqual(self.busctl("get-property", PPD_NAME, PPD_PATH, PPD_NAME, "ActiveProfile"), 's "balanced"')
        self.busctl("set-property", PPD_NAME, PPD_PATH, PPD_NAME, "ActiveProfile", "s", "performance")
        self.assertEqual(set(self.epp()), {"performance"})
        self.busctl("set-property", "net.hadess.PowerProfiles", "/net/hadess/PowerProfiles", "net.hadess.PowerProfiles",
                    "ActiveProfile", "s", "power-saver")
        self.assertEqual(set(self.epp()), {"power"})
        said = self.busctl("set-property", PPD_NAME, PPD_PATH, PPD_NAME, "ActiveProfile", "s", "turbo", fails=True)
        self.assertIn("turbo", said)

    def test_hold_ends_with_its_owner(self):
        """busctl leaves the bus right after the call."""
        self.assertRegex(self.busctl("call", PPD_NAME, PPD_PATH, PPD_NAME, "HoldProfile", "sss", "performance", "why", "who"), r"^u \d+$")
        self.wait_prop("ActiveProfile", "balanced")

    def test_introspection(self):
        for name, path in ((PPD_NAME, PPD_PATH), ("org.governord", "/org/governord")):
            said = self.busctl("introspect", name, path)
            self.assertIn("ActiveProfile", said)
        self.assertIn("/org/governord/device/package0", self.busctl("tree", "org.governord"))


class Gdbus(Tool):
    def setUp(self):
        if not shutil.which("gdbus"):
            self.skipTest("gdbus is not installed")
        super().setUp()

    def gdbus(self, command, *argv, **options):
        return self.say("gdbus", command, "--system", "--dest", PPD_NAME, "--object-path", PPD_PATH, *argv, **options)

    def test_get_and_set(self):
        def call(method, *argv):
            return self.gdbus("call", "--method", f"org.freedesktop.DBus.Properties.{method}", PPD_NAME, *argv)
        self.assertEqual(call("Get", "ActiveProfile"), "(<'balanced'>,)")
        call("Set", "ActiveProfile", "<'performance'>")
        self.assertEqual(call("Get", "ActiveProfile"), "(<'performance'>,)")
        self.assertEqual(set(self.epp()), {"performance"})
        self.assertIn("'PerformanceDegraded': <''>", call("GetAll"))

    def test_introspect(self):
        self.assertIn("HoldProfile", self.gdbus("introspect"))

    def test_monitor(self):
        monitor = self.child("gdbus", "monitor", "--system", "--dest", PPD_NAME, name="monitor")
        monitor.wait_log("is owned by")
        self.choose("performance")
        monitor.wait_log("'ActiveProfile': <'performance'>")


class PowerProfilesCtl:
    """All commands of one version of powerprofilesctl."""
    RELEASE = ""

    def setUp(self):
        try:
            folder = debian.Suite(self.RELEASE).unpack(["power-profiles-daemon"], cached.FOLDER / "powerprofilesctl" / self.RELEASE)
        except debian.Unavailable as error:
            self.skipTest(f"powerprofilesctl of {self.RELEASE} cannot be had: {error}")
        self.tool = folder / "usr/bin/powerprofilesctl"
        super().setUp()

    def ppc(self, *argv, **options):
        return self.say("/usr/bin/python3", self.tool, *argv, **options)

    def test_list(self):
        said = self.ppc("list")
        self.assertEqual([word for word in ("performance:", "* balanced:", "power-saver:") if word in said],
                         ["performance:", "* balanced:", "power-saver:"])
        self.assertRegex(said, r"Degraded:\s+no")

    def test_get_and_set(self):
        self.assertEqual(self.ppc("get"), "balanced")
        for profile, epp in (("performance", "performance"), ("power-saver", "power"), ("balanced", "balance_performance")):
            self.ppc("set", profile)
            self.assertEqual((self.ppc("get"), set(self.epp())), (profile, {epp}))
        self.assertIn("turbo", self.ppc("set", "turbo", fails=True))

    def test_launch(self):
        self.assertEqual(self.ppc("list-holds"), "")
        go = self.folder / "go"
        os.mkfifo(go)
        launched = self.child("/usr/bin/python3", self.tool, "launch", "-p", "performance", "-r", "a reason", "-i", "an.app",
                              "sh", "-c", f"echo running; read x < {go}; exit 7", name="launch")
        launched.wait_log("running")
        self.assertEqual((self.prop("ActiveProfile"), set(self.epp())), ("performance", {"performance"}))
        said = self.ppc("list-holds")
        for word in ("performance", "a reason", "an.app"):
            self.assertIn(word, said)
        go.write_text("x\n")
        launched.wait_exit()
        self.wait_prop("ActiveProfile", "balanced")
        self.assertEqual((self.ppc("list-holds"), self.changed()), ("", {}))

    def test_launcher_is_killed(self):
        launched = self.child("/usr/bin/python3", self.tool, "launch", "-p", "performance", "sh", "-c", "echo running; exec sleep 1000",
                              name="launch")
        launched.wait_log("running")
        self.assertEqual(self.prop("ActiveProfile"), "performance")
        launched.kill()
        self.wait_prop("ActiveProfile", "balanced")


class Bookworm(PowerProfilesCtl, Tool):
    RELEASE = "bookworm"  # 0.12

    def test_version(self):
        self.assertEqual(self.ppc("version"), "0.12")


class Trixie(PowerProfilesCtl, Tool):
    RELEASE = "trixie"  # 0.30: supports actions and battery awareness

    def test_version(self):
        self.assertRegex(self.ppc("version"), r"client: +\S+\ndaemon: +" + self.get("Version"))

    def test_drivers(self):
        said = self.ppc("list")
        self.assertIn("intel_pstate", said)
        self.assertIn("platform_profile", said)

    def test_actions(self):
        said = self.ppc("list-actions")
        self.assertIn("trickle_charge", said)
        self.ppc("configure-action", "trickle_charge", "--disable")
        self.assertNotEqual(self.ppc("list-actions"), said)
        self.ppc("configure-action", "trickle_charge", "--enable")
        self.assertEqual(self.ppc("list-actions"), said)

    def test_battery_aware(self):
        self.assertIn("True", self.ppc("query-battery-aware"))
        self.ppc("configure-battery-aware", "--disable")
        self.assertIn("False", self.ppc("query-battery-aware"))
        self.assertEqual(self.get("BatteryAware"), False)


if __name__ == "__main__":
    main()
