# SPDX-License-Identifier: GPL-2.0-or-later
"""drivers/intel on intel_pstate with HWP: the hint and the limits that reach each CPU. intel_power.py tests power limits, and
intel_pstate.py machines without HWP."""

from cases import expect
from virtlab.case import case
from virtlab.service import BUS

HWP = ["intel-hwp-server", "intel-hwp-hybrid"]
HYBRID = ["intel-hwp-hybrid"]

# The values that the kernel writes for its EPP names (epp_values in drivers/cpufreq/intel_pstate.c).
EPP = {"power-saver": 255, "balanced": 128, "performance": 0}
EPB = {"power-saver": 15, "balanced": 6, "performance": 0}

PSTATE = f"{expect.CPU}/intel_pstate"
POLICIES = f"{expect.CPUFREQ}/policy*"


def capability(lab, cpu, field):
    return lab.registers.field(cpu, "HWP_CAPABILITIES", field)


def requests(lab):
    return [lab.registers.get(cpu, "HWP_REQUEST") for cpu in lab.machine.cpus]


def driver_is(lab, name, mode):
    """Waits until the service has noticed the mode of the kernel driver."""
    lab.service.wait(f"{BUS} governorctl drivers | grep -q '^name={name} .* mode={mode} state=loaded'",
                     f"driver {name} in mode {mode}")


def read_only(lab, domain, knob, why):
    """Asserts that governorctl knobs shows this knob as read-only, with a reason."""
    found = [k for k in lab.service.json("knobs") if (k["domain"], k["knob"]) == (domain, knob)]
    expect.true(found, f"no knob {knob} of {domain}")
    expect.equal(found[0]["state"], "read-only", f"state of {knob} of {domain}")
    expect.true(why in found[0]["message"], f"{knob} of {domain} says {found[0]['message']!r}, not {why!r}")


def mhz(lab, cpu, field):
    """Computes a field of HWP_REQUEST like the kernel (hybrid_get_type, 78.741 MHz for performance cores)."""
    scale = 78.741 if lab.machine.name in HYBRID and cpu < 2 else 100
    return lab.registers.field(cpu, "HWP_REQUEST", field) * scale, scale


def limited(lab, cpu, lowest, highest):
    for field, wanted in (("minimum", lowest), ("maximum", highest)):
        found, scale = mhz(lab, cpu, field)
        expect.true(abs(found - wanted) < scale, f"HWP_REQUEST.{field} of CPU {cpu}: found {found:.0f} MHz, expected {wanted}")


@case(machines=HWP)
def profiles_set_the_hint(lab):
    "each profile's EPP and EPB arrive in every CPU's registers, and the limits stay open"
    lowest = [lab.registers.field(cpu, "HWP_REQUEST", "minimum") for cpu in lab.machine.cpus]
    lab.service.start()
    for profile in ("power-saver", "balanced", "performance", "power-saver"):
        lab.service.set(profile)
        expect.fields(lab, "HWP_REQUEST", epp=EPP[profile])
        expect.fields(lab, "ENERGY_PERF_BIAS", hint=EPB[profile])
        for cpu in lab.machine.cpus:
            expect.fields(lab, "HWP_REQUEST", [cpu], maximum=capability(lab, cpu, "highest"), minimum=lowest[cpu])


@case(machines=HWP)
def performance_governor_does_not_hide_the_hint(lab):
    "with the governor performance set beforehand the kernel pins EPP to 0 and refuses others: the governor is changed first"
    lab.vm.run(f"for g in {POLICIES}/scaling_governor; do echo performance > $g; done")
    before = requests(lab)
    expect.fields(lab, "HWP_REQUEST", epp=0)
    lab.service.begin("power-saver")
    expect.fields(lab, "HWP_REQUEST", epp=255)
    lab.service.stop()
    expect.attributes(lab, f"{POLICIES}/scaling_governor", "performance")
    expect.equal(requests(lab), before, "HWP_REQUEST after the service's end")
    lab.vm.run(f"for g in {POLICIES}/scaling_governor; do echo powersave > $g; done\n"
               f"for e in {POLICIES}/energy_performance_preference; do echo balance_performance > $e; done")


