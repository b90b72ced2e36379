# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds QEMU with tests/vm/qemu/registers.patch from Debian's source, once, and fetches the firmware for it. Nothing is installed.

The build in the cache is kept until the patch or the options change, or its folder is deleted. Newer sources alone do not cause a
build."""

import dataclasses
import functools
import hashlib
import os
import pathlib
import subprocess
import tempfile

import debian
from virtlab import cache

PATCH = pathlib.Path(__file__).resolve().parents[1] / "qemu" / "registers.patch"
SUITE = "bookworm"

ARCHITECTURES = ("x86_64", "aarch64")
# The patch lists the devices (configs/devices/*/lab.mak).
CONFIGURE = ["../configure", f"--target-list={','.join(a + '-softmmu' for a in ARCHITECTURES)}",
             "--without-default-features", "--without-default-devices", *(f"--with-devices-{a}=lab" for a in ARCHITECTURES),
             "--enable-tcg", "--enable-system", "--enable-fdt=system",
             "--disable-docs", "--disable-werror", "--disable-tools", "--disable-guest-agent", "--disable-debug-info"]
PROGRAMS = [f"qemu-system-{a}" for a in ARCHITECTURES]

# The packages for the build. Their dependencies include make, patch, perl, pkg-config and the headers of the C library.
BUILD_PACKAGES = ("gcc", "dpkg-dev", "meson", "ninja-build", "libglib2.0-dev", "libpixman-1-dev", "libfdt-dev", "zlib1g-dev")

# seabios: the BIOS. qemu-system-data: option ROMs (pvh.bin starts an ELF kernel). qemu-efi-aarch64: UEFI, which arm64 needs for
# ACPI.
FIRMWARE_PACKAGES = ["seabios", "qemu-system-data", "qemu-efi-aarch64"]
DATA = ["usr/share/seabios", "usr/share/qemu"]
UEFI_ARM64 = "usr/share/qemu-efi-aarch64/QEMU_EFI.fd"

SECONDS = {"patch": 60, "configure": 300, "ninja": 3600, "strip": 60}


@dataclasses.dataclass(frozen=True)
class Emulator:
    """The programs, the folders for -L, and the UEFI of arm64 for -bios."""
    x86_64: pathlib.Path
    aarch64: pathlib.Path
    data: tuple
    uefi_arm64: pathlib.Path


def _missing_packages():
    """Returns the packages that must be installed before a build."""
    try:
        known = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *BUILD_PACKAGES],
                               stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False).stdout
    except FileNotFoundError:
        raise cache.Missing("QEMU is only built on Debian: no program dpkg-query here") from None
    return [package for package in BUILD_PACKAGES if f"{package} installed" not in known.splitlines()]


def _run(name, argv, folder, log):
    """Runs one step of the build. Its output goes to the log, whose end is in the message of a failure."""
    with open(log, "ab") as output:
        try:
            done = subprocess.run(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                  timeout=SECONDS[name], check=False)
            problem = f"ended with status {done.returncode}" if done.returncode else ""
        except subprocess.TimeoutExpired:
            problem = f"took longer than {SECONDS[name]} s"
        except OSError as error:
            problem = str(error)
    if problem:
        end = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:])
        raise cache.Missing(f"QEMU cannot be built: {name} {problem}\n{end}")


def _build(folder):
    """Fetches, patches and builds QEMU, and keeps the programs and the first line of Debian's changelog."""
    if missing := _missing_packages():
        raise cache.Missing(f"QEMU cannot be built here: apt-get install --no-install-recommends {' '.join(missing)}")
    with tempfile.TemporaryDirectory(dir=folder) as scratch:  # the next build removes the rest of a killed one
        source = debian.Suite(SUITE, source=True).source("qemu", pathlib.Path(scratch) / "qemu")
        build, log = source / "build", pathlib.Path(scratch) / "log"
        build.mkdir()
        _run("patch", ["patch", "-p1", "--batch", "--fuzz=0", "-i", str(PATCH)], source, log)
        _run("configure", CONFIGURE, build, log)
        _run("ninja", ["nice", "ninja", f"-j{len(os.sched_getaffinity(0))}", *PROGRAMS], build, log)
        for program in PROGRAMS:
            _run("strip", ["strip", "-o", str(folder / program), str(build / program)], build, log)
        with open(source / "debian" / "changelog", encoding="utf-8") as changelog:
            (folder / "version").write_text(changelog.readline(), encoding="utf-8")


@functools.cache
def emulator():
    """Returns the emulator. The first time, it is built, which takes some minutes."""
    made_from = hashlib.sha256(PATCH.read_bytes() + "\0".join(CONFIGURE).encode()).hexdigest()
    programs = cache.once(cache.FOLDER / "qemu", _build, key=made_from)
    firmware = cache.once(cache.FOLDER / "firmware", lambda folder: debian.Suite(SUITE).unpack(FIRMWARE_PACKAGES, folder / "root"),
                          key=" ".join(FIRMWARE_PACKAGES)) / "root"
    return Emulator(x86_64=programs / PROGRAMS[0], aarch64=programs / PROGRAMS[1], data=tuple(firmware / d for d in DATA),
                    uefi_arm64=firmware / UEFI_ARM64)
