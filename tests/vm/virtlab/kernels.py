# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernels, of the versions that the service has to work on, as QEMU boots them, and their modules.

Each comes from a suite, not from a file: updates give it new versions. One in the cache stays until its folder is deleted."""

import dataclasses
import functools
import lzma
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import zlib

import debian
from virtlab import Mistake, cache, one_of

KERNELS = {"6.1": "bookworm", "6.12": "bookworm-backports", "newest": "trixie-backports"}
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}  # as machines (and QEMU) call them: as Debian does

# The packages that hold a kernel: in older ones all is in one, in newer ones in several. No -cloud, -unsigned, -dbg.
PARTS = r"linux-(image|base|binary|modules)-\d[^-]*(-\d+)?-(amd64|arm64)"

# A good part of the modules' size: what drives network cards, screens and the like. Drivers of laptops need some of drm, net and
# sound: that stays.
NOT_KEPT = ["drivers/gpu/drm/*/", "drivers/infiniband", "drivers/media", "drivers/net", "drivers/staging", "sound/pci", "sound/soc"]


class NoModule(Mistake):
    """A kernel has no module of this name."""


def _unzstd(data):
    done = subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=False)
    return done.stdout  # it complains about what follows the packed data; a wrong result is found by its first bytes


# How the packed data starts: what unpacks it. The first two stop at the end of it, whatever follows.
UNPACK = {
    b"\xfd7zXZ\0": lambda data: lzma.LZMADecompressor(format=lzma.FORMAT_XZ).decompress(data),
    b"\x1f\x8b": lambda data: zlib.decompressobj(31).decompress(data),
    b"\x28\xb5\x2f\xfd": _unzstd,
}


def _unpacked(data, what):
    for magic, unpack in UNPACK.items():
        if data.startswith(magic):
            try:
                return unpack(data)
            except (OSError, subprocess.SubprocessError) as error:
                raise cache.Missing(f"{what} cannot be unpacked: {error} (package zstd)") from error
    raise cache.Missing(f"{what} is packed in a way that is not known here (it starts with {data[:6].hex()})")


def elf_of_bzimage(data, what):
    """The ELF file in an x86 bzImage. QEMU starts it right away, where the bzImage would spend seconds unpacking itself.

    Documentation/arch/x86/boot.rst in Linux: setup_sects at 0x1f1, "HdrS" at 0x202, payload_offset and payload_length at 0x248."""
    if data[0x202:0x206] != b"HdrS":
        raise cache.Missing(f"{what} is no bzImage")
    start, length = struct.unpack_from("<II", data, 0x248)
    start += ((data[0x1f1] or 4) + 1) * 512
    elf = _unpacked(data[start:start + length - 4], what)  # the last four bytes are the unpacked size
    if not elf.startswith(b"\x7fELF"):
        raise cache.Missing(f"{what}: there is no ELF file in it")
    return elf


def image_of_vmlinuz(data, what):
    """The plain Image of an arm64 kernel, which is what Debian ships; or that in an "EFI zboot" program, or in a packed file."""
    if data[4:8] == b"zimg":
        start, length = struct.unpack_from("<II", data, 8)
        data = _unpacked(data[start:start + length], what)
    elif not data.startswith(b"MZ"):
        data = _unpacked(data, what)
    if data[0x38:0x3c] != b"ARM\x64":
        raise cache.Missing(f"{what} holds no arm64 Image")
    return data


IMAGE = {"amd64": elf_of_bzimage, "arm64": image_of_vmlinuz}


def _module_name(text):
    """As the kernel calls it: acpi-cpufreq.ko.xz is acpi_cpufreq."""
    return text.split(".")[0].replace("-", "_")


def _dependencies(ko, path):
    """The names of the modules that one needs. Each has one such string, written at the end of its build."""
    found = re.findall(rb"\0depends=([^\0]*)\0", ko)
    if len(found) != 1:
        raise ValueError(f"{path}: no kernel module, or a damaged one ({len(found)} lists of dependencies in it)")
    return [_module_name(name) for name in found[0].decode().split(",") if name]


@dataclasses.dataclass(frozen=True)
class Kernel:
    name: str     # of KERNELS
    arch: str     # Debian's word: amd64, arm64
    release: str  # as uname -r says
    image: pathlib.Path    # x86: ELF with a PVH entry; arm64: Image
    modules: pathlib.Path  # lib/modules/RELEASE

    @functools.cached_property
    def config(self):
        """{"CONFIG_X86_AMD_PSTATE": "y", ...}; what is not set is not there."""
        lines = (self.image.parent / "config").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if line.startswith("CONFIG_"))

    @functools.cached_property
    def _files(self):
        return {_module_name(path.name): path for path in sorted((self.modules / "kernel").rglob("*.ko*"))}

    @functools.cached_property
    def _builtin(self):
        lines = (self.modules / "modules.builtin").read_text(encoding="utf-8").splitlines()
        return {_module_name(pathlib.Path(line).name) for line in lines}

    def module_files(self, names):
        """[(name, contents)] of modules and of all that they need, in the order in which to load them. Built-in ones give none."""
        found = {}

        def add(name, why):
            if name in found or name in self._builtin:
                return
            if name not in self._files:
                raise NoModule(f"kernel {self.release} ({self.arch}) has no module {name}{why}"
                               f" (or it is part of the image, or in a folder that is not kept: {', '.join(NOT_KEPT)})")
            path = self._files[name]
            ko = path.read_bytes()
            ko = lzma.decompress(ko) if path.suffix == ".xz" else ko
            for other in _dependencies(ko, path):
                add(other, f", which {name} needs")
            found[name] = ko

        for name in names:
            add(_module_name(name), "")
        return list(found.items())


def _one(folder, pattern):
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise cache.Missing(f"{len(found)} files {pattern} in the kernel's packages, not one: Debian ships it otherwise by now")
    return found[0]


def _fetch(name, arch, folder):
    """Lays out image, config and modules in the folder."""
    suite = debian.Suite(KERNELS[name], arch)
    parts = [p for p in suite.closure([f"linux-image-{arch}"]) if re.fullmatch(PARTS, p)]
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        unpacked = suite.unpack(parts, pathlib.Path(scratch) / "unpacked")
        source = _one(unpacked, "**/lib/modules/*/modules.builtin").parent
        modules = folder / "lib/modules" / source.name
        modules.mkdir(parents=True)
        for sub in NOT_KEPT:
            for unwanted in source.glob(f"kernel/{sub}"):
                shutil.rmtree(unwanted)
        for part in ("kernel", "modules.builtin"):
            (source / part).rename(modules / part)
        # In /boot in older packages, with the modules in newer ones
        vmlinuz = _one(unpacked, "**/vmlinuz*")
        (folder / "image").write_bytes(IMAGE[arch](vmlinuz.read_bytes(), vmlinuz.name))
        config = _one(unpacked, f"boot/config-{source.name}" if vmlinuz.parent.name == "boot" else f"**/{source.name}/config")
        config.rename(folder / "config")
        (unpacked / "debian-packages").rename(folder / "debian-packages")


def kernel(name, arch):
    """The kernel; fetched unless it is in the cache. May raise cache.Missing."""
    one_of(name, KERNELS, "kernel")
    arch = ARCHITECTURES.get(arch, arch)
    folder = cache.once(cache.FOLDER / f"kernel-{name}-{arch}", lambda partial: _fetch(name, arch, partial))
    modules = _one(folder, "lib/modules/*")
    return Kernel(name, arch, modules.name, folder / "image", modules)