@case(machines=HWP)
def modes_are_switched_under_the_service(lab):
    "intel_pstate goes passive and back: the profile stays in force in both"
    lab.service.begin("power-saver")
    lab.vm.write(f"{PSTATE}/status", "passive")
    driver_is(lab, "intel", "passive")
    expect.attributes(lab, f"{POLICIES}/scaling_driver", "intel_cpufreq")
    lab.service.wait_attribute(f"{POLICIES}/scaling_governor", "schedutil")
    lab.service.wait_attribute(f"{POLICIES}/energy_performance_preference", "power")
    expect.active(lab, "power-saver")
    lab.service.set("performance")
    expect.attributes(lab, f"{POLICIES}/scaling_governor", "performance")
    expect.fields(lab, "HWP_REQUEST", epp=0)
    lab.vm.write(f"{PSTATE}/status", "active")
    driver_is(lab, "intel", "active")
    lab.service.wait_attribute(f"{POLICIES}/scaling_governor", "powersave")
    lab.service.set("power-saver")
    expect.fields(lab, "HWP_REQUEST", epp=255)


@case(machines=HWP)
def a_killed_service_gives_everything_back(lab):
    "kill -9 leaves the profile in force; the next service knows the originals, and its end restores them"
    before = requests(lab)
    lab.service.begin("power-saver")
    lab.service.stop("KILL")
    expect.fields(lab, "HWP_REQUEST", epp=255)
    lab.service.start()
    expect.active(lab, "power-saver")
    lab.service.stop()
    expect.equal(requests(lab), before, "HWP_REQUEST after the service's end")


@case(machines=HWP)
def a_cpu_that_comes_back_gets_the_profile(lab):
    "CPU 3 is offline during a switch; when it returns its hint is the new profile's"
    lab.service.start()
    lab.vm.write(f"{expect.CPU}/cpu3/online", "0")
    lab.service.set("power-saver")
    expect.fields(lab, "HWP_REQUEST", [0, 1, 2], epp=255)
    lab.vm.write(f"{expect.CPU}/cpu3/online", "1")
    lab.service.wait_attribute(f"{expect.CPUFREQ}/policy3/energy_performance_preference", "power")
    lab.service.wait_attribute(f"{expect.CPU}/cpu3/power/energy_perf_bias", "15")
    expect.fields(lab, "HWP_REQUEST", [3], epp=255)
    expect.fields(lab, "ENERGY_PERF_BIAS", [3], hint=15)


@case(machines=HWP)
def a_register_that_faults_is_named(lab):
    "one CPU's EPB register faults: all others are set, and the service says which one is not"
    lab.registers.allow(1, "ENERGY_PERF_BIAS", read=True, write=False)
    lab.service.begin("power-saver")
    lab.registers.allow(1, "ENERGY_PERF_BIAS", read=True, write=True)
    expect.fields(lab, "HWP_REQUEST", epp=255)
    expect.fields(lab, "ENERGY_PERF_BIAS", [c for c in lab.machine.cpus if c != 1], hint=15)
    expect.fields(lab, "ENERGY_PERF_BIAS", [1], hint=6)
    expect.degraded(lab, "cpu1", "epb")


@case(machines=HWP)
def limits_arrive_in_the_request(lab):
    "frequency limits of a profile become performance numbers in each CPU's request, performance cores by their own scale"
    lab.service.begin("narrow", "min-freq = 1200MHz\nmax-freq = 2000MHz")
    lab.service.wait_attribute(f"{POLICIES}/scaling_min_freq", "1200000")
    lab.service.wait_attribute(f"{POLICIES}/scaling_max_freq", "2000000")
    for cpu in lab.machine.cpus:
        limited(lab, cpu, 1200, 2000)
    expect.fine(lab)
    lab.service.stop()
    lab.service.wait_attribute(f"{POLICIES}/scaling_min_freq", "800000")
    lab.service.wait(f"for p in {POLICIES}; do cmp -s $p/scaling_max_freq $p/cpuinfo_max_freq || exit 1; done", "open limits")


