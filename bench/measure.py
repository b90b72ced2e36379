# SPDX-License-Identifier: GPL-2.0-or-later
"""The measurements. The functions get subjects (see subjects.py) and return dictionaries whose keys are the names of subjects."""

import collections
import json
import os
import pathlib
import re
import subprocess
import time

import testbus

PROFILES = ("power-saver", "performance")
CLIENT_TIMEOUT = 1800


def run_client(argv, env=None):
    out = subprocess.run([str(a) for a in argv], env={**os.environ, **(env or {})}, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=CLIENT_TIMEOUT, text=True, check=False)
    if out.returncode:
        raise RuntimeError(out.stderr.strip())
    return json.loads(out.stdout)


class Rig:
    """One daemon with a separate machine, bus and stub of polkit, all below `folder`."""

    def __init__(self, subject, tree, cpus, folder, start=True):
        self.subject = subject
        self.cpus = cpus
        self.folder = pathlib.Path(folder)
        for sub in ("state", "run", "bus"):
            (self.folder / sub).mkdir(parents=True)
        self.machine = testbus.Machine(tree, self.folder / "machine", LAST=cpus - 1)
        self.bus = testbus.TestBus(self.folder / "bus")
        self.daemon = None
        try:
            self.bus.polkit()
            if start:
                self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self):
        # The deadline is long, because a large machine takes some time to probe, which is not measured here.
        self.daemon = testbus.Daemon(self.bus, self.subject.argv(self), [testbus.PPD_LEGACY],
                                     self.subject.env(self), timeout=60)
        self.bus.wait_profiles(timeout=60)

    def switch(self, profile):
        self.bus.call(testbus.PPD_LEGACY, testbus.PPD_LEGACY_PATH, testbus.PROPERTIES, "Set", testbus.PPD_LEGACY,
                      "ActiveProfile", profile, timeout=60, signature="ssv")

    def client(self, argv, env=None):
        """Runs a client that measures, on this bus. Returns its JSON."""
        try:
            return run_client(argv, {**self.bus.env, **(env or {})})
        except RuntimeError as error:
            raise RuntimeError(f"{self.subject.name}: {error}\n{self.bus.logs()}") from None

    def stop(self):
        self.bus.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def _pattern(path):
    """Replaces numbers of folders: policy17/x becomes policy*/x."""
    return re.sub(r"\d+(?=/)", "*", path)


def survey(rig, settle=0.3):
    """Determines which files one switch writes, and how many writes came after its reply. The switch is not measured.

    The reply and the file events arrive on different paths, so "after" means that the event was not visible when the reply was.
    """
    folders = sorted({str(p.parent) for p in rig.machine.path.rglob("*") if p.is_file() and not p.is_symlink()})
    rig.switch("power-saver")
    with testbus.Inotify(folders) as watch:
        rig.switch("performance")
        watch.drain()
        before = set(watch.modified)
        events = sum(watch.modified.values())
        try:
            testbus.wait_for(lambda: False, settle)
        except testbus.Timeout:
            pass  # expected: this only waits for the time to pass
        late = sum(watch.modified.values()) - events
        if watch.overflow:
            return None
        names = collections.Counter(_pattern(str(pathlib.Path(p).relative_to(rig.machine.path)))
                                    for p in before | set(watch.modified))
    return {"files": dict(names), "late": late}


def memory(pid):
    """PSS and private memory in KiB. PSS divides shared pages by the number of their users, so it depends on other programs."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    fields = {m[1]: int(m[2]) for m in re.finditer(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}
    return {"pss_kib": fields["Pss"], "private_kib": fields["Private_Clean"] + fields["Private_Dirty"]}


def context_switches(pid):
    """Returns {thread: its voluntary and involuntary context switches since it started}."""
    counts = {}
    for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
        counts[status.parent.name] = sum(int(n) for n in re.findall(r"ctxt_switches:\s+(\d+)", status.read_text()))
    return counts


def wakeups(before, after):
    """Context switches between two counts. The count of a thread that has ended is lost; it woke up at least once, to end."""
    ended = len(before.keys() - after.keys())
    return sum(count - before.get(thread, 0) for thread, count in after.items()) + ended


def _rounds(total, rounds):
    """Splits repetitions into rounds. The daemons take turns, so that disturbances affect all of them."""
    return [total // rounds + (i < total % rounds) for i in range(rounds)]


def switches(subjects, client, tree, cpus, reps, folder):
    """Profile switches on a machine of `cpus` CPUs, all daemons up, taking turns; then what was written, and memory."""
    result = {s.name: {"ns": [], "wrong": 0} for s in subjects}
    floors = {"bare": [], "held": []}
    rigs = []
    bare_machine = testbus.Machine(tree, folder / f"bare-{cpus}", LAST=cpus - 1)
    try:
        for i, subject in enumerate(subjects):
            rigs.append(Rig(subject, tree, cpus, folder / f"switch-{cpus}-{i}"))
        for part in filter(None, _rounds(reps, 5)):
            argv = [client, "--cpus", cpus, "--reps", part, "--warmup", 4, "--root"]
            for way, ns in floors.items():
                ns += run_client([*argv, bare_machine.path, f"--{way}"])["ns"]
            for rig in rigs:
                run = rig.client([*argv, rig.machine.path])
                result[rig.subject.name]["ns"] += run["ns"]
                result[rig.subject.name]["wrong"] += run["wrong"]
            rigs = rigs[1:] + rigs[:1]
        for rig in rigs:
            result[rig.subject.name]["memory"] = memory(rig.daemon.pid)
            # With more CPUs, the kernel's queue of file events would overflow; the result would be the same.
            result[rig.subject.name]["writes"] = survey(rig) if cpus <= 256 else None
    finally:
        for rig in rigs:
            rig.stop()
    return {**{way: {"ns": ns} for way, ns in floors.items()}, "subjects": result}


def starts(subjects, client, tree, cpus, runs, folder):
    """Time from the start until the name is owned, and until profiles are usable, with `cpus` CPUs."""
    result = {}
    for i, subject in enumerate(subjects):
        with Rig(subject, tree, cpus, folder / f"start-{i}", start=False) as rig:
            result[subject.name] = rig.client([client, runs, *subject.argv(rig)], subject.env(rig))
    return result


def idle(subjects, tree, cpus, seconds, folder):
    """Context switches while the machine is idle, of all daemons at the same time, after each has switched profiles."""
    rigs = []
    try:
        for i, subject in enumerate(subjects):
            rigs.append(Rig(subject, tree, cpus, folder / f"idle-{i}"))
        for rig in rigs:
            for profile in PROFILES:
                rig.switch(profile)
        # Wait for the after-effects of the last switch: file monitors report with a delay, and idle worker threads of GLib end
        # after 15 s.
        time.sleep(min(20, seconds))
        before = [context_switches(rig.daemon.pid) for rig in rigs]
        time.sleep(seconds)  # this is the measured time
        return {rig.subject.name: wakeups(count, context_switches(rig.daemon.pid)) for rig, count in zip(rigs, before)}
    finally:
        for rig in rigs:
            rig.stop()
