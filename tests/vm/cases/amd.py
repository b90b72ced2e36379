# SPDX-License-Identifier: GPL-2.0-or-later
"""drivers/amd on amd-pstate: the preference, limits, boost and floors that reach the processor or its firmware.

Performance is a CPPC value: lowest 21, lowest nonlinear 60, nominal 117, highest 166 on all machines; 3000 MHz is 117. Linux 7.3
rounds frequencies up and older kernels round down, so values that are computed from a frequency may be one higher.
"""

from cases import expect
from virtlab.case import case

MACHINES = ["amd-cppc-msr", "amd-cppc-pcc"]
MSR = ["amd-cppc-msr"]
PCC = ["amd-cppc-pcc"]
FLOOR = ["amd-cppc-floor"]
EPP_KERNELS = ["6.12", "newest"]  # 6.1 has only the passive mode
PASSIVE = "amd_pstate=passive"

# The values that the kernel writes for its EPP names (epp_values in drivers/cpufreq/amd-pstate.c).
EPP = {"power-saver": 255, "balanced": 128, "performance": 0}
LOWEST, EFFICIENT, NOMINAL, HIGHEST = 21, 60, 117, 166
IN_MEMORY = {"minimum": "min", "maximum": "max", "desired": "desired", "epp": "epp"}
STATUS = f"{expect.CPU}/amd_pstate/status"
GOVERNORS = f"{expect.CPUFREQ}/policy*/scaling_governor"
PREFERENCES = f"{expect.CPUFREQ}/policy*/energy_performance_preference"
BOOSTS = f"{expect.CPUFREQ}/policy*/boost"


def field(lab, cpu, name):
    """Returns a field of a CPU's request, from an MSR or from the memory of the firmware."""
    if lab.machine.msr("CPPC_REQUEST"):
        return lab.registers.field(cpu, "CPPC_REQUEST", name)
    return lab.vm.firmware.get(f"cpu{cpu}.{IN_MEMORY[name]}")


def requests(lab):
    """Returns all requests, for a later comparison."""
    return [[field(lab, cpu, name) for name in ("minimum", "maximum", "epp")] for cpu in lab.machine.cpus]


def told(lab, cpus=None, **expected):
    """Asserts that every CPU's request has these values; values that are computed from frequencies may be one higher."""
    for cpu in lab.machine.cpus if cpus is None else cpus:
        for name, value in expected.items():
            found = field(lab, cpu, name)
            slack = 1 if name in ("minimum", "maximum") else 0
            expect.true(value <= found <= value + slack, f"{name} of CPU {cpu}'s request: found {found}, expected {value}")


# --- active mode ---

@case(machines=MACHINES, kernels=EPP_KERNELS)
def amd_profiles_set_the_preference(lab):
    "each profile's EPP, limits and boost arrive on every CPU, even if the machine starts with the governor performance, as servers do"
    lab.write_all(GOVERNORS, "performance")
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/energy_performance_available_preferences", "performance")  # it lists no other
    lab.service.start()
    for profile in ("power-saver", "balanced", "performance", "power-saver", "performance", "balanced"):
        lab.service.set(profile)
        told(lab, epp=EPP[profile])
        expect.attributes(lab, GOVERNORS, "performance" if profile == "performance" else "powersave")
        expect.attributes(lab, BOOSTS, "0" if profile == "power-saver" else "1")
        told(lab, maximum=NOMINAL if profile == "power-saver" else HIGHEST)
        if profile != "performance":  # with performance, the kernel may raise it to the nominal performance
            told(lab, minimum=LOWEST if profile == "power-saver" else EFFICIENT)
    expect.fine(lab)


@case(machines=MACHINES, kernels=EPP_KERNELS)
def amd_governor_performance_comes_back(lab):
    "the kernel refuses EPP under the governor performance (EBUSY): the governor is changed first, and both are put back"
    before = requests(lab)
    lab.vm.run(f"! echo power > {expect.CPUFREQ}/policy0/energy_performance_preference")
    lab.service.begin("power-saver")
    told(lab, epp=255)
    lab.service.stop()
    expect.attributes(lab, GOVERNORS, "performance")
    expect.attributes(lab, PREFERENCES, "performance")
    expect.equal(requests(lab), before, "requests after the service's end")


@case(machines=MACHINES, kernels=EPP_KERNELS)
def amd_another_preference_comes_back(lab):
    "governor powersave and EPP balance_power, chosen by the user, are there again after performance"
    lab.write_all(GOVERNORS, "powersave")
    lab.write_all(PREFERENCES, "balance_power")
    told(lab, epp=191)
    lab.service.begin("performance")
    told(lab, epp=0)
    lab.service.stop()
    expect.attributes(lab, GOVERNORS, "powersave")
    expect.attributes(lab, PREFERENCES, "balance_power")
    told(lab, epp=191)
    lab.write_all(GOVERNORS, "performance")


