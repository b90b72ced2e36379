# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: functions in tests/vm/cases that get a running machine, and what runs them.

    @case(machines=["intel-hwp-server"])
    def performance_is_the_fastest_hint(lab):
        "performance writes EPP 0"
        lab.service.start()
        ...

Cases that want the same boot (machine, kernel, kernel arguments) share it. Between two cases the service is stopped, and whatever the
case says, each writable register must then hold what it held before: no setting may be lost; and the kernel must not have complained of
itself. A guest that is lost is booted once more; what a case finds is never tried again.
"""

import collections
import dataclasses
import importlib
import pathlib
import re
import time
import traceback

from virtlab import Mistake, kernels, naming, one_of
from virtlab.client import Client
from virtlab.guest import Failed, Gone, Guest
from virtlab.machine import names as machine_names
from virtlab.service import Service

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "cases"
# What a kernel says when something is wrong in it. Not what it says of time: that a CPU was stuck or late, as in an emulator it is.
SPLAT = re.compile(r"cut here|BUG: (?!soft lockup|workqueue lockup)|WARNING: |Oops|general protection|scheduling while atomic", re.ASCII)
SPLAT_LINES = 40
_cases = []


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    function: object
    machines: list
    kernels: list
    arguments: str
    restores: bool
    own_boot: bool

    def fits(self, machine, kernel):
        return machine.name in self.machines and (not self.kernels or kernel in self.kernels)

    @property
    def place(self):
        code = self.function.__code__
        return f"{pathlib.Path(code.co_filename).name}:{code.co_firstlineno}"


def _check(one):
    """Mistake for what would never run, or hide another case."""
    for what, value, known in (("machine", one.machines, machine_names()), ("kernel", one.kernels, list(kernels.KERNELS))):
        if isinstance(value, str):
            raise Mistake(f"{what}s is {value!r}, not a list")
        for name in value:
            one_of(name, known, what)
    if not one.machines:
        raise Mistake("it is for no machine")
    for other in _cases:
        if other.name == one.name:
            raise Mistake(f"{other.place} has a case of this name, too")


def case(machines, kernels=(), arguments="", restores=True, own_boot=False):
    """Registers a case. `arguments`: more for the kernel's command line. `restores`: registers are compared at the end.
    `own_boot`: it leaves the machine in a state that no other case may see."""
    def register(function):
        one = Case(function.__name__, function, machines, kernels, arguments, restores, own_boot)
        with naming(f"{one.place}: case {one.name}"):
            _check(one)
        _cases.append(one)
        return function
    return register


def load():
    """All cases, in the order of files and lines."""
    if not _cases:
        for path in sorted(FOLDER.glob("[a-z]*.py")):
            importlib.import_module(f"cases.{path.stem}")
    return _cases


class Lab:
    """What a case works with."""

    def __init__(self, vm):
        self.vm = vm
        self.machine = vm.machine
        self.kernel = vm.kernel
        self.registers = vm.registers
        self.service = Service(vm)
        self.client = Client(vm)

    def read_all(self, pattern):
        """{path: text} of the attributes that a shell pattern names."""
        out = self.vm.run(f"for f in {pattern}; do printf '%s\\t%s\\n' $f \"$(cat $f 2> /dev/null)\"; done").output
        return dict(line.split("\t", 1) for line in out.splitlines())

    def write_all(self, pattern, text):
        """Writes all attributes that a shell pattern names."""
        self.vm.run(f"for f in {pattern}; do printf '%s' '{text}' > $f || exit 1; done")


def _writable(vm):
    """Values of the registers that a program can set; counters, and what the kernel changes by itself, are left out."""
    return {(cpu, msr.name): vm.registers.get(cpu, msr.name) & ~vm.machine.unsteady.get(msr.name, 0)
            for msr in vm.machine.msrs if msr.writable and not msr.rate for cpu in vm.machine.cpus}


def _differences(before, after):
    return [f"{name} of CPU {cpu}: {before[cpu, name]:#x} before, {value:#x} after" for (cpu, name), value in after.items()
            if before[cpu, name] != value]


def _check_console(text):
    """Failed if the kernel found a fault in itself."""
    found = SPLAT.search(text)
    if found:
        lines = text[text.rfind("\n", 0, found.start()) + 1:].splitlines()
        raise Failed("\n".join(["the kernel complains of itself:", *lines[:SPLAT_LINES]]))


def _play(lab, one):
    """Runs one case on a booted machine; raises what it raises."""
    before, said = _writable(lab.vm), len(lab.vm.console)
    one.function(lab)
    lab.service.stop()
    _check_console(lab.vm.console[said:])
    left = _differences(before, _writable(lab.vm)) if one.restores else []
    if left:
        raise Failed("the service did not put back:\n" + "\n".join(left))


def _place(error):
    """Where in the cases it came from."""
    return "".join(f" ({pathlib.Path(f.filename).name}:{f.lineno})" for f in traceback.extract_tb(error.__traceback__)
                   if f.filename.startswith(f"{FOLDER}/"))


def _report(title, seconds, error=None, vm_log=""):
    print(f"{'ok  ' if error is None else 'FAIL'} {title} ({seconds:.1f} s)", flush=True)
    if error is not None:
        expected = isinstance(error, (Failed, Mistake))
        detail = f"{error}{_place(error)}" if expected else "".join(traceback.format_exception(error))
        print("\n".join("     " + line for line in f"{detail}\n{vm_log}".splitlines()), flush=True)


def _quiet(function):
    """The guest may be gone; a report must not fail for that."""
    try:
        return function()
    except (Failed, OSError) as error:
        return str(error)


def _title(name, machine, kernel, arguments):
    return f"{name} on {machine.name}, kernel {kernel.name} {arguments}".rstrip()


def _run_cases(vm, cases, results):
    """Plays `cases` and notes each one's outcome in `results`; Gone when the guest is lost in one of them, which has then none."""
    lab = Lab(vm)
    for one in cases:
        started = time.monotonic()
        title = _title(one.name, vm.machine, vm.kernel, one.arguments)
        try:
            _play(lab, one)
            results[one.name] = True
            _report(title, time.monotonic() - started)
        except Gone as error:
            error.case = one.name
            raise
        except Exception as error:  # a case may raise anything, and the next one shall still run
            results[one.name] = False
            log = _quiet(lambda: lab.service.log[-4000:])
            _report(title, time.monotonic() - started, error, f"--- the service's log\n{log}")
        _quiet(lab.client.stop)
        _quiet(lab.service.forget)


