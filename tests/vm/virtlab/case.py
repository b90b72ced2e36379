# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases: functions in tests/vm/cases that get a running machine, and what runs them.

    @case(machines=["intel-hwp-server"])
    def performance_is_the_fastest_hint(lab):
        "performance writes EPP 0"
        lab.service.start()
        ...

Cases that want the same boot (machine, kernel, kernel arguments) share it. Between two cases the service is stopped, and whatever the
case says, each writable register must then hold what it held before: no setting may be lost. A guest that is lost is booted once more;
what a case finds is never tried again.
"""

import collections
import dataclasses
import importlib
import pathlib
import time
import traceback

from virtlab import kernels
from virtlab.guest import Failed, Gone, Guest
from virtlab.service import Service

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "cases"
_cases = []


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    function: object
    machines: tuple
    kernels: tuple
    arguments: str
    restores: bool
    own_boot: bool

    def fits(self, machine, kernel):
        return machine.name in self.machines and (not self.kernels or kernel in self.kernels)


def case(machines, kernels=(), arguments="", restores=True, own_boot=False):
    """Registers a case. `arguments`: more for the kernel's command line. `restores`: registers are compared at the end.
    `own_boot`: it leaves the machine in a state that no other case may see."""
    def register(function):
        _cases.append(Case(function.__name__, function, tuple(machines), tuple(kernels), arguments, restores, own_boot))
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

    def read_all(self, pattern):
        """{path: text} of the attributes that a shell pattern names."""
        out = self.vm.run(f"for f in {pattern}; do printf '%s\\t%s\\n' $f \"$(cat $f 2> /dev/null)\"; done").output
        return dict(line.split("\t", 1) for line in out.splitlines())


def _writable(vm):
    """Values of the registers that a program can set; counters, and what the kernel changes by itself, are left out."""
    return {(cpu, msr.name): vm.registers.get(cpu, msr.name) & ~vm.machine.unsteady.get(msr.name, 0)
            for msr in vm.machine.msrs if msr.writable and not msr.rate for cpu in vm.machine.cpus}


def _differences(before, after):
    return [f"{name} of CPU {cpu}: {before[cpu, name]:#x} before, {value:#x} after" for (cpu, name), value in after.items()
            if before[cpu, name] != value]


def _play(lab, one):
    """Runs one case on a booted machine; raises what it raises."""
    before = _writable(lab.vm)
    one.function(lab)
    lab.service.stop()
    left = _differences(before, _writable(lab.vm)) if one.restores else []
    if left:
        raise Failed("the service did not put back:\n" + "\n".join(left))


def _report(title, seconds, error=None, vm_log=""):
    print(f"{'ok  ' if error is None else 'FAIL'} {title} ({seconds:.1f} s)", flush=True)
    if error is not None:
        detail = str(error) if isinstance(error, Failed) else "".join(traceback.format_exception(error))
        print("\n".join("     " + line for line in f"{detail}\n{vm_log}".splitlines()), flush=True)


def _quiet(function):
    """The guest may be gone; a report must not fail for that."""
    try:
        return function()
    except (Failed, OSError) as error:
        return str(error)


def _title(one, vm):
    return f"{one.name} on {vm.machine.name}, kernel {vm.kernel.name}{' ' + one.arguments if one.arguments else ''}"


def _run_cases(vm, cases, results):
    """Plays `cases` and notes each one's outcome in `results`; Gone when the guest is lost in one of them, which has then none."""
    lab = Lab(vm)
    for one in cases:
        started = time.monotonic()
        try:
            _play(lab, one)
            results[one.name] = True
            _report(_title(one, vm), time.monotonic() - started)
        except Gone:
            raise
        except Exception as error:  # a case may raise anything, and the next one shall still run
            results[one.name] = False
            log = _quiet(lambda: lab.service.log[-4000:])
            _report(_title(one, vm), time.monotonic() - started, error, f"--- the service's log\n{log}")
        _quiet(lab.service.forget)


def _boot_and_run(machine, kernel, build, arguments, cases):
    """The number of cases that failed. A guest that is lost is booted once more for what is left, since an emulator may hang or
    mislead a kernel; a service that kills the guest does so twice."""
    results = {}
    for attempt in (1, 2):
        left = [one for one in cases if one.name not in results]
        try:
            with Guest(machine, kernel, build, arguments) as vm:
                _run_cases(vm, left, results)
            break
        except Gone as error:
            print(f"{'FAIL' if attempt == 2 else 'Once more:'} {machine.name}, kernel {kernel.name} {arguments}: {error}", flush=True)
        except Failed as error:
            print(f"FAIL {machine.name}, kernel {kernel.name} {arguments}: {error}", flush=True)
            break
    return sum(not results.get(one.name) for one in cases)


def run(machine, kernel_name, build, names=()):
    """Runs all cases (or those named) for one machine and kernel; (cases run, cases failed)."""
    kernel = kernels.kernel(kernel_name, machine.arch)
    boots = collections.defaultdict(list)
    chosen = [c for c in load() if c.fits(machine, kernel_name) and (not names or c.name in names)]
    for one in chosen:
        boots[one.arguments, one.name if one.own_boot else ""].append(one)
    failed = sum(_boot_and_run(machine, kernel, build, arguments, cases) for (arguments, _), cases in boots.items())
    return len(chosen), failed