@case(machines=MSR, kernels=["newest"])
def amd_dynamic_preference_comes_back(lab):
    "Linux 7.3 chooses EPP by itself where told so (\"dynamic\"): a profile's EPP replaces that, and it is put back"
    lab.write_all(GOVERNORS, "powersave")
    lab.write_all(PREFERENCES, "dynamic")
    before = lab.vm.read(f"{expect.CPUFREQ}/policy0/energy_performance_preference")
    expect.true(before.startswith("dynamic("), f"the kernel shows {before!r}")
    lab.service.configure("[profile self]\nepp = dynamic")
    lab.service.begin("power-saver")
    told(lab, epp=255)
    lab.service.set("self")
    expect.fine(lab)
    lab.service.set("power-saver")
    lab.service.stop()
    expect.attributes(lab, PREFERENCES, before)
    lab.write_all(GOVERNORS, "performance")


@case(machines=MACHINES, kernels=EPP_KERNELS)
def amd_modes_are_switched_under_the_service(lab):
    "amd_pstate goes passive, guided and active again: the profile stays in force in each of them, EPP is there again"
    lab.service.begin("performance")
    for mode in ("passive", "guided"):  # the kernel starts both with schedutil
        lab.vm.write(STATUS, mode)
        lab.service.wait_attribute(GOVERNORS, "performance")
        expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_driver", "amd-pstate")
        expect.active(lab, "performance")
    lab.service.set("power-saver")
    expect.attributes(lab, GOVERNORS, "schedutil")
    told(lab, maximum=NOMINAL)
    lab.vm.write(STATUS, "active")  # the kernel starts it with the governor performance
    lab.service.wait_attribute(PREFERENCES, "power")
    told(lab, epp=255, minimum=LOWEST, maximum=NOMINAL)
    expect.active(lab, "power-saver")


@case(machines=MACHINES, kernels=EPP_KERNELS)
def amd_limits_arrive_in_the_request(lab):
    "frequency limits of a profile become performance numbers: words for the CPU's own marks, and MHz"
    lab.service.configure("[profile low]\namd.min-freq = min\nmax-freq = base\n"
                          "[profile narrow]\namd.min-freq = 2000MHz\nmax-freq = 2500MHz\n"
                          "[profile high]\namd.min-freq = efficient\nmax-freq = max")
    lab.service.start()
    for profile, minimum, maximum in (("low", LOWEST, NOMINAL), ("narrow", 78, 97), ("high", EFFICIENT, HIGHEST), ("narrow", 78, 97)):
        lab.service.set(profile)
        told(lab, minimum=minimum, maximum=maximum)
    expect.fine(lab)


@case(machines=MACHINES, kernels=EPP_KERNELS)
def amd_boost_that_was_switched_off(lab):
    "the kernel refuses a policy's boost while the global switch is off: that goes first, and both are put back"
    lab.vm.write(f"{expect.CPUFREQ}/boost", "0")
    expect.attributes(lab, BOOSTS, "0")
    lab.vm.run(f"! echo 1 > {expect.CPUFREQ}/policy0/boost")
    lab.service.start()
    expect.attributes(lab, BOOSTS, "1")
    told(lab, maximum=HIGHEST)
    lab.service.stop()
    expect.equal(lab.vm.read(f"{expect.CPUFREQ}/boost"), "0", "the global switch after the service's end")
    expect.attributes(lab, BOOSTS, "0")
    lab.vm.write(f"{expect.CPUFREQ}/boost", "1")
    lab.service.start()
    lab.service.stop()
    expect.attributes(lab, BOOSTS, "1")  # everything has been restored already


def register_anew(lab):
    """Makes the kernel's driver read the hardware again."""
    lab.vm.write(STATUS, "passive")
    lab.vm.write(STATUS, "active")


@case(machines=MSR, kernels=EPP_KERNELS)
def amd_boost_refused_on_one_policy(lab):
    "firmware forbids one core's boost, so that the kernel refuses it on this policy: the profile is in force all the same, there too"
    lab.registers.set_field(1, "HWCR", "boost_disable", 1)
    register_anew(lab)
    lab.vm.run(f"! echo 1 > {expect.CPUFREQ}/policy1/boost")
    lab.service.start()
    for profile in ("power-saver", "performance"):
        lab.service.set(profile)
        told(lab, epp=EPP[profile])
        told(lab, [0, 2, 3], maximum=NOMINAL if profile == "power-saver" else HIGHEST)
        expect.active(lab, profile)
    expect.degraded(lab, "policy1 boost")
    lab.service.stop()
    lab.registers.set_field(1, "HWCR", "boost_disable", 0)
    register_anew(lab)


