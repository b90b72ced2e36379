# SPDX-License-Identifier: GPL-2.0-or-later
"""arm64: cppc_cpufreq on a server (drivers/arm64), whose CPPC registers the host reads, and cpufreq-dt on a board with two kinds of
cores (drivers/cpufreq)."""

from cases import expect
from virtlab.case import case

CPPC = ["arm64-cppc"]
BOARD = ["arm64-biglittle"]
WITHOUT_EPP = ["6.1", "6.12"]  # EPP and autonomous selection came to cppc_cpufreq in 2025

# The first CPU of each domain, whose registers cppc_cpufreq uses for all CPUs of the domain. One unit is 10 MHz.
FIRST = (0, 2)
NOMINAL = {0: 260, 2: 200}
HIGHEST = {0: 300, 2: 200}
EPP = {"power-saver": 255, "balanced": 128, "performance": 0}


def firmware(lab, cpu, **expected):
    """Asserts that the CPU's registers have these values after a short time, since threads of the kernel write them."""
    expect.soon(lambda: {name: lab.vm.firmware.get(f"cpu{cpu}.{name}") for name in expected}, expected,
                f"CPPC registers of CPU {cpu}")


def limits(lab, policy):
    """Returns the limits in force (lowest, highest), in MHz."""
    text = lab.vm.run(f"cat {expect.CPUFREQ}/policy{policy}/scaling_min_freq {expect.CPUFREQ}/policy{policy}/scaling_max_freq").output
    return tuple(int(khz) // 1000 for khz in text.split())


@case(machines=CPPC)
def cppc_governors_reach_the_firmware(lab):
    "performance asks each domain's firmware for its own nominal performance, power-saver gives the choice back to schedutil"
    lab.service.start()
    for _ in range(2):
        lab.service.set("performance")
        expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_governor", "performance")
        for cpu in FIRST:
            expect.true(lab.vm.firmware.get(f"cpu{cpu}.desired") >= NOMINAL[cpu], f"CPU {cpu} is not asked for its nominal performance")
        lab.service.set("power-saver")
        expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_governor", "schedutil")
        expect.fine(lab)


@case(machines=CPPC)
def cppc_boost_reaches_the_firmware(lab):
    "boost, global and of the domain that has it: the firmware is asked for its highest performance; a domain without boost is no failure"
    lab.service.begin("fast", "inherits = performance\narm64.boost-global = 1\narm64.boost = 1")
    expect.fine(lab)
    expect.attributes(lab, f"{expect.CPUFREQ}/boost", "1")
    for cpu in FIRST:
        firmware(lab, cpu, desired=HIGHEST[cpu])
    lab.service.stop()
    expect.attributes(lab, f"{expect.CPUFREQ}/boost", "0")
    expect.true("could not" not in lab.service.log, f"not all was put back:\n{lab.service.log}")


@case(machines=CPPC)
def cppc_limit_outlives_a_change_of_boost(lab):
    "the kernel resets the upper limit of a policy whenever its boost is written: the limit of the same profile is in force all the same"
    lab.service.begin("capped", "inherits = performance\narm64.boost-global = 1\narm64.boost = 1\nmax-freq = 1600MHz")
    expect.attributes(lab, f"{expect.CPUFREQ}/boost", "1")
    expect.fine(lab)
    for cpu in FIRST:
        firmware(lab, cpu, desired=160)
        expect.equal(limits(lab, cpu)[1], 1600, f"upper limit of policy{cpu}")


@case(machines=CPPC)
def cppc_limits_reach_the_firmware(lab):
    "limits in MHz become performance numbers: the fastest governor stops at the upper one, the slowest at the lower one"
    lab.service.configure("[profile capped]\narm64.governor = performance\nmax-freq = 1600MHz\nmin-freq = 1200MHz\n"
                          "[profile lifted]\narm64.governor = powersave\nmax-freq = 1600MHz\nmin-freq = 1200MHz")
    lab.service.start()
    before = {cpu: limits(lab, cpu) for cpu in FIRST}
    for profile, desired in (("capped", 160), ("lifted", 120)):
        lab.service.set(profile)
        expect.fine(lab)
        for cpu in FIRST:
            firmware(lab, cpu, desired=desired)
            if lab.kernel.name not in WITHOUT_EPP:
                firmware(lab, cpu, min=120, max=160)
    lab.service.stop()
    expect.equal({cpu: limits(lab, cpu) for cpu in FIRST}, before, "limits after the service's end")


@case(machines=CPPC, kernels=["newest"])
def cppc_epp_is_a_number(lab):
    "profiles' words for EPP arrive as the firmware's numbers, other numbers as they are, and the firmware may choose by itself"
    lab.service.configure("[profile own]\nauto-select = 1\nepp = 77")
    lab.service.start()
    for profile, epp in EPP.items():
        lab.service.set(profile)
        for cpu in FIRST:
            firmware(lab, cpu, epp=epp, autonomous=0)
    lab.service.set("own")
    for cpu in FIRST:
        firmware(lab, cpu, epp=77, autonomous=1)
    expect.fine(lab)
    lab.service.stop()
    for cpu in FIRST:
        firmware(lab, cpu, epp=128, autonomous=0)


@case(machines=CPPC, kernels=WITHOUT_EPP)
def cppc_without_epp(lab):
    "where the kernel has no EPP the profiles do without it, and say nothing about it"
    lab.service.start()
    for profile in EPP:
        lab.service.set(profile)
    knobs = {knob["knob"] for knob in lab.service.json("knobs")}
    expect.true("governor" in knobs and not {"epp", "auto-select"} & knobs, f"knobs {sorted(knobs)}")
    for cpu in FIRST:
        firmware(lab, cpu, epp=128, autonomous=0)
    expect.true("epp" not in lab.service.log, "the log complains about EPP")


@case(machines=CPPC + BOARD)
def arm_domain_that_comes_back(lab):
    "all CPUs of a frequency domain are offline during a switch; when they return their governor is the new profile's"
    lab.service.start()
    for cpu in (2, 3):
        lab.vm.write(f"{expect.CPU}/cpu{cpu}/online", "0")
    lab.service.set("performance")
    for cpu in (2, 3):
        lab.vm.write(f"{expect.CPU}/cpu{cpu}/online", "1")
    lab.service.wait_attribute(f"{expect.CPUFREQ}/policy2/scaling_governor", "performance")
    expect.attributes(lab, f"{expect.CPUFREQ}/policy0/scaling_governor", "performance")
    lab.service.stop()
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_governor", "schedutil")


@case(machines=CPPC + BOARD)
def arm_killed_service_gives_everything_back(lab):
    "kill -9 leaves the profile in force; the next service knows the originals, and its end restores them"
    lab.service.configure("[profile odd]\narm64.governor = performance\ncpufreq.governor = performance\nmax-freq = 1300MHz\nepp = 200")
    files = ("scaling_m*_freq", "scaling_governor", "energy_performance_preference_v*")
    before = lab.read_all(" ".join(f"{expect.CPUFREQ}/policy*/{file}" for file in files))
    before = {path: text for path, text in before.items() if "*" not in path}
    lab.service.begin("odd")
    lab.service.stop("KILL")
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_governor", "performance")
    lab.service.start()
    expect.active(lab, "odd")
    expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_governor", "performance")
    lab.service.stop()
    for path, text in before.items():
        lab.service.wait_attribute(path, text)


# --- the board ---

@case(machines=BOARD)
def board_kinds_of_cores(lab):
    "two fast and two slow cores are told apart by their capacity; driver cpufreq serves them, since cpufreq-dt has no plugin of its own"
    lab.service.start()
    drivers = {d["name"]: d for d in lab.service.json("status")["drivers"]}
    expect.equal((drivers["cpufreq"]["state"], drivers["cpufreq"]["backend"]), ("loaded", "cpufreq-dt"), "driver cpufreq")
    expect.equal(drivers["arm64"]["state"], "absent", "driver arm64")
    found = {c["cpu"]: (c["kind"], c["max_khz"]) for c in lab.service.json("cpus")}
    fast, slow = ("performance", 2400000), ("efficiency", 1600000)
    expect.equal(found, {0: fast, 1: fast, 2: slow, 3: slow}, "CPUs")
    capacity = {c["cpu"]: c["capacity"] for c in lab.service.json("cpus")}
    for path, text in lab.read_all(f"{expect.CPU}/cpu[0-3]/cpu_capacity").items():
        expect.equal(capacity[int(path.split("/")[-2][3:])], int(text), path)


# {level: (limit of the fast cores, limit of the slow cores)} in MHz. Level 1024 is the speed of the fastest core, and slow cores
# reach level 266. The kernel rounds a limit down to an operating point of the core.
CURVE = {0: (800, 400), 200: (800, 1200), 512: (1200, 1600), 800: (1600, 1600), 1024: (2400, 1600)}


@case(machines=BOARD)
def board_levels(lab):
    "a level is the same speed on both kinds of cores: each gets the limit of its own table, and the kernel's rounding is no failure"
    lab.service.start()
    for level, expected in CURVE.items():
        lab.service.ctl(f"level --ceiling {level}")
        lab.service.wait_attribute(f"{expect.CPUFREQ}/policy0/scaling_max_freq", expected[0] * 1000)
        lab.service.wait_attribute(f"{expect.CPUFREQ}/policy2/scaling_max_freq", expected[1] * 1000)
        expect.fine(lab)
    lab.service.ctl("level --floor 512")
    lab.service.wait_attribute(f"{expect.CPUFREQ}/policy0/scaling_min_freq", 1200000)
    lab.service.wait_attribute(f"{expect.CPUFREQ}/policy2/scaling_min_freq", 1600000)
    lab.service.ctl("level --auto")
    for cpu, expected in {0: (800, 2400), 2: (400, 1600)}.items():
        lab.service.wait_attribute(f"{expect.CPUFREQ}/policy{cpu}/scaling_min_freq", expected[0] * 1000)
        lab.service.wait_attribute(f"{expect.CPUFREQ}/policy{cpu}/scaling_max_freq", expected[1] * 1000)


@case(machines=BOARD)
def board_profiles(lab):
    "the three profiles choose governors, one with limits for each kind of core sets them, and boost that the board lacks is no failure"
    lab.service.configure("[profile split]\nmax-freq@performance-cores = 1600MHz\nmax-freq@efficiency-cores = 800MHz")
    lab.service.start()
    for profile, governor in (("performance", "performance"), ("balanced", "schedutil"), ("power-saver", "schedutil")):
        lab.service.set(profile)
        expect.attributes(lab, f"{expect.CPUFREQ}/policy*/scaling_governor", governor)
        expect.fine(lab)
    lab.service.set("split")
    lab.service.wait_attribute(f"{expect.CPUFREQ}/policy0/scaling_max_freq", 1600000)
    lab.service.wait_attribute(f"{expect.CPUFREQ}/policy2/scaling_max_freq", 800000)
    expect.fine(lab)
