#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine changes while the service runs: kernel drivers, CPUs, power, programs, configuration, sleep. When the service ends,
every original value is restored."""

import os
import re
import shutil
import signal

from story import EPP, GOVERNORD_PATH, PLATFORM, PPD_NAME, PPD_PATH, PROPERTIES, Story, main, plain, testbus, wait_for

CPU = "sys/devices/system/cpu"
POLICY = CPU + "/cpufreq/policy%d"
STATUS = CPU + "/intel_pstate/status"
SUPPLY = "sys/class/power_supply"


class Changes(Story):
    LOGIND = False

    def setUp(self):
        if self.LOGIND:
            self.bus.logind()
        super().setUp()

    def resume(self):
        """Suspends and resumes; waits until the service has probed again."""
        before = self.governord.log.count("Probing drivers again: resume")
        self.bus.sleep_signal(True)
        self.bus.sleep_signal(False)
        wait_for(lambda: self.governord.log.count("Probing drivers again: resume") > before, what="new probe",
                 watch=[self.governord.log_path])
        self.idle()

    def replace(self, path, value):
        """Changes a file like the kernel: no program writes it, so no event reports the change."""
        new = self.sim.file(path + ".new")
        new.write_text(value + "\n")
        os.replace(new, self.sim.file(path))

    def assert_all_back(self):
        self.assertEqual(self.governord.stop(), 0)
        self.assertEqual((self.changed(), self.ledger()), ({}, {}))


class DriverModes(Changes):
    def mode(self, mode, driver, governors, governor):
        """Does what the kernel does after a write to intel_pstate/status: it registers all policies again."""
        before = self.governord.log.count("Probing drivers again")
        for n in range(8):
            self.replace(POLICY % n + "/scaling_driver", driver)
            self.replace(POLICY % n + "/scaling_available_governors", governors)
            self.replace(POLICY % n + "/scaling_governor", governor)
        self.poke(STATUS, mode)
        wait_for(lambda: self.governord.log.count("Probing drivers again") > before, what="new probe", watch=[self.governord.log_path])
        self.idle()
        intel, = [d for d in self.ask("ListDrivers") if d[0] == "intel"]
        self.assertEqual(intel[3], mode)

    def governors(self):
        return {self.sim.read(POLICY % n + "/scaling_governor") for n in range(8)}

    def to_passive(self):
        self.mode("passive", "intel_cpufreq", "conservative ondemand userspace powersave performance schedutil", "schedutil")

    def to_active(self):
        self.mode("active", "intel_pstate", "performance powersave", "powersave")

    def test_active_passive_active(self):
        self.choose("performance")
        self.idle()
        self.assertEqual((set(self.epp()), self.governors()), ({"performance"}, {"powersave"}))
        self.to_passive()
        self.assertEqual((self.prop("ActiveProfile"), self.governors()), ("performance", {"performance"}))
        self.choose("power-saver")
        self.idle()
        self.assertEqual(self.governors(), {"schedutil"})
        self.choose("performance")
        self.idle()
        self.to_active()
        self.assertEqual((set(self.epp()), self.governors()), ({"performance"}, {"powersave"}))
        self.assertEqual(self.prop("Degraded"), "")
        self.assert_all_back()

    def test_stopped_in_the_other_mode(self):
        self.choose("performance")
        self.idle()
        self.to_passive()
        self.governord.stop()
        self.assertEqual(self.governors(), {"schedutil"})
        self.assertEqual(set(self.epp()), {"balance_performance"})

    def test_why_says_so(self):
        self.choose("performance")
        self.idle()
        self.to_passive()
        row = [r for r in self.ask("Why", "policy0") if r[2] == "governor"][0]
        self.assertEqual(row[3:6], ["schedutil", "performance", "the kernel driver's mode changed"])


class Cpus(Changes):
    LOGIND = True

    def offline(self, n=7):
        shutil.move(self.sim.file(POLICY % n), self.folder / "away")
        self.replace(f"{CPU}/cpu{n}/online", "0")
        self.replace(f"{CPU}/online", "0-6")

    def online(self, n=7):
        shutil.move(self.folder / "away", self.sim.file(POLICY % n))
        self.replace(f"{CPU}/cpu{n}/online", "1")
        self.replace(f"{CPU}/online", "0-7")

    def test_away_and_back(self):
        self.choose("performance")
        self.offline()
        self.resume()
        self.assertEqual(self.knobs("policy7") if self.known("policy7") else [], [])
        self.choose("power-saver")
        self.online()
        self.assertEqual(self.sim.read(EPP % 7), "performance")
        self.resume()
        self.assertEqual(set(self.epp()), {"power"})
        self.assertEqual(self.prop("Degraded"), "")
        knob, = self.knobs("policy7", "epp")
        self.assertEqual((knob.original, knob.state), ("balance_performance", "ok"))
        self.assert_all_back()

    def known(self, domain):
        try:
            self.ask("ListKnobs", domain)
        except testbus.dbus.DBusException as error:
            self.assertEqual(error.get_dbus_name(), "org.governord.Error.NoSuchDomain")
            return False
        return True

    def test_its_settings_are_fresh_when_it_comes_back(self):
        self.choose("performance")
        self.offline()
        self.resume()
        self.online()
        self.replace(EPP % 7, "balance_performance")
        self.resume()
        self.assertEqual(set(self.epp()), {"performance"})
        self.assert_all_back()

    def test_away_at_the_end(self):
        """A value that cannot be restored at the end is restored at the next start."""
        self.choose("performance")
        self.offline()
        self.resume()
        self.governord.stop()
        self.assertIn((EPP % 7, "balance_performance"), [(key[2], original) for key, original in self.ledger().items()])
        self.online()
        self.assertEqual(list(self.changed()), [EPP % 7])
        (self.folder / "state" / "state.ini").write_text("[State]\nProfile=balanced\n")
        self.governord = self.start()
        self.assertEqual(self.changed(), {})
        self.assert_all_back()


class PlatformProfile(Changes):
    LOGIND = True
    AUTOSTART = False

    def test_late(self):
        """Modules such as thinkpad_acpi may be loaded long after the service has started."""
        for name in ("", "_choices"):
            shutil.move(self.sim.file(PLATFORM + name), self.folder / f"late{name}")
        self.governord = self.start()
        self.choose("performance")
        self.assertNotIn("PlatformDriver", [p for p in plain(self.get("Profiles")) if p["Profile"] == "performance"][0])
        for name in ("_choices", ""):
            shutil.move(self.folder / f"late{name}", self.sim.file(PLATFORM + name))
        self.resume()
        self.assertEqual(self.sim.read(PLATFORM), "performance")
        self.assertIn("PlatformDriver", [p for p in plain(self.get("Profiles")) if p["Profile"] == "performance"][0])
        self.assert_all_back()


class Power(Changes):
    def power_files(self, online, status, percent=80):
        self.poke(f"{SUPPLY}/BAT0/energy_now", str(57000000 * percent // 100))
        self.poke(f"{SUPPLY}/BAT0/capacity", str(percent))
        self.poke(f"{SUPPLY}/BAT0/status", status)
        self.poke(f"{SUPPLY}/AC/online", online)

    def test_files(self):
        self.power_files("0", "Discharging")
        self.wait_prop("PowerSource", "battery")
        self.assertEqual((set(self.epp()), self.prop("BatteryPercentage")), ({"balance_power"}, 80))
        self.power_files("1", "Charging", 100)
        self.wait_prop("PowerSource", "ac")
        self.assertEqual(set(self.epp()), {"balance_performance"})

    def test_upower(self):
        upower = self.bus.upower(on_battery=True, percentage=42.0)
        self.wait_prop("PowerSource", "battery")
        self.assertEqual(set(self.epp()), {"balance_power"})
        self.bus.set_on_battery(False)
        self.wait_prop("PowerSource", "ac")
        self.assertEqual(set(self.epp()), {"balance_performance"})
        self.bus.set_on_battery(True)
        self.wait_prop("PowerSource", "battery")
        upower.stop()  # without UPower, the state that the kernel reports is used
        self.wait_prop("PowerSource", "ac")
        self.assertEqual(set(self.epp()), {"balance_performance"})
        self.assert_all_back()

    def test_without_battery_awareness(self):
        self.bus.set_property(PPD_NAME, PPD_PATH, PPD_NAME, "BatteryAware", False)
        self.bus.upower(on_battery=True)
        self.wait_prop("PowerSource", "battery")
        self.assertEqual(set(self.epp()), {"balance_performance"})


class BatteryRule(Changes):
    CONFIG = """
