# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions: an application in the guest reports latencies, and the host reads the limits of the CPUs on which it runs. If the
kernel accepts BPF governors, they are used; otherwise the policies run in the service (bpf/engines.c)."""

from cases import expect
from virtlab.case import case

INTEL, AMD, ARM = "intel-hwp-server", "amd-cppc-msr", "arm64-cppc"
MACHINES = [INTEL, AMD, ARM]
NEWER = ["6.12", "newest"]

# Kernels on which rung 4 is used, with the reason. All others use BPF.
REFUSES = {"6.1": "sleepable progs cannot use bpf_spin_lock yet"}
NOMINAL = 260  # of CPUs 0 and 1 of arm64-cppc
REGISTERS = {INTEL: "HWP_REQUEST", AMD: "CPPC_REQUEST"}


def limit(lab, cpu, name):
    """Returns a CPU's "minimum" or "maximum" from its register, or from cpufreq if the register has no limits. This is so on arm64,
    and on AMD with 6.1, whose amd-pstate is passive and ignores limits when it follows the load of a CPU (fixed in Linux 6.8)."""
    if lab.machine.name == INTEL or lab.machine.name == AMD and lab.kernel.name != "6.1":
        return lab.registers.field(cpu, REGISTERS[lab.machine.name], name)
    return int(lab.vm.read(f"{expect.CPU}/cpu{cpu}/cpufreq/scaling_{name[:3]}_freq"))


def floors(lab):
    return [limit(lab, cpu, "minimum") for cpu in lab.machine.cpus]


def raised(lab, cpu):
    """Asserts that the floor of this CPU, and of the CPUs of its domain, is the highest frequency, and that other CPUs are not
    affected."""
    def look():
        return [limit(lab, other, "minimum") == limit(lab, other, "maximum") for other in lab.machine.cpus]
    domain = [f"cpu{c}" for c in (cpu & ~1, cpu | 1)] if lab.machine.name == ARM else [f"cpu{cpu}"]
    expect.soon(look, [f"cpu{other}" in domain for other in lab.machine.cpus],
                f"CPUs whose floor is their ceiling, with the client on CPU {cpu}")


def start(lab):
    """Starts the service with BPF; returns the floors of the CPUs without sessions."""
    lab.service.start("-vv")
    before = floors(lab)
    for cpu in lab.machine.cpus:
        expect.true(before[cpu] < limit(lab, cpu, "maximum"), f"CPU {cpu} has no room between its limits {before[cpu]}")
    return before


def governor_is(lab, name):
    found = lab.service.json("status")["governor"]
    expect.true(found.startswith(f"{name} ("), f"the governor is {found!r}, not {name}")


def sinks(lab, before):
    """Asserts that the floor of CPU 1 sinks to the lowest quarter of its range."""
    low = before[1] + (limit(lab, 1, "maximum") - before[1]) // 4
    expect.soon(lambda: limit(lab, 1, "minimum") <= low, True, f"the floor of CPU 1 is {low} or lower")


def back(lab, before):
    expect.soon(lambda: floors(lab), before, "the CPUs' floors without sessions")


@case(machines=MACHINES)
def late_work_raises_its_cpu(lab):
    "late work raises the floor of its CPU, of no other, until work is early or the application ends; by BPF, or it is said why not"
    before = start(lab)
    lab.client.start(1)
    status, why = lab.service.json("status"), REFUSES.get(lab.kernel.name)
    expect.equal(status["rung"], "user" if why else "bpf", f"the rung ({status['rung_reason']})")
    expect.equal(lab.client.rung, status["rung"], "the client's rung")
    governor_is(lab, "slack")
    if why:
        expect.true(why in status["rung_reason"], f"the reason for the rung does not have {why!r}: {status['rung_reason']!r}")
        expect.true(f"verifier: {why}" in lab.service.log, "the log does not have the verifier's words")
    raised(lab, 1)
    expect.fine(lab)
    if lab.machine.name == ARM:
        expect.soon(lambda: lab.vm.firmware.get("cpu0.desired") >= NOMINAL, True,
                    "CPUs 0 and 1 are asked for their nominal performance")
    lab.client.be_early()
    sinks(lab, before)
    lab.client.stop()
    back(lab, before)


@case(machines=[INTEL], kernels=NEWER)
def governors_replace_each_other(lab):
    "each governor loads and takes the sessions over from the one before it"
    before = start(lab)
    lab.client.start(1)
    for governor in ("race", "step"):
        lab.service.ctl(f"governor load {governor}")
        governor_is(lab, governor)
        raised(lab, 1)
    lab.client.be_early()
    sinks(lab, before)
    lab.client.wait_open(1)
    lab.client.stop()
    back(lab, before)


@case(machines=[INTEL, AMD], kernels=NEWER)
def level_bounds_sessions(lab):
    "the administrator's ceiling holds for sessions, too; without it they get what they ask for"
    before = start(lab)
    lab.client.start(1)
    raised(lab, 1)
    highest = limit(lab, 1, "maximum")
    lab.service.ctl("level --ceiling 512")
    expect.soon(lambda: limit(lab, 1, "minimum") < highest, True, f"the floor of CPU 1 is below {highest}")
    raised(lab, 1)
    expect.true(before[1] < limit(lab, 1, "maximum") < highest, "the ceiling is not between lowest and highest")
    lab.service.ctl("level --auto")
    expect.soon(lambda: limit(lab, 1, "minimum"), highest, "the floor of CPU 1 without a ceiling")
    lab.client.stop()
    back(lab, before)


@case(machines=[INTEL, AMD], kernels=["6.1", "newest"])
def sessions_survive_a_killed_service(lab):
    "kill -9 with a session: the next service takes its floor back, and the library opens a new session by itself"
    before = start(lab)
    lab.client.start(1)
    raised(lab, 1)
    lab.service.stop("KILL")
    raised(lab, 1)
    lab.client.signal("STOP")
    lab.service.start("-vv")
    back(lab, before)
    lab.client.signal("CONT")
    lab.client.wait_open(2)
    raised(lab, 1)
    lab.client.stop()
    back(lab, before)


@case(machines=[INTEL, AMD], kernels=NEWER)
def sessions_survive_a_cpu_that_goes(lab):
    "the CPU with the work goes offline and comes back: the floor follows the work, and with BPF (which sees what runs) none stays behind"
    before = start(lab)
    lab.client.start(3)
    raised(lab, 3)
    lab.vm.write(f"{expect.CPU}/cpu3/online", "0")
    lab.client.move(1)
    expect.soon(lambda: limit(lab, 1, "minimum"), limit(lab, 1, "maximum"), "the floor of CPU 1")
    lab.vm.write(f"{expect.CPU}/cpu3/online", "1")
    raised(lab, 1)
    lab.client.move(3)
    raised(lab, 3)
    lab.client.wait_open(1)
    lab.client.stop()
    back(lab, before)
