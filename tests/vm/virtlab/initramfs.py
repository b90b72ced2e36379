# SPDX-License-Identifier: GPL-2.0-or-later
"""The initramfs of a guest: a cpio archive in the format "newc" (Documentation/driver-api/early-userspace/buffer-format.rst in
Linux).

It is not compressed, because decompression in the emulator takes longer than reading.
"""

import os
import pathlib
import stat

GUEST = pathlib.Path(__file__).resolve().parents[1] / "guest"

FOLDERS = ("bin", "dev", "etc/lab/services", "lib/lab/modules", "proc", "run", "sbin", "sys", "tmp", "usr/bin", "var")

SERVICE = """[D-BUS Service]
Name=org.governord
Exec=/etc/lab/start-service
"""

# {path in the guest: (source, mode)}
OWN_FILES = {
    "init": (GUEST / "init", 0o755),
    "etc/lab/agent": (GUEST / "agent", 0o644),
    "etc/lab/bus.conf": (GUEST / "bus.conf", 0o644),
    "etc/lab/start-service": (GUEST / "start-service", 0o755),
    "etc/lab/services/org.governord.service": (SERVICE.encode(), 0o644),
    "etc/passwd": (b"root:x:0:0:root:/:/bin/sh\n", 0o644),
    "etc/group": (b"root:x:0:\n", 0o644),
    "bin/sh": ("busybox", stat.S_IFLNK | 0o777),
}


def _entry(number, name, mode, data=b"", device=(0, 0)):
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % f for f in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def _content(source, mode):
    """Returns (data, mode with file type) of one file. The source is bytes, a path on the host, or, for a link, its target."""
    if stat.S_ISLNK(mode):
        return os.fsencode(source), mode
    data = source if isinstance(source, bytes) else pathlib.Path(source).read_bytes()
    return data, stat.S_IFREG | mode


def _folders(paths):
    """Returns the folders of files and links, each after its parent."""
    return sorted({str(p) for path in paths for p in pathlib.PurePosixPath(path).parents if str(p) != "."})


def archive(files, early=False):
    """Returns a cpio archive of `files`: {path without leading slash: (bytes | host path | link target, mode)}. All files belong to
    root. With `early`, it is an archive from which the kernel only reads tables before it unpacks others."""
    empty = () if early else FOLDERS
    folders = [f for f in _folders([*files, *(f"{e}/x" for e in empty)]) if f not in files]
    parts = [_entry(100 + i, f, stat.S_IFDIR | 0o755) for i, f in enumerate(folders)]
    if not early:
        parts.append(_entry(1, "dev/console", stat.S_IFCHR | 0o600, device=(5, 1)))
    for i, (path, (source, mode)) in enumerate(sorted(files.items())):
        data, mode = _content(source, mode)
        parts.append(_entry(10000 + i, path, mode, data))
    parts.append(_entry(0, "TRAILER!!!", 0))
    data = b"".join(parts)
    return data + bytes(-len(data) % 512)


def write(path, userland, modules):
    """Returns the archive for one boot. `userland` is from userland.userland(), `modules` from Kernel.module_files()."""
    files = {p.lstrip("/"): entry for p, entry in userland.items()}
    files.update(OWN_FILES)
    for i, (name, data) in enumerate(modules):
        files[f"lib/lab/modules/{i:03}-{name}.ko"] = (data, 0o644)
    pathlib.Path(path).write_bytes(archive(files))