@case(machines=MSR, kernels=EPP_KERNELS)
def amd_a_request_that_faults(lab):
    "one CPU's request register cannot be written: all others are set; where the kernel notices, governord names the policy"
    lab.service.start()
    lab.registers.allow(1, "CPPC_REQUEST", write=False)
    lab.service.set("power-saver")
    status = lab.service.ctl("status").output
    shown = lab.vm.read(f"{expect.CPUFREQ}/policy1/energy_performance_preference")
    lab.registers.allow(1, "CPPC_REQUEST", write=True)
    told(lab, [0, 2, 3], epp=255)
    told(lab, [1], epp=128)
    # The attribute of 6.12 shows the register. That of 7.3 shows the value that the kernel tried to write, so the service cannot
    # notice the failure.
    expect.equal("knobs-failed" in status, shown != "power", f"whether it says so while the kernel shows {shown!r}")
    expect.equal(shown, {"6.12": "balance_performance", "newest": "power"}[lab.kernel.name], "what the kernel shows")
    lab.service.set("performance")
    lab.service.set("power-saver")
    told(lab, epp=255)


@case(machines=MACHINES, kernels=EPP_KERNELS)
def amd_a_cpu_that_comes_back(lab):
    "CPU 3 is offline during a switch; when it returns its preference and limits are the new profile's"
    lab.service.start()
    lab.vm.write(f"{expect.CPU}/cpu3/online", "0")
    lab.service.set("power-saver")
    told(lab, [0, 1, 2], epp=255)
    lab.vm.write(f"{expect.CPU}/cpu3/online", "1")
    lab.service.wait_attribute(f"{expect.CPUFREQ}/policy3/energy_performance_preference", "power")
    lab.service.wait_attribute(f"{expect.CPUFREQ}/policy3/boost", "0")
    told(lab, epp=255, maximum=NOMINAL)


@case(machines=MACHINES, kernels=EPP_KERNELS)
def amd_a_killed_service(lab):
    "kill -9 leaves the profile in force; the next service knows the originals, and its end restores them"
    before = requests(lab)
    lab.service.begin("power-saver")
    lab.service.stop("KILL")
    told(lab, epp=255, maximum=NOMINAL)
    lab.service.start()
    expect.active(lab, "power-saver")
    lab.service.stop()
    expect.equal(requests(lab), before, "requests after the service's end")
    expect.attributes(lab, GOVERNORS, "performance")
    expect.attributes(lab, BOOSTS, "1")


@case(machines=MSR, kernels=EPP_KERNELS)
def amd_energy_is_shown(lab):
    "the package's energy counter is shown, under AMD's name, and moves; there is nothing to set"
    lab.service.start()
    zone = "/sys/class/powercap/intel-rapl:0"
    expect.equal(lab.vm.read(f"{zone}/name"), "package-0", "the zone's name")
    first = int(lab.vm.read(f"{zone}/energy_uj"))
    lab.service.wait(f"[ $(cat {zone}/energy_uj) -gt {first} ]", "energy to be used")
    drivers = {d["name"]: d for d in lab.service.json("status")["drivers"]}
    expect.true("energy" in str(drivers["amd"]), f"driver amd has no energy: {drivers['amd']}")


# --- the other modes ---

@case(machines=MACHINES, arguments=PASSIVE)
def amd_passive_from_the_start(lab):
    "passive mode, and Linux 6.1, which knows no other: governors of cpufreq are chosen, boost and limits are the profile's"
    lab.service.begin("performance")
    expect.attributes(lab, GOVERNORS, "performance")
    told(lab, desired=HIGHEST)
    lab.service.set("power-saver")
    expect.attributes(lab, GOVERNORS, "schedutil")
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_max_freq", "3000000")  # no boost
    lab.service.set("performance")
    told(lab, desired=HIGHEST)
    expect.fine(lab)


