#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Properties that hold on every machine: the service writes only what --dry-run prints, restores everything, causes no wake-ups
while idle, and works without optional services and hardware."""

import os
import pathlib
import re
import select
import shutil
import subprocess
import unittest

from story import EPP, GOVERNORD, PLATFORM, POKE, PROFILES, TREES, Story, main, plain, testbus

# ACPI CPPC has numbers instead of names, which the driver translates (drivers/arm64). --dry-run prints the names.
NUMERIC = "energy_performance_preference_val"
BUILD = pathlib.Path(os.environ.get("GOVERNORD_BUILD", testbus.SOURCE / "build"))
NUMBERS = {"performance": "0", "balance_performance": "128", "balance_power": "192", "power": "255"}


class EveryMachine(Story):
    """Runs the service on each simulated machine with each of the three profiles."""
    AUTOSTART = False

    def on_each_machine(self, story):
        for tree in TREES:
            with self.subTest(tree):
                self.sim = self.machine(tree)
                self.pristine = self.contents()
                for name in ("state", "run"):
                    shutil.rmtree(self.folder / name, ignore_errors=True)
                try:
                    story()
                finally:
                    if self.governord:
                        self.governord.stop()

    def offered(self):
        return [p[0] for p in self.prop("Profiles") if p[3]]

    def saved(self, profile):
        (self.folder / "state").mkdir(exist_ok=True)
        (self.folder / "state" / "state.ini").write_text(f"[State]\nProfile={profile}\n")

    def printed(self, profile, *options):
        """Returns {file: value} of --dry-run; names are replaced by numbers for files that accept only numbers."""
        return {path: NUMBERS.get(value, value) if path.endswith(NUMERIC) else value
                for path, value in self.dry_run(profile, *options)}

    def test_nothing_is_written_that_dry_run_did_not_print(self):
        """The files that the service writes after its start are exactly those that --dry-run prints."""
        self.seen = set()
        self.on_each_machine(self.compare_starts)
        self.assertEqual(self.seen, set(PROFILES))  # each profile wrote something on a machine

    def compare_starts(self):
        for profile in PROFILES:
            self.saved(profile)
            printed = self.printed(profile)
            self.assertEqual(self.changed(), {}, "--dry-run itself wrote something")
            with testbus.Inotify([self.sim.path / folder for folder in self.folders()]) as inotify:
                self.governord = self.start()
                self.idle()
                inotify.drain()
                self.assertFalse(inotify.overflow)
                written = {os.path.relpath(path, self.sim.path) for path in inotify.modified}
            if profile in self.offered():
                self.assertEqual(self.changed(), printed, profile)
                self.assertEqual(written, printed.keys(), profile)
                if printed:
                    self.seen.add(profile)
            self.assertEqual(self.governord.stop(), 0)
            self.assertEqual(self.changed(), {}, f"{profile}, stopped")

    def folders(self):
        """Returns the folders in sysfs that have files of the machine."""
        return {os.path.dirname(path) for path in self.pristine if path.startswith("sys/") and
                not os.path.islink(self.sim.path / os.path.dirname(path))}

    def test_dry_run_says_why_it_prints_nothing(self):
        done = subprocess.run(self.argv("--dry-run", "--profile=mute"), capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("would write", done.stdout)
        config = self.folder / "silent"
        config.mkdir()
        machine = self.machine("vm-no-cpufreq.tree")
        for text, said in (("[profile p]\n", r"^\d+ knobs can be set; profile p sets none of them\.$"),
                           ("[profile p]\nnpu-mode = loud\n", r"^\d+ knobs can be set; profile p names 2 of them, with values that they do not offer\.$"),
                           ("[profile p]\nnpu-mode = auto\n", r"^\d+ knobs can be set; profile p sets 2 of them, and all have their values already\.$")):
            (config / "governord.conf").write_text(text)
            done = subprocess.run(self.argv("--dry-run", "--profile=p", f"--config-dir={config}", f"--root={machine.path}"),
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0)
            self.assertNotIn("would write", done.stdout)
            self.assertRegex(done.stderr.splitlines()[-1], said)

    def test_dry_run_names_the_setting_its_unit_and_the_file(self):
        """The values have the unit of the knob, which may differ from that of the file."""
        self.sim = self.machine("intel-hybrid.tree")
        config = self.folder / "limited"
        config.mkdir()
        (config / "governord.conf").write_text("[profile limited]\nmax-freq = 50%\nepp = power\n")
        done = subprocess.run(self.argv("--dry-run", "--profile=limited", f"--config-dir={config}"), capture_output=True, text=True, timeout=60)
        path = "sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq"
        line, = [line for line in done.stdout.splitlines() if path in line]
        self.assertRegex(line, rf'^would write policy0 max-freq: "\d+ kHz" -> "\d+ kHz" \({path}; limited\)$')
        line = next(line for line in done.stdout.splitlines() if "policy0 epp" in line)
        self.assertRegex(line, r'^would write policy0 epp: "[a-z_]+" -> "[a-z_]+" \(sys/[^ ]+; limited\)$')

    def test_dry_run_names_limits_that_its_profile_does_not_set(self):
        """The limits are compared with the profile of --profile, and not with the one that would be in force."""
        self.sim = self.machine("intel-hybrid.tree")
        (self.sim.path / "sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq").write_text("900000\n")
        config = self.folder / "limits"
        config.mkdir()
        (config / "governord.conf").write_text("[profile fast]\ninherits = performance\nmax-freq = max\n")
        for profile, said in (("performance", ["performance"]), ("fast", []), ("power-saver", []), (None, ["balanced"])):
            asked = [f"--profile={profile}"] if profile else []
            done = subprocess.run(self.argv("--dry-run", f"--config-dir={config}", *asked), capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(re.findall(r"has not set this limit, and profile (\S+) leaves it alone", done.stdout + done.stderr), said, profile)

    def test_dry_run_without_drivers(self):
        """The hint in the message does not need the service."""
        drivers = self.folder / "drivers"
        drivers.mkdir()
        for name, said in ((None, f"There is no driver in {drivers}"), ("amd.so", "-vv prints the result of each driver")):
            if name:
                shutil.copy(testbus.program(name, "drivers"), drivers)
            argv = self.argv("--dry-run", f"--driver-dir={drivers}")
            done = subprocess.run([word for word in argv if word != "-vv"], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0)
            self.assertEqual((done.stdout, len(done.stderr.splitlines())), ("", 1), done.stderr)
            self.assertIn(said, done.stderr)
            self.assertNotIn("governorctl", done.stderr)
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
        self.assertIn("Driver amd: ", done.stdout)

    def test_dry_run_of_a_profile_that_is_not_available(self):
        """A profile that --profile names is not reported as the saved profile."""
        drivers = self.folder / "drivers"
        drivers.mkdir()
        for saved in ("performance", "power-saver"):
            self.saved(saved)
            done = subprocess.run(self.argv("--dry-run", "--profile=performance", f"--driver-dir={drivers}"), capture_output=True, text=True,
                                  timeout=60)
            self.assertEqual(done.returncode, 0)
            self.assertIn('The profile "performance" is not available on this machine', done.stderr)
            self.assertNotIn("saved profile", done.stdout)
        self.saved("performance")
        done = subprocess.run(self.argv("--dry-run", f"--driver-dir={drivers}"), capture_output=True, text=True, timeout=60)
        self.assertIn('The saved profile "performance" is currently not available', done.stdout)

    def test_the_log_counts_what_dry_run_counted(self):
        """The log and --dry-run report the same numbers, with correct grammar also for one knob."""
        config = self.folder / "one"
        config.mkdir()
        (config / "governord.conf").write_text("[profile one]\nplatform-profile = quiet low-power\n")
        for tree, profile, options in (("intel-hybrid.tree", "performance", ()), ("intel-hybrid.tree", "one", (f"--config-dir={config}",))):
            self.sim = self.machine(tree)
            self.saved(profile)
            done = subprocess.run(self.argv("--dry-run", *options), capture_output=True, text=True, timeout=60)
            counts = re.search(rf"^(\d+) knobs can be set; profile {profile} sets (\d+) of them, and would change (\d+)\.$", done.stderr, re.M)
            self.assertIsNotNone(counts, done.stderr)
            settable, sets, changes = counts.groups()
            self.assertEqual(done.stdout.count("would write "), int(changes))
            self.assertEqual((changes == "1"), profile == "one")
            self.governord = self.start(*options)
            self.assertIn(f"{profile}: wrote {changes} knob{'' if profile == 'one' else 's'}, 0 failed (start)", self.governord.log)
            self.assertIn(f"; {settable} knobs can be set, the profile sets {sets} of them; changed so far: {changes}\n", self.governord.log)
            self.governord.stop()
            self.assertIn(f"stop: restored {changes} original value{'' if profile == 'one' else 's'}, 0 failed", self.governord.log)
            shutil.rmtree(self.folder / "run")

    def test_a_choice_writes_what_dry_run_printed(self):
        self.on_each_machine(self.compare_choices)

    def compare_choices(self):
        self.saved("balanced")
        self.governord = self.start()
        for profile in ("power-saver", "performance", "balanced"):
            if profile not in self.offered():
                continue
            printed = self.printed(profile)
            before = self.contents()
            self.choose(profile)
            changed = self.changed(before)
            self.assertEqual({path: changed[path] for path in changed if path in printed}, printed, profile)
            for path in changed.keys() - printed.keys():  # only the former profile set it, so its original value is restored
                self.assertEqual(self.contents()[path], self.pristine[path], profile)
        self.assertEqual(self.governord.stop(), 0)
        self.assertEqual(self.changed(), {})

    def test_the_end_restores_everything(self):
        self.on_each_machine(self.switch_and_end)

    def switch_and_end(self):
        self.governord = self.start()
        for profile in ("performance", "power-saver", "performance"):
            if profile in self.offered():
                self.choose(profile)
                self.assertEqual(self.prop("ActiveProfile"), profile)
        self.assertEqual(self.prop("Degraded"), "")
        self.assertEqual(self.governord.stop(), 0)
        self.assertEqual((self.changed(), self.ledger()), ({}, {}))


class Idle(Story):
    SECONDS = 3  # the only fixed waiting time in this module

    def switches(self):
        status = pathlib.Path(f"/proc/{self.governord.pid}/status").read_text()
        return sum(int(line.split()[1]) for line in status.splitlines() if "ctxt_switches" in line)

    def test_no_wake_up(self):
        self.bus.upower()
        self.choose("performance")
        self.hold(self.client(), "performance", timeout=3600 * 1000000)
        self.idle()
        self.bus.connection.get_name_owner(GOVERNORD)
        before = self.still()
        self.assertEqual(self.governord.returncode, None)
        select.select([], [], [], self.SECONDS)
        self.assertEqual(self.switches() - before, 0)

    def still(self):
        """Waits until the service sleeps; returns the number of context switches."""
        stat = pathlib.Path(f"/proc/{self.governord.pid}/stat")
        for _ in range(10000):
            before = self.switches()
            if stat.read_text().rsplit(")", 1)[1].split()[0] == "S" and self.switches() == before:
                return before
        raise testbus.Timeout("the daemon does not come to rest")


class LittleAround(Story):
    """None of these tests has polkit, UPower, logind or systemd on the bus. In some of them, hardware or drivers are missing,
    too."""
    AUTOSTART = False

    def test_nothing_on_the_bus(self):
        self.governord = self.start()
        self.choose("performance")
        self.assertEqual(set(self.epp()), {"performance"})

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to run as another user")
    def test_without_polkit_only_root_may(self):
        self.governord = self.start()
        said = self.as_nobody("busctl", "--system", "set-property", GOVERNORD, "/org/governord", "org.governord.Manager1",
                              "ActiveProfile", "s", "performance")
        self.assertIn("ccess denied", said)
        self.assertEqual((self.prop("ActiveProfile"), self.changed()), ("balanced", {}))

    def test_no_cpu_driver(self):
        self.governord = self.start("--block-driver=intel", "--block-driver=cpufreq")
        drivers = {d[0]: d for d in self.ask("ListDrivers")}
        self.assertEqual((drivers["intel"][4], "blocked" in drivers["intel"][5]), ("blocked", True))
        self.choose("performance")
        self.assertEqual(self.changed(), {"sys/firmware/acpi/platform_profile": "performance"})
        self.assertIn("blocked", self.ctl("drivers"))

    def assert_serves(self):
        """Asserts that the service has its names, offers the profiles that always exist, and rejects performance with a reason."""
        self.assertEqual([p["Profile"] for p in plain(self.get("Profiles"))], ["power-saver", "balanced"])
        self.choose("power-saver")
        self.assertEqual((self.prop("ActiveProfile"), self.prop("Degraded")), ("power-saver", ""))
        with self.assertRaisesRegex(testbus.dbus.DBusException, "unavailable"):
            self.choose("performance")
        for command in ("status", "list", "drivers", "knobs", "cpus", "holds", "dump"):
            self.ctl(command)
        self.assertEqual(self.governord.stop(), 0)

    def test_nothing_at_all(self):
        shutil.rmtree(self.sim.path)
        self.sim.path.mkdir()
        self.governord = self.start()
        self.assert_serves()
        self.assertEqual(self.contents(), {})

    def test_no_drivers_installed(self):
        (self.folder / "none").mkdir()
        self.governord = self.start(f"--driver-dir={self.folder}/none")
        self.assert_serves()

    def test_driver_directory_is_missing(self):
        self.governord = self.start(f"--driver-dir={self.folder}/none")
        self.assertIn("Cannot read the driver directory", self.governord.log)
        self.assert_serves()

    def test_nonsense_as_a_driver(self):
        folder = self.folder / "drivers"
        drivers = pathlib.Path(next(a for a in self.argv() if a.startswith("--driver-dir=")).split("=", 1)[1])
        folder.mkdir()
        shutil.copy(drivers / "platform.so", folder / "intel.so")  # a valid driver with the file name of another one
        (folder / "text.so").write_text("not a library")
        (folder / "folder.so").mkdir()
        self.governord = self.start(f"--driver-dir={folder}")
        rows = {d[0]: (d[4], d[5]) for d in self.ask("ListDrivers")}
        self.assertEqual({name: state for name, (state, _) in rows.items()}, dict.fromkeys(("intel", "text", "folder"), "refused"))
        for state, note in rows.values():
            self.assertTrue(note)
        self.assertIn('the name in its table is "platform"', rows["intel"][1])
        self.assert_serves()

    def test_no_bus(self):
        daemon = self.daemon(self.argv(), env={"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/no-bus"})
        self.assertEqual(daemon.wait_exit(), 1)
        self.assertIn("Cannot connect to the system bus", daemon.log)
        self.assertEqual(self.changed(), {})

    def test_bus_dies(self):
        """The service restores everything also when the bus ends."""
        other = testbus.TestBus()
        self.addCleanup(other.stop)
        daemon = testbus.Daemon(other, self.argv(), [GOVERNORD])
        other.set_property("org.freedesktop.UPower.PowerProfiles", "/org/freedesktop/UPower/PowerProfiles",
                           "org.freedesktop.UPower.PowerProfiles", "ActiveProfile", "performance")
        self.assertTrue(self.changed())
        other._disconnect()
        other.processes[0].kill()
        daemon.wait_exit()
        self.assertEqual((self.changed(), self.ledger()), ({}, {}))

    def test_second_instance_leaves_the_first_alone(self):
        self.governord = self.start()
        self.choose("performance")
        second = self.daemon(self.argv(f"--runtime-dir={self.folder}/run2"), log="second")
        self.assertEqual(second.wait_exit(), 1)
        self.assertIn("another power daemon has it", second.log)
        self.assertEqual((set(self.epp()), self.prop("ActiveProfile")), ({"performance"}, "performance"))

    def test_replace(self):
        """The first instance restores the original values and ends, and the new one takes over. Its end restores them again."""
        self.governord = self.start()
        self.choose("performance")
        first = self.governord
        second = self.start("--replace", log="second")
        self.assertEqual(first.wait_exit(), 0)
        self.assertEqual(self.bus.owner(GOVERNORD, second) != "", True)
        second.stop()
        self.assertEqual(self.changed(), {})


class Health(Story):
    """Problems are reported to users and to monitoring for as long as they last."""
    AUTOSTART = False

    def health(self):
        """Returns the property Degraded, and the exit status and output of governorctl check."""
        tool = testbus._require(testbus.program("governorctl", "tools"), "governorctl")
        done = subprocess.run([tool, "check"], env={**os.environ, **self.bus.env}, capture_output=True, text=True, timeout=testbus.DEADLINE)
        self.assertEqual(done.stderr, "")
        return self.prop("Degraded"), done.returncode, done.stdout.strip()

    def assert_well(self, profile):
        self.assertEqual(self.health(), ("", 0, f"governord OK: profile {profile} is in force, no setting has failed"))

    def assert_warns(self, degraded, words):
        said, status, line = self.health()
        self.assertEqual((said, status), (degraded, 1), line)
        self.assertRegex(line, f"^governord WARNING: .*{words}")

    def test_refused_write(self):
        self.governord = self.start_with_faults()
        self.assert_well("balanced")
        self.faults(f"{PLATFORM} write EIO")
        self.choose("performance")
        self.assert_warns("knobs-failed", "platform-profile: wanted performance, is balanced: .*Input/output error")
        self.faults()
        self.choose("performance")
        self.assert_well("performance")

    def test_limit_from_before(self):
        """A limit that another program set before the start is reported, except while power-saver is in force."""
        limit = "sys/devices/system/cpu/cpufreq/policy3/scaling_max_freq"
        before = self.sim.read(limit)
        self.poke(limit, "800000")
        self.governord = self.start()
        self.assert_warns("limited-from-before", "limited-from-before: ")
        self.choose("power-saver")
        self.assertEqual(self.prop("Degraded"), "")
        self.choose("balanced")
        self.assertEqual((self.prop("Degraded"), self.sim.read(limit)), ("limited-from-before", "800000"))
        self.python(POKE, self.sim.file(limit), before)
        self.wait_prop("Degraded", "")
        self.assert_well("balanced")

    def test_configuration_with_errors(self):
        self.write_config("[profile balanced]\nmax-freq = 60 %\n")
        self.governord = self.start()
        self.assert_warns("configuration-not-used", "configuration-not-used: the configuration has errors")
        self.write_config("")
        self.ask("Reload")
        self.assert_well("balanced")


class Check(Story):
    """--check-config and --dry-run while a service runs, and as users other than root."""
    AUTOSTART = False

    def test_check_beside_the_service(self):
        """Values that the running service has set are neither restored nor reported as limits of other programs."""
        self.write_config("[profile quiet]\nepp = power\nmax-freq = 30%\n")
        self.governord = self.start()
        self.choose("quiet")
        for options in (["--check-config"], ["--dry-run", "--profile=quiet"]):
            argv = [word for word in self.argv(*options) if word != "-vv"]
            done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout)
            for words in ("revious instance", "would write", "has not set", "warning"):
                self.assertNotIn(words, done.stdout, options)
        self.assertEqual(self.governord.stop(), 0)
        self.assertEqual(self.changed(), {})

    def test_a_profile_of_a_configuration_with_errors(self):
        """Messages about a missing profile name the errors in the configuration, and a failed reload states that the old one stays
        in force."""
        self.write_config("[profile quiet]\nepp power\n[oops]\n")
        self.governord = self.start()
        for words in (["set", "quiet"], ["hold", "quiet"], ["explain", "quiet"]):
            said = self.ctl(*words, check=False)
            self.assertIn("The configuration has errors and is not in force: ", said, words)
            self.assertIn("governord.conf:2: the line is neither", said, words)
        said = self.ctl("reload", check=False).splitlines()
        self.assertIn("the configuration in force does not change", said[0])
        self.assertEqual([line.rsplit("/", 1)[1][:17] for line in said[1:]], ["governord.conf:2:", "governord.conf:3:"])
        done = subprocess.run(self.argv("--dry-run", "--profile=quiet"), capture_output=True, text=True, timeout=60)
        self.assertIn("the configuration has the errors above", done.stderr)

    def test_check_with_refused_drivers_alone(self):
        """If no driver can be loaded, knobs are not reported as unknown."""
        drivers = self.folder / "no-drivers"
        drivers.mkdir()
        (drivers / "broken.so").write_bytes(b"no ELF file")
        self.write_config("[profile quiet]\nepp = power\n")
        for root in ([], [f"--root={self.sim.path}"]):
            done = subprocess.run([self.argv()[0], "--check-config", f"--driver-dir={drivers}", f"--config-dir={self.config}", *root],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"Names of drivers and knobs were not checked: no driver can be loaded from {drivers} (--driver-dir selects another folder).", done.stdout)
            self.assertNotIn("no effect", done.stderr)

    def test_the_start_tells_what_check_tells(self):
        """A start logs the same errors and lines without effect as --check-config, in the same order."""
        self.write_config("[governord]\nblock = platform\ndrift = sometimes\ngovernor = slak\n"
                          "[profile quiet]\nplatform-profile = quiet\nep = x\nepp = fast\nmax-freq = 60 %\n"
                          "[profile balanced]\nmin-freq@cpu99 = 1GHz\nepp = power\nepp = power\namd.boost = 1\n[driver inte]\na = 1\n")
        governors = f"--governor-dir={BUILD}/bpf"
        self.governord = self.start(governors)
        told = re.findall("^governord: Configuration: (.*)$", self.governord.log, re.M)
        checked = subprocess.run(self.argv("--check-config", governors), capture_output=True, text=True, timeout=60)
        self.assertEqual(told, checked.stderr.splitlines())
        self.assertEqual([int(re.match(r".*governord\.conf:(\d+): ", line)[1]) for line in told], [3, 4, 6, 7, 8, 9, 11, 12, 14, 16])
        self.assertIn('4: warning: no effect here: there is no governor "slak", did you mean "slack"?', told[1])
        self.assertIn("12: warning: no effect here: overridden by line 13", told[7])
        self.assertIn("platform-profile is not used", told[2])

    def test_a_start_that_fails(self):
        """A service that cannot start logs the reasons and ends."""
        self.write_config("[governord]\ndrift = sometimes\n")
        for options in ("--runtime-dir=/proc/none",), (f"--runtime-dir={self.config}/governord.conf",):
            governord = self.daemon(self.argv(*options), log=f"governord-{len(options[0])}")
            self.assertEqual(governord.wait_exit(), 1, governord.log)
            self.assertIn("Cannot open the ledger in ", governord.log)
            self.assertIn('governord.conf:2: drift must be "yield" or "reassert"; "sometimes" is not valid', governord.log)

    def test_options_that_are_too_long(self):
        """Values of options that are too long are rejected with a message."""
        for option in "--block-driver", "--block-action":
            done = subprocess.run([self.argv()[0], f"{option}={'x' * 300}", f"{option}={'y' * 300}"], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr, f"governord: the names given with {option} must not be longer than 510 bytes in total\n")
        done = subprocess.run([self.argv()[0], f"--root=/{'x' * 4096}"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the path of the root folder (--root, or UMOCKDEV_DIR) is too long", done.stderr)

    def test_governors(self):
        """The name of a governor that does not exist is reported like that of an unknown knob, also by --check-config without the
        service."""
        admin = self.config / "governors"
        admin.mkdir()
        shutil.copy(BUILD / "bpf" / "slack.bpf.o", admin / "broken.bpf.o")
        (admin / "broken.bpf.o").write_bytes(b"no ELF file")
        none = self.folder / "none"
        none.mkdir()

        def check(name, *options):
            self.write_config(f"[governord]\ngovernor = {name}\n")
            done = subprocess.run([self.argv()[0], "--check-config", *self.argv()[3:], *options], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            return re.sub("^.*/governord.conf:", "", done.stderr.rstrip("\n"))
        files = f"--governor-dir={BUILD}/bpf"
        for root, here in ((), ""), ((f"--root={self.sim.path}",), " here"):
            for name in ("slack", "step", "race"):
                self.assertEqual(check(name, files, *root), "")
                self.assertEqual(check(name, "--no-bpf", *root), "")
            for options in ((files,), ("--no-bpf",), (f"--governor-dir={none}",)):
                self.assertEqual(check("slak", *options, *root), f'2: warning: no effect{here}: there is no governor "slak", did you mean "slack"?')
                self.assertEqual(check("mine", *options, *root), f'2: warning: no effect{here}: there is no governor "mine"')
            self.assertIn(f'no effect{here}: governor "broken" cannot be used: ', check("broken", files, *root))
        self.assertEqual(subprocess.run(self.argv("--check-config", files, f"--driver-dir={none}"), capture_output=True, text=True,
                                        timeout=60).stderr.count("cannot be used"), 1)
        self.write_config("[governord]\ngovernor = slak\n")
        self.governord = self.start("--no-bpf")
        where = f"{self.config}/governord.conf:2"
        self.assertIn(f'{where}: warning: no effect here: there is no governor "slak", did you mean "slack"?', self.governord.log)
        self.assertEqual(self.prop("LinesWithoutEffect"), [[where, 'there is no governor "slak", did you mean "slack"?']])
        self.assertIn('no governor "slak"', self.ctl("check", "-v"))
        self.assertEqual(self.prop("Rung"), "user")
        self.assertIn(f"{where}: governor = slak: user space has only slack, step and race", self.governord.log)
        dry = subprocess.run(self.argv("--dry-run", files), capture_output=True, text=True, timeout=60)
        self.assertIn('no governor "slak"', dry.stdout)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to run as another user")
    def test_check_by_an_ordinary_user(self):
        """For a user who may not write files in sysfs, lines without effect are reported, but no knob is reported as read-only."""
        self.write_config("[profile quiet]\nepp = power\nplatform-profile = queit\n")
        done = self.as_nobody(*self.argv("--check-config"))
        self.assertIn('governord.conf:3: warning: no effect here: platform-profile offers none of "queit" here', done)
        self.assertNotIn("is read-only", done)


@unittest.skipUnless(os.geteuid() == 0, "needs root, to own files and to give them away")
class Trust(Story):
    """On a real machine (root directory "/"), only files that root owns are accepted. The tests write nothing to the hardware of
    this machine: they only make dry runs and check configurations."""
    AUTOSTART = False

    def real(self, *options):
        """Makes a dry run on this machine; returns the finished process."""
        daemon = testbus._require(testbus.program("governord"), "governord")
        return subprocess.run([daemon, "-vv", "--dry-run", f"--state-dir={self.folder}/state", f"--runtime-dir={self.folder}/run",
                               *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)

    def drivers(self):
        source = pathlib.Path(next(a for a in self.argv() if a.startswith("--driver-dir=")).split("=", 1)[1])
        folder = self.folder / "drivers"
        folder.mkdir()
        shutil.copy(source / "platform.so", folder / "platform.so")
        os.chmod(folder / "platform.so", 0o644)
        os.chmod(self.folder, 0o755)
        return folder, folder / "platform.so"

    def test_drivers(self):
        folder, file = self.drivers()
        options = [f"--driver-dir={folder}", f"--config-dir={self.config}"]
        self.assertNotIn("refused", self.real(*options).stdout)
        for mode, owner in ((0o664, 0), (0o646, 0), (0o644, 65534)):
            os.chmod(file, mode)
            os.chown(file, owner, 0)
            done = self.real(*options)
            self.assertIn("Driver platform was refused", done.stdout, oct(mode))
            self.assertIn("only root may write", done.stdout)

    def test_configuration(self):
        options = [f"--driver-dir={self.folder}/none", f"--config-dir={self.config}"]
        file = self.config / "governord.conf"
        file.write_text("[profile mine]\nepp = power\n")
        os.chmod(file, 0o644)
        self.assertEqual(self.real("--profile=mine", *options).returncode, 0)
        done = self.real("--profile=performnce", *options)
        self.assertEqual(done.returncode, 1)
        self.assertIn('there is no profile "performnce", did you mean "performance"?\n'
                      "The profiles are power-saver, balanced, performance, mine\n", done.stdout)
        for mode, owner in ((0o664, 0), (0o646, 0), (0o644, 65534)):
            os.chmod(file, mode)
            os.chown(file, owner, 0)
            done = self.real("--profile=mine", *options)
            self.assertEqual(done.returncode, 1)
            self.assertIn("governord.conf", done.stdout)
            self.assertIn("root", done.stdout)

    def test_check_config_names_every_mistake(self):
        """Reports errors and lines without effect of one profile. Drivers are loaded only for their tables."""
        file = self.config / "governord.conf"
        file.write_text("[profile quiet]\ncpu-frequency = 3GHz\nepp = powr\nmax-freq = 60 %\n")
        daemon = testbus._require(testbus.program("governord"), "governord")
        command = [daemon, f"--check-config={file}", f"--driver-dir={os.environ['GOVERNORD_BUILD']}/drivers"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f'{file}:2: warning: no effect: no driver has a knob "cpu-frequency"', done.stdout)
        self.assertIn(f'{file}:3: warning: no effect: value "powr" is unknown for epp, did you mean "power"?', done.stdout)
        self.assertIn(f"{file}:4: there must be no blank between number and unit: 60%", done.stdout)
        self.assertIn("--root=/ compares them", done.stdout)
        file.write_text("[profile quiet]\nepp = powr\n")
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
        self.assertEqual(done.returncode, 0)
        self.assertNotIn("in order", done.stdout)
        self.assertIn("--root=/ compares them", done.stdout)
        done = subprocess.run(command[:2] + [f"--driver-dir={self.config}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
        self.assertIn("Names of drivers and knobs were not checked", done.stdout)
        self.assertIn("can be loaded, but its lines for knobs and drivers were not checked", done.stdout)
        for absent in "in order", "--root=/ compares them":
            self.assertNotIn(absent, done.stdout)

    def test_check_config_asks_the_machine(self):
        """With --root, values are compared with what that machine offers, also if there are errors. Findings are sorted by line."""
        file = self.config / "governord.conf"
        file.write_text("[profile quiet]\nboost = 0\nepp = fast\nmax-freq = 60 %\ncpu-frequency = 3GHz\n")
        daemon = testbus._require(testbus.program("governord"), "governord")
        root = pathlib.Path(self.machine("intel-client-hwp.tree").path)
        command = [daemon, f"--check-config={file}", f"--driver-dir={os.environ['GOVERNORD_BUILD']}/drivers", f"--root={root}"]
        before = sorted(root.rglob("*"))
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        found = [line.removeprefix(f"{file}:")[:45] for line in done.stdout.splitlines() if line.startswith(str(file))]
        self.assertEqual(found, ["3: warning: no effect here: epp offers none o", "4: there must be no blank between number and ",
                                 "5: warning: no effect here: no driver has a k"], done.stdout)
        self.assertEqual(sorted(root.rglob("*")), before)
        self.assertNotIn("not compared", done.stdout)

    def test_check_config_says_so(self):
        file = self.config / "governord.conf"
        file.write_text("")
        os.chmod(file, 0o666)
        daemon = testbus._require(testbus.program("governord"), "governord")
        done = subprocess.run([daemon, f"--config-dir={self.config}", "--check-config"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        self.assertEqual(done.returncode, 1)
        self.assertIn("governord.conf", done.stdout)


if __name__ == "__main__":
    main()
