# SPDX-License-Identifier: GPL-2.0-or-later
"""Assertions whose messages contain the place, the value that was found, and the expected value."""

import time

from virtlab.guest import Failed

SECONDS = 20

CPUFREQ = "/sys/devices/system/cpu/cpufreq"
CPU = "/sys/devices/system/cpu"


def equal(found, expected, what):
    if found != expected:
        raise Failed(f"{what}: found {found!r}, expected {expected!r}")


def soon(look, expected, what):
    """Asserts that look() returns this value within some seconds. It is called repeatedly, because sysfs sends no events."""
    end = time.monotonic() + SECONDS
    while (found := look()) != expected:
        if time.monotonic() > end:
            equal(found, expected, what)
        time.sleep(0.02)


def true(condition, what):
    if not condition:
        raise Failed(what)


def fields(lab, register, cpus=None, **expected):
    """Asserts that the register of every CPU has these fields."""
    for cpu in lab.machine.cpus if cpus is None else cpus:
        for field, value in expected.items():
            equal(lab.registers.field(cpu, register, field), value, f"{register}.{field} of CPU {cpu}")


def attributes(lab, pattern, expected):
    """Asserts that at least one attribute matches the shell pattern, and that all of them have the expected value."""
    found = lab.read_all(pattern)
    true(found, f"no {pattern}")
    for path, text in found.items():
        equal(text, expected, path)


def active(lab, profile):
    equal(lab.service.ctl("get").output.strip(), profile, "the active profile")


def degraded(lab, *words):
    """Asserts that the status reports a degradation, with a message that contains these words."""
    text = lab.service.ctl("status").output
    for word in words:
        true(word in text, f"governorctl status does not say {word!r}:\n{text}")


def fine(lab):
    """Asserts that nothing is degraded, that is, no setting has failed."""
    found = lab.service.json("status")["degraded"]
    true(found == "", f"degraded: {found!r}; the service's log:\n{lab.service.log[-2000:]}")
