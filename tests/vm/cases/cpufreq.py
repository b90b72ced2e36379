# SPDX-License-Identifier: GPL-2.0-or-later
"""drivers/cpufreq on acpi-cpufreq: the P-state that each CPU is set to, and the switch for boost; and machines without cpufreq."""

from cases import expect
from virtlab.case import case
from virtlab.service import BUS

SERVER = ["amd-server-acpi"]
GOVERNORS = f"{expect.CPUFREQ}/policy*/scaling_governor"

FAST, MIDDLE, SLOW = 0, 1, 2  # 3000, 2400 and 1500 MHz


def field(lab, cpus, register, name, value):
    """Asserts that the field has this value after a short time, since threads of the governors write it."""
    expect.soon(lambda: [lab.registers.field(cpu, register, name) for cpu in cpus], [value] * len(cpus),
                f"{register}.{name} of CPUs {cpus}")


@case(machines=SERVER)
def pstates_of_governors(lab):
    "performance runs every CPU in P-state 0, a profile with powersave in the slowest, and the end gives the governor back"
    lab.service.configure("[profile slow]\ncpufreq.governor = powersave")
    lab.service.start()
    for profile, state in (("performance", FAST), ("slow", SLOW), ("performance", FAST)):
        lab.service.set(profile)
        expect.fine(lab)
        field(lab, lab.machine.cpus, "PSTATE_CONTROL", "state", state)
    lab.service.stop()
    expect.attributes(lab, GOVERNORS, "schedutil")


@case(machines=SERVER)
def pstates_of_limits(lab):
    "a limit between two P-states is the next one below, or above for the lower limit, and that is no failure"
    lab.service.configure("[profile capped]\ncpufreq.governor = performance\nmax-freq = 2700MHz\n"
                          "[profile lifted]\ncpufreq.governor = powersave\nmin-freq = 1800MHz")
    lab.service.start()
    for profile, file, khz in (("capped", "scaling_max_freq", 2400000), ("lifted", "scaling_min_freq", 2400000)):
        lab.service.set(profile)
        expect.attributes(lab, f"{expect.CPUFREQ}/policy*/{file}", str(khz))
        expect.fine(lab)
        field(lab, lab.machine.cpus, "PSTATE_CONTROL", "state", MIDDLE)
    lab.service.stop()
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_max_freq", "3000000")
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_min_freq", "1500000")


@case(machines=SERVER)
def boost_follows_the_profile(lab):
    "power-saver disables boost in every CPU's HWCR and performance enables it; policies that refuse meanwhile are no failure"
    lab.service.start()
    expect.fields(lab, "HWCR", boost_disable=0)
    for profile, disabled in (("power-saver", 1), ("performance", 0), ("power-saver", 1)):
        lab.service.set(profile)
        expect.fields(lab, "HWCR", boost_disable=disabled)
        expect.attributes(lab, f"{expect.CPUFREQ}/boost", str(1 - disabled))
        expect.fine(lab)
    lab.service.stop()
    expect.fields(lab, "HWCR", boost_disable=0)
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/cpb", "1")
    expect.true("could not" not in lab.service.log, f"not all was put back:\n{lab.service.log}")


@case(machines=SERVER, kernels=["6.12", "newest"])
def boost_of_one_policy(lab):
    "a line for one policy's boost changes that CPU's register and no other's"
    lab.service.begin("calm1", "cpufreq.boost@policy1 = 0")
    expect.fine(lab)
    expect.fields(lab, "HWCR", [1], boost_disable=1)
    expect.fields(lab, "HWCR", [0, 2, 3], boost_disable=0)


@case(machines=SERVER)
def pstate_of_a_cpu_that_comes_back(lab):
    "CPU 3 is offline during a switch; when it returns it runs as the new profile says"
    lab.service.begin("power-saver")
    lab.vm.write(f"{expect.CPU}/cpu3/online", "0")
    lab.service.set("performance")
    field(lab, [0, 1, 2], "PSTATE_CONTROL", "state", FAST)
    lab.vm.write(f"{expect.CPU}/cpu3/online", "1")
    lab.service.wait_attribute(f"{expect.CPUFREQ}/policy3/scaling_governor", "performance")
    field(lab, [3], "PSTATE_CONTROL", "state", FAST)
    expect.fields(lab, "HWCR", boost_disable=0)


@case(machines=SERVER)
def killed_service_gives_pstates_back(lab):
    "kill -9 leaves the profile in force; the next service knows the originals, and its end restores them"
    lab.service.begin("odd", "cpufreq.governor = powersave\ncpufreq.boost-global = 0\nmin-freq = 1800MHz")
    lab.service.stop("KILL")
    field(lab, lab.machine.cpus, "PSTATE_CONTROL", "state", MIDDLE)
    expect.fields(lab, "HWCR", boost_disable=1)
    lab.service.start()
    expect.active(lab, "odd")
    expect.fields(lab, "HWCR", boost_disable=1)
    lab.service.stop()
    expect.fields(lab, "HWCR", boost_disable=0)
    expect.attributes(lab, GOVERNORS, "schedutil")
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_min_freq", "1500000")


@case(machines=SERVER)
def setspeed_under_userspace(lab):
    "with the governor userspace and setspeed enabled a profile fixes the P-state"
    lab.write_all(GOVERNORS, "userspace")
    try:
        lab.service.configure("[governord]\nenable = setspeed\n[profile fixed]\ncpufreq.governor = userspace\nsetspeed = 2400MHz")
        lab.service.begin("fixed")
        field(lab, lab.machine.cpus, "PSTATE_CONTROL", "state", MIDDLE)
        expect.fine(lab)
        lab.service.stop()
    finally:
        lab.write_all(GOVERNORS, "schedutil")


@case(machines=SERVER)
def boost_register_that_faults(lab):
    "one CPU's HWCR refuses writes: the service survives it, and the others are set"
    lab.registers.allow(1, "HWCR", read=True, write=False)
    try:
        lab.service.begin("power-saver")
        expect.active(lab, "power-saver")
        expect.fields(lab, "HWCR", [0, 2, 3], boost_disable=1)
        expect.fields(lab, "HWCR", [1], boost_disable=0)
    finally:
        lab.service.stop()
        lab.registers.allow(1, "HWCR", read=True, write=True)


@case(machines=SERVER, own_boot=True, restores=False)
def without_a_cpufreq_driver(lab):
    "no driver of cpufreq at all: the service starts and says so, PPD's placeholder is there with power-saver and balanced"
    lab.vm.run("rmmod acpi_cpufreq")
    lab.service.start()
    for profile in ("power-saver", "balanced"):
        lab.service.set(profile)
        expect.active(lab, profile)
    expect.fine(lab)
    expect.true("unavailable" in lab.service.ctl("set performance", check=False).errors, "performance is not refused")
    listing = lab.vm.run(f"{BUS}powerprofilesctl list").output
    expect.true("placeholder" in listing and "performance" not in listing, f"powerprofilesctl list:\n{listing}")
    drivers = {d["name"]: d for d in lab.service.json("status")["drivers"]}
    expect.true(drivers["cpufreq"]["state"] != "loaded", f"driver cpufreq: {drivers['cpufreq']}")
