# SPDX-License-Identifier: GPL-2.0-or-later
"""Test cases, which are functions in tests/vm/cases that get a running machine, and the code that runs them.

    @case(machines=["intel-hwp-server"])
    def performance_is_the_fastest_hint(lab):
        "performance writes EPP 0"
        lab.service.start()
        ...

Cases that need the same boot (machine, kernel, kernel arguments) share it. After each case the service is stopped. Then, in
addition to the checks of the case, each writable register must have its former value, and the kernel must not have reported a fault
of its own. If a guest is lost, it is booted once more; a case that failed is never repeated.
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
# Messages about faults in the kernel itself. Messages about stuck or late CPUs are excluded, because CPUs of an emulator are slow.
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
    """Raises Mistake if the case would never run or would hide another one."""
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
    """Registers a case. `arguments` are added to the kernel's command line. With `restores`, registers are compared at the end.
    With `own_boot`, the case shares its boot with no other case, because it leaves the machine in a changed state."""
    def register(function):
        one = Case(function.__name__, function, machines, kernels, arguments, restores, own_boot)
        with naming(f"{one.place}: case {one.name}"):
            _check(one)
        _cases.append(one)
        return function
    return register


def load():
    """Returns all cases, in the order of files and lines."""
    if not _cases:
        for path in sorted(FOLDER.glob("[a-z]*.py")):
            importlib.import_module(f"cases.{path.stem}")
    return _cases


class Lab:
    """The argument of a case."""

    def __init__(self, vm):
        self.vm = vm
        self.machine = vm.machine
        self.kernel = vm.kernel
        self.registers = vm.registers
        self.service = Service(vm)
        self.client = Client(vm)

    def read_all(self, pattern):
        """Returns {path: text} of the attributes that match a shell pattern."""
        out = self.vm.run(f"for f in {pattern}; do printf '%s\\t%s\\n' $f \"$(cat $f 2> /dev/null)\"; done").output
        return dict(line.split("\t", 1) for line in out.splitlines())

    def write_all(self, pattern, text):
        """Writes all attributes that match a shell pattern."""
        self.vm.run(f"for f in {pattern}; do printf '%s' '{text}' > $f || exit 1; done")


def _writable(vm):
    """Returns the values of writable registers, without counters and without bits that the kernel changes by itself."""
    return {(cpu, msr.name): vm.registers.get(cpu, msr.name) & ~vm.machine.unsteady.get(msr.name, 0)
            for msr in vm.machine.msrs if msr.writable and not msr.rate for cpu in vm.machine.cpus}


def _differences(before, after):
    return [f"{name} of CPU {cpu}: {before[cpu, name]:#x} before, {value:#x} after" for (cpu, name), value in after.items()
            if before[cpu, name] != value]


def _check_console(text):
    """Raises Failed if the kernel has reported a fault of its own."""
    found = SPLAT.search(text)
    if found:
        lines = text[text.rfind("\n", 0, found.start()) + 1:].splitlines()
        raise Failed("\n".join(["the kernel complains of itself:", *lines[:SPLAT_LINES]]))


def _play(lab, one):
    """Runs one case on a booted machine; passes on its exceptions."""
    before, said = _writable(lab.vm), len(lab.vm.console)
    one.function(lab)
    lab.service.stop()
    _check_console(lab.vm.console[said:])
    left = _differences(before, _writable(lab.vm)) if one.restores else []
    if left:
        raise Failed("the service did not put back:\n" + "\n".join(left))


def _place(error):
    """Returns the files and lines in the cases at which an exception was raised."""
    return "".join(f" ({pathlib.Path(f.filename).name}:{f.lineno})" for f in traceback.extract_tb(error.__traceback__)
                   if f.filename.startswith(f"{FOLDER}/"))


def _report(title, seconds, error=None, vm_log=""):
    print(f"{'ok  ' if error is None else 'FAIL'} {title} ({seconds:.1f} s)", flush=True)
    if error is not None:
        expected = isinstance(error, (Failed, Mistake))
        detail = f"{error}{_place(error)}" if expected else "".join(traceback.format_exception(error))
        print("\n".join("     " + line for line in f"{detail}\n{vm_log}".splitlines()), flush=True)


def _quiet(function):
    """Returns information for a report, also if the guest is gone."""
    try:
        return function()
    except (Failed, OSError) as error:
        return str(error)


def _title(name, machine, kernel, arguments):
    return f"{name} on {machine.name}, kernel {kernel.name} {arguments}".rstrip()


def _run_cases(vm, cases, results):
    """Runs `cases` and stores their outcomes in `results`. If the guest is lost in one of them, raises Gone; this case has no
    outcome."""
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
        except Exception as error:  # after any exception, the next case must run
            results[one.name] = False
            log = _quiet(lambda: lab.service.log[-4000:])
            _report(title, time.monotonic() - started, error, f"--- the service's log\n{log}")
        _quiet(lab.client.stop)
        _quiet(lab.service.forget)


def _boot_and_run(machine, kernel, build, arguments, own, cases):
    """Returns the titles of the cases that failed. A lost guest is booted once more for the remaining cases, because the emulator
    may be the cause; if the service is the cause, the guest is lost again."""
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
    """Runs all cases, or those with these names, for one machine and kernel. Returns their number, and the titles of those that
    failed."""
    kernel = kernels.kernel(kernel_name, machine.arch)
    boots = collections.defaultdict(list)
    chosen = [c for c in load() if c.fits(machine, kernel_name) and (not names or c.name in names)]
    for one in chosen:
        boots[one.arguments, one.name if one.own_boot else ""].append(one)
    failed = [title for (arguments, own), cases in boots.items()
              for title in _boot_and_run(machine, kernel, build, arguments, own, cases)]
    return len(chosen), failed
