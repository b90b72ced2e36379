# SPDX-License-Identifier: GPL-2.0-or-later
"""drivers/intel on intel_pstate: the hint, the limits and the power that the processor is really told."""

from cases import expect
from virtlab.case import case

HWP = ["intel-hwp-server", "intel-hwp-hybrid"]
SERVER = ["intel-hwp-server"]

# The kernel's words (drivers/cpufreq/intel_pstate.c, epp_values) as the processor gets them.
EPP = {"power-saver": 255, "balanced": 128, "performance": 0}
EPB = {"power-saver": 15, "balanced": 6, "performance": 0}


@case(machines=HWP)
def profiles_set_the_hint(lab):
    "each profile's EPP and EPB arrive in every CPU's registers, and the limits stay open"
    lab.service.start()
    for profile in ("power-saver", "balanced", "performance", "power-saver"):
        lab.service.set(profile)
        expect.fields(lab, "HWP_REQUEST", epp=EPP[profile])
        expect.fields(lab, "ENERGY_PERF_BIAS", hint=EPB[profile])
        for cpu in lab.machine.cpus:
            expect.fields(lab, "HWP_REQUEST", [cpu], maximum=lab.registers.field(cpu, "HWP_CAPABILITIES", "highest"),
                          minimum=lab.registers.field(cpu, "HWP_CAPABILITIES", "lowest"))


@case(machines=HWP)
def performance_governor_does_not_hide_the_hint(lab):
    "with the governor performance set beforehand the kernel pins EPP to 0 and refuses others: the governor is changed first"
    lab.vm.run(f"for g in {expect.CPUFREQ}/policy*/scaling_governor; do echo performance > $g; done")
    before = [lab.registers.get(cpu, "HWP_REQUEST") for cpu in lab.machine.cpus]
    expect.fields(lab, "HWP_REQUEST", epp=0)
    lab.service.start()
    lab.service.set("power-saver")
    expect.fields(lab, "HWP_REQUEST", epp=255)
    lab.service.stop()
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_governor", "performance")
    expect.equal([lab.registers.get(cpu, "HWP_REQUEST") for cpu in lab.machine.cpus], before, "HWP_REQUEST after the service's end")
    lab.vm.run(f"for g in {expect.CPUFREQ}/policy*/scaling_governor; do echo powersave > $g; done")
    lab.vm.run(f"for e in {expect.CPUFREQ}/policy*/energy_performance_preference; do echo balance_performance > $e; done")


@case(machines=HWP)
def modes_are_switched_under_the_service(lab):
    "intel_pstate goes passive and back: the profile stays in force in both"
    lab.service.start()
    lab.service.set("power-saver")
    lab.vm.write(f"{expect.CPU}/intel_pstate/status", "passive")
    lab.service.wait_log("passive")
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_driver", "intel_cpufreq")
    expect.active(lab, "power-saver")
    lab.service.set("performance")
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_governor", "performance")
    lab.vm.write(f"{expect.CPU}/intel_pstate/status", "active")
    lab.service.wait_log("active")
    lab.service.set("power-saver")
    expect.fields(lab, "HWP_REQUEST", epp=255)


@case(machines=HWP)
def a_killed_service_gives_everything_back(lab):
    "kill -9 leaves the profile in force; the next service knows the originals, and its end restores them"
    before = [lab.registers.get(cpu, "HWP_REQUEST") for cpu in lab.machine.cpus]
    lab.service.start()
    lab.service.set("power-saver")
    lab.service.stop("KILL")
    expect.fields(lab, "HWP_REQUEST", epp=255)
    lab.service.start()
    expect.active(lab, "power-saver")
    lab.service.stop()
    expect.equal([lab.registers.get(cpu, "HWP_REQUEST") for cpu in lab.machine.cpus], before, "HWP_REQUEST after the service's end")


@case(machines=HWP)
def a_cpu_that_comes_back_gets_the_profile(lab):
    "CPU 3 is offline during a switch; when it returns its hint is the new profile's"
    lab.service.start()
    lab.vm.write(f"{expect.CPU}/cpu3/online", "0")
    lab.service.set("power-saver")
    expect.fields(lab, "HWP_REQUEST", [0, 1, 2], epp=255)
    lab.vm.write(f"{expect.CPU}/cpu3/online", "1")
    lab.service.wait_attribute(f"{expect.CPUFREQ}/policy3/energy_performance_preference", "power")
    expect.fields(lab, "HWP_REQUEST", [3], epp=255)


