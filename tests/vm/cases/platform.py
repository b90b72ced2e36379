# SPDX-License-Identifier: GPL-2.0-or-later
"""drivers/platform on a laptop: the profile that reaches the firmware, mains and battery, and limits on wake-up latency."""

from cases import expect
from virtlab import acpi
from virtlab.case import case

LAPTOP = ["amd-cppc-pcc"]
LATENCY = ["amd-cppc-pcc", "arm64-biglittle"]
PROFILE = "/sys/firmware/acpi/platform_profile"
HANDLER = "/sys/class/platform-profile/platform-profile-0/profile"  # from Linux 6.14 on
NUMBER = {name: number for number, name in acpi.PROFILES.items()}
FIRMWARE = {"power-saver": "low-power", "balanced": "balanced", "performance": "performance"}
SUPPLY = "/sys/class/power_supply"
NO_LIMIT = 2000000000  # the value of /dev/cpu_dma_latency without requests


def firmware_profile(lab, name):
    expect.equal(acpi.PROFILES.get(lab.vm.firmware.get("profile")), name, "the firmware's profile")


def leave_balanced(lab):
    """A key is a choice of the user, so its value stays in force when the service ends."""
    lab.service.stop()
    lab.vm.write(PROFILE, "balanced")


def becomes(lab, profile):
    """Asserts that this profile becomes active after a short time, because of an event of the kernel."""
    expect.soon(lambda: lab.service.ctl("get").output.strip(), profile, "the active profile")


def mains(lab, on):
    """Disconnects or connects the charger: changes the state of the power supplies, and sends the event that a notification of the
    firmware would cause. The event is delayed, because the kernel queries the battery at most once a second."""
    lab.vm.firmware.set("ac.online", int(on))
    lab.vm.firmware.set("battery.state", 2 if on else 1)
    lab.service.wait_attribute(f"{SUPPLY}/ACAD/online", int(on))
    lab.service.wait_attribute(f"{SUPPLY}/BAT0/status", "Charging" if on else "Discharging")
    lab.vm.run(f"for u in {SUPPLY}/*/uevent; do echo change > $u; done")


def dma_latency(lab):
    """Returns the wake-up latency in force for all CPUs, in us."""
    return int(lab.vm.run("dd if=/dev/cpu_dma_latency bs=4 count=1 2> /dev/null | od -An -td4").output)


@case(machines=LAPTOP)
def profiles_reach_the_firmware(lab):
    "each profile arrives in the firmware as its own, and the kernel shows it"
    lab.service.start()
    for profile, name in (*FIRMWARE.items(), *FIRMWARE.items()):
        lab.service.set(profile)
        firmware_profile(lab, name)
        expect.equal(lab.vm.read(PROFILE), name, PROFILE)
    lab.service.set("performance")
    lab.service.stop()
    firmware_profile(lab, "balanced")


@case(machines=LAPTOP)
def a_key_chooses_the_profile(lab):
    "the firmware's profile is changed from outside, as by a laptop's key: that is the active profile from then on, as with PPD"
    lab.service.start()
    for profile in ("performance", "power-saver", "balanced", "power-saver"):
        lab.vm.write(PROFILE, FIRMWARE[profile])
        becomes(lab, profile)
        firmware_profile(lab, FIRMWARE[profile])
    leave_balanced(lab)


@case(machines=LAPTOP, kernels=["newest"])
def one_handler_is_the_profile(lab):
    "where the kernel has the profile under two names it is one setting, and a change by the other name is noticed"
    lab.service.start()
    knobs = [k["knob"] for k in lab.service.json("knobs")]
    expect.equal([k for k in knobs if k.startswith("platform-profile")], ["platform-profile"], "settings")
    lab.vm.write(HANDLER, "performance")
    becomes(lab, "performance")
    leave_balanced(lab)


@case(machines=LAPTOP)
def a_killed_service_keeps_the_firmware_profile(lab):
    "kill -9 leaves the firmware's profile; the next service gives back what was there before the first"
    lab.service.begin("power-saver")
    lab.service.stop("KILL")
    firmware_profile(lab, "low-power")
    lab.service.start()
    expect.active(lab, "power-saver")
    lab.service.stop()
    firmware_profile(lab, "balanced")


@case(machines=LAPTOP)
def mains_and_battery(lab):
    "the charger is pulled and put back: the service says so, and a profile's line for the battery comes and goes"
    lab.service.configure("[profile balanced]\nplatform-profile@battery = low-power")
    lab.service.start()
    try:
        expect.equal(lab.service.json("status")["power_source"], "ac", "power source")
        firmware_profile(lab, "balanced")
        mains(lab, False)
        lab.service.wait_attribute(PROFILE, "low-power")
        expect.equal(lab.service.json("status")["power_source"], "battery", "power source")
        firmware_profile(lab, "low-power")
        mains(lab, True)
        lab.service.wait_attribute(PROFILE, "balanced")
        firmware_profile(lab, "balanced")
    finally:
        mains(lab, True)


@case(machines=LAPTOP, kernels=["6.12", "newest"])
def preference_on_battery(lab):
    "balanced as it comes: EPP is balance_power on battery and balance_performance on mains"
    lab.service.start()
    try:
        for online, epp in ((False, "balance_power"), (True, "balance_performance")):
            mains(lab, online)
            lab.service.wait_attribute(f"{expect.CPUFREQ}/policy0/energy_performance_preference", epp)
            for path, text in lab.read_all(f"{expect.CPUFREQ}/policy*/energy_performance_preference").items():
                lab.service.wait_attribute(path, epp)
    finally:
        mains(lab, True)


@case(machines=LATENCY)
def wake_up_latency(lab):
    "a profile's wake-up latency is the kernel's while the profile is active, and is let go with it and when the service is killed"
    lab.service.configure("[profile awake]\ncpu-dma-latency = 20us\nresume-latency = 35us\n[profile polling]\nresume-latency = n/a")
    files = f"{expect.CPU}/cpu*/power/pm_qos_resume_latency_us"
    lab.service.start()
    expect.equal(dma_latency(lab), NO_LIMIT, "wake-up latency")
    lab.service.set("awake")
    expect.equal(dma_latency(lab), 20, "wake-up latency")
    expect.attributes(lab, files, "35")
    lab.service.set("polling")
    expect.equal(dma_latency(lab), NO_LIMIT, "wake-up latency")
    expect.attributes(lab, files, "n/a")
    lab.service.set("balanced")
    expect.attributes(lab, files, "0")
    lab.service.set("awake")
    lab.service.stop("KILL")
    expect.equal(dma_latency(lab), NO_LIMIT, "wake-up latency after kill -9")
    expect.attributes(lab, files, "35")
    lab.service.start()
    expect.equal(dma_latency(lab), 20, "wake-up latency of the next service")
    lab.service.stop()
    expect.equal(dma_latency(lab), NO_LIMIT, "wake-up latency after the end")
    expect.attributes(lab, files, "0")
