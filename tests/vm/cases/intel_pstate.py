# SPDX-License-Identifier: GPL-2.0-or-later
"""Intel if the kernel does not control HWP: P-states with PERF_CTL, acpi-cpufreq, and the HWP register through /dev/cpu/*/msr."""

import contextlib

from cases import expect
from cases.intel import EPB, POLICIES, PSTATE, read_only
from virtlab.case import case

HASWELL = ["intel-no-hwp"]
ACPI = ["intel-acpi-cpufreq"]
SERVER = ["intel-hwp-server"]

TURBO_RATIO, BASE_RATIO = 0x23, 0x18


def hints(lab):
    for profile, hint in EPB.items():
        lab.service.set(profile)
        expect.fields(lab, "ENERGY_PERF_BIAS", hint=hint)


@case(machines=HASWELL)
def governors_without_hwp(lab):
    "a processor without HWP is driven by cpufreq's governors; performance asks for the highest ratio at once"
    lab.service.begin("performance")
    expect.attributes(lab, f"{POLICIES}/scaling_governor", "performance")
    expect.fields(lab, "PERF_CTL", ratio=TURBO_RATIO, turbo_disengage=0)
    lab.service.set("power-saver")
    expect.attributes(lab, f"{POLICIES}/scaling_governor", "schedutil")
    hints(lab)
    expect.fine(lab)


@case(machines=HASWELL)
def no_turbo_without_hwp(lab):
    "boost = 0 keeps every ratio at or below the base, with the turbo disengaged"
    lab.service.begin("cool", "intel.governor@passive = performance\nintel.boost = 0")
    expect.attributes(lab, f"{PSTATE}/no_turbo", "1")
    expect.fields(lab, "PERF_CTL", ratio=BASE_RATIO, turbo_disengage=1)
    lab.service.set("performance")
    expect.fields(lab, "PERF_CTL", ratio=TURBO_RATIO, turbo_disengage=0)


@case(machines=HASWELL, arguments="intel_pstate=active")
def active_without_hwp(lab):
    "intel_pstate=active without HWP: the profiles' bias arrives, and there is no word of a preference that is missing"
    lab.service.start()
    hints(lab)
    expect.attributes(lab, f"{POLICIES}/scaling_driver", "intel_pstate")
    expect.fine(lab)


@case(machines=HASWELL, arguments="intel_pstate=active")
def limits_without_hwp(lab):
    "a highest frequency becomes the ratio that the governor performance asks for"
    lab.service.begin("even", "intel.governor@active = performance\nmax-freq = 2000MHz")
    lab.service.wait_attribute(f"{POLICIES}/scaling_max_freq", "2000000")
    expect.fields(lab, "PERF_CTL", ratio=20)


@case(machines=SERVER, arguments="intel_pstate=no_hwp")
def hwp_left_alone(lab):
    "intel_pstate=no_hwp on a processor with HWP: governors and bias serve, and HWP is not turned on"
    lab.service.begin("performance")
    expect.attributes(lab, f"{POLICIES}/scaling_governor", "performance")
    expect.fields(lab, "PERF_CTL", ratio=TURBO_RATIO)
    hints(lab)
    expect.equal([lab.registers.get(cpu, "PM_ENABLE") for cpu in lab.machine.cpus], [0] * lab.machine.n_cpus, "PM_ENABLE")


@case(machines=ACPI)
def acpi_cpufreq_serves(lab):
    "with intel_pstate disabled acpi-cpufreq serves: governors, the ratios of _PSS, and the turbo switch of all CPUs"
    lab.service.begin("even", "cpufreq.governor = performance\nmax-freq = 1600MHz")
    lab.service.wait_attribute(f"{POLICIES}/scaling_max_freq", "1600000")
    expect.fields(lab, "PERF_CTL", ratio=16)
    lab.service.set("performance")
    lab.service.wait_attribute(f"{POLICIES}/scaling_max_freq", "2400000")
    expect.attributes(lab, f"{POLICIES}/scaling_driver", "acpi-cpufreq")
    expect.attributes(lab, f"{POLICIES}/scaling_governor", "performance")
    expect.fields(lab, "PERF_CTL", ratio=BASE_RATIO)
    expect.fields(lab, "MISC_ENABLE", turbo_disable=0)
    lab.service.set("power-saver")
    expect.attributes(lab, f"{POLICIES}/scaling_governor", "schedutil")
    expect.attributes(lab, f"{expect.CPUFREQ}/boost", "0")
    expect.fields(lab, "MISC_ENABLE", turbo_disable=1)
    hints(lab)
    expect.fine(lab)


DIRECT = "[governord]\nenable = hwp-epp hwp-min hwp-max\n[profile direct]\nhwp-epp = 200\nhwp-min = 12\nhwp-max = 20"


@contextlib.contextmanager
def firmware_turned_hwp_on(lab, cpus, request):
    """HWP has been enabled by the firmware and not by the kernel, and the requests of these CPUs have the given value."""
    names = ("PM_ENABLE", "HWP_REQUEST")
    before = {(cpu, name): lab.registers.get(cpu, name) for cpu in lab.machine.cpus for name in names}
    for cpu in lab.machine.cpus:
        lab.registers.set(cpu, "PM_ENABLE", 1)
    for cpu in cpus:
        lab.registers.set(cpu, "HWP_REQUEST", request)
    yield
    lab.service.stop()
    found = {cpu: hex(lab.registers.get(cpu, "HWP_REQUEST")) for cpu in cpus}
    for (cpu, name), value in before.items():
        lab.registers.set(cpu, name, value)
    expect.equal(found, dict.fromkeys(cpus, hex(request)), "HWP_REQUEST after the service's end")


@case(machines=SERVER, arguments="intel_pstate=disable")
def the_register_itself(lab):
    "HWP is on and the kernel does not drive it: the opt-in knobs set the request by field, and put it back"
    as_after_a_reset = 0x3_8000_ff01  # with an activity window, which the service must not change
    with firmware_turned_hwp_on(lab, lab.machine.cpus, as_after_a_reset):
        lab.service.configure(DIRECT)
        lab.service.begin("direct")
        expect.fields(lab, "HWP_REQUEST", epp=200, minimum=12, maximum=20, desired=0, window=3)


@case(machines=SERVER, arguments="intel_pstate=disable")
def the_register_under_package_control(lab):
    "a request whose package control bit is set is left alone, and the service says why"
    with firmware_turned_hwp_on(lab, [1], 1 << 42 | 0x8000ff01):
        lab.service.configure(DIRECT)
        lab.service.begin("direct")
        expect.fields(lab, "HWP_REQUEST", [0, 2, 3], epp=200)
        expect.fields(lab, "HWP_REQUEST", [1], epp=128, minimum=1, maximum=255)
        expect.degraded(lab, "cpu1", "hwp-epp")


@case(machines=SERVER)
def the_register_is_the_kernels(lab):
    "while intel_pstate drives HWP the opt-in knobs refuse: the register keeps what the kernel wrote"
    lab.service.configure(DIRECT)
    lab.service.begin("direct")
    expect.fields(lab, "HWP_REQUEST", epp=128)
    read_only(lab, "cpu0", "hwp-epp", "intel_pstate owns this register")
