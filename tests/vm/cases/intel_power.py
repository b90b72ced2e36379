# SPDX-License-Identifier: GPL-2.0-or-later
"""drivers/intel on RAPL and the uncore: power limits, energy, the mesh, and a sleep."""

import concurrent.futures
import time

from cases import expect
from cases.intel import read_only
from virtlab.case import case
from virtlab.guest import Failed

SERVER = ["intel-hwp-server"]
ALL = ["intel-hwp-server", "intel-hwp-hybrid", "intel-no-hwp"]
PACKAGES = [0, 2]  # first CPU of each package of the server

WATT = 8  # units of PKG_POWER_LIMIT
LIMIT_BITS = 0x00007fff00007fff
WINDOW_BITS = 0x7f << 17
COUNTS_PER_SECOND = 819200  # of the energy counters: 50 W
ENERGY_RANGE = 1 << 32

LOAD_RAPL = "insmod /lib/lab/modules/*intel_rapl_msr.ko"


def only_changed(lab, cpu, before, bits):
    changed = before ^ lab.registers.get(cpu, "PKG_POWER_LIMIT")
    expect.equal(hex(changed & ~bits), "0x0", f"other bits of PKG_POWER_LIMIT of CPU {cpu} that changed")


@case(machines=SERVER)
def power_limits(lab):
    "pl1 and pl2 of a profile arrive in each package's register, in its units, and nothing else in it changes"
    before = lab.registers.get(0, "PKG_POWER_LIMIT")
    lab.service.begin("lean", "pl1 = 35W\npl2 = 60W")
    expect.fields(lab, "PKG_POWER_LIMIT", PACKAGES, pl1=35 * WATT, pl2=60 * WATT)
    only_changed(lab, 0, before, LIMIT_BITS)


@case(machines=SERVER)
def a_power_limit_for_one_package(lab):
    "pl1@package1 touches that package only"
    before = lab.registers.get(0, "PKG_POWER_LIMIT")
    lab.service.begin("lean", "pl1@package1 = 35W")
    expect.fields(lab, "PKG_POWER_LIMIT", [2], pl1=35 * WATT)
    only_changed(lab, 0, before, 0)


@case(machines=SERVER)
def time_windows(lab):
    "pl1-window becomes the nearest 2^Y (1 + Z/4) units that the register can say, and the rounding is no failure"
    before = lab.registers.get(0, "PKG_POWER_LIMIT")
    lab.service.begin("slow", "pl1-window = 8s")
    value = lab.registers.field(0, "PKG_POWER_LIMIT", "pl1_window")
    seconds = (1 << (value & 31)) * (1 + (value >> 5) / 4) / 1024
    expect.true(6.5 < seconds <= 8, f"pl1_window {value:#x} is {seconds} s")
    only_changed(lab, 0, before, WINDOW_BITS)
    expect.fine(lab)


@case(machines=SERVER)
def a_locked_power_limit(lab):
    "firmware locks PKG_POWER_LIMIT of package 0 behind the kernel's back: the other package is set, and the service says so"
    value = lab.registers.get(0, "PKG_POWER_LIMIT")
    lab.registers.set(0, "PKG_POWER_LIMIT", value | 1 << 63)
    lab.registers.allow(0, "PKG_POWER_LIMIT", read=True, write=True, ignore_writes=True)
    lab.service.begin("lean", "pl1 = 35W")
    found = [lab.registers.field(cpu, "PKG_POWER_LIMIT", "pl1") for cpu in PACKAGES]
    status = lab.service.ctl("status").output
    lab.service.stop()
    lab.registers.allow(0, "PKG_POWER_LIMIT", read=True, write=True, ignore_writes=False)
    lab.registers.set(0, "PKG_POWER_LIMIT", value)
    expect.equal(found, [50 * WATT, 35 * WATT], "pl1 of the packages")
    expect.true("pl1" in status and "package0" in status, f"the locked limit is not named:\n{status}")


@case(machines=SERVER)
def a_power_limit_locked_since_boot(lab):
    "the kernel knows the lock: nothing is written, and the reason is given"
    values = [lab.registers.get(cpu, "PKG_POWER_LIMIT") for cpu in PACKAGES]
    lab.vm.run("rmmod intel_rapl_msr")  # this disables the limits of all packages
    lab.registers.set(2, "PKG_POWER_LIMIT", values[1])
    lab.registers.set(0, "PKG_POWER_LIMIT", values[0] | 1 << 63)
    lab.vm.run(LOAD_RAPL)
    mark = lab.registers.mark()
    lab.service.begin("lean", "pl1 = 35W")
    read_only(lab, "package0", "pl1", "locked by firmware")
    expect.true("read-only here" in lab.service.ctl("explain lean").output, "explain does not name the locked limit")
    written = [w.cpu for w in lab.registers.writes(mark, "PKG_POWER_LIMIT")]
    lab.service.stop()
    lab.vm.run("rmmod intel_rapl_msr")
    for cpu, value in zip(PACKAGES, values):
        lab.registers.set(cpu, "PKG_POWER_LIMIT", value)
    lab.vm.run(LOAD_RAPL)
    expect.true(written and all(cpu >= 2 for cpu in written), f"writes to PKG_POWER_LIMIT by CPUs {written}")


