# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernels in the versions that the service supports, in a form that QEMU can boot, and their modules.

Each kernel is the current one of a suite. A kernel in the cache is kept until its folder is deleted."""

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
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}  # names of machines and QEMU: names of Debian

# The packages of a kernel: one for older kernels, several for newer ones. Not -cloud, -unsigned or -dbg.
PARTS = r"linux-(image|base|binary|modules)-\d[^-]*(-\d+)?-(amd64|arm64)"

# Large groups of modules that are removed, such as those for network cards and graphics. Drivers of laptops need parts of drm, net
# and sound, which are kept.
NOT_KEPT = ["drivers/gpu/drm/*/", "drivers/infiniband", "drivers/media", "drivers/net", "drivers/staging", "sound/pci", "sound/soc"]


class NoModule(Mistake):
    """A kernel has no module of this name."""


def _unzstd(data):
    done = subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=False)
    return done.stdout  # the status is not 0 because of data after the end; the caller checks the result


# {first bytes of packed data: command that unpacks it}. The first two commands ignore data after the end.
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
    """Returns the ELF file in an x86 bzImage. QEMU can start it directly, while a bzImage needs seconds to unpack itself.

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
    """Returns the plain Image of an arm64 kernel from an Image, as in Debian, from an "EFI zboot" program, or from a packed
    file."""
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
    """Returns the kernel's name of a module file: acpi_cpufreq for acpi-cpufreq.ko.xz."""
    return text.split(".")[0].replace("-", "_")


def _dependencies(ko, path):
    """Returns the names of the modules on which a module depends. Each module contains one such string."""
    found = re.findall(rb"\0depends=([^\0]*)\0", ko)
    if len(found) != 1:
        raise ValueError(f"{path}: no kernel module, or a damaged one ({len(found)} lists of dependencies in it)")
    return [_module_name(name) for name in found[0].decode().split(",") if name]


@dataclasses.dataclass(frozen=True)
class Kernel:
    name: str     # of KERNELS
    arch: str     # Debian's name: amd64, arm64
    release: str  # as in uname -r
    image: pathlib.Path    # x86: ELF with a PVH entry; arm64: Image
    modules: pathlib.Path  # lib/modules/RELEASE

    @functools.cached_property
    def config(self):
        """Returns {"CONFIG_X86_AMD_PSTATE": "y", ...} without options that are not set."""
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
        """Returns [(name, contents)] of modules and their dependencies, in the order of loading, without built-in modules."""
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
    """Fetches a kernel; puts its image, config and modules into the folder."""
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
        # vmlinuz is in /boot in older packages, and with the modules in newer ones
        vmlinuz = _one(unpacked, "**/vmlinuz*")
        (folder / "image").write_bytes(IMAGE[arch](vmlinuz.read_bytes(), vmlinuz.name))
        config = _one(unpacked, f"boot/config-{source.name}" if vmlinuz.parent.name == "boot" else f"**/{source.name}/config")
        config.rename(folder / "config")
        (unpacked / "debian-packages").rename(folder / "debian-packages")


def kernel(name, arch):
    """Returns the kernel, which is fetched unless it is in the cache. May raise cache.Missing."""
    one_of(name, KERNELS, "kernel")
    arch = ARCHITECTURES.get(arch, arch)
    folder = cache.once(cache.FOLDER / f"kernel-{name}-{arch}", lambda partial: _fetch(name, arch, partial))
    modules = _one(folder, "lib/modules/*")
    return Kernel(name, arch, modules.name, folder / "image", modules)