[profile quiet]
inherits = power-saver
platform-profile = balanced

[rule nearly-empty]
when = battery
when = battery-below 20
profile = quiet
"""

    def setUp(self):
        super().setUp()
        self.bus.upower(on_battery=True, percentage=50.0)
        self.wait_prop("PowerSource", "battery")

    def test_comes_and_goes(self):
        self.choose("performance")
        self.bus.set_percentage(19.0)
        self.wait_prop("ActiveProfile", "quiet")
        self.assertEqual((self.prop("Cause"), self.prop("SelectedProfile")), ("rule:nearly-empty", "performance"))
        self.assertEqual(self.get("ActiveProfile"), "power-saver")  # the base profile, for desktops
        self.assertEqual((set(self.epp()), self.sim.read(PLATFORM)), ({"power"}, "balanced"))
        self.assertEqual(self.prop("Rules")[0][3:], [True, True])
        self.bus.set_on_battery(False)
        self.wait_prop("ActiveProfile", "performance")
        self.assert_all_back()

    def test_a_choice_lasts_until_the_condition_changes(self):
        self.bus.set_percentage(19.0)
        self.wait_prop("ActiveProfile", "quiet")
        self.choose("performance")
        self.bus.set_percentage(18.0)
        self.wait_prop("BatteryPercentage", 18)
        self.assertEqual((self.prop("ActiveProfile"), self.prop("Cause")), ("performance", "manual"))
        self.bus.set_percentage(50.0)
        self.wait_prop("BatteryPercentage", 50)
        self.assertEqual(self.prop("ActiveProfile"), "performance")
        self.bus.set_percentage(19.0)
        self.wait_prop("ActiveProfile", "quiet")

    def test_a_hold_beats_the_rule(self):
        client = self.client()
        self.hold(client, "performance")
        self.bus.set_percentage(19.0)
        self.wait_prop("BatteryPercentage", 19)
        self.assertEqual(self.prop("ActiveProfile"), "performance")
        client.close()
        self.wait_prop("ActiveProfile", "quiet")


class ProgramRule(Changes):
    AUTOSTART = False

    def setUp(self):
        super().setUp()
        self.game = self.folder / "a game"
        self.write_config(f"[rule game]\nwhen = exe {self.game}\nprofile = performance\n")

    def begin(self):
        self.governord = self.start()
        found = re.search("Rules for programs have no effect: (.*)", self.governord.log)
        if found:
            self.skipTest(found[1])

    def test_real_program(self):
        shutil.copy("/bin/sleep", self.game)
        self.begin()
        first, second = self.child(self.game, "1000"), self.child(self.game, "1000")
        self.wait_prop("ActiveProfile", "performance")
        self.assertEqual((self.prop("Cause"), set(self.epp())), ("rule:game", {"performance"}))
        first.kill()
        self.idle()
        self.assertEqual(self.prop("ActiveProfile"), "performance")
        second.kill()
        self.wait_prop("ActiveProfile", "balanced")
        self.assert_all_back()

    def test_ran_before_us(self):
        shutil.copy("/bin/sleep", self.game)
        child = self.child(self.game, "1000")
        self.begin()
        self.wait_prop("ActiveProfile", "performance")
        child.kill()
        self.wait_prop("ActiveProfile", "balanced")

    def test_installed_later(self):
        self.begin()
        shutil.copy("/bin/sleep", self.folder / "new")
        os.rename(self.folder / "new", self.game)
        self.idle()
        self.child(self.game, "1000")
        self.wait_prop("ActiveProfile", "performance")

    def test_other_programs_do_not_matter(self):
        shutil.copy("/bin/sleep", self.game)
        shutil.copy("/bin/sleep", self.folder / "other")
        self.begin()
        self.child(self.folder / "other", "0").wait_exit()
        self.idle()
        self.assertEqual(self.prop("ActiveProfile"), "balanced")


class Configuration(Changes):
    CONFIG = "[profile movies]\ndescription = Silent\ninherits = power-saver\nepp = balance_power\n"
    DROP_IN = "governord.conf.d/50-games.conf"

    def reload(self, expected):
        """Sends SIGHUP and waits for a text in the log."""
        self.governord.signal(signal.SIGHUP)
        self.governord.wait_log(expected)
        self.settle()

    def names(self):
        return [p[0] for p in self.prop("Profiles")]

    def test_custom_profile(self):
        self.choose("movies")
        self.assertEqual((self.prop("ActiveProfile"), self.get("ActiveProfile")), ("movies", "power-saver"))
        self.assertEqual((set(self.epp()), self.sim.read(PLATFORM)), ({"balance_power"}, "low-power"))
        self.governord.stop()
        self.governord = self.start()
        self.assertEqual(self.prop("ActiveProfile"), "movies")
        self.assert_all_back()

    def test_drop_in(self):
        (self.config / self.DROP_IN).write_text("[profile games]\ninherits = performance\nplatform-profile = balanced\n")
        changed = self.bus.record(interface=PROPERTIES, path=GOVERNORD_PATH)
        self.governord.signal(signal.SIGHUP)
        wait_for(lambda: changed, what="PropertiesChanged")
        self.assertEqual(self.names()[3:], ["movies", "games"])
        self.choose("games")
        self.assertEqual((set(self.epp()), self.sim.read(PLATFORM)), ({"performance"}, "balanced"))

    def test_changed_while_in_force(self):
        self.choose("movies")
        self.write_config(self.CONFIG.replace("balance_power", "balance_performance"))
        self.governord.signal(signal.SIGHUP)
        self.sim.wait(EPP % 7, "balance_performance")
        self.assertEqual(self.prop("ActiveProfile"), "movies")
        self.assert_all_back()

    def test_profile_gone_while_in_force(self):
        self.choose("movies")
        self.write_config("")
        self.reload("Profile movies is no longer in the configuration")
        self.assertEqual((self.prop("ActiveProfile"), set(self.epp())), ("power-saver", {"power"}))
        self.assert_all_back()

    def test_broken_one_changes_nothing(self):
        self.choose("movies")
        (self.config / self.DROP_IN).write_text("# fine\n[profile games]\ninherits = performance\nepp = \n")
        before = self.contents()
        self.reload("The configuration in force does not change")
        self.assertRegex(self.governord.log, r"50-games\.conf:4: \S")
        self.assertEqual((self.prop("ActiveProfile"), self.names()[3:], self.changed(before)), ("movies", ["movies"], {}))
        said = self.refused("org.governord.Error.InvalidConfiguration", self.ask, "Reload")
        self.assertIn("50-games.conf:4: ", said)

    def test_broken_at_the_start(self):
        """The built-in defaults are used until the configuration is corrected; the saved choice is kept."""
        self.choose("movies")
        self.governord.stop()
        self.write_config(self.CONFIG + "nonsense\n")
        self.governord = self.start(log="broken")
        self.assertRegex(self.governord.log, r"governord\.conf:5: \S")
        self.assertEqual((self.prop("ActiveProfile"), self.names()), ("balanced", ["power-saver", "balanced", "performance"]))
        self.assert_all_back()
        self.write_config(self.CONFIG)
        self.governord = self.start()
        self.assertEqual(self.prop("ActiveProfile"), "movies")


class Sleep(Changes):
    LOGIND = True

    def test_firmware_forgot_our_settings(self):
        self.choose("performance")
        for n in range(8):
            self.replace(EPP % n, "balance_performance")
        self.replace(PLATFORM, "balanced")
        self.assertEqual(self.changed().keys() & {EPP % 0, PLATFORM}, set())
        self.resume()
        self.assertEqual((set(self.epp()), self.sim.read(PLATFORM)), ({"performance"}, "performance"))
        self.assertEqual(self.prop("ActiveProfile"), "performance")
        self.assert_all_back()

    def test_power_changed_meanwhile(self):
        self.bus.sleep_signal(True)
        self.replace(f"{SUPPLY}/AC/online", "0")
        self.replace(f"{SUPPLY}/BAT0/status", "Discharging")
        self.resume()
        self.assertEqual((self.prop("PowerSource"), set(self.epp())), ("battery", {"balance_power"}))
        self.assert_back_but_power()

    def assert_back_but_power(self):
        self.governord.stop()
        self.assertEqual([path for path in self.changed() if "power_supply" not in path], [])

    def test_holds_survive(self):
        self.hold(self.client(), "performance")
        self.resume()
        self.assertEqual((self.prop("ActiveProfile"), len(self.ask("ListRequests"))), ("performance", 1))


if __name__ == "__main__":
    main()