@case(machines=HWP)
def a_register_that_faults_is_named(lab):
    "one CPU's EPB register faults: all others are set, and the service says which one is not"
    lab.registers.allow(1, "ENERGY_PERF_BIAS", read=True, write=False)
    lab.service.start()
    lab.service.set("power-saver")
    lab.registers.allow(1, "ENERGY_PERF_BIAS", read=True, write=True)
    expect.fields(lab, "HWP_REQUEST", epp=255)
    expect.fields(lab, "ENERGY_PERF_BIAS", [c for c in lab.machine.cpus if c != 1], hint=15)
    expect.fields(lab, "ENERGY_PERF_BIAS", [1], hint=6)
    expect.degraded(lab, "cpu1", "epb")


@case(machines=HWP)
def limits_arrive_in_the_request(lab):
    "frequency limits of a profile become performance numbers in each CPU's request, efficient cores by their own scale"
    lab.service.configure("[profile narrow]\nmin-freq = 1200MHz\nmax-freq = 2000MHz")
    lab.service.start()
    lab.service.set("narrow")
    for cpu in lab.machine.cpus:
        scale = 78.741 if lab.machine.name == "intel-hwp-hybrid" and cpu < 2 else 100
        expect.true(abs(lab.registers.field(cpu, "HWP_REQUEST", "minimum") * scale - 1200) <= scale, f"minimum of CPU {cpu}")
        expect.true(abs(lab.registers.field(cpu, "HWP_REQUEST", "maximum") * scale - 2000) <= scale, f"maximum of CPU {cpu}")


@case(machines=HWP)
def without_turbo(lab):
    "boost = 0 keeps every CPU's highest performance at what is guaranteed, and is not reported as heat"
    lab.service.configure("[profile cool]\nintel.boost = 0")
    lab.service.start()
    lab.service.set("cool")
    expect.attributes(lab, f"{expect.CPU}/intel_pstate/no_turbo", "1")
    for cpu in lab.machine.cpus:
        expect.fields(lab, "HWP_REQUEST", [cpu], maximum=lab.registers.field(cpu, "HWP_CAPABILITIES", "guaranteed"))
    expect.equal(lab.service.json("status").get("degraded", ""), "", "degradation")


@case(machines=SERVER)
def power_limits(lab):
    "pl1 and pl2 of a profile arrive in each package's register, in its units, and nothing else in it changes"
    before = lab.registers.get(0, "PKG_POWER_LIMIT")
    lab.service.configure("[profile lean]\npl1 = 35W\npl2 = 60W")
    lab.service.start()
    lab.service.set("lean")
    expect.fields(lab, "PKG_POWER_LIMIT", [0, 2], pl1=35 * 8, pl2=60 * 8)
    changed = before ^ lab.registers.get(0, "PKG_POWER_LIMIT")
    expect.equal(changed & ~0x00007fff00007fff, 0, "bits of PKG_POWER_LIMIT beside the two limits")


@case(machines=SERVER)
def a_locked_power_limit(lab):
    "firmware has locked PKG_POWER_LIMIT of package 0: the other package is set, and the service says so"
    value = lab.registers.get(0, "PKG_POWER_LIMIT")
    lab.registers.set(0, "PKG_POWER_LIMIT", value | 1 << 63)
    lab.registers.allow(0, "PKG_POWER_LIMIT", read=True, write=True, ignore_writes=True)
    lab.service.configure("[profile lean]\npl1 = 35W")
    lab.service.start()
    lab.service.set("lean")
    expect.fields(lab, "PKG_POWER_LIMIT", [2], pl1=35 * 8)
    expect.fields(lab, "PKG_POWER_LIMIT", [0], pl1=50 * 8)
    status = lab.service.ctl("status").output
    lab.service.stop()
    lab.registers.allow(0, "PKG_POWER_LIMIT", read=True, write=True)
    lab.registers.set(0, "PKG_POWER_LIMIT", value)
    expect.true("pl1" in status and "package0" in status, f"the locked limit is not named:\n{status}")


@case(machines=SERVER)
def uncore_limits(lab):
    "the mesh's limits arrive in each package's register"
    lab.service.configure("[profile mesh]\nuncore-min-freq = 1000MHz\nuncore-max-freq = 2000MHz")
    lab.service.start()
    lab.service.set("mesh")
    expect.fields(lab, "UNCORE_RATIO_LIMIT", [0, 2], minimum=10, maximum=20)


@case(machines=HWP, arguments="intel_pstate=passive")
def passive_from_the_start(lab):
    "intel_pstate=passive: governors of cpufreq are chosen, the hint is set as well"
    lab.service.start()
    lab.service.set("performance")
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_governor", "performance")
    lab.service.set("power-saver")
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_governor", "schedutil")
