# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs of a guest: the service as installed by `meson install`, a bus, udev, busybox, and the shared libraries for these.

x86: the build that is being tested, with the libraries of this machine, with which it was linked. arm64: a cross build of the same
source in a folder below that build, with Debian's packages in the cache; nothing is installed on this machine.
"""

import dataclasses
import functools
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile

import cached
import debian
from virtlab import cache

SOURCE = pathlib.Path(__file__).resolve().parents[3]
SUITE = "bookworm"
SECONDS = {"setup": 120, "install": 600, "readelf": 30, "client": 60}
NOT_WANTED = ("share/doc", "share/man", "include", "share/dbus-1/interfaces", "share/bash-completion", "share/fish", "share/zsh")
SERVICE_PROGRAMS = ("governord", "governorctl", "powerprofilesctl")  # also in /usr/bin, with any prefix of the build

# {path in the guest: path in a Debian root}
PROGRAMS = {"bin/busybox": "bin/busybox", "usr/bin/dbus-daemon": "usr/bin/dbus-daemon",
            "usr/lib/systemd/systemd-udevd": "bin/udevadm"}  # one program with two names
CLIENT, CLIENT_SOURCE = "usr/bin/lab-client", SOURCE / "tests/vm/guest/client.c"


@dataclasses.dataclass(frozen=True)
class Architecture:
    debian: str
    triplet: str
    packages: tuple  # unpacked with their dependencies; for arm64 also used for the cross build


ARCHITECTURES = {
    "x86_64": Architecture("amd64", "x86_64-linux-gnu", ("udev", "busybox-static", "dbus-daemon")),
    "aarch64": Architecture("arm64", "aarch64-linux-gnu",
                            ("udev", "busybox-static", "dbus-daemon",
                             "libc6-dev", "libsystemd-dev", "libnl-genl-3-dev", "libbpf-dev", "libelf-dev")),
}

CROSS_FILE = """# Made by tests/vm/virtlab/userland.py, for {packages}
[binaries]
c = '{triplet}-gcc'
ar = '{triplet}-ar'
strip = '{triplet}-strip'
pkgconfig = 'pkg-config'
clang = ['clang', '-idirafter', '{root}/usr/include', '-idirafter', '{root}/usr/include/{triplet}']

[built-in options]
c_args = ['--sysroot={root}']
c_link_args = ['--sysroot={root}']

[properties]
needs_exe_wrapper = true
sys_root = '{root}'
pkg_config_libdir = ['{root}/usr/lib/{triplet}/pkgconfig', '{root}/usr/share/pkgconfig']

