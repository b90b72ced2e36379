# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemons that are compared, and the commands that start them on a simulated machine.

Debian's power-profiles-daemon is downloaded and unpacked into a cache. It is not installed, because this would replace the
service of the machine that runs the benchmark.
"""

import os
import pathlib
import shlex
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "lib"))

import cached  # noqa: E402
import debian  # noqa: E402

LIBRARIES = "usr/lib/x86_64-linux-gnu"

# 0.30 needs a newer C library than that of bookworm, so all its libraries are unpacked, too. python3, which only the command-line
# client needs, is not.
TRIXIE_PACKAGES = """libc6 libglib2.0-0t64 libgudev-1.0-0 libpolkit-gobject-1-0 libudev1 libsystemd0 libpcre2-8-0 libffi8
    zlib1g libmount1 libselinux1 libblkid1 libcap2 libgcc-s1 libatomic1""".split()


class Subject:
    """One daemon. argv(rig) and env(rig) return its command and its environment for a rig (see measure.Rig)."""

    def __init__(self, name, argv, env):
        self.name = name
        self.argv = argv
        self.env = env


def _unpacked(suite, packages):
    """Returns the folder with the unpacked packages, and the name of the column."""
    folder = debian.Suite(suite).unpack(["power-profiles-daemon", *packages], cached.FOLDER / "ppd" / suite)
    return folder, "PPD " + debian.versions(folder)["power-profiles-daemon"].split("-")[0]


def bookworm_ppd():
    """PPD of Debian 12 (0.12), with the libraries of this machine."""
    folder, name = _unpacked("bookworm", ["libgudev-1.0-0"])
    return Subject(name, lambda rig: [folder / "usr/libexec/power-profiles-daemon"],
                   lambda rig: {"UMOCKDEV_DIR": str(rig.machine.path), "LD_LIBRARY_PATH": str(folder / LIBRARIES)})


def trixie_ppd():
    """PPD of Debian 13 (0.30), started with its own dynamic loader and libraries."""
    folder, name = _unpacked("trixie", TRIXIE_PACKAGES)
    argv = [folder / "usr/lib64/ld-linux-x86-64.so.2", "--library-path", folder / LIBRARIES,
            folder / "usr/libexec/power-profiles-daemon"]
    return Subject(name, lambda rig: argv, lambda rig: {"UMOCKDEV_DIR": str(rig.machine.path)})


def governord(path, extra, name="governord"):
    """governord. `extra` are additional options, for example a folder of drivers that are not installed."""
    if not path or not os.access(path, os.X_OK):
        raise FileNotFoundError(f"there is no program {path}; build it, or set its path with --governord")

    def argv(rig):
        return [pathlib.Path(path).absolute(), "--root", rig.machine.path, "--state-dir", rig.folder / "state",
                "--runtime-dir", rig.folder / "run", *shlex.split(extra)]
    return Subject(name, argv, lambda rig: {})


def find(path, extra, against=None):
    """Returns the subjects in the order of the columns, and {name: why it is missing}. `against`: governord of another build."""
    found, missing = [], {}
    makers = {"PPD 0.12": bookworm_ppd, "PPD 0.30": trixie_ppd, "governord": lambda: governord(path, extra)}
    if against:
        makers["other"] = lambda: governord(against, f"--driver-dir {pathlib.Path(against).absolute().parent / 'drivers'}", "other")
    for name, make in makers.items():
        try:
            found.append(make())
        except (OSError, debian.Unavailable) as error:
            missing[name] = str(error)
    return found, missing
