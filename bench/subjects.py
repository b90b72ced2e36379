# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemons that are compared, and how each is started on a simulated machine.

Debian's power-profiles-daemon is downloaded and unpacked into a cache, never installed: installing it would replace the
service of the machine that runs the benchmark.
"""

import os
import pathlib
import shlex
import subprocess

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "governord"
LIBRARIES = "usr/lib/x86_64-linux-gnu"

# 0.30 needs a newer C library than bookworm has, so its whole set of libraries comes along (python3 does not: only the
# command line client needs it).
TRIXIE_PACKAGES = """libc6 libglib2.0-0t64 libgudev-1.0-0 libpolkit-gobject-1-0 libudev1 libsystemd0 libpcre2-8-0 libffi8
    zlib1g libmount1 libselinux1 libblkid1 libcap2 libgcc-s1 libatomic1""".split()


class Subject:
    """One daemon. argv(rig) and env(rig) say how it is started for a rig (see measure.Rig)."""

    def __init__(self, name, argv, env):
        self.name = name
        self.argv = argv
        self.env = env


def _run(argv, cwd, **options):
    subprocess.run(argv, cwd=cwd, check=True, timeout=300, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)


def _unpack(folder, packages, env=None):
    """Download packages into folder/debs and unpack them into folder; done once, marked by the file "complete"."""
    if (folder / "complete").exists():
        return
    debs = folder / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    _run(["apt-get", "download", *packages], debs, env={**os.environ, **(env or {})})
    for deb in sorted(debs.glob("*.deb")):
        _run(["dpkg", "-x", str(deb), str(folder)], debs)
    (folder / "complete").touch()


def _version(folder):
    deb = next((folder / "debs").glob("power-profiles-daemon_*.deb"))
    text = subprocess.run(["dpkg-deb", "-f", str(deb), "Version"], check=True, capture_output=True, text=True).stdout
    return text.strip().split("-")[0]


def _trixie_apt():
    """An apt of its own that knows only trixie, so that the machine's package lists are left alone."""
    folder = CACHE / "apt-trixie"
    for sub in ("state/lists/partial", "cache/archives/partial"):
        (folder / sub).mkdir(parents=True, exist_ok=True)
    (folder / "state" / "status").touch()
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (folder / "sources.list").write_text(f"deb [signed-by={keyring}] http://deb.debian.org/debian trixie main\n")
    conf = folder / "apt.conf"
    conf.write_text(f'''Dir::State "{folder}/state"; Dir::State::status "{folder}/state/status";
Dir::Cache "{folder}/cache"; Dir::Etc::sourcelist "{folder}/sources.list"; Dir::Etc::sourceparts "/dev/null";
Dir::Etc::parts "/dev/null"; Dir::Etc::preferencesparts "/dev/null"; APT::Architecture "amd64";
''')
    env = {"APT_CONFIG": str(conf)}
    if not any((folder / "state" / "lists").glob("*_Packages*")):
        _run(["apt-get", "update"], folder, env={**os.environ, **env})
    return env


def bookworm_ppd():
    """PPD of the distribution that runs here (bookworm: 0.12), on the machine's own libraries."""
    folder = CACHE / "ppd" / "native"
    _unpack(folder, ["power-profiles-daemon", "libgudev-1.0-0"])
    return Subject("PPD " + _version(folder), lambda rig: [folder / "usr/libexec/power-profiles-daemon"],
                   lambda rig: {"UMOCKDEV_DIR": str(rig.machine.path), "LD_LIBRARY_PATH": str(folder / LIBRARIES)})


def trixie_ppd():
    """PPD of Debian 13 (0.30), started through its own dynamic loader with its own libraries."""
    folder = CACHE / "ppd" / "trixie"
    if not (folder / "complete").exists():
        _unpack(folder, ["power-profiles-daemon", *TRIXIE_PACKAGES], _trixie_apt())
    argv = [folder / "usr/lib64/ld-linux-x86-64.so.2", "--library-path", folder / LIBRARIES,
            folder / "usr/libexec/power-profiles-daemon"]
    return Subject("PPD " + _version(folder), lambda rig: argv, lambda rig: {"UMOCKDEV_DIR": str(rig.machine.path)})


def governord(path, extra):
    """Our own. `extra` is more command line, for example a folder of drivers that are not installed."""
    if not path or not os.access(path, os.X_OK):
        raise FileNotFoundError(f"no program at {path} (build it, or name it with --governord)")

    def argv(rig):
        return [pathlib.Path(path).absolute(), "--root", rig.machine.path, "--state-dir", rig.folder / "state",
                "--runtime-dir", rig.folder / "run", *shlex.split(extra)]
    return Subject("governord", argv, lambda rig: {})


def find(path, extra):
    """([subjects], {name: why it is missing}), in the order of the columns."""
    found, missing = [], {}
    makers = {"PPD 0.12": bookworm_ppd, "PPD 0.30": trixie_ppd, "governord": lambda: governord(path, extra)}
    for name, make in makers.items():
        try:
            found.append(make())
        except (OSError, StopIteration, subprocess.SubprocessError) as error:
            detail = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
            missing[name] = f"{error} {detail}".strip()
    return found, missing