@case(machines=MACHINES, arguments=PASSIVE)
def amd_passive_gives_back(lab):
    "a governor of the user's is there again after the service, and so is boost; kill -9 in between changes nothing"
    lab.write_all(GOVERNORS, "conservative")
    lab.service.begin("power-saver")
    lab.service.stop("KILL")
    lab.service.start()
    expect.attributes(lab, GOVERNORS, "schedutil")
    lab.service.stop()
    expect.attributes(lab, GOVERNORS, "conservative")
    expect.equal(lab.vm.read(f"{expect.CPUFREQ}/boost"), "1", "boost")
    lab.service.wait(f"! grep -h . {expect.CPUFREQ}/policy*/scaling_max_freq | grep -qx 3000000", "frequencies of boost")
    lab.write_all(GOVERNORS, "schedutil")


@case(machines=MSR, arguments=PASSIVE)
def amd_passive_cpu_comes_back(lab):
    "without EPP, too, a CPU that was offline during a switch gets the profile's governor"
    lab.service.start()
    lab.vm.write(f"{expect.CPU}/cpu3/online", "0")
    lab.service.set("performance")
    lab.vm.write(f"{expect.CPU}/cpu3/online", "1")
    lab.service.wait_attribute(f"{expect.CPUFREQ}/policy3/scaling_governor", "performance")


@case(machines=MSR, kernels=["newest"], arguments="amd_pstate=guided", restores=False)  # the governor also changes the minimum
def amd_guided_from_the_start(lab):
    "guided mode: governors give the minimum, the profile's boost and limits hold"
    lab.service.begin("power-saver")
    expect.attributes(lab, GOVERNORS, "schedutil")
    told(lab, maximum=NOMINAL)
    lab.service.set("performance")
    expect.attributes(lab, GOVERNORS, "performance")
    told(lab, maximum=HIGHEST, desired=0 if lab.kernel.name == "6.12" else field(lab, 0, "desired"))


@case(machines=MSR, kernels=["6.12"], arguments="amd_pstate=disable")
def amd_pstate_disabled(lab):
    "nothing drives the CPUs: governord runs, offers its profiles and says so; the energy counter stays"
    lab.service.begin("power-saver")
    expect.active(lab, "power-saver")
    expect.degraded(lab, "not driven by amd-pstate", "intel-rapl")


# --- floor performance and preferred cores ---

def floors(lab):
    return [lab.registers.field(cpu, "CPPC_REQUEST_2", "floor") for cpu in lab.machine.cpus]


FLOORS = "floor-freq@policy0 = {0}MHz\nfloor-freq@policy2 = {1}MHz\nfloor-freq@policy4 = {2}MHz"


def distinct_at_each_write(lab, before, mark):
    """Returns the highest number of different floors that the hardware had at the same time since the mark."""
    now, most = list(before), 0
    for write in lab.registers.writes(mark, "CPPC_REQUEST_2"):
        now[write.cpu] = write.value & 0xff
        most = max(most, len(set(now)))
    return most


@case(machines=FLOOR)
def amd_floors(lab):
    "floors arrive on all threads of a core, and are put back"
    before = floors(lab)
    lab.service.begin("vip", FLOORS.format(2000, 1000, 1000))
    expect.equal(floors(lab), [78, 78, 39, 39, 39, 39], "floors")
    lab.service.set("balanced")
    expect.equal(floors(lab), before, "floors of a profile that says nothing of them")


@case(machines=FLOOR)
def amd_no_more_floors_than_the_hardware_has(lab):
    "three floors are asked for, two can be told apart: a core gets the next higher one that there is, never an undefined one"
    before, mark = floors(lab), lab.registers.mark()
    count = lab.registers.field(0, "CPPC_CAP1", "floors")
    lab.service.begin("vip", FLOORS.format(2000, 1000, 1500))
    now = floors(lab)
    expect.equal(now[0::2], now[1::2], "floors of first and second threads")
    expect.true(len(set(now)) <= count, f"{now}: more than {count} floors")
    expect.true(all(floor >= wish for floor, wish in zip(now[0::2], (78, 39, 58))), f"{now}: lower than asked for")
    most = distinct_at_each_write(lab, before, mark)
    expect.true(most <= count + 1, f"{most} floors on the way")


@case(machines=FLOOR)
def amd_preferred_cores(lab):
    "cores of different quality are ranked by what the hardware says, and profiles reach all of them"
    lab.service.begin("power-saver")
    expect.equal(lab.vm.read(f"{expect.CPU}/amd_pstate/prefcore"), "enabled", "prefcore")
    for cpu in lab.machine.cpus:
        rank = lab.vm.read(f"{expect.CPUFREQ}/policy{cpu}/amd_pstate_prefcore_ranking")
        expect.equal(int(rank), lab.registers.field(cpu, "CPPC_CAP1", "highest"), f"rank of CPU {cpu}")
    told(lab, epp=255, minimum=LOWEST)
