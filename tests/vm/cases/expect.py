# SPDX-License-Identifier: GPL-2.0-or-later
"""Assertions that say what was found, where, and what should have been there."""

import time

from virtlab.guest import Failed

SECONDS = 20

CPUFREQ = "/sys/devices/system/cpu/cpufreq"
CPU = "/sys/devices/system/cpu"


def equal(found, expected, what):
    if found != expected:
        raise Failed(f"{what}: found {found!r}, expected {expected!r}")


def soon(look, expected, what):
    """look() gives this within some seconds: threads of the kernel and of programs do it, and sysfs sends no events."""
    end = time.monotonic() + SECONDS
    while (found := look()) != expected:
        if time.monotonic() > end:
            equal(found, expected, what)
        time.sleep(0.02)


def true(condition, what):
    if not condition:
        raise Failed(what)


def fields(lab, register, cpus=None, **expected):
    """Every CPU's register has these fields, as the hardware holds them."""
    for cpu in lab.machine.cpus if cpus is None else cpus:
        for field, value in expected.items():
            equal(lab.registers.field(cpu, register, field), value, f"{register}.{field} of CPU {cpu}")


def attributes(lab, pattern, expected):
    """Every attribute that the shell pattern names reads as expected, and there is one."""
    found = lab.read_all(pattern)
    true(found, f"no {pattern}")
    for path, text in found.items():
        equal(text, expected, path)


def active(lab, profile):
    equal(lab.service.ctl("get").output.strip(), profile, "the active profile")


def degraded(lab, *words):
    """The service says that something is wrong, and its text has these words."""
    text = lab.service.ctl("status").output
    for word in words:
        true(word in text, f"governorctl status does not say {word!r}:\n{text}")


def fine(lab):
    """Nothing is degraded: no setting failed."""
    found = lab.service.json("status")["degraded"]
    true(found == "", f"degraded: {found!r}; the service's log:\n{lab.service.log[-2000:]}")