@case(machines=SERVER)
def uncore_limits(lab):
    "the mesh's limits arrive in each package's register"
    lab.service.begin("mesh", "uncore-min-freq = 1000MHz\nuncore-max-freq = 2000MHz")
    expect.fields(lab, "UNCORE_RATIO_LIMIT", PACKAGES, minimum=10, maximum=20)


def draw(lab):
    return next(d["microwatt"] for d in lab.service.json("power") if d["domain"] == "package0") / 1e6


@case(machines=ALL)
def the_draw_over_a_wrap(lab):
    "governorctl power shows what is drawn, also when the 32 bit counter wraps between two readings"
    lab.service.start()
    lab.registers.set(0, "PKG_ENERGY_STATUS", ENERGY_RANGE - 2 * COUNTS_PER_SECOND)
    deadline, found, wrapped = time.monotonic() + 30, [], False
    while not wrapped:
        last = lab.registers.get(0, "PKG_ENERGY_STATUS")
        found.append(draw(lab))
        wrapped = lab.registers.get(0, "PKG_ENERGY_STATUS") < last
        expect.true(time.monotonic() < deadline, "the counter did not wrap within 30 s")
    expect.true(all(45 < watt < 55 for watt in found), f"the draw was {found} W, expected 50 W")


def console(lab, text, start, seconds=30):
    """Waits until the guest's kernel logs `text`."""
    deadline = time.monotonic() + seconds
    while text not in lab.vm.console[start:]:
        if time.monotonic() > deadline:
            raise Failed(f"{text!r} not on the console within {seconds} s:\n{lab.vm.console[start:]}")
        time.sleep(0.01)


# Three seconds, because the emulated clock that measures the sleep has a resolution of one second, and the kernel compensates for
# rounding over several sleeps. After a sleep of one second, it may find that no time has passed.
SLEEP = """
echo N > /sys/module/printk/parameters/console_suspend
echo 3 > /sys/module/suspend/parameters/pm_test_delay
echo core > /sys/power/pm_test
echo mem > /sys/power/state
echo none > /sys/power/pm_test"""


def sleep(lab, meanwhile):
    """Runs the kernel's test of suspend to memory, in which it waits some seconds instead of the last step. Meanwhile the host
    calls `meanwhile`; the guest's agent is frozen."""
    start = len(lab.vm.console)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answer = pool.submit(lab.vm.run, SLEEP)
        console(lab, "suspend debug: Waiting", start)
        meanwhile()
        early = "Enabling non-boot CPUs" in lab.vm.console[start:]
        answer.result()
    expect.true(not early, "the guest woke up before the host had done its part")


def forget_settings(lab):
    """Gives all registers their values after a reset, like firmware."""
    for cpu in lab.machine.cpus:
        lab.registers.set(cpu, "HWP_REQUEST", 0x8000ff01)
        lab.registers.set(cpu, "ENERGY_PERF_BIAS", 6)
    lab.registers.set_field(0, "PKG_POWER_LIMIT", "pl1", 50 * WATT)


# Not with the newest kernel, whose pm_test wakes up immediately; the guest's agent does not answer afterwards.
@case(machines=["intel-hwp-hybrid"], kernels=["6.1", "6.12"])
def a_sleep(lab):
    "after suspend and resume hints and limits are in force although the processor forgot them, and the service goes on with them"
    lab.service.begin("lean", "epp = power\nepb = 15\npl1 = 35W\nmax-freq = 2000MHz")
    sleep(lab, lambda: forget_settings(lab))
    lab.service.wait_log("resume from sleep")
    expect.active(lab, "lean")
    expect.fields(lab, "HWP_REQUEST", epp=255)
    expect.fields(lab, "ENERGY_PERF_BIAS", hint=15)
    expect.fields(lab, "PKG_POWER_LIMIT", pl1=35 * WATT)
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_max_freq", "2000000")
    lab.service.set("performance")
    expect.fields(lab, "HWP_REQUEST", epp=0)
    expect.fields(lab, "ENERGY_PERF_BIAS", hint=0)
    expect.fine(lab)