@case(machines=HYBRID)
def kinds_of_cores_have_their_own_limits(lab):
    "@efficiency-cores and @performance-cores: each kind of core gets its own hint and highest frequency"
    lab.service.begin("quiet", "epp = balance_performance\nepp@efficiency-cores = power\n"
                               "max-freq@performance-cores = 3000MHz\nmax-freq@efficiency-cores = 1500MHz")
    lab.service.wait_attribute(f"{expect.CPUFREQ}/policy3/scaling_max_freq", "1500000")
    lab.service.wait_attribute(f"{expect.CPUFREQ}/policy1/scaling_max_freq", "3000000")
    expect.fields(lab, "HWP_REQUEST", [0, 1], epp=128)
    expect.fields(lab, "HWP_REQUEST", [2, 3], epp=255, maximum=15)
    for cpu in (0, 1):
        limited(lab, cpu, 800, 3000)


@case(machines=HWP)
def limits_in_percent(lab):
    "max-perf-pct = 50 lowers every CPU's highest performance to half of its own"
    lab.service.begin("half", "max-perf-pct = 50")
    for cpu in lab.machine.cpus:
        half = capability(lab, cpu, "highest") / 2
        expect.true(abs(lab.registers.field(cpu, "HWP_REQUEST", "maximum") - half) <= 1, f"maximum of CPU {cpu} is not {half}")


@case(machines=HWP)
def without_turbo(lab):
    "boost = 0 keeps every CPU's highest performance at what is guaranteed, and is not reported as heat"
    lab.service.begin("cool", "intel.boost = 0")
    expect.attributes(lab, f"{PSTATE}/no_turbo", "1")
    for cpu in lab.machine.cpus:
        expect.fields(lab, "HWP_REQUEST", [cpu], maximum=capability(lab, cpu, "guaranteed"))
    expect.fine(lab)


@case(machines=HWP)
def what_is_guaranteed_changes(lab):
    "the processor lowers what it guarantees while the service runs: a profile without turbo follows at its next use"
    before = [lab.registers.get(cpu, "HWP_CAPABILITIES") for cpu in lab.machine.cpus]
    lab.service.configure("[profile cool]\nintel.boost = 0")
    lab.service.start()
    for cpu in lab.machine.cpus:
        lab.registers.set_field(cpu, "HWP_CAPABILITIES", "guaranteed", 16)
    lab.service.set("cool")
    found = [lab.registers.field(cpu, "HWP_REQUEST", "maximum") for cpu in lab.machine.cpus]
    for cpu, value in enumerate(before):
        lab.registers.set(cpu, "HWP_CAPABILITIES", value)
    expect.equal(found, [16] * lab.machine.n_cpus, "HWP_REQUEST.maximum")


@case(machines=HWP)
def boost_after_waiting(lab):
    "hwp-dynamic-boost of a profile is switched on with it and off again with the next one"
    lab.service.begin("io", "hwp-dynamic-boost = 1")
    expect.attributes(lab, f"{PSTATE}/hwp_dynamic_boost", "1")
    lab.service.set("balanced")
    expect.attributes(lab, f"{PSTATE}/hwp_dynamic_boost", "0")
    expect.fields(lab, "HWP_REQUEST", epp=128)


@case(machines=HWP, arguments="intel_pstate=passive")
def passive_from_the_start(lab):
    "intel_pstate=passive: governors of cpufreq are chosen, the hint is set as well"
    lab.service.start()
    for profile, governor in (("performance", "performance"), ("power-saver", "schedutil")):
        lab.service.set(profile)
        expect.attributes(lab, f"{POLICIES}/scaling_governor", governor)
        expect.fields(lab, "HWP_REQUEST", epp=EPP[profile])