[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
"""


class Broken(Exception):
    """The service cannot be built or installed; the text has the messages of the tools."""


def _run(step, argv):
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=SECONDS[step], check=False)
    except FileNotFoundError:
        raise cache.Missing(f"no {argv[0]} here") from None
    except subprocess.TimeoutExpired:
        raise Broken(f"{' '.join(map(str, argv))} took longer than {SECONDS[step]} s") from None
    if done.returncode != 0:
        raise Broken(f"{' '.join(map(str, argv))}: status {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def _debian_root(arch):
    """Returns a folder with the unpacked packages of the architecture."""
    suite = debian.Suite(SUITE, arch.debian)
    folder = cache.FOLDER / f"root-{arch.debian}"
    return cache.once(folder, lambda partial: suite.unpack(suite.closure(arch.packages), partial / "root"),
                      key=f"{suite}: {' '.join(arch.packages)}") / "root"


def _cross_build(arch, root, build):
    """Returns the build folder for another architecture, which is set up the first time and after a change of its inputs."""
    compiler = f"{arch.triplet}-gcc"
    if not shutil.which(compiler):
        raise cache.Missing(f"no {compiler} here (package gcc-{arch.triplet})")
    folder, cross = build / f"lab-{arch.debian}", build / f"lab-{arch.debian}.cross"
    text = CROSS_FILE.format(triplet=arch.triplet, root=root, packages=" ".join(arch.packages))
    with cached.locked(folder):
        if (folder / "build.ninja").exists() and cross.exists() and cross.read_text(encoding="utf-8") == text:
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        cross.write_text(text, encoding="utf-8")
        _run("setup", ["meson", "setup", "--cross-file", cross, "--prefix=/usr", "-Dtests=false", "-Dman=false", folder, SOURCE])
    return folder


def _installed(build, rebuild):
    """Updates the build; returns {path in the guest: (contents, mode)} of the files that it installs, without debug information and
    documentation."""
    with cached.locked(build / "lab-install"), tempfile.TemporaryDirectory(prefix="governord-install-") as scratch:
        _run("install", ["meson", "install", "-C", build, "--quiet", "--strip", "--destdir", scratch,
                         *([] if rebuild else ["--no-rebuild"])])
        files = {}
        for path in sorted(pathlib.Path(scratch).rglob("*")):
            name = str(path.relative_to(scratch))
            if any(f"/{folder}/" in f"/{name}" for folder in NOT_WANTED):
                continue
            if path.is_symlink():
                files[name] = (os.readlink(path), stat.S_IFLNK | 0o777)
            elif path.is_file():
                files[name] = (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        return files


def _add_names(files):
    """Adds links in /usr/bin for a build with another prefix, because the guest's shell searches /usr/bin."""
    for program in SERVICE_PROGRAMS:
        found = [name for name in files if name.endswith((f"bin/{program}", f"libexec/{program}"))]
        if found and f"usr/bin/{program}" not in files:
            files[f"usr/bin/{program}"] = (f"/{found[0]}", stat.S_IFLNK | 0o777)


def _client(files, triplet, root, scratch):
    """Builds the application for the cases of sessions, linked with the installed library, with a run path for the guest."""
    name = next((name for name, (_, mode) in files.items() if "/libgovernord.so." in name and not stat.S_ISLNK(mode)), None)
    if name is None:
        raise Broken("the build installs no libgovernord.so")
    compiler = [f"{triplet}-gcc", f"--sysroot={root}"] if root else ["gcc"]
    library, program = pathlib.Path(scratch) / "libgovernord.so", pathlib.Path(scratch) / "client"
    library.write_bytes(files[name][0])
    _run("client", [*compiler, "-D_GNU_SOURCE", "-O1", "-s", "-Wall", "-Wextra", "-Werror", "-I", SOURCE / "include", CLIENT_SOURCE,
                    "-o", program, library, f"-Wl,-rpath,/{pathlib.PurePosixPath(name).parent}", "-Wl,--allow-shlib-undefined"])
    return program.read_bytes()


def _find(roots, names):
    """Returns the first of the files that exists."""
    found = next((root / name for root in roots for name in names if (root / name).exists()), None)
    if found is None:
        raise cache.Missing(f"no {names[0]} in {', '.join(map(str, roots))}")
    return found


@functools.cache
def _needs(path):
    """Returns the dependencies of an ELF file: (its dynamic loader or None, [names of libraries])."""
    text = _run("readelf", ["readelf", "--wide", "--program-headers", "--dynamic", path])
    loader = re.search(r"\[Requesting program interpreter: (.*)\]", text)
    return loader and loader[1], tuple(re.findall(r"\(NEEDED\).*\[(.*)\]", text))


def _libraries(roots, triplet, paths, own):
    """Returns {path in the guest: file} of the dynamic loader and of all libraries on which the ELF files at `paths` depend,
    directly or indirectly, except for those in `own`."""
    folders = (f"lib/{triplet}", f"usr/lib/{triplet}", f"usr/lib/{triplet}/systemd", "lib/systemd", "usr/lib/systemd")
    found, open_paths = {}, list(paths)
    while open_paths:
        loader, names = _needs(open_paths.pop())
        if loader:
            found[loader.lstrip("/")] = _find(roots, [loader.lstrip("/")])
        for name in names:
            target = f"lib/{triplet}/{name}"
            if target not in found and name not in own and not name.startswith("ld-linux"):
                found[target] = _find(roots, [f"{folder}/{name}" for folder in folders])
                open_paths.append(found[target])
    return found


def _elf_files(files, scratch):
    """Yields the ELF files in `files`, as paths for readelf."""
    for i, (contents, mode) in enumerate(files.values()):
        if stat.S_ISLNK(mode):
            continue
        if isinstance(contents, bytes):
            path = pathlib.Path(scratch) / str(i)
            path.write_bytes(contents)
        else:
            path = contents
        with open(path, "rb") as file:
            if file.read(4) == b"\x7fELF":
                yield path


@functools.cache
def userland(arch, build):
    """Returns {path in the guest: (bytes | host path | target of a link, mode)} for `arch` ("x86_64", "aarch64"). Computed once per
    run."""
    this, build = ARCHITECTURES[arch], pathlib.Path(build)
    root = _debian_root(this)
    cross = os.uname().machine != arch
    roots = [root] if cross else [pathlib.Path("/"), root]
    # meson test has already updated its build, and may run several of these programs at the same time
    files = _installed(_cross_build(this, root, build) if cross else build, cross or "MESON_TEST_ITERATION" not in os.environ)
    _add_names(files)
    for target, name in PROGRAMS.items():
        files[target] = (_find([root, *roots], [name]), 0o755)
    with tempfile.TemporaryDirectory(prefix="governord-elf-") as scratch:
        files[CLIENT] = (_client(files, this.triplet, root if cross else None, scratch), 0o755)
        libraries = _libraries(roots, this.triplet, list(_elf_files(files, scratch)), {name.rpartition("/")[2] for name in files})
    files.update((target, (path.resolve(), 0o755)) for target, path in libraries.items())
    return files