def _boot_and_run(machine, kernel, build, arguments, own, cases):
    """Titles of the cases that failed. A guest that is lost is booted once more for what is left, since an emulator may hang or
    mislead a kernel; a service that kills the guest does so twice."""
    results = {}
    for again in ("", "again"):
        left = [one for one in cases if one.name not in results]
        try:
            with Guest(machine, kernel, build, arguments, "-".join(filter(None, [own, again]))) as vm:
                _run_cases(vm, left, results)
            break
        except (Failed, Mistake) as error:
            case_lost = getattr(error, "case", "")
            title = _title(case_lost or "the boot", machine, kernel, arguments)
            once_more = isinstance(error, Gone) and not again
            print(f"{'Once more:' if once_more else 'FAIL'} {title}: {'lost the guest: ' if case_lost else ''}{error}", flush=True)
            if not once_more:
                results.setdefault(case_lost, False)
                break
    if not_run := [one.name for one in cases if one.name not in results]:
        print(f"not run: {', '.join(not_run)}", flush=True)
    return [_title(one.name, machine, kernel, arguments) for one in cases if not results.get(one.name)]


def run(machine, kernel_name, build, names=()):
    """Runs all cases (or those named) for one machine and kernel; (number of cases, titles of those that failed)."""
    kernel = kernels.kernel(kernel_name, machine.arch)
    boots = collections.defaultdict(list)
    chosen = [c for c in load() if c.fits(machine, kernel_name) and (not names or c.name in names)]
    for one in chosen:
        boots[one.arguments, one.name if one.own_boot else ""].append(one)
    failed = [title for (arguments, own), cases in boots.items()
              for title in _boot_and_run(machine, kernel, build, arguments, own, cases)]
    return len(chosen), failed
